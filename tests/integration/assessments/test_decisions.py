"""One person proposes, another decides, then the company is told; money and reasons are held to."""

import pytest
from django.db import IntegrityError, transaction

from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Role
from applications.models import Application, AssistedAnswer
from assessments import standings
from assessments.actions import conflicts, decisions, moderation, reviews
from assessments.models import Assessment, Conflict, Decision
from assessments.presenters import staff
from grants.models import Budget
from notifications import delivery
from notifications.models import Notice, OutboxMessage
from notifications.outbox import HANDLERS
from tests.cast import *  # noqa: F403
from tests.stages import assessments as stages
from tests.stages.assessments import DECIDED, NOTIFIED, SETTLED
from workflow.engine import fire


def fresh(application: Application) -> Application:
    return Application.objects.for_pages().get(pk=application.pk)


def propose(cast, application, outcome="approve", *, by="officer", **about) -> Decision:
    amount = about.pop("amount_pence", application.grant_requested_pence if outcome != "decline" else 0)
    return decisions.propose(
        application=application, outcome=outcome, amount_pence=amount, reason=about.pop("reason", "Ranked first."), by=cast[by], at=SETTLED
    )


@pytest.mark.parametrize(("outcome", "state"), [("approve", "approved"), ("reserve", "reserve"), ("decline", "declined")])
def test_the_lead_decides_what_the_officer_proposed(cast, outcome, state):
    decided = stages.decided(cast, outcome=outcome)
    assert decided.state == state
    decision = Decision.objects.get()
    assert (decision.proposed_by, decision.decided_by) == (cast["officer"], cast["lead"])
    assert decision.amount_pence == (0 if outcome == "decline" else decided.grant_requested_pence)
    assert decided.decided_amount_pence == decision.amount_pence


def test_who_proposed_does_not_decide(cast):
    decision = propose(cast, stages.assessed(cast), by="lead")
    with pytest.raises(Denied) as refusal:
        decisions.decide(application=decision.application, by=cast["lead"], at=DECIDED)
    assert refusal.value.code == "separation_of_duties"
    assert fresh(decision.application).state == "proposed"
    decisions.decide(application=decision.application, by=cast["second-lead"], at=DECIDED)
    assert fresh(decision.application).state == "approved"


def test_who_scored_neither_proposes_nor_decides(cast):
    application = stages.assessed(cast)
    assessor = cast["assessor-1"]
    for role in (Role.OFFICER, Role.LEAD):
        assessor.role_assignments.create(role=role, scope="programme:diagcomm", starts_at=stages.INVITED, granted_by=cast["lead"])
    with pytest.raises(Denied):
        propose(cast, application, by="assessor-1")
    propose(cast, application)
    with pytest.raises(Denied):
        decisions.decide(application=application, by=assessor, at=DECIDED)
    assert fresh(application).state == "proposed"


@pytest.mark.parametrize("who", ["officer", "finance", "assessor-4", "chair", "applicant", "auditor", "funder"])
def test_only_a_lead_decides(cast, who):
    decision = stages.proposed(cast)
    with pytest.raises(Denied):
        decisions.decide(application=decision.application, by=cast[who], at=DECIDED)


def test_the_engine_takes_no_decision_that_is_not_on_file(cast):
    application = stages.assessed(cast)
    proposed = fire(application, "propose", by=cast["officer"], at=SETTLED, outcome="approve", amount_pence=100_00, reason="Past the file.")
    with pytest.raises(NotAllowedNow) as refusal:
        fire(proposed, "approve", by=cast["lead"], at=DECIDED)
    assert refusal.value.code == "nothing_proposed"


