"""An advance, and milestones paid for their outcome: asked for, checked, approved by another, set off, never more than the award."""

from datetime import timedelta
from functools import partial

import pytest
import yaml
from django.db import IntegrityError, transaction

from accounts.refusals import Denied, NotAllowedNow, Refused
from payments import due, papers
from payments.actions import awards, claims, evidence, lines, runs
from payments.actions import payments as single
from payments.books import check_books
from payments.models import Award, Claim, Payment
from payments.presenters import company
from payments.presenters.claims import claim_page
from tests.stages import grants
from tests.stages import payments as stage


def document(**delivery) -> str:
    """DIAGCOMM with a quarter of the grant in advance and fixed sums for outcomes, nothing held back."""
    values = yaml.safe_load(grants.document())
    values["delivery"] |= {"payment": "advance", "advance_percent": 25, "milestone_basis": "outcomes", "retention_percent": 0} | delivery
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True)


@pytest.fixture
def terms(cast):
    """`terms(milestone_basis="costs")`: a round of that document."""
    return lambda **delivery: grants.open_round(cast, programme=grants.published(cast, text=document(**delivery)))


@pytest.fixture
def award(cast, terms):
    return stage.live(cast, round=terms())


def asked(cast, award, pence=None, at=stage.LIVE):
    claim = claims.start_advance(award=award, by=cast["applicant"], at=at)
    pence = claim.asked_pence if pence is None else pence
    return claims.ask_for(claim=claim, asked_pence=pence, narrative="The devices are paid for first.", by=cast["applicant"], at=at)


def checked(cast, claim, outcome="met", at=stage.LIVE):
    sent = claims.submit(claim=claim, declaration=True, by=cast["applicant"], at=at)
    checking = claims.start_checking(claim=sent, by=cast["officer"], at=at)
    return claims.recommend(claim=checking, milestone_outcome=outcome, by=cast["officer"], at=at)


def advanced(cast, award, pence=None, at=stage.LIVE):
    return claims.approve(claim=checked(cast, asked(cast, award, pence, at), at=at), by=cast["lead"], at=at)


def shown(cast, award, number, at=stage.CLAIMED):
    """A claim for a milestone's outcome with its evidence, not sent."""
    claim = claims.start(milestone=award.milestones.get(number=number), by=cast["applicant"], at=at)
    evidence.attach(claim=claim, upload=stage.upload(f"outcome {number}"), by=cast["applicant"], at=at)
    return claims.describe(claim=claim, narrative="Thirty users are at work with it.", by=cast["applicant"], at=at)


def paid(cast, award, at=stage.PAID):
    """Whatever is due goes through a run and settles."""
    run = runs.build(programme=award.programme, by=cast["finance"], at=at)
    runs.approve(run=run, by=cast["second-finance"], at=at)
    return stage.settled(cast, run=runs.release(run=run, by=cast["independent-approver"], at=at))


def test_advance_and_outcomes_come_to_the_award_and_not_a_penny_more(cast, award):
    caps = list(award.milestones.order_by("number").values_list("cap_pence", flat=True))
    quarter = award.amount_pence // 4
    first = advanced(cast, award)
    assert (first.kind, first.claimed_pence, first.approved_pence, first.milestone) == ("advance", quarter, quarter, None)
    assert first.payments.get().kind == "advance"
    paid(cast, award)
    owed = []
    for number in (1, 2, 3):
        done = claims.approve(claim=checked(cast, shown(cast, award, number), at=stage.CLAIMED), by=cast["lead"], at=stage.APPROVED)
        owed.append((done.approved_pence, done.offset_pence))
        paid(cast, award, at=stage.PAID + timedelta(days=number))
    assert owed == [(caps[0] - quarter, quarter), (caps[1], 0), (caps[2], 0)]
    after = Award.objects.get(pk=award.pk)
    assert after.paid_pence == after.approved_pence == after.amount_pence
    assert check_books() == []
    assert awards.complete(award=after, by=cast["officer"], at=stage.SETTLED).state == "completed"


