"""The Ed25519 key that signs checkpoints: from AUDIT_SIGNING_KEY, else a file made on first use."""

import base64
import binascii
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from audit.canonical import sha256


def signing_key() -> Ed25519PrivateKey:
    """The key this installation signs with. AUDIT_SIGNING_KEY holds 32 bytes in base64."""
    text = getattr(settings, "AUDIT_SIGNING_KEY", "") or _kept_in_file(key_file())
    try:
        seed = base64.b64decode(text, validate=True)
    except binascii.Error:
        seed = b""
    if len(seed) != 32:
        raise ImproperlyConfigured("AUDIT_SIGNING_KEY must be 32 bytes in base64, as `openssl rand -base64 32` prints them.")
    return Ed25519PrivateKey.from_private_bytes(seed)


def key_file() -> Path:
    """Where the embedded default keeps its key."""
    return Path(settings.VAR_DIR) / "keys" / "audit_signing.key"


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def fingerprint(public_key: bytes) -> str:
    """What an outsider holds to know the key by: the SHA-256 of its 32 public bytes."""
    return sha256(public_key)


def is_signed_by(public_key: bytes, signature: bytes, data: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _kept_in_file(path: Path) -> str:
    """The file's key; made with mode 0600 when there is none, by whichever process comes first."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(base64.b64encode(secrets.token_bytes(32)).decode() + "\n")
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