def test_the_database_wants_a_second_person_too(cast):
    stages.approved(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.update(decided_by=cast["officer"])


def test_an_amount_above_the_request_is_refused(cast):
    application = stages.assessed(cast)
    with pytest.raises(Refused) as refusal:
        propose(cast, application, amount_pence=application.grant_requested_pence + 1)
    assert refusal.value.code == "amount_above_request"
    assert not Decision.objects.exists()
    assert fresh(application).state == "deciding"


def test_an_amount_above_what_is_left_is_refused_and_says_what_is_left(cast):
    application = stages.assessed(cast)
    Budget.objects.filter(round=application.round).update(amount_pence=application.grant_requested_pence - 1)
    with pytest.raises(Refused) as refusal:
        propose(cast, application)
    assert refusal.value.code == "budget_short"
    assert fresh(application).state == "deciding"
    propose(cast, application, amount_pence=application.grant_requested_pence - 1)


def test_two_proposals_do_not_share_the_same_pounds(cast):
    first = stages.assessed(cast)
    second = stages.assessed(cast, round=first.round)
    Budget.objects.filter(round=first.round).update(amount_pence=first.grant_requested_pence + second.grant_requested_pence - 1)
    propose(cast, first)
    with pytest.raises(Refused):
        propose(cast, second)
    propose(cast, second, "reserve")


def test_a_budget_cut_after_the_proposal_stops_the_approval(cast):
    decision = stages.proposed(cast)
    Budget.objects.update(amount_pence=1)
    with pytest.raises(NotAllowedNow) as refusal:
        decisions.decide(application=decision.application, by=cast["lead"], at=DECIDED)
    assert refusal.value.code == "budget_short"


def test_a_withdrawn_application_asks_nothing_more_of_assessors(cast):
    application = fresh(stages.accepted(cast)[0].application)
    waiting = application.assessments.filter(state__in=Assessment.WAITING)
    number = waiting.count()
    fire(application, "withdraw", by=cast["applicant"], at=DECIDED)
    delivery.drain(at=DECIDED, leave=("notice.mail",))
    assert number
    assert not waiting.exists()
    assert Notice.objects.filter(kind="assessment.withdrawn", body__startswith="It is no longer considered").count() == number
    assert Notice.objects.filter(kind="application.withdrawn", person=cast["officer"]).count() == 1


def test_a_withdrawn_application_frees_its_money(cast):
    decision = stages.proposed(cast)
    assert Decision.objects.planned_pence(decision.application.round) == decision.amount_pence
    fire(decision.application, "withdraw", by=cast["applicant"], at=DECIDED)
    assert Decision.objects.planned_pence(decision.application.round) == 0


def test_a_proposal_does_not_survive_a_change_of_what_it_rests_on(cast, client):
    decision = stages.proposed(cast, marks=(9, 8, 8))
    late = decision.application.assessments.order_by("pk").first()
    reviews.declare_conflict(assessment=late, reason="Noticed late.", by=late.assessor, at=SETTLED)
    assert fresh(decision.application).state == "deciding"
    ended = Decision.objects.get(pk=decision.pk)
    why = "Ada Assessor’s score of 90.0 no longer counts: a conflict of interest. The mean was 83.3 and is 80.0 now."
    assert (ended.end_reason, ended.ended_by.is_system) == (why, True)
    assert why in Notice.objects.get(kind="decision.voided", person=cast["lead"]).body
    client.force_login(cast["officer"])
    page = client.get(f"/manage/assessment/{decision.application.round.reference}/{decision.application.reference}/").text
    assert "proposed by Olive Officer, ended on" in page.partition("No longer stands")[2]


def test_an_approval_is_void_when_a_score_changes_before_the_company_is_told(cast):
    application = stages.approved(cast)
    late = application.assessments.order_by("pk").first()
    reviews.declare_conflict(assessment=late, reason="Noticed late.", by=late.assessor, at=NOTIFIED)
    voided = fresh(application)
    assert (voided.state, voided.decided_by, voided.decided_amount_pence) == ("deciding", None, None)
    with pytest.raises(NotAllowedNow) as refusal:
        propose(cast, voided)
    assert refusal.value.code == "too_few_count"


@pytest.mark.parametrize("outcome", ["approve", "reserve", "decline"])
def test_an_untold_decision_is_taken_back_and_its_score_corrected(cast, client, outcome):
    application = stages.decided(cast, outcome=outcome, marks=(9, 8, 8))
    client.force_login(cast["lead"])
    page = f"/manage/assessment/{application.round.reference}/{application.reference}/"
    assert "Take the decision back" in client.get(page).text
    client.post(f"{page}decision/send-back/", {"note": "Ada read another project's figures."})
    taken = fresh(application)
    assert (taken.state, taken.decided_by, taken.decided_amount_pence) == ("deciding", None, None)
    moderation.send_back(application=taken, reason="Ada looks again.", by=cast["officer"], at=NOTIFIED)
    review = taken.assessments.order_by("pk").first()
    returned = reviews.return_to_assessor(assessment=review, reason="Which project is this?", by=cast["officer"], at=NOTIFIED)
    reviews.submit(assessment=returned, content=stages.content(returned, marks=6, suitable=False), by=returned.assessor, at=NOTIFIED)
    shown = client.get(page).text.partition("No longer stands")[2]
    assert "decided by Leo Lead" in shown
    assert "Ada read another project&#x27;s figures." in shown
    assert "Ada Assessor’s score was 90.0 and is 60.0 now." in shown
    assert "Ada Assessor’s answer to “suitable for funding” was yes and is no now. The mean was 83.3 and is 73.3 now." in shown


def test_what_the_company_was_told_is_not_taken_back(cast, client):
    application = stages.notified(cast)
    with pytest.raises(NotAllowedNow) as refusal:
        decisions.send_back(application=application, reason="Second thoughts.", by=cast["lead"], at=NOTIFIED)
    assert refusal.value.code == "already_notified"
    client.force_login(cast["lead"])
    page = client.get(f"/manage/assessment/{application.round.reference}/{application.reference}/").text
    assert "Take the decision back" not in page


def test_a_decision_that_was_told_is_not_undone_by_the_machine(cast):
    application = stages.notified(cast)
    late = application.assessments.order_by("pk").first()
    reviews.declare_conflict(assessment=late, reason="Noticed late.", by=late.assessor, at=NOTIFIED)
    assert fresh(application).state == "approved"


@pytest.mark.parametrize("act", ["propose", "approve", "notify"])
def test_a_conflicted_officer_neither_proposes_nor_decides_nor_tells(cast, act):
    """Past the actions too: the steps themselves ask."""
    application = {"propose": stages.assessed, "approve": stages.proposed, "notify": stages.approved}[act](cast)
    application = fresh(getattr(application, "application", application))
    who = cast["second-lead"]
    Conflict.objects.create(
        person=who, application=application, kind="declared", ground="declared", status="confirmed", recorded_at=SETTLED, recorded_by=who
    )
    about = {"outcome": "approve", "amount_pence": 1_000_00, "reason": "Good."} if act == "propose" else {}
    with pytest.raises(Denied) as refusal:
        fire(application, act, by=who, at=NOTIFIED, **about)
    assert refusal.value.code == "conflict"


def test_who_may_have_a_conflict_waits_until_somebody_else_has_judged_it(cast):
    """As an officer who typed answers for the company on the telephone."""
    application = stages.assessed(cast)
    AssistedAnswer.objects.create(application=application, question="need", value="Said so.", typed_at=SETTLED, typed_by=cast["officer"])
    [found] = conflicts.record_found(applications=[application], people=[cast["officer"]], by=cast["lead"], at=SETTLED)
    assert (found.ground, found.status) == ("advised", "suggested")
    assert found.detail == "Advised the company: typed answers for it in an application."
    assert ("What the records show", "Typed answers for it in an application.") in staff.conflict_facts(found), "its ground stands above"
    with pytest.raises(NotAllowedNow) as refusal:
        propose(cast, application)
    assert refusal.value.code == "conflict_to_judge"
    conflicts.judge(conflict=found, confirm=False, reason="She wrote down what she heard.", by=cast["lead"], at=SETTLED)
    assert propose(cast, application).proposed_by == cast["officer"]


def test_a_conflict_of_whoever_proposed_voids_the_proposal_and_says_so(cast):
    decision = stages.proposed(cast)
    Conflict.objects.create(
        person=cast["officer"], application=decision.application, kind="found", ground="email_domain", status="suggested",
        recorded_at=SETTLED, recorded_by=cast["lead"],
    )  # fmt: skip
    conflicts.judge(conflict=Conflict.objects.get(), confirm=True, reason="Her cousin's firm.", by=cast["lead"], at=DECIDED)
    assert fresh(decision.application).state == "deciding"
    assert Decision.objects.get().end_reason == "A conflict of interest of Olive Officer, who proposed it, is confirmed."


def test_on_hold_waits_and_goes_on(cast, client):
    held = stages.decided(cast, outcome="hold")
    client.force_login(cast["lead"])
    assert "On hold (DIAGCOMM-1)" in client.get("/home/").text
    section = client.get("/manage/assessment/DIAGCOMM-1/decisions/").text.partition('id="held"')[2]
    assert held.reference in section
    assert "Strong on need and adoption." in section
    assert (held.state, held.public_state, held.decided_amount_pence) == ("on_hold", "Being assessed", 0)
    again = decisions.take_from_reserve(application=held, reason="The ethics approval came.", by=cast["officer"], at=NOTIFIED)
    assert again.state == "deciding"


def test_money_in_the_books_is_not_counted_as_planned_too(cast):
    application = stages.approved(cast)
    before = decisions.left_pence(application.round)
    assert Budget.objects.get(round=application.round).amount_pence - before == application.decided_amount_pence
    Decision.objects.hand_over(application)
    assert decisions.left_pence(application.round) == before + application.decided_amount_pence


def test_a_proposal_sent_back_ends_with_its_reason_and_another_may_follow(cast):
    decision = stages.proposed(cast)
    decisions.send_back(application=decision.application, reason="Say more about the costs.", by=cast["lead"], at=DECIDED)
    ended = Decision.objects.get(pk=decision.pk)
    assert (ended.end_reason, ended.ended_by) == ("Say more about the costs.", cast["lead"])
    assert Decision.objects.planned_pence(decision.application.round) == 0
    again = propose(cast, fresh(decision.application), "reserve")
    assert decisions.standing_of(decision.application) == again


def test_leaving_the_rank_order_is_seen_from_both_sides(cast):
    best = stages.assessed(cast, marks=(9, 9, 9))
    second = stages.assessed(cast, marks=(8, 8, 8), round=best.round)
    assert propose(cast, second).leaves_order is False
    assert propose(cast, best, "reserve").leaves_order is True


def test_approving_below_the_threshold_leaves_the_order(cast):
    assert propose(cast, stages.assessed(cast, marks=(6, 6, 6))).leaves_order is True


def test_no_reason_no_proposal(cast):
    with pytest.raises(Refused):
        propose(cast, stages.assessed(cast), reason=" ")


def test_the_round_is_proposed_by_the_budget_line(cast, officer, lead):
    low = stages.with_panel(cast, marks=(5, 5, 5))
    best = stages.with_panel(cast, marks=(9, 9, 9), round=low.round)
    good = stages.with_panel(cast, marks=(8, 8, 8), round=low.round)
    Budget.objects.filter(round=low.round).update(amount_pence=best.grant_requested_pence + 1)
    stages.met(cast, best, good, low)
    assert all(refusal is None for _, refusal in decisions.propose_round(round=low.round, by=officer, at=SETTLED))
    outcomes = dict(Decision.objects.values_list("application_id", "outcome"))
    assert outcomes == {best.pk: "approve", good.pk: "reserve", low.pk: "decline"}
    assert not Decision.objects.filter(leaves_order=True).exists()
    assert all(refusal is None for _, refusal in decisions.decide_round(round=low.round, by=lead, at=DECIDED))
    assert all(refusal is None for _, refusal in decisions.notify_round(round=low.round, by=officer, at=NOTIFIED))
    assert list(decisions.notify_round(round=low.round, by=officer, at=NOTIFIED)) == []
    assert [fresh(one).state for one in (best, good, low)] == ["approved", "reserve", "declined"]


def test_telling_the_company_is_what_payments_hears(cast):
    notified = stages.notified(cast)
    assert notified.notified_by == cast["officer"]
    assert Notice.objects.filter(kind="decision.notified", person=cast["applicant"]).count() == 1
    if "decision.notified" in HANDLERS:
        assert OutboxMessage.objects.filter(kind="decision.notified", payload__id=notified.pk).count() == 1
    with pytest.raises(NotAllowedNow):
        decisions.notify(application=notified, by=cast["officer"], at=NOTIFIED)


def test_letters_are_read_first_and_a_test_goes_to_the_sender_alone(cast, client):
    application = stages.approved(cast)
    client.force_login(cast["officer"])
    path = f"/manage/assessment/{application.round.reference}/decisions/letters/"
    page = client.get(path).text
    assert page.count(f"{application.reference} was successful") == 1, "to three people, and read once"
    assert all(cast[who].email in page for who in ("applicant", "colleague", "signatory"))
    client.post(path)
    test = Notice.objects.get(kind="decision.test")
    assert (test.person, test.subject) == (cast["officer"], f"[Test] {application.reference} was successful")
    assert not Notice.objects.filter(kind="decision.notified").exists()
    assert fresh(application).notified_at is None
    client.force_login(cast["chair"])
    assert client.get(path).status_code == 403


def test_the_ranking_breaks_ties_as_the_programme_said_and_shares_the_rest(cast):
    """`tie_break: [need, adoption]`: two of mean 80, one with more for need."""
    plain = stages.assessed(cast, marks=(8, 8, 8))
    needy = stages.assessed(cast, marks=({"need": 9, "innovation": 7},) * 3, round=plain.round)
    same = stages.assessed(cast, marks=(8, 8, 8), round=plain.round)
    placed = [(one.application.pk, one.rank, one.is_tied) for one in standings.of_round(plain.round)]
    assert placed == [(needy.pk, 1, False), (plain.pk, 2, True), (same.pk, 2, True)]
