"""An expression of interest first, then the full application of those who are invited."""

import json
from datetime import timedelta

import pytest

from accounts.actions import sample
from accounts.refusals import NotAllowedNow
from applications import samples
from applications.actions import applications, eligibility
from applications.models import Application
from applications.reading import Reading
from grants.policies import RoundClosed
from notifications.models import Notice
from tests.cast import SINCE
from tests.stages import applications as stages
from tests.stages import grants
from workflow import deadlines

State = Application.State
AT, CLOSES = grants.WHILE_OPEN, grants.CLOSES


@pytest.fixture
def cast(db):
    return sample.seed_cast(programmes=["diagcomm", "devicomm"], at=SINCE)


@pytest.fixture
def draft(cast):
    programme = grants.published(cast, slug="devicomm")
    return stages.draft(cast, round=grants.open_round(cast, programme=programme), at=AT)


@pytest.fixture
def expressed(cast, draft):
    return applications.submit(application=draft, by=cast["applicant"], at=AT)


def test_it_asks_the_short_form_first_and_needs_no_signature(draft, expressed):
    asked = {found.section.id for found in Reading(draft, at=AT).asked}
    assert asked == {"idea", "position"}
    assert expressed.state == State.EXPRESSED
    judged = set(expressed.eligibility_outcomes.values_list("rule_id", flat=True))
    assert "readiness" in judged
    assert not judged & {"grant_size", "rate", "not_started"}
    assert json.loads(expressed.current_paper().document)["is_expression"] is True


def test_whoever_is_invited_writes_the_rest_and_goes_on(cast, expressed):
    at = CLOSES + timedelta(days=3)
    invited = eligibility.invite(application=expressed, by=cast["officer"], at=at)
    assert (invited.state, invited.is_draft, invited.public_state) == (State.INVITED, True, "Invited to apply in full")
    assert Notice.objects.filter(kind="application.invited").exists()
    assert invited.invited_until == at.replace(hour=12, minute=0) + timedelta(days=28)
    deadlines.fire_due(at=invited.invited_until - timedelta(hours=3))
    reminder = Notice.objects.filter(kind="application.closes_soon").last()
    assert "The full application is due at" in reminder.body
    assert reminder.subject.startswith("3 hours left")
    filled = samples.fill(invited, by=cast["applicant"], at=at + timedelta(days=5))
    assert filled.values()["need"] == expressed.values()["need"], "what was said is kept"
    sent = applications.sign_and_submit(
        application=filled, name="Sigrid", position="Director", by=cast["signatory"], at=at + timedelta(days=6)
    )
    assert sent.state == State.ELIGIBLE, [outcome.sentence for outcome in sent.failed_outcomes()]
    assert sent.papers.count() == 2


def test_the_invitation_ends(cast, expressed):
    invited = eligibility.invite(application=expressed, by=cast["officer"], at=AT)
    with pytest.raises(RoundClosed, match="The full application was due at midday"):
        samples.fill(invited, by=cast["applicant"], at=invited.invited_until)


def test_whoever_is_not_invited_hears_why_and_may_be_reviewed_by_another(cast, expressed):
    refused = eligibility.decline_interest(application=expressed, note="No user was asked.", by=cast["officer"], at=AT)
    assert refused.state == State.NOT_INVITED
    assert "No user was asked." in Notice.objects.filter(kind="application.not_invited").first().body
    reviewed = eligibility.reinstate(application=refused, note="Three wards were asked.", by=cast["second-lead"], at=AT)
    assert reviewed.state == State.EXPRESSED


def test_a_programme_of_one_step_invites_nobody(cast):
    plain = stages.submitted(cast, round=grants.open_round(cast))
    with pytest.raises(NotAllowedNow, match="no expression of interest"):
        eligibility.invite(application=plain, by=cast["officer"], at=AT)
