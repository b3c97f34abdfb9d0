"""A large grant needs the agreement of whoever the programme names, before it is decided."""

import pytest

from accounts.refusals import Denied, NotAllowedNow
from applications.models import Application
from assessments.actions import conflicts, decisions
from assessments.models import Decision
from notifications.models import Notice
from tests.cast import *  # noqa: F403
from tests.stages import assessments as stages
from tests.stages import grants
from tests.stages.assessments import DECIDED, SETTLED

ABOVE = 'above: "£35,000", by: [chair, independent_approver]'


@pytest.fixture
def decision(cast) -> Decision:
    """Proposed for more than the programme lets the lead decide without the chair or another lead."""
    text = grants.document().replace(ABOVE, 'above: "£10,000", by: [chair, lead]')
    return stages.proposed(cast, round=grants.open_round(cast, programme=grants.published(cast, text=text)))


def page(client, person, decision: Decision) -> str:
    client.force_login(person)
    application = decision.application
    return client.get(f"/manage/assessment/{application.round.reference}/{application.reference}/").text


def test_who_may_agree_is_told_and_finds_it_at_home(cast, client, decision):
    told = set(Notice.objects.filter(kind="decision.agreement_asked").values_list("person", flat=True))
    assert told == {cast[who].pk for who in ("chair", "lead", "second-lead")}
    for who, count in (("chair", 1), ("independent-approver", 0), ("officer", 0)):
        client.force_login(cast[who])
        assert client.get("/home/").text.count("Amounts to agree to") == count
    decisions.agree(application=decision.application, by=cast["second-lead"], at=DECIDED)
    client.force_login(cast["chair"])
    assert "Amounts to agree to" not in client.get("/home/").text


def test_nobody_decides_before_the_amount_is_agreed_to(cast, decision):
    with pytest.raises(NotAllowedNow) as refusal:
        decisions.decide(application=decision.application, by=cast["lead"], at=DECIDED)
    assert refusal.value.sentence == (
        "Grants above £10,000 need the agreement of the panel’s chair or another programme lead. Nobody has given it yet."
    )
    decisions.agree(application=decision.application, by=cast["chair"], at=DECIDED)
    decided = decisions.decide(application=decision.application, by=cast["lead"], at=DECIDED)
    assert (decided.agreed_by, decided.decided_by) == (cast["chair"], cast["lead"])
    conflicts.declare(application=decision.application, reason="My sister joined them.", by=cast["chair"], at=DECIDED)
    assert Decision.objects.get().end_reason == "A conflict of interest of Chidi Chair, who agreed to it, is confirmed."


def test_who_agrees_neither_proposed_nor_decides_nor_plays_another_part(cast, decision):
    decisions.agree(application=decision.application, by=cast["second-lead"], at=DECIDED)
    with pytest.raises(Denied) as refusal:
        decisions.decide(application=decision.application, by=cast["second-lead"], at=DECIDED)
    assert refusal.value.code == "separation_of_duties"
    with pytest.raises(NotAllowedNow) as refusal:
        decisions.agree(application=decision.application, by=cast["chair"], at=DECIDED)
    assert refusal.value.code == "agreed_already"


@pytest.mark.parametrize(("who", "code"), [("officer", "no_permission"), ("independent-approver", "not_asked_to_agree")])
def test_only_the_parts_that_the_programme_names(cast, decision, who, code):
    with pytest.raises(Denied) as refusal:
        decisions.agree(application=decision.application, by=cast[who], at=DECIDED)
    assert refusal.value.code == code
    assert Decision.objects.get().agreed_at is None


def test_another_proposal_is_agreed_to_afresh(cast, decision):
    decisions.agree(application=decision.application, by=cast["chair"], at=DECIDED)
    decisions.send_back(application=decision.application, reason="Ask for less.", by=cast["lead"], at=DECIDED)
    stages.proposed(cast, application=Application.objects.for_pages().get(pk=decision.application_id), at=DECIDED)
    with pytest.raises(NotAllowedNow) as refusal:
        decisions.decide(application=decision.application, by=cast["lead"], at=DECIDED)
    assert refusal.value.code == "amount_not_agreed"


def test_a_smaller_grant_needs_nobodys_agreement(cast):
    decision = stages.proposed(cast, amount_pence=10_000_00)
    with pytest.raises(NotAllowedNow) as refusal:
        decisions.agree(application=decision.application, by=cast["chair"], at=SETTLED)
    assert refusal.value.code == "agreement_not_asked"
    decisions.decide(application=decision.application, by=cast["lead"], at=DECIDED)


def test_the_page_shows_it_and_offers_it_to_whoever_is_asked(cast, client, decision):
    assert "Agree to the amount" not in page(client, cast["officer"], decision)
    assert "Nobody has given it yet" in page(client, cast["lead"], decision)
    assert "Agree to the amount" in page(client, cast["chair"], decision)
    application = decision.application
    client.post(f"/manage/assessment/{application.round.reference}/{application.reference}/decision/agree/")
    assert "Amount agreed" in page(client, cast["chair"], decision)
    assert "Agree to the amount" not in page(client, cast["chair"], decision)
