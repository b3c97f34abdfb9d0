"""The reserve list: in order, until a day the company knows, promoted by two people when money comes free."""

from datetime import timedelta

import pytest
from django.utils.timezone import localtime

from accounts.refusals import Denied, NotAllowedNow, Refused
from applications.models import Application
from assessments.actions import decisions, reserves
from assessments.models import Decision
from grants.models import Budget
from notifications.models import Notice
from payments.actions import awards
from tests.cast import *  # noqa: F403
from tests.stages import assessments as stages
from tests.stages import payments as paid
from tests.stages.assessments import NOTIFIED
from workflow import deadlines
from workflow.models import StepTaken

LATER = NOTIFIED + timedelta(days=10)


def fresh(application: Application) -> Application:
    return Application.objects.for_pages().get(pk=application.pk)


@pytest.fixture
def waiting(cast) -> Application:
    """On the reserve list, and told so."""
    return stages.notified(cast, outcome="reserve")


def test_the_company_is_told_until_when_and_the_clock_ends_it(cast, waiting):
    last = localtime(NOTIFIED).date() + timedelta(days=180)
    assert localtime(waiting.reserve_until).date() == last
    letter = Notice.objects.get(kind="decision.notified", person=cast["applicant"])
    assert f"until 11:59pm on {last:%A} {last.day} {last:%B %Y}" in letter.body
    deadlines.fire_due(at=waiting.reserve_until - timedelta(minutes=1))
    assert fresh(waiting).state == "reserve"
    deadlines.fire_due(at=waiting.reserve_until)
    gone = fresh(waiting)
    assert (gone.state, gone.public_state, gone.decided_amount_pence) == ("declined", "Unsuccessful", 0)
    assert StepTaken.objects.get(step="expire_reserve").by.is_system
    assert "No place came free" in Notice.objects.get(kind="reserve.expired", person=cast["applicant"]).body


def test_a_promotion_is_proposed_by_one_and_decided_by_another(cast, waiting):
    decision = reserves.promote(application=waiting, amount_pence=12_000_00, reason="An offer was refused.", by=cast["officer"], at=LATER)
    assert (decision.outcome, decision.amount_pence, decision.leaves_order) == ("approve", 12_000_00, False)
    with pytest.raises(Denied):
        decisions.decide(application=waiting, by=cast["officer"], at=LATER)
    decisions.decide(application=waiting, by=cast["lead"], at=LATER)
    promoted = fresh(waiting)
    assert (promoted.state, promoted.reserve_until, promoted.notified_at) == ("approved", None, None)
    deadlines.fire_due(at=waiting.reserve_until)
    assert fresh(waiting).state == "approved"


def test_no_more_than_is_left_and_nothing_half_done(cast, waiting):
    Budget.objects.update(amount_pence=1)
    with pytest.raises(Refused) as refusal:
        reserves.promote(application=waiting, amount_pence=12_000_00, reason="Now.", by=cast["officer"], at=LATER)
    assert refusal.value.code == "budget_short"
    assert fresh(waiting).state == "reserve"


def test_not_before_it_is_told_nor_after_its_day(cast, waiting):
    with pytest.raises(NotAllowedNow) as refusal:
        reserves.promote(application=waiting, amount_pence=1_00, reason="Now.", by=cast["officer"], at=waiting.reserve_until)
    assert refusal.value.code == "reserve_over"
    untold = stages.decided(cast, outcome="reserve", round=waiting.round)
    with pytest.raises(NotAllowedNow) as refusal:
        reserves.promote(application=untold, amount_pence=1_00, reason="Now.", by=cast["officer"], at=LATER)
    assert refusal.value.code == "not_on_reserve"


def test_the_order_is_kept_and_leaving_it_is_on_record(cast, client):
    second = stages.assessed(cast, marks=(8, 8, 8))
    first = stages.assessed(cast, marks=(9, 9, 9), round=second.round)
    for one in (second, first):
        stages.notified(cast, application=one, outcome="reserve")
    assert [one.application_id for one in Decision.objects.on_reserve(second.round)] == [first.pk, second.pk]
    client.force_login(cast["officer"])
    page = client.get(f"/manage/assessment/{second.round.reference}/reserve/").text
    assert page.index(first.reference) < page.index(second.reference)
    path = f"/manage/assessment/{second.round.reference}/reserve/{second.reference}/"
    assert f"Before it: {first.reference}" in client.get(path).text
    assert "Enter the grant" in client.post(path, {"reason": "The first cannot start."}).text
    client.post(path, {"amount_pence": "12,000", "reason": "The first cannot start."})
    assert Decision.objects.standing().get(application=second).leaves_order is True


def test_an_award_that_ends_before_it_began_names_the_next_on_the_list(cast):
    award = paid.drafted(cast)
    waiting = stages.notified(cast, outcome="reserve", round=award.application.round)
    awards.rescind(award=award, note="It was sold.", by=cast["lead"], at=LATER)
    told = Notice.objects.get(kind="round.money_freed", person=cast["officer"])
    assert f"Next on the reserve list is {waiting.reference}" in told.body
    assert told.path.endswith("/reserve/")
