"""The races that money and decisions could lose, in pairs: with the lock exactly one wins; without it the race is seen to happen."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from accounts.refusals import Refusal
from applications.actions import applications
from applications.models import Application
from grants.models import Budget
from payments.actions import awards, claims, recoveries, runs
from payments.books import check_books
from payments.due import advance_left, asked_back
from payments.models import Award, Claim, Milestone, Payment, PaymentRun, Recovery
from records.actions import erasures, holds
from tests.concurrency.together import in_threads, meet_after
from tests.integration.payments.test_advances_and_outcomes import advanced, document, paid
from tests.stages import applications as apply_stages
from tests.stages import assessments as assess_stages
from tests.stages import grants as grant_stages
from tests.stages import payments as pay_stages
from workflow.models import StepTaken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def won(outcomes: list) -> list:
    return [outcome for outcome in outcomes if not isinstance(outcome, Exception)]


def assert_lost_properly(outcomes: list) -> None:
    """Whoever lost was told so in a sentence; nothing else went wrong."""
    lost = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(error, Refusal) for error in lost), lost


def the_database_had_to_step_in(outcomes: list) -> bool:
    return any(isinstance(outcome, IntegrityError) for outcome in outcomes)


def test_two_submissions_of_one_application(cast, locked, monkeypatch):
    draft = apply_stages.draft(cast)
    applications.sign(application=draft, name="Sigrid Signatory", position="Director", by=cast["signatory"], at=grant_stages.WHILE_OPEN)
    meet_after(monkeypatch, "workflow.engine._check")

    def send():
        return applications.submit(application=draft, by=cast["signatory"], at=grant_stages.WHILE_OPEN)

    outcomes = in_threads(send, send)
    submissions = StepTaken.objects.filter(record_type="applications.application", record_id=draft.pk, step="submit").count()
    if locked:
        assert (len(won(outcomes)), submissions) == (1, 1)
        assert_lost_properly(outcomes)
    else:
        assert submissions == 2 or the_database_had_to_step_in(outcomes)


def test_two_approvals_of_one_claim(cast, locked, monkeypatch):
    claim = pay_stages.claim_recommended(cast)
    meet_after(monkeypatch, "workflow.engine._check")
    people = (cast["lead"], cast["second-finance"])
    outcomes = in_threads(*(lambda person=person: claims.approve(claim=claim, by=person, at=pay_stages.APPROVED) for person in people))
    approvals = StepTaken.objects.filter(record_type="payments.claim", record_id=claim.pk, step="approve").count()
    if locked:
        assert (len(won(outcomes)), approvals) == (1, 1)
        assert_lost_properly(outcomes)
        assert Payment.objects.filter(claim=claim).count() == 1
        assert check_books() == []
    else:
        assert approvals == 2 or the_database_had_to_step_in(outcomes)


def test_two_claims_that_together_exceed_one_award(cast, locked, monkeypatch):
    award = pay_stages.live(cast)
    Milestone.objects.filter(award=award).update(cap_pence=award.amount_pence)
    share = pay_stages.earning(award, award.amount_pence * 7 // 10)
    first, second = (
        pay_stages.claim_recommended(cast, award=award, milestone=number, costs=(share,), at=pay_stages.CLAIMED + timedelta(days=number))
        for number in (1, 2)
    )
    meet_after(monkeypatch, "workflow.engine._check")
    at = pay_stages.APPROVED + timedelta(days=3)
    outcomes = in_threads(*(lambda claim=claim: claims.approve(claim=claim, by=cast["lead"], at=at) for claim in (first, second)))
    approved = sum(Claim.objects.filter(award=award, state=Claim.State.APPROVED).values_list("approved_pence", flat=True))
    if locked:
        assert_lost_properly(outcomes)
        assert won(outcomes)
        assert approved <= award.amount_pence
        assert Award.objects.get(pk=award.pk).approved_pence == approved
        assert check_books() == []
    else:
        assert approved > award.amount_pence or the_database_had_to_step_in(outcomes)


def test_two_requests_for_one_advance(cast, locked, monkeypatch):
    award = pay_stages.live(cast, round=grant_stages.open_round(cast, programme=grant_stages.published(cast, text=document())))
    advanced(cast, award)
    paid(cast, award)
    meet_after(monkeypatch, "payments.actions.recoveries.check_can_be_asked")
    about = {"amount_pence": advance_left(award), "reason": "It stopped.", "due_on": pay_stages.SETTLED.date() + timedelta(days=30)}
    people = (cast["officer"], cast["lead"])
    ask = (lambda person=person: recoveries.ask(award=award, **about, by=person, at=pay_stages.SETTLED) for person in people)
    outcomes = in_threads(*ask)
    if locked:
        assert (len(won(outcomes)), Recovery.objects.count()) == (1, 1)
        assert_lost_properly(outcomes)
        assert advance_left(award) == asked_back(award)
    else:
        assert Recovery.objects.count() == 2 or the_database_had_to_step_in(outcomes)


def test_two_runs_picking_one_payment(cast, locked, monkeypatch):
    payment = pay_stages.payment_due(cast)
    meet_after(monkeypatch, "payments.actions.runs._payable")
    people = (cast["finance"], cast["officer"])
    programme = payment.award.programme
    outcomes = in_threads(*(lambda person=person: runs.build(programme=programme, by=person, at=pay_stages.PAID) for person in people))
    picks = StepTaken.objects.filter(record_type="payments.payment", record_id=payment.pk, step="pick").count()
    if locked:
        assert (len(won(outcomes)), picks) == (1, 1)
        assert PaymentRun.objects.count() == 1
    else:
        assert picks == 2 or len(won(outcomes)) == 2 or the_database_had_to_step_in(outcomes)


def test_two_commitments_exhausting_one_budget(cast, locked, monkeypatch):
    first = pay_stages.cleared(cast)
    rival = apply_stages.company(cast)
    application = assess_stages.notified(cast, round=first.application.round, company=rival)
    second = pay_stages.cleared(cast, application=application)
    Budget.objects.filter(pk=first.budget_id).update(amount_pence=max(first.amount_pence, second.amount_pence) + 100)
    meet_after(monkeypatch, "payments.ledger._check")
    outcomes = in_threads(
        *(lambda award=award: awards.offer(award=award, by=cast["officer"], at=pay_stages.OFFERED) for award in (first, second))
    )
    budget = Budget.objects.get(pk=first.budget_id)
    offered = Award.objects.filter(state=Award.State.OFFERED).count()
    if locked:
        assert (len(won(outcomes)), offered) == (1, 1)
        assert_lost_properly(outcomes)
        assert budget.committed_pence <= budget.amount_pence
    else:
        assert offered == 2 or the_database_had_to_step_in(outcomes)


def test_eight_people_submit_one_application_at_once(cast):
    draft = apply_stages.draft(cast)
    applications.sign(application=draft, name="Sigrid Signatory", position="Director", by=cast["signatory"], at=grant_stages.WHILE_OPEN)

    def send():
        return applications.submit(application=draft, by=cast["signatory"], at=grant_stages.WHILE_OPEN, key="one-click")

    outcomes = in_threads(*[send] * 8)
    assert len(won(outcomes)) == 8, "the same key answers the same"
    assert len({outcome.receipt_sha256 for outcome in outcomes}) == 1
    assert StepTaken.objects.filter(record_id=draft.pk, step="submit").count() == 1
    assert Application.objects.get(pk=draft.pk).submitted_at == grant_stages.WHILE_OPEN


def test_one_application_is_reopened_while_another_is_begun(cast, locked, monkeypatch):
    at = grant_stages.WHILE_OPEN
    first = applications.withdraw(application=apply_stages.draft(cast), by=cast["applicant"], at=at)
    meet_after(monkeypatch, "applications.policies.refuse_beside")
    outcomes = in_threads(
        lambda: applications.reopen(application=first, by=cast["applicant"], at=at),
        lambda: applications.start(round=first.round, company=first.company, by=cast["applicant"], at=at),
    )
    assert len(won(outcomes)) == (1 if locked else 2), outcomes
    assert_lost_properly(outcomes)
    assert Application.objects.filter(round=first.round).going().count() == (1 if locked else 2)


def test_a_hold_while_the_same_records_are_being_erased(cast, locked, monkeypatch):
    application = apply_stages.ineligible(cast)
    at = grant_stages.WHILE_OPEN + timedelta(days=1)
    asked = erasures.ask(application=application, reason="Please.", by=cast["applicant"], at=at)
    meet_after(monkeypatch, "records.keeping.of")
    outcomes = in_threads(
        lambda: erasures.answer(erasure=asked, step="erase", by=cast["lead"], at=at),
        lambda: holds.place(application=application, reason="An inquiry.", by=cast["officer"], at=at),
    )
    if locked:
        assert len(won(outcomes)) == 1
        assert_lost_properly(outcomes)
    else:
        assert len(won(outcomes)) == 2  # erased, and held as if it were still there


def test_two_applications_for_the_last_place_of_a_round(cast, locked, monkeypatch):
    opened = grant_stages.open_round(cast, most_applications=1)
    drafts = [apply_stages.draft(cast, round=opened) for _ in range(2)]
    about = {"name": "Sigrid Signatory", "position": "Director", "by": cast["signatory"], "at": grant_stages.WHILE_OPEN}
    for draft in drafts:
        applications.sign(application=draft, **about)
    meet_after(monkeypatch, "applications.policies.check_has_a_place")

    def send(draft):
        return lambda: applications.submit(application=draft, by=cast["signatory"], at=grant_stages.WHILE_OPEN)

    outcomes = in_threads(*(send(draft) for draft in drafts))
    if locked:
        assert len(won(outcomes)) == opened.sent_in() == 1
        assert_lost_properly(outcomes)
    else:
        assert opened.sent_in() == 2
