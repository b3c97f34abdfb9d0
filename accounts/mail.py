"""Mail to an address, whoever it belongs to. It is a row in the outbox, which lives one floor up and registers itself here."""

import uuid
from datetime import datetime
from typing import Protocol

from django.conf import settings


class Postbox(Protocol):
    """What takes a mail: written with the caller's change, sent afterwards, at least once."""

    def __call__(self, *, to: str, subject: str, body: str, key: str, at: datetime) -> None: ...


_postbox: list[Postbox] = []


def deliver_through(postbox: Postbox) -> Postbox:
    """Register the one postbox."""
    _postbox[:] = [postbox]
    return postbox


def post(*, to: str, subject: str, body: str, at: datetime, key: str = "") -> None:
    """Put a mail into the outbox. The same `key` is posted once."""
    _postbox[0](to=to, subject=subject, body=body, key=key or f"mail:{uuid.uuid4()}", at=at)


def link(path: str) -> str:
    """The whole address of a page, for a mail."""
    return f"{settings.BASE_URL}{path}"
