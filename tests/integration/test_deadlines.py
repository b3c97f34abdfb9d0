"""Deadlines fire once, when they are due, whoever else is running."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Person
from accounts.refusals import NotAllowedNow
from workflow import deadlines
from workflow.models import Deadline

DUE = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
BEFORE, LATER = DUE - timedelta(days=1), DUE + timedelta(minutes=5)


@pytest.fixture
def fired(monkeypatch) -> list[int]:
    seen: list[int] = []
    monkeypatch.setitem(deadlines._handlers, ("accounts.person", "test"), lambda record, at, deadline: seen.append(record.pk))
    return seen


def test_it_fires_once_and_not_before_it_is_due(stranger, fired):
    deadlines.set_deadline(stranger, "test", DUE, at=BEFORE)
    assert deadlines.fire_due(at=DUE - timedelta(seconds=1)) == 0
    assert deadlines.fire_due(at=LATER) == 1
    assert deadlines.fire_due(at=LATER) == 0
    assert fired == [stranger.pk]


def test_moving_it_keeps_the_one_it_replaces(stranger, fired):
    deadlines.set_deadline(stranger, "test", DUE, at=BEFORE)
    deadlines.set_deadline(stranger, "test", DUE + timedelta(days=7), at=BEFORE, reason="The site was down")
    assert deadlines.fire_due(at=LATER) == 0
    assert Deadline.objects.of(stranger).count() == 2
    assert Deadline.objects.live().of(stranger).get().reason == "The site was down"


def test_one_that_was_taken_back_does_not_fire(stranger, fired):
    deadlines.set_deadline(stranger, "test", DUE, at=BEFORE)
    deadlines.clear(stranger, "test", at=BEFORE)
    assert deadlines.fire_due(at=LATER) == 0


def test_a_record_that_moved_on_is_no_error(stranger, monkeypatch):
    def refuse(record, at, deadline):
        raise NotAllowedNow("Too late.", code="moved_on")

    monkeypatch.setitem(deadlines._handlers, ("accounts.person", "test"), refuse)
    deadlines.set_deadline(stranger, "test", DUE, at=BEFORE)
    assert deadlines.fire_due(at=LATER) == 1
    assert "moved_on" in Deadline.objects.of(stranger).get().reason


def test_a_handler_that_breaks_undoes_its_change_and_is_tried_again_after_the_lease(stranger, monkeypatch):
    tries = []

    def break_once(record, at, deadline):
        tries.append(at)
        Person.objects.filter(pk=record.pk).update(name="Changed")
        if len(tries) == 1:
            raise RuntimeError("the power went")

    monkeypatch.setitem(deadlines._handlers, ("accounts.person", "test"), break_once)
    deadlines.set_deadline(stranger, "test", DUE, at=BEFORE)
    with pytest.raises(RuntimeError):
        deadlines.fire_due(at=LATER)
    assert Person.objects.get(pk=stranger.pk).name != "Changed"
    assert deadlines.fire_due(at=LATER) == 0, "the lease is still out"
    assert deadlines.fire_due(at=LATER + deadlines.LEASE * 2) == 1
    assert Person.objects.get(pk=stranger.pk).name == "Changed"
