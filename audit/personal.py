"""Erasing personal values when their retention ends: value and salt go together, the commitment stays and tells nothing."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from audit import trail
from audit.models import Event, PersonalValue

ERASED = "personal.erased"
"""The kind of the event that says how many values of its stream went."""


@transaction.atomic
def erase(*, stream: str, before: datetime | None = None, paths: Iterable[str] = (), reason: str, by: int, at: datetime) -> int:
    """Erase what a stream still holds (of events before a moment, of these paths; of all when none is named), and record that.

    The event says how many values went; the chain still verifies. Returns the number of values erased.
    """
    values = PersonalValue.objects.filter(event__stream=stream)
    if before is not None:
        values = values.filter(event__at__lt=before)
    chosen = sorted(set(paths))
    if chosen:
        values = values.filter(path__in=chosen)
    number = values.erase()
    if number:
        trail.record(
            stream=stream,
            kind=ERASED,
            actor=by,
            at=at,
            subject=stream,
            after={"values": number, "paths": chosen, "events_before": before},
            personal={"note": reason},
        )
    return number


def opened(events: Iterable[Event]) -> dict[int, dict[str, str]]:
    """Event id to its personal values still held, by path, as canonical JSON."""
    held: dict[int, dict[str, str]] = {}
    for value in PersonalValue.objects.filter(event__in=[event.pk for event in events]):
        held.setdefault(value.event_id, {})[value.path] = value.value
    return held
