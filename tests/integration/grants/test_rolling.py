"""In a rolling programme the next round opens in the second in which one closes."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.home import answered
from grants.actions import programmes, rounds
from grants.actions.rounds import months_later
from grants.home import to_follow_on
from grants.models import Programme, Round
from tests.cast import *  # noqa: F403
from tests.stages import grants as stages
from workflow import deadlines

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def rolling(cast) -> Programme:
    text = stages.document().replace("\nrounds:\n", "\nrounds:\n  kind: rolling\n  every_months: 1\n", 1)
    return stages.published(cast, text=text)


def due(at) -> None:
    """Let the clock do what is due."""
    deadlines.fire_due(at=at)


def test_the_next_round_is_announced_when_one_opens_and_opens_when_it_closes(cast, rolling):
    first = stages.open_round(cast, programme=rolling)
    second = rolling.rounds.get(opens_at=first.closes_at)
    assert second.closes_at == months_later(first.closes_at, 1, zone=LONDON)
    assert second.budget.amount_pence == first.definition.funding.round_budget
    assert not second.is_open_at(first.closes_at - timedelta(seconds=1))
    assert second.is_open_at(first.closes_at)
    assert not first.is_open_at(first.closes_at)
    due(first.closes_at)
    assert [each.state for each in rolling.rounds.order_by("opens_at")] == [Round.State.CLOSED, Round.State.OPEN, Round.State.SCHEDULED]


def test_the_next_round_takes_the_version_published_last(cast, rolling, officer, lead):
    first = stages.scheduled_round(cast, programme=rolling)
    text = rolling.published_version.document.replace("grant_max: £40,000", "grant_max: £41,000")
    programmes.publish(version=programmes.load(document=text, by=officer, at=stages.BEFORE), by=lead, at=stages.BEFORE)
    due(first.opens_at)
    assert rolling.rounds.get(opens_at=first.closes_at).version.number == 2
    assert Round.objects.get(pk=first.pk).version.number == 1


def test_none_follows_one_that_a_person_announced_nor_where_no_more_rounds_come(cast, rolling, lead):
    first = stages.scheduled_round(cast, programme=rolling)
    stages.scheduled_round(cast, programme=rolling, opens_at=first.closes_at, closes_at=first.closes_at + timedelta(days=5))
    due(first.opens_at)
    assert rolling.rounds.count() == 2
    for each in rolling.rounds.all():
        rounds.cancel(round=each, reason="Enough.", by=lead, at=first.opens_at)
    programmes.move(programme=rolling, step="start_monitoring", reason="", by=lead, at=first.opens_at)
    assert rolling.rounds.count() == 2


def test_whoever_manages_rounds_hears_that_none_follows_any_more(cast, rolling, lead):
    first = stages.open_round(cast, programme=rolling)
    assert [*answered(to_follow_on(lead, first.opens_at))] == []
    rounds.cancel(round=rolling.rounds.get(opens_at=first.closes_at), reason="The money is needed here.", by=lead, at=first.opens_at)
    (told,) = answered(to_follow_on(lead, first.opens_at))
    assert told.title == f"Decide what follows {first.reference}"
    assert [*answered(to_follow_on(lead, first.closes_at))] == [*to_follow_on(cast["applicant"], first.opens_at)] == []
    stages.scheduled_round(cast, programme=rolling, opens_at=first.closes_at, closes_at=first.closes_at + timedelta(days=5))
    assert [*answered(to_follow_on(lead, first.opens_at))] == []


def test_a_competition_has_no_next_round(cast):
    first = stages.open_round(cast)
    assert list(first.programme.rounds.all()) == [first]


def test_months_keep_the_local_time_and_end_with_the_month():
    moment = stages.CLOSES.replace(month=1, day=31)
    assert months_later(moment, 1, zone=LONDON).astimezone(LONDON).strftime("%d %B %H:%M") == "28 February 12:00"
    assert months_later(moment, 3, zone=LONDON).astimezone(LONDON).strftime("%d %B %H:%M") == "30 April 12:00"
    assert months_later(moment, 12, zone=LONDON).year == moment.year + 1
