"""A claim: written by the company, checked line by line, recommended by one person and approved by another."""

from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from payments.actions.tracing import trace
from payments.models import Award, Claim, ClaimLine, ClaimQuery, Milestone
from payments.policies.claims import OPEN, check_advance_can_be_claimed, check_advance_is_in_bounds, check_can_be_claimed
from payments.terms import advance_at_most
from workflow.engine import fire, lock
from workflow.models import Case


def start(*, milestone: Milestone, by: Person, at: datetime) -> Claim:
    """Begin a claim for a milestone. The one that is open already is answered where there is one in draft."""
    require(by, Permission.CLAIM_EDIT, on=milestone)
    with transaction.atomic():
        Case.objects.hold(milestone.case_id)
        fresh = Milestone.objects.select_related("award__application__version", "award__company", "case").get(pk=milestone.pk)
        earlier = fresh.claims.filter(state__in=OPEN).first()
        if earlier is not None and earlier.state == "draft":
            return earlier
        check_can_be_claimed(fresh, at=at)
        claim = Claim.objects.create(
            case=fresh.case,
            award=fresh.award,
            kind=Claim.Kind.OUTCOME if fresh.award.terms.pays_outcomes else Claim.Kind.COSTS,
            milestone=fresh,
            number=fresh.award.claims.count() + 1,
            created_at=at,
            created_by=by,
        )
        trace(claim, "claim.started", by=by, at=at, after={"milestone": fresh.number, "number": claim.number})
    return claim


def start_advance(*, award: Award, by: Person, at: datetime) -> Claim:
    """Begin to ask for part of the grant before any work is shown. The draft that is open already is answered."""
    require(by, Permission.CLAIM_EDIT, on=award)
    with transaction.atomic():
        Case.objects.hold(award.case_id)
        fresh = Award.objects.select_related("application__version", "company", "case").get(pk=award.pk)
        earlier = fresh.claims.filter(kind=Claim.Kind.ADVANCE, state="draft").first()
        if earlier is not None:
            return earlier
        check_advance_can_be_claimed(fresh, at=at)
        claim = Claim.objects.create(
            case=fresh.case,
            award=fresh,
            kind=Claim.Kind.ADVANCE,
            number=fresh.claims.count() + 1,
            asked_pence=advance_at_most(fresh),
            created_at=at,
            created_by=by,
        )
        trace(claim, "claim.started", by=by, at=at, after={"number": claim.number, "asked_pence": claim.asked_pence})
    return claim


def ask_for(*, claim: Claim, asked_pence: int, narrative: str, by: Person, at: datetime) -> Claim:
    """Say how much is needed in advance, and what for. Raises Refused where it is more than the programme pays in advance."""
    require(by, Permission.CLAIM_EDIT, on=claim)
    with transaction.atomic():
        fresh = draft_of(claim)
        if not fresh.is_advance:
            raise NotAllowedNow("Only an advance is asked for in one sum.", code="not_an_advance")
        fresh.asked_pence, fresh.narrative = asked_pence, narrative.strip()[:5000]
        check_advance_is_in_bounds(fresh, at=at)
        fresh.save(update_fields=["asked_pence", "narrative"])
        trace(fresh, "claim.advance_asked", by=by, at=at, after={"asked_pence": asked_pence}, personal={"narrative": fresh.narrative})
    return fresh


def describe(*, claim: Claim, narrative: str, by: Person, at: datetime) -> Claim:
    """Say what was done for the milestone."""
    require(by, Permission.CLAIM_EDIT, on=claim)
    narrative = narrative.strip()
    if len(narrative) > 5000:
        raise Refused("Keep this to 5,000 characters.", code="narrative_too_long", field="narrative")
    with transaction.atomic():
        fresh = draft_of(claim)
        fresh.narrative = narrative
        fresh.save(update_fields=["narrative"])
        trace(fresh, "claim.described", by=by, at=at, personal={"narrative": narrative})
    return fresh


def draft_of(claim: Claim, *states: str) -> Claim:
    """The claim read afresh under its case's lock, while the company may change it. Raises NotAllowedNow."""
    fresh = lock(claim)
    if fresh.state not in (states or ("draft",)):
        raise NotAllowedNow(f"This claim is {fresh.state_now.public.lower()}, so it cannot be changed.", code="claim_not_draft")
    return fresh


def submit(*, claim: Claim, declaration: bool, by: Person, at: datetime) -> Claim:
    """Send the claim in; its milestone counts as claimed."""
    with transaction.atomic():
        sent = fire(claim, "submit", by=by, at=at, declaration=declaration)
        if sent.milestone is not None:
            fire(sent.milestone, "claim", by=Person.objects.system(), at=at)
    return sent


def withdraw(*, claim: Claim, by: Person, at: datetime) -> Claim:
    """Take the claim back."""
    with transaction.atomic():
        return _unclaimed(fire(claim, "withdraw", by=by, at=at), at=at)


def reopen(*, claim: Claim, by: Person, at: datetime) -> Claim:
    """Correct a claim that was returned."""
    return fire(claim, "reopen", by=by, at=at)


def start_checking(*, claim: Claim, by: Person, at: datetime) -> Claim:
    """Take a claim up to check it. Whoever does cannot approve it."""
    return fire(claim, "start_checking", by=by, at=at)


