"""The audit chains of copies: each event of an original as a text with places left open, filled in and hashed for each copy.

The bytes are made by `audit.trail` itself, once for each original, with marks where copies differ. A copy's event is therefore what
`trail.record` would have written for it, at a fraction of the cost; a test holds them against each other.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from accounts.models import Person
from audit import canonical, sealer, trail
from audit.models import Event, PersonalValue, Position, StreamHead
from reporting.demo import bulk
from reporting.demo.slots import Slots, Values, template
from workflow.staffing import lifecycles

PERSON = Person._meta.label_lower
PEOPLE = {"person", "owner", "assessor", "by"}
MODELS = {model._meta.label_lower: model for model in lifecycles()}
PREVIOUS = "the hash of the event before"
Fill = Callable[[Values], str]


@dataclass
class Opened:
    """A personal value of an event: where its commitment goes, what is hashed after the salt, and its columns path and value."""

    place: int
    opening: Fill
    columns: Fill


@dataclass
class EventPlan:
    """One event of an original: its stream, the columns between its id and its body, and the body."""

    stream: Fill
    sequence: int
    columns: Fill
    body: Fill
    last_at: str
    opened: list[Opened] = field(default_factory=list)


def plan(event: Event, slots: Slots, exact: dict[str, tuple[str, int]]) -> EventPlan:
    """An event of the original with marks where copies differ; `slots` holds every id and word that does."""
    draft = _marked(event, slots, exact)
    written = Event(
        stream=draft.stream, sequence=event.sequence, at=draft.at, kind=draft.kind, actor=draft.actor, on_behalf_of=draft.on_behalf_of,
        role=draft.role, subject=draft.subject,
    )  # fmt: skip
    opened, commitments = [], {}
    for number, (path, value) in enumerate(draft.personal.items()):
        place = ("commitment", number)
        commitments[path] = str(slots.mark(place))
        opening = template(trail.opening(written.name, path, value).decode())
        columns = template("\t".join(map(bulk.escaped, (path, canonical.dumps(value).decode()))))
        opened.append(Opened(slots.place(place), opening, columns))
    change = {"before": canonical.plain(draft.before), "after": canonical.plain(draft.after), "personal": commitments}
    body = trail.body(written, change=change, previous=str(slots.mark(PREVIOUS)))
    row = [bulk.plain(getattr(written, name)) for name in bulk.columns(Event)[1:-2]]
    return EventPlan(
        template(draft.stream), event.sequence, template("\t".join(map(bulk.escaped, row))), template(body.decode()),
        bulk.escaped(bulk.plain(draft.at)), opened,
    )  # fmt: skip


def _marked(event: Event, slots: Slots, exact: dict[str, tuple[str, int]]) -> trail.Draft:
    """The event with a mark for every id and word of the original."""
    label, _, pk = event.subject.rpartition(":")
    key = (label, int(pk)) if pk.isdigit() else None
    reference = event.stream.removeprefix("case:")
    stream = f"organisation:{slots.mark(exact[event.stream])}" if event.stream in exact else f"case:{slots.mark(reference)}"
    return trail.Draft(
        stream=stream,
        kind=event.kind,
        actor=_id(PERSON, event.actor, slots),
        on_behalf_of=event.on_behalf_of,
        at=event.at,
        subject=f"{label}:{slots.mark(key)}" if key in slots.of else event.subject,
        role=event.role,
        before=_values(event.before, label, slots),
        after=_values(event.after, label, slots),
        personal={value.path: _word(json.loads(value.value), slots) for value in event.personal_values.all()},
    )


def _values(values: dict[str, Any], label: str, slots: Slots) -> dict[str, Any]:
    return {
        name: _id(_label_of(name, label), value, slots) if type(value) is int else _word(value, slots) for name, value in values.items()
    }


def _id(label: str, value: int | None, slots: Slots) -> int | None:
    return slots.mark((label, value)) if (label, value) in slots.of else value


def _word(value: Any, slots: Slots) -> Any:
    return str(slots.mark(value)) if isinstance(value, str) and value in slots.of else value


def _label_of(name: str, label: str) -> str:
    """Which model an id in an event belongs to: what the subject's field of that name points to."""
    if name in PEOPLE or name.endswith("_by"):
        return PERSON
    try:
        related = MODELS[label]._meta.get_field(name).related_model if label in MODELS else None
    except FieldDoesNotExist:
        return ""
    return related._meta.label_lower if isinstance(related, type) and issubclass(related, models.Model) else ""


class Trail:
    """Writes events with their positions, for who holds the sealers' lock until the transaction ends."""

    def __init__(self, tables: bulk.Tables, *, at: datetime) -> None:
        sealer.lock()
        self.tables, self.sealed_at = tables, bulk.escaped(bulk.plain(at))
        self.before = self.size = sealer.size()

    def add(self, plans: list[EventPlan], values: Values) -> None:
        """Chain one copy's events: its streams begin with them. The first slot is for the hash of the event before."""
        heads: dict[str, tuple[int, str, str]] = {}
        pks = self.tables.new_ids(Event, len(plans))
        numbers = iter(self.tables.new_ids(PersonalValue, sum(len(event.opened) for event in plans)))
        events, positions, personal = [], [], []
        for place, (pk, event) in enumerate(zip(pks, plans, strict=True), self.size + 1):
            for opened in event.opened:
                salt = token_bytes(32)
                values[opened.place] = sha256(salt + opened.opening(values).encode()).hexdigest()
                personal.append(f"{next(numbers)}\t{pk}\t{opened.columns(values)}\t\\\\x{salt.hex()}\n")
            stream = event.stream(values)
            values[0] = heads[stream][1] if stream in heads else canonical.NOTHING_BEFORE
            body = event.body(values).encode()
            digest = sha256(body).hexdigest()
            heads[stream] = (event.sequence, digest, event.last_at)
            events.append(f"{pk}\t{event.columns(values)}\t\\\\x{body.hex()}\t{digest}\n")
            positions.append(f"{place}\t{pk}\t{digest}\t{self.sealed_at}\n")
        self.size += len(plans)
        waiting = self.tables.waiting
        waiting[Event] += events
        waiting[PersonalValue] += personal
        waiting[Position] += positions
        waiting[StreamHead] += [f"{stream}\t{sequence}\t{digest}\t{at}\n" for stream, (sequence, digest, at) in heads.items()]

    def lay_tiles(self) -> None:
        """Once the rows are written."""
        sealer.lay_tiles(self.before, self.size)
