"""Eight writers and several sealers at once, on PostgreSQL: chains hold, positions have no gaps and no event is skipped."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from audit import sealer, trail, verify
from audit.models import Event, Position, StreamHead
from tests.concurrency.together import PATIENCE, in_threads, meet_after

NOON = datetime(2027, 3, 3, 12, 0, tzinfo=UTC)
WRITERS, EACH = 8, 40

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,
]


def write(stream):
    return trail.record(stream=stream, kind="application.save", actor=7, at=NOON)


def test_eight_writers_and_two_sealers_leave_a_trail_that_verifies():
    writing = threading.Event()
    writing.set()
    left = [WRITERS]
    counting = threading.Lock()

    def writer(number):
        for place in range(EACH):
            with transaction.atomic():
                write("case:SHARED" if place % 2 else f"case:OWN-{number}")
        with counting:
            left[0] -= 1
            if not left[0]:
                writing.clear()

    def keep_sealing():
        while writing.is_set():
            sealer.seal(at=NOON)

    def follow():
        """A feed that asks for what comes after the last position it has seen."""
        seen, last = [], 0
        while writing.is_set() or last < sealer.size():
            for number, event in Position.objects.filter(number__gt=last).order_by("number").values_list("number", "event_id"):
                seen.append(event)
                last = number
        return seen

    def keep_verifying():
        return [problem for _ in iter(writing.is_set, False) for problem in verify.verify_all().problems]

    *others, verified, seen = in_threads(
        *(lambda number=number: writer(number) for number in range(WRITERS)), keep_sealing, keep_sealing, keep_verifying, follow
    )
    assert [answer for answer in [*others, seen] if isinstance(answer, Exception)] == []
    assert verified == [], "a trail that is being written verifies at every moment"
    sealer.seal(at=NOON)
    assert StreamHead.objects.get(stream="case:SHARED").sequence == WRITERS * EACH // 2
    assert list(Position.objects.order_by("number").values_list("number", flat=True)) == list(range(1, WRITERS * EACH + 1))
    followed = list(Position.objects.order_by("number").values_list("event_id", flat=True))
    assert seen == followed[: len(seen)]
    assert verify.verify_all().problems == []


def test_an_event_committed_late_is_skipped_by_its_id_and_not_by_its_position():
    written, may_commit = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            event = write("case:SLOW")
            written.set()
            may_commit.wait(PATIENCE)
        return event.pk

    def fast():
        written.wait(PATIENCE)
        event = write("case:FAST")
        sealer.seal(at=NOON)
        by_id, by_position = Event.objects.latest("pk").pk, sealer.size()
        may_commit.set()
        return event.pk, by_id, by_position

    late, (early, by_id, by_position) = in_threads(slow, fast)
    sealer.seal(at=NOON)
    assert late < early
    assert list(Event.objects.filter(pk__gt=by_id)) == [], "a reader that goes on from the last id never sees the late event"
    assert list(Position.objects.filter(number__gt=by_position).values_list("event_id", flat=True)) == [late]


def two_sealers(monkeypatch):
    """Two sealers, the second of which begins before the first has committed, if nothing keeps them apart."""
    write("case:A")
    meet_after(monkeypatch, "audit.sealer.lay_tiles")
    return in_threads(lambda: sealer.seal(at=NOON), lambda: sealer.seal(at=NOON))


def test_without_the_lock_two_sealers_collide(monkeypatch):
    monkeypatch.setattr(sealer, "lock", lambda **kwargs: True)
    answers = two_sealers(monkeypatch)
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [IntegrityError]


def test_with_the_lock_one_seals_and_the_other_finds_nothing_left(monkeypatch):
    assert sorted(two_sealers(monkeypatch)) == [0, 1]


def test_a_sealer_that_does_not_wait_leaves_it_to_the_one_at_work():
    write("case:A")
    held, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            sealer.lock()
            held.set()
            done.wait(PATIENCE)

    def try_to_seal():
        held.wait(PATIENCE)
        try:
            return sealer.seal(at=NOON, wait=False)
        finally:
            done.set()

    assert in_threads(hold, try_to_seal)[1] == 0
    assert sealer.seal(at=NOON, wait=False) == 1


def test_the_first_event_of_a_stream_is_written_by_two_at_once():
    start = threading.Barrier(WRITERS)

    def first():
        start.wait(PATIENCE)
        return write("case:NEW").sequence

    assert sorted(in_threads(*[first] * WRITERS)) == list(range(1, WRITERS + 1))
    assert verify.verify_all().problems == []
