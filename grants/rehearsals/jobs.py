"""Playing a rehearsal in the background: the worker waits for the process that is kept apart, and writes down how far it is."""

from datetime import datetime, timedelta
from time import monotonic

import structlog

from grants.models import Rehearsal
from grants.rehearsals import apart
from notifications.models import OutboxMessage
from notifications.outbox import handles

EVERY = 1.0
"""Seconds between two notes of the progress."""

log = structlog.get_logger(__name__)


class _Gone(Exception):
    """The rehearsal was deleted while it was played."""


@handles("programme.rehearsed")
def play(message: OutboxMessage, at: datetime) -> None:
    """Play a rehearsal and keep its report. Raises Busy where another is being played here: it is tried again.

    Played again after the worker was lost, it begins anew. What was deleted meanwhile leaves nothing behind.
    """
    rehearsal = Rehearsal.objects.select_related("text").filter(pk=message.payload["rehearsal"]).first()
    if rehearsal is None or not rehearsal.is_under_way:
        return
    with apart.one_at_a_time():
        apart.sweep(Rehearsal.objects.values_list("key", flat=True))
        play_now(rehearsal, at=at)


def play_now(rehearsal: Rehearsal, *, at: datetime) -> None:
    """Play a rehearsal here, begun at `at`, and keep what came of it, or why nothing did."""
    began = monotonic()
    unfinished = Rehearsal.objects.filter(pk=rehearsal.pk, finished_at=None)
    try:
        report = apart.play(rehearsal.key, rehearsal.text.text, rehearsal.plan, tell=_Progress(rehearsal))
    except _Gone:
        apart.clear(rehearsal.key)
    except apart.BrokeOff as broken:
        log.warning("rehearsal_broke_off", rehearsal=rehearsal.pk, problem=broken.sentence)
        unfinished.update(failure=broken.sentence, doing="")
    else:
        if not unfinished.update(report=report, finished_at=at + timedelta(seconds=monotonic() - began), progress=100, doing=""):
            apart.clear(rehearsal.key)


class _Progress:
    """Writes down how much is done, once a second at most. Raises _Gone where there is nothing left to write it to."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.rehearsal, self.next = rehearsal, 0.0

    def __call__(self, done: int, work: int, doing: str) -> None:
        if monotonic() < self.next:
            return
        self.next = monotonic() + EVERY
        share = min(99, done * 100 // max(work, 1))
        if not Rehearsal.objects.filter(pk=self.rehearsal.pk, finished_at=None).update(progress=share, doing=doing[:80]):
            raise _Gone
