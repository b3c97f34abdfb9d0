"""Deadlines are rows: set with the change that starts the clock, fired once by beat when they are due."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Q

from accounts.refusals import Refusal
from audit import rows
from workflow.models import Deadline

LEASE = timedelta(minutes=2)

OnDue = Callable[[Any, datetime, Deadline], None]
_handlers: dict[tuple[str, str], OnDue] = {}


def on_due(record_type: str, name: str) -> Callable[[OnDue], OnDue]:
    """Register what happens when the deadline `name` of a `record_type` ("grants.round") falls due: `handler(record, at, deadline)`.

    It may run again after a crash, so it must be idempotent; firing a step with `key=f"deadline:{deadline.pk}"` is.
    """

    def keep(handler: OnDue) -> OnDue:
        _handlers[(record_type, name)] = handler
        return handler

    return keep


def set_deadline(record: models.Model, name: str, due_at: datetime, *, at: datetime, reason: str = "") -> Deadline:
    """Set or move a deadline, in the caller's transaction. The one it replaces is kept as cancelled, the reason with the new one."""
    clear(record, name, at=at)
    return rows.insert(Deadline(record_type=record._meta.label_lower, record_id=record.pk, name=name, due_at=due_at, reason=reason))


def clear(record: models.Model, name: str, *, at: datetime) -> None:
    """Take a live deadline back: what it waited for has happened."""
    Deadline.objects.live().of(record).filter(name=name).update(cancelled_at=at)


def fire_due(*, at: datetime) -> int:
    """Fire every deadline that is due at `at`; returns how many. Safe to run in many processes at once."""
    fired = 0
    for deadline in Deadline.objects.live().filter(Q(locked_until=None) | Q(locked_until__lt=at), due_at__lte=at).order_by("due_at", "pk"):
        if _take_lease(deadline, at):
            _fire(deadline, at)
            fired += 1
    return fired


def _take_lease(deadline: Deadline, at: datetime) -> bool:
    free = Deadline.objects.live().filter(Q(locked_until=None) | Q(locked_until__lt=at), pk=deadline.pk)
    return free.update(locked_until=at + LEASE) == 1


def _fire(deadline: Deadline, at: datetime) -> None:
    """Run the handler and mark it done together: both happen or neither. A record that moved on in the meantime is no error."""
    handler = _handlers[(deadline.record_type, deadline.name)]
    record = apps.get_model(deadline.record_type)._base_manager.get(pk=deadline.record_id)
    with transaction.atomic():
        try:
            with transaction.atomic():
                handler(record, at, deadline)
        except Refusal as refusal:
            Deadline.objects.filter(pk=deadline.pk).update(reason=f"Nothing to do: {refusal.code}"[:200])
        deadline.done_at = at
        rows.update(deadline, "done_at")
