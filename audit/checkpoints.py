"""Signed statements of how far the trail goes and what its root is: what an outsider keeps to hold the trail against."""

from datetime import datetime
from typing import Any

from django.db import transaction

from audit import canonical, keys, sealer, tree
from audit.models import Checkpoint, SigningKey

SIGNED_PREFIX = b"pumphouse audit checkpoint\n"
"""Stands before the body when it is signed, so that a signature serves no other purpose."""


@transaction.atomic
def sign(*, at: datetime) -> Checkpoint:
    """Seal what is committed and sign the tree as it then stands."""
    sealer.lock()
    sealer.seal(at=at)
    key = keys.signing_key()
    public = keys.public_bytes(key)
    known, _ = SigningKey.objects.get_or_create(
        fingerprint=keys.fingerprint(public), defaults={"public_key": public.hex(), "first_used_at": at}
    )
    last = Checkpoint.objects.order_by("-pk").first()
    size = sealer.size()
    checkpoint = Checkpoint(
        size=size,
        root=tree.root(sealer.Sealed(), size).hex(),
        previous=canonical.sha256(bytes(last.body)) if last else canonical.NOTHING_BEFORE,
        key=known,
        at=at,
    )
    checkpoint.body = body(checkpoint)
    checkpoint.signature = key.sign(SIGNED_PREFIX + checkpoint.body).hex()
    checkpoint.save()
    return checkpoint


def body(checkpoint: Checkpoint) -> bytes:
    """The canonical bytes of a checkpoint."""
    return canonical.dumps(
        {
            "v": canonical.VERSION,
            "size": checkpoint.size,
            "root": checkpoint.root,
            "previous": checkpoint.previous,
            "key": checkpoint.key_id,
            "at": canonical.instant(checkpoint.at),
        }
    )


def as_document(checkpoint: Checkpoint) -> dict[str, Any]:
    """What is handed to an outsider: the signed text, its signature and the key that made it."""
    return {
        "checkpoint": bytes(checkpoint.body).decode(),
        "signature": checkpoint.signature,
        "public_key": checkpoint.key.public_key,
    }
