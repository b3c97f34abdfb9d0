"""Doing what the outbox holds: take a lease and commit, do it, mark it done. At least once, never marked undone work."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db.models import F

from audit import rows
from notifications.models import OutboxMessage
from notifications.outbox import HANDLERS, NotNow

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
GIVE_UP_AFTER = 12
"""Attempts; with doubling waits from 15 seconds that is about a day."""
SOON = 4
"""Doublings after which the wait for something that is away stays as it is: four minutes."""
BATCH = 100


def drain(*, at: datetime, leave: Iterable[str] = ()) -> int:
    """Do every message that waits at `at`, those too that doing them adds, but not the kinds to `leave`; returns how many were done.

    Where what one message needs is away, the others of its kind are left for the next time: they would only wait for it in turn.
    """
    done, left = 0, set(leave)
    while batch := _waiting(at, left):
        progress = sum(attempt(message, at=at, left=left) for message in batch if message.kind not in left)
        done += progress
        if not progress:
            break
    return done


def attempt(message: OutboxMessage, *, at: datetime, left: set[str] | None = None) -> bool:
    """Do one message if nobody else has it. A failure is kept for a later try; True when it was done here."""
    if not _take_lease(message, at):
        return False
    try:
        HANDLERS[message.kind](message, at)
    except Exception as error:
        _put_back(message, error, at)
        if left is not None and isinstance(error, NotNow) and error.holds_up_its_kind:
            left.add(message.kind)
        return False
    message.done_at, message.locked_until, message.last_error = at, None, ""
    rows.update(message, "done_at", "locked_until", "last_error")
    return True


def _waiting(at: datetime, leave: Iterable[str]) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.waiting(at).exclude(kind__in=list(leave)).order_by("available_at", "pk")[:BATCH])


def _take_lease(message: OutboxMessage, at: datetime) -> bool:
    taken = OutboxMessage.objects.waiting(at).filter(pk=message.pk)
    return taken.update(locked_until=at + LEASE, attempts=F("attempts") + 1) == 1


def _put_back(message: OutboxMessage, error: Exception, at: datetime) -> None:
    """Keep the failed message for later, with the kind of error only: its text may carry an address."""
    attempts, is_away = message.attempts + 1, isinstance(error, NotNow)
    log.warning("outbox_attempt_failed", kind=message.kind, message=message.pk, attempts=attempts, error=type(error).__name__)
    OutboxMessage.objects.filter(pk=message.pk).update(
        locked_until=None,
        last_error=type(error).__name__,
        available_at=at + timedelta(seconds=15) * 2 ** min(attempts - 1, SOON if is_away else 10),
        given_up_at=at if attempts >= GIVE_UP_AFTER and not is_away else None,
    )
