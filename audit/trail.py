"""Writing the trail: events appended to streams, in the caller's transaction. The format is docs/audit-format.md."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction

from audit import canonical, context, rows
from audit.composed import Composed, Given
from audit.models import Event, PersonalValue, StreamHead, Unsealed

PLAIN_TEXT = re.compile(r"[ !#-\[\]-~]*")
"""Printable ASCII without quotation mark and backslash: such text stands in JSON as it is."""


HEAD = Composed(lambda: StreamHead.objects.select_for_update().filter(stream=Given("stream", models.CharField())))
"""The end of one stream, locked."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An event before it has its place in a stream; the fields are those of `record`."""

    stream: str
    kind: str
    actor: int | None
    at: datetime
    subject: str = ""
    on_behalf_of: int | None = None
    role: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    personal: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        canonical.instant(self.at)
        for name in ("stream", "kind", "subject", "role"):
            text = getattr(self, name)
            if not PLAIN_TEXT.fullmatch(text) or (not text and name in ("stream", "kind")):
                raise ValueError(f"An event's {name} is printable ASCII without quotation marks: {text!r} is not.")


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
    draft = Draft(
        stream=stream, kind=kind, actor=actor, at=at, subject=subject, on_behalf_of=on_behalf_of, role=role,
        before=before or {}, after=after or {}, personal=personal or {},
    )  # fmt: skip
    return append([draft])[0]


@transaction.atomic(savepoint=False)
def append(drafts: Iterable[Draft]) -> list[Event]:
    """Append many events at once, each to the end of its own stream. The streams' heads are locked, in the order of their names."""
    drafts = list(drafts)
    heads = {stream: _locked_head(stream, drafts[0].at) for stream in sorted({draft.stream for draft in drafts})}
    events = _written(drafts, heads)
    for head in heads.values():
        rows.update(head, "sequence", "hash", "last_at")
    return events


@transaction.atomic(savepoint=False)
def begin(drafts: Iterable[Draft]) -> list[Event]:
    """Append many events to streams that begin with them: no head is looked for, and one that is there already is an IntegrityError."""
    drafts = list(drafts)
    heads = {draft.stream: StreamHead(stream=draft.stream, sequence=0, hash=canonical.NOTHING_BEFORE, last_at=draft.at) for draft in drafts}
    events = _written(drafts, heads)
    StreamHead.objects.bulk_create(heads.values(), batch_size=2000)
    return events


def _written(drafts: list[Draft], heads: dict[str, StreamHead]) -> list[Event]:
    """Chain the events to their heads, which move on (unsaved), and write them."""
    events, opened = [], []
    for draft in drafts:
        event, values = _chained(draft, heads[draft.stream])
        events.append(event)
        opened += values
    rows.insert_all(events)
    rows.insert_all([Unsealed(event=event) for event in events])
    for value in opened:
        value.event_id = value.event.pk
    rows.insert_all(opened)
    return events


def _locked_head(stream: str, at: datetime) -> StreamHead:
    if found := HEAD.all(stream=stream):
        return found[0]
    start = {"sequence": 0, "hash": canonical.NOTHING_BEFORE, "last_at": at}
    return StreamHead.objects.select_for_update().get_or_create(stream=stream, defaults=start)[0]


def _chained(draft: Draft, head: StreamHead) -> tuple[Event, list[PersonalValue]]:
    """The event that follows a head, with the personal values it commits to; the head moves on to it."""
    event = Event(
        stream=draft.stream,
        sequence=head.sequence + 1,
        at=draft.at,
        kind=draft.kind,
        actor=draft.actor,
        on_behalf_of=draft.on_behalf_of,
        role=draft.role,
        subject=draft.subject,
        request_id=context.request_id.get(),
    )
    address = {"ip": context.ip.get()} if context.ip.get() else {}
    personal = address | {path: canonical.plain(value) for path, value in draft.personal.items()}
    salts = {path: secrets.token_bytes(32) for path in personal}
    change = {
        "before": canonical.plain(draft.before),
        "after": canonical.plain(draft.after),
        "personal": {path: commitment(event.name, path, personal[path], salt) for path, salt in salts.items()},
    }
    event.body = body(event, change=change, previous=head.hash)
    event.hash = canonical.sha256(event.body)
    head.sequence, head.hash, head.last_at = event.sequence, event.hash, draft.at
    opened = [
        PersonalValue(event=event, path=path, value=canonical.dumps(value).decode(), salt=salts[path]) for path, value in personal.items()
    ]
    return event, opened


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
    return canonical.sha256(salt + opening(event, path, value))


def opening(event: str, path: str, value: Any) -> bytes:
    """The canonical {event, path, value} that a commitment is made of."""
    return canonical.dumps({"event": event, "path": path, "value": value})