def decide_line(
    *, line: ClaimLine, outcome: str, by: Person, at: datetime, accepted_pence: int | None = None, reason: str = ""
) -> ClaimLine:
    """Accept a line, accept part of it, or not, with a reason for whatever is not accepted."""
    require(by, Permission.CLAIM_CHECK, on=line.claim)
    with transaction.atomic():
        claim = draft_of(line.claim, "checking", "queried")
        if not claim.was_checked_by(by):
            raise NotAllowedNow("Start checking this claim first.", code="not_checking")
        fresh = ClaimLine.objects.get(pk=line.pk)
        amount = _accepted(fresh, outcome, accepted_pence)
        if amount < fresh.eligible_pence and not reason.strip():
            raise Refused("Give a reason that the company can read.", code="reason_missing", field="reason")
        before = {"outcome": fresh.outcome, "accepted_pence": fresh.accepted_pence}
        fresh.outcome, fresh.accepted_pence, fresh.reason = outcome, amount, reason.strip()
        fresh.decided_at, fresh.decided_by = at, by
        fresh.save(update_fields=["outcome", "accepted_pence", "reason", "decided_at", "decided_by"])
        trace(
            claim,
            "claim.line_decided",
            by=by,
            at=at,
            subject=f"payments.claimline:{fresh.pk}",
            before=before,
            after={"outcome": outcome, "accepted_pence": amount},
            personal={"reason": reason} if reason else {},
        )
    return fresh


def _accepted(line: ClaimLine, outcome: str, accepted_pence: int | None) -> int:
    """What of the line counts. Raises Refused."""
    if outcome == ClaimLine.Outcome.ACCEPTED:
        return line.eligible_pence
    if outcome == ClaimLine.Outcome.REJECTED:
        return 0
    if outcome != ClaimLine.Outcome.PART:
        raise Refused("Choose what to do with this line.", code="outcome_missing", field="outcome")
    if accepted_pence is None or not 0 < accepted_pence < line.eligible_pence:
        raise Refused(
            "Enter the part that you accept: more than nothing, less than was claimed.", code="part_wrong", field="accepted_pence"
        )
    return accepted_pence


def ask(*, claim: Claim, question: str, by: Person, at: datetime, line: ClaimLine | None = None) -> ClaimQuery:
    """Write a question about the claim or one of its lines; `query` sends what was written."""
    require(by, Permission.CLAIM_CHECK, on=claim)
    if not question.strip():
        raise Refused("Write the question.", code="question_missing", field="question")
    with transaction.atomic():
        fresh = draft_of(claim, "checking")
        if line is not None and line.claim_id != fresh.pk:
            raise Refused("That line is not on this claim.", code="line_unknown", field="line")
        asked = ClaimQuery.objects.create(claim=fresh, line=line, question=question.strip(), asked_at=at, asked_by=by)
        trace(fresh, "claim.question_written", by=by, at=at, subject=f"payments.claimquery:{asked.pk}", personal={"question": question})
    return asked


def query(*, claim: Claim, by: Person, at: datetime) -> Claim:
    """Send the questions that were written; the company's answer brings the claim back."""
    return fire(claim, "query", by=by, at=at)


def answer(*, claim: Claim, answers: dict[int, str], by: Person, at: datetime) -> Claim:
    """Answer every open question (`answers` by the question's id) and send the claim back to whoever checks it."""
    require(by, Permission.CLAIM_EDIT, on=claim)
    with transaction.atomic():
        fresh = draft_of(claim, "queried")
        for asked in fresh.queries.filter(answered_at=None).order_by("pk"):
            text = answers.get(asked.pk, "").strip()
            if not text:
                raise Refused("Answer every question.", code="answer_missing", field=f"answer_{asked.pk}")
            asked.answer, asked.answered_at, asked.answered_by = text, at, by
            asked.save(update_fields=["answer", "answered_at", "answered_by"])
            trace(fresh, "claim.question_answered", by=by, at=at, subject=f"payments.claimquery:{asked.pk}", personal={"answer": text})
        return fire(fresh, "answer", by=by, at=at)


def recommend(*, claim: Claim, milestone_outcome: str = "", by: Person, at: datetime, note: str = "") -> Claim:
    """Say that the claim can be paid as decided line by line, and how far the milestone was met."""
    return fire(claim, "recommend", by=by, at=at, note=note, milestone_outcome=milestone_outcome)


def approve(*, claim: Claim, by: Person, at: datetime, note: str = "") -> Claim:
    """Approve what was recommended, worked out again; the payment falls due and the milestone is judged."""
    with transaction.atomic():
        approved = fire(claim, "approve", by=by, at=at, note=note)
        if approved.milestone is not None:
            fire(approved.milestone, "judge", by=Person.objects.system(), at=at, outcome=approved.milestone_outcome)
        if not approved.approved_pence:
            approved = fire(approved, "pay", by=Person.objects.system(), at=at)
    return approved


def send_back(*, claim: Claim, note: str, by: Person, at: datetime) -> Claim:
    """Ask whoever checked it to look again."""
    return fire(claim, "send_back", by=by, at=at, note=note)


def return_to_company(*, claim: Claim, note: str, by: Person, at: datetime) -> Claim:
    """Give the claim back to be corrected; its lines are to be decided again."""
    with transaction.atomic():
        returned = fire(claim, "return_to_company", by=by, at=at, note=note)
        returned.lines.update(outcome="", accepted_pence=0, reason="", decided_at=None, decided_by=None)
        return _unclaimed(returned, at=at)


def reject(*, claim: Claim, note: str, by: Person, at: datetime) -> Claim:
    """Decide that nothing is paid on this claim."""
    with transaction.atomic():
        return _unclaimed(fire(claim, "reject", by=by, at=at, note=note), at=at)


def _unclaimed(claim: Claim, *, at: datetime) -> Claim:
    if claim.milestone_id is None:
        return claim
    milestone = Milestone.objects.select_related("case", "award__programme", "award__company").get(pk=claim.milestone_id)
    if milestone.state == "claimed":
        fire(milestone, "unclaim", by=Person.objects.system(), at=at)
    return claim