def test_a_milestone_that_was_wholly_paid_in_advance_owes_nothing_and_is_done(cast, terms):
    award = stage.live(cast, round=terms(advance_percent=35))
    cap = award.milestones.get(number=1).cap_pence
    advanced(cast, award)
    done = claims.approve(claim=checked(cast, shown(cast, award, 1), at=stage.CLAIMED), by=cast["lead"], at=stage.APPROVED)
    assert (done.state, done.approved_pence, done.offset_pence, done.payments.count()) == ("paid", 0, cap, 0)
    assert Claim.objects.get(pk=done.pk).milestone.state == "met"
    assert due.advance_left(award) == award.amount_pence * 35 // 100 - cap
    paid(cast, award)
    assert check_books() == []
    with pytest.raises(NotAllowedNow, match="of the advance is not covered by accepted milestones yet"):
        awards.complete(award=award, by=cast["officer"], at=stage.SETTLED)


def test_costs_are_set_off_too_and_what_is_held_back_stays_held(cast, terms):
    award = stage.live(cast, round=terms(milestone_basis="costs", retention_percent=10))
    quarter, held = award.amount_pence // 4, award.amount_pence // 10
    advanced(cast, award)
    for number in (1, 2, 3):
        claims.approve(claim=stage.claim_recommended(cast, award=award, milestone=number), by=cast["lead"], at=stage.APPROVED)
    after = Award.objects.get(pk=award.pk)
    assert after.approved_pence == award.amount_pence - held
    assert due.retained_so_far(after) == held
    assert sum(award.claims.values_list("offset_pence", flat=True)) == quarter
    assert sum(award.payments.values_list("amount_pence", flat=True)) == award.amount_pence - held
    assert check_books() == []


def test_an_advance_has_its_own_guards(cast, terms):
    accepted = stage.accepted(cast, round=terms())
    start = partial(claims.start_advance, by=cast["applicant"], at=stage.ACCEPTED)
    with pytest.raises(NotAllowedNow, match="bank account is not verified yet"):
        start(award=accepted)
    stage.bank_verified(cast, accepted)
    claim = start(award=accepted)
    assert start(award=accepted) == claim, "the draft that is there"
    most = accepted.amount_pence // 4
    for wrong in (most + 1, 0):
        with pytest.raises(Refused, match="An advance is at most 25 % of the grant, which is £"):
            claims.ask_for(claim=claim, asked_pence=wrong, narrative="Because.", by=cast["applicant"], at=stage.ACCEPTED)
    with pytest.raises(Refused, match="Say what you need the advance for"):
        claims.submit(claim=claim, declaration=True, by=cast["applicant"], at=stage.ACCEPTED)
    with pytest.raises(NotAllowedNow, match="An advance lists no costs"):
        lines.add(claim=claim, cost=stage.cost(), by=cast["applicant"], at=stage.CLAIMED)
    recommended = checked(cast, asked(cast, accepted, 1_000_00, at=stage.ACCEPTED), at=stage.ACCEPTED)
    with pytest.raises(NotAllowedNow, match="nothing can be approved"):
        claims.approve(claim=recommended, by=cast["lead"], at=stage.ACCEPTED)
    awards.meet_conditions(award=accepted, note="Seen.", by=cast["officer"], at=stage.LIVE)
    award = awards.go_live(award=accepted, by=cast["officer"], at=stage.LIVE)
    with pytest.raises(Denied):
        claims.approve(claim=recommended, by=cast["officer"], at=stage.LIVE)
    done = claims.approve(claim=recommended, by=cast["lead"], at=stage.LIVE)
    assert done.approved_pence == 1_000_00
    with pytest.raises(NotAllowedNow, match="claimed already"):
        start(award=award)
    with transaction.atomic(), pytest.raises(IntegrityError):
        Claim.objects.create(case=award.case, award=award, kind="advance", number=9, created_at=stage.LIVE, created_by=cast["applicant"])


