"""The Ed25519 key that signs checkpoints, and what an outsider knows it by."""

import base64

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from audit.canonical import sha256


def signing_key() -> Ed25519PrivateKey:
    """The key this installation signs with: AUDIT_SIGNING_KEY, 32 bytes in base64, which the settings have checked."""
    if not settings.AUDIT_SIGNING_KEY:
        raise ImproperlyConfigured("AUDIT_SIGNING_KEY is not set: checkpoints cannot be signed.")
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(settings.AUDIT_SIGNING_KEY))


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
