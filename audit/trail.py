"""Writing the trail: one event appended to one stream, in the caller's transaction. The format is docs/audit-format.md."""

import re
import secrets
from datetime import datetime
from typing import Any

from django.db import transaction

from audit import canonical, context
from audit.models import Event, PersonalValue, StreamHead, Unsealed

PLAIN_TEXT = re.compile(r"[ !#-\[\]-~]*")
"""Printable ASCII without quotation mark and backslash: such text stands in JSON as it is."""


def record(
    *,
    stream: str,
    kind: str,
    actor: int | None,
    at: datetime,
    subject: str = "",
    on_behalf_of: int | None = None,
    role: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    personal: dict[str, Any] | None = None,
) -> Event:
    """Append one event to a stream, in the caller's transaction.

    `before` and `after` stand in the chain for ever: ids and figures, no names, addresses or free text, no floats. What is personal goes
    into `personal`: the chain then holds a salted commitment and the value can be erased. The address of the request is added to it.
    """
    _check_text(stream=stream, kind=kind, subject=subject, role=role)
    canonical.instant(at)
    values = {path: canonical.plain(value) for path, value in (personal or {}).items()}
    if context.ip.get():
        values.setdefault("ip", context.ip.get())
    with transaction.atomic(savepoint=False):
        head, _ = StreamHead.objects.select_for_update().get_or_create(
            stream=stream, defaults={"sequence": 0, "hash": canonical.NOTHING_BEFORE, "last_at": at}
        )
        event = Event(
            stream=stream,
            sequence=head.sequence + 1,
            at=at,
            kind=kind,
            actor=actor,
            on_behalf_of=on_behalf_of,
            role=role,
            subject=subject,
            request_id=context.request_id.get(),
        )
        opened = [PersonalValue(event=event, path=path, value=canonical.dumps(value).decode(), salt=secrets.token_bytes(32))
                  for path, value in values.items()]  # fmt: skip
        change = {
            "before": canonical.plain(before or {}),
            "after": canonical.plain(after or {}),
            "personal": {kept.path: commitment(event.name, kept.path, values[kept.path], bytes(kept.salt)) for kept in opened},
        }
        event.body = body(event, change=change, previous=head.hash)
        event.hash = canonical.sha256(event.body)
        event.save()
        StreamHead.objects.filter(stream=stream).update(sequence=event.sequence, hash=event.hash, last_at=at)
        Unsealed.objects.create(event=event)
        PersonalValue.objects.bulk_create(opened)
    return event


def body(event: Event, *, change: dict[str, Any], previous: str) -> bytes:
    """The canonical bytes of an event."""
    return canonical.dumps(
        {
            "v": canonical.VERSION,
            "stream": event.stream,
            "sequence": event.sequence,
            "at": canonical.instant(event.at),
            "kind": event.kind,
            "actor": event.actor,
            "on_behalf_of": event.on_behalf_of,
            "role": event.role,
            "subject": event.subject,
            "request": event.request_id,
            "change": change,
            "previous": previous,
        }
    )


def commitment(event: str, path: str, value: Any, salt: bytes) -> str:
    """SHA-256 of the salt followed by the canonical {event, path, value}: tells nothing of the value without the salt."""
    return canonical.sha256(salt + canonical.dumps({"event": event, "path": path, "value": value}))


def _check_text(**named: str) -> None:
    for name, text in named.items():
        if not PLAIN_TEXT.fullmatch(text) or (not text and name in ("stream", "kind")):
            raise ValueError(f"An event's {name} is printable ASCII without quotation marks: {text!r} is not.")