def test_what_is_not_promised_is_not_paid_in_advance(cast, terms):
    with pytest.raises(NotAllowedNow, match="pays nothing in advance"):
        claims.start_advance(award=stage.accepted(cast), by=cast["applicant"], at=stage.ACCEPTED)


def test_an_advance_comes_before_the_work(cast, award):
    shown(cast, award, 1)
    with pytest.raises(NotAllowedNow, match="an advance is for work to come"):
        claims.start_advance(award=award, by=cast["applicant"], at=stage.CLAIMED)


def test_an_outcome_is_shown_and_is_there_or_not(cast, award):
    claim = claims.start(milestone=award.milestones.get(number=1), by=cast["applicant"], at=stage.CLAIMED)
    with pytest.raises(NotAllowedNow, match="paid for its outcome, so no costs are listed"):
        lines.add(claim=claim, cost=stage.cost(), by=cast["applicant"], at=stage.CLAIMED)
    with pytest.raises(NotAllowedNow, match="Add the evidence that shows the outcome"):
        claims.submit(claim=claim, declaration=True, by=cast["applicant"], at=stage.CLAIMED)
    sent = claims.submit(claim=shown(cast, award, 1), declaration=True, by=cast["applicant"], at=stage.CLAIMED)
    checking = claims.start_checking(claim=sent, by=cast["officer"], at=stage.CLAIMED)
    recommend = partial(claims.recommend, claim=checking, by=cast["officer"], at=stage.CLAIMED)
    with pytest.raises(Refused, match="its sum is not divided"):
        recommend(milestone_outcome="part_met")
    nothing = recommend(milestone_outcome="not_met")
    assert nothing.recommended_pence == 0
    with pytest.raises(NotAllowedNow, match="Nothing is due on this claim: the outcome is not there"):
        claims.approve(claim=nothing, by=cast["lead"], at=stage.APPROVED)
    claims.reject(claim=nothing, note="The count is missing.", by=cast["lead"], at=stage.APPROVED)
    assert claim.milestone.__class__.objects.get(pk=claim.milestone_id).state == "due"


def test_an_approval_is_taken_back_until_milestones_were_set_off(cast, award):
    def given_up(payment: Payment) -> Claim:
        held = single.hold(payment=payment, note="Wait.", by=cast["finance"], at=stage.APPROVED)
        return single.cancel(payment=held, note="A mistake.", by=cast["lead"], at=stage.APPROVED).claim

    first = advanced(cast, award)
    again = Claim.objects.get(pk=given_up(first.payments.get()).pk)
    assert (again.state, again.approved_pence, Award.objects.get(pk=award.pk).approved_pence) == ("checking", 0, 0)
    again = claims.recommend(claim=again, by=cast["officer"], at=stage.APPROVED)
    first = claims.approve(claim=again, by=cast["lead"], at=stage.APPROVED)
    claims.approve(claim=checked(cast, shown(cast, award, 1), at=stage.CLAIMED), by=cast["lead"], at=stage.APPROVED)
    with pytest.raises(NotAllowedNow, match="Milestones were set off against this advance"):
        given_up(first.payments.exclude(state="cancelled").get())
    assert check_books() == []


def test_company_and_staff_read_what_the_offer_says(cast, award):
    offer = papers.offer(award)
    assert "Basis: fixed sums for outcomes" in offer
    assert f"Advance: up to £{award.amount_pence // 400:,}" in offer
    assert "up to £" not in offer.split("Milestone 1: ")[1].split("\n")[0]
    page = company.award_page(award, cast["applicant"], now=stage.LIVE)
    assert (page["advance"]["can_claim"], page["milestones"][0]["cap"][:1]) == (True, "£")
    recommended = checked(cast, shown(cast, award, 1), at=stage.CLAIMED)
    told = claim_page(Claim.objects.get(pk=recommended.pk), cast["officer"], chosen="", now=stage.CLAIMED)
    assert told["asked_of_it"] == recommended.milestone.evidence_asked
    assert [file["name"] for file in told["files"]] == ["invoice.pdf"]
