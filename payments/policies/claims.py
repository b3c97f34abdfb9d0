"""What must be true of a claim before it moves."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.timezone import localdate

from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from design.words import in_words, pounds
from payments import terms
from payments.due import COUNTED
from payments.policies.awards import check_bank_verified

if TYPE_CHECKING:
    from payments.models import Award, Claim, Milestone

OPEN = ("draft", "submitted", "checking", "queried", "recommended", "returned")
"""States of a claim that is still worked on: a milestone has at most one such."""

OUTCOMES = ("met", "part_met", "not_met")
CLAIMABLE = ("planned", "due", "part_met", "not_met")
"""States of a milestone in which its costs may be claimed: one that is done early may be claimed before its date."""
PAYS = ("live", "completed", "closed")
"""States of an award in which what was approved is paid: money that comes back later is still owed."""
ADVANCES = ("accepted", "live")
"""States of an award in which an advance is asked for; it is approved and paid once the award is live."""
NOT_MADE = ("withdrawn", "rejected")


def check_can_be_claimed(milestone: "Milestone", *, at: datetime) -> None:
    """A claim can be started for this milestone: its award is live, its project has begun, and there is something left to claim."""
    award = milestone.award
    if award.state != "live":
        raise NotAllowedNow(f"This award is {award.state_now.label.lower()}, so nothing can be claimed on it.", code="award_not_live")
    if award.starts_on and localdate(at) < award.starts_on:
        raise NotAllowedNow(
            f"Your project starts on {in_words(award.starts_on)}: {'milestones' if award.terms.pays_outcomes else 'costs'} can be claimed "
            "from then on.",
            code="project_not_started",
        )
    for claim in milestone.claims.all():
        if claim.state in OPEN:
            raise NotAllowedNow(f"Claim {claim.number} for this milestone is {claim.state_now.public.lower()}.", code="claim_open")
    if milestone.state not in CLAIMABLE:
        raise NotAllowedNow(f"This milestone is {milestone.state_now.label.lower()}.", code="milestone_not_claimable")
    if milestone.cap_left_pence <= 0:
        raise NotAllowedNow("Everything this milestone can pay has been claimed.", code="milestone_spent")
    if sum(claim.state not in NOT_MADE and not claim.is_advance for claim in award.claims.all()) >= award.terms.claims_at_most:
        raise NotAllowedNow(
            f"This programme takes {award.terms.claims_at_most} claims for an award, and you have made them.", code="claims_at_most"
        )


def check_advance_can_be_claimed(award: "Award", *, at: datetime) -> None:
    """The programme pays in advance, the company asked for it, the offer is accepted, the bank account verified, no work claimed yet."""
    percent = award.terms.advance_percent
    if not percent:
        raise NotAllowedNow("This programme pays nothing in advance.", code="no_advance")
    if terms.advance_at_most(award) <= 0:
        raise NotAllowedNow("You did not ask for an advance in your application.", code="advance_not_asked")
    if award.state not in ADVANCES:
        raise NotAllowedNow(
            f"This award is {award.state_now.label.lower()}: an advance is claimed once the offer is accepted.", code="offer_not_accepted"
        )
    check_bank_verified(award, at=at)
    made = [claim for claim in award.claims.all() if claim.state not in NOT_MADE]
    if any(claim.is_advance for claim in made):
        raise NotAllowedNow("The advance is claimed already.", code="advance_claimed")
    if made:
        raise NotAllowedNow("A milestone is claimed already: an advance is for work to come.", code="advance_too_late")


def check_advance_is_in_bounds(claim: "Claim", *, at: datetime) -> None:
    """An advance is asked for with its reason, up to the programme's share of the award."""
    if not claim.is_advance:
        return
    award, most = claim.award, terms.advance_at_most(claim.award)
    check_bank_verified(award, at=at)
    if not 0 < claim.asked_pence <= most:
        raise Refused(
            f"An advance is at most {award.terms.advance_percent:g} % of the grant, which is {pounds(most)}.",
            code="advance_out_of_bounds",
            field="asked_pence",
        )
    if not claim.narrative.strip():
        raise Refused("Say what you need the advance for.", code="narrative_missing", field="narrative")


def check_advance_not_used(claim: "Claim", *, at: datetime) -> None:
    """An advance that milestones were set off against is no longer taken back."""
    if claim.is_advance and claim.award.claims.filter(state__in=COUNTED, offset_pence__gt=0).exists():
        raise NotAllowedNow("Milestones were set off against this advance, so it stands.", code="advance_used")
    if claim.is_advance and claim.award.recoveries.exclude(state="cancelled").exists():
        raise NotAllowedNow("This advance is asked back or was paid back, so it stands.", code="advance_used")


def check_outcome_has_evidence(claim: "Claim", *, at: datetime) -> None:
    """What a milestone promised is shown by a file, and said in words."""
    if claim.kind != "outcome":
        return
    if not claim.evidence.filter(removed_at=None).exists():
        raise NotAllowedNow("Add the evidence that shows the outcome before you submit.", code="evidence_missing")
    if not claim.narrative.strip():
        raise Refused("Say what the evidence shows.", code="narrative_missing", field="narrative")


def check_takes_lines(claim: "Claim") -> None:
    """Costs are listed only where costs are paid."""
    if not claim.has_lines:
        what = "An advance lists no costs." if claim.is_advance else "This milestone is paid for its outcome, so no costs are listed."
        raise NotAllowedNow(what, code="no_lines_here")


def check_award_is_live(claim: "Claim", *, at: datetime) -> None:
    """Claims are made on live awards only; an advance from acceptance on."""
    if claim.is_advance and claim.award.state in ADVANCES:
        return
    if claim.award.state != "live":
        raise NotAllowedNow(f"This award is {claim.award.state_now.label.lower()}, so nothing can be claimed on it.", code="award_not_live")


def check_award_pays(claim: "Claim", *, at: datetime) -> None:
    """What was claimed in time is approved and paid, also when the work is finished: a payment that came back is checked anew then."""
    if claim.award.state not in PAYS:
        raise NotAllowedNow(
            f"This award is {claim.award.state_now.label.lower()}, so nothing can be approved on it.", code="award_not_live"
        )


def check_claim_has_lines(claim: "Claim", *, at: datetime) -> None:
    """A claim lists at least one cost."""
    if claim.has_lines and not claim.lines.exists():
        raise NotAllowedNow("Add at least one cost before you submit.", code="claim_is_empty")


def check_lines_have_evidence(claim: "Claim", *, at: datetime) -> None:
    """Every cost is backed by a file."""
    backed = claim.evidence.filter(removed_at=None, line__isnull=False).values("line")
    bare = claim.lines.exclude(pk__in=backed).order_by("number").first()
    if bare:
        raise NotAllowedNow(f"Line {bare.number} ({bare.supplier}, {bare.invoice_number}) has no evidence yet.", code="evidence_missing")


def check_evidence_is_clean(claim: "Claim", *, at: datetime) -> None:
    """No file is infected or still waiting for its scan."""
    kept = claim.evidence.filter(removed_at=None)
    infected = kept.filter(scan_state="infected").order_by("pk").first()
    if infected:
        raise Refused(f"A virus was found in {infected.name}. Remove it and upload a clean copy.", code="document_infected")
    if kept.filter(scan_state="waiting").exists():
        raise NotAllowedNow("A file is still being scanned for viruses. Try again in a minute.", code="document_being_scanned")


def check_declared(declaration: bool) -> None:
    """Somebody who may speak for the company says that the claim is true."""
    if declaration is not True:
        raise Refused("Confirm the declaration before you submit.", code="declaration_missing", field="declaration")


def check_query_open(claim: "Claim", *, at: datetime) -> None:
    """There is a question to send."""
    if not claim.queries.filter(answered_at=None).exists():
        raise NotAllowedNow("Write a question first.", code="no_question")


def check_queries_answered(claim: "Claim", *, at: datetime) -> None:
    """Every question has its answer before they go back."""
    if claim.queries.filter(answered_at=None).exists():
        raise NotAllowedNow("Answer every question first.", code="question_open")


def check_queries_closed(claim: "Claim", *, at: datetime) -> None:
    """Nothing is recommended while a question is open."""
    if claim.queries.filter(answered_at=None).exists():
        raise NotAllowedNow("A question is still open.", code="question_open")


def check_lines_decided(claim: "Claim", *, at: datetime) -> None:
    """Every line was looked at, one by one."""
    waiting = claim.lines.filter(outcome="").order_by("number").first()
    if waiting:
        raise NotAllowedNow(f"Line {waiting.number} ({waiting.supplier}) is not decided yet.", code="line_undecided")


def milestone_outcome(claim: "Claim", outcome: str) -> str:
    """One of met, part_met, not_met; an outcome is there or not; an advance has none. Raises Refused."""
    if claim.is_advance:
        return ""
    if claim.kind == "outcome" and outcome == "part_met":
        raise Refused(
            "A milestone that is paid for its outcome is met or not met: its sum is not divided.",
            code="outcome_not_divided",
            field="milestone_outcome",
        )
    if outcome not in OUTCOMES:
        raise Refused("Say whether the milestone was met, partly met or not met.", code="outcome_missing", field="milestone_outcome")
    return outcome


def check_something_is_due(claim: "Claim", *, at: datetime) -> None:
    """A claim on which nothing is due is rejected or returned, not approved."""
    due = claim.grant_due()
    if due.earned_pence <= 0:
        raise NotAllowedNow(f"Nothing is due on this claim: {due.reason}.", code="nothing_due")


def check_decided_no_line(claim: "Claim", by: Person) -> None:
    """Whoever decided a line does not approve the claim, even if somebody else recommended it."""
    if claim.lines.filter(decided_by=by).exists():
        raise Denied("You checked lines of this claim, so somebody else must approve it.", code="separation_of_duties")


def check_payment_cancelled(claim: "Claim", *, at: datetime) -> None:
    """An approval is taken back only when no money can follow from it."""
    if claim.payments.exclude(state="cancelled").exists():
        raise NotAllowedNow("Cancel this claim's payment first.", code="payment_not_cancelled")


def check_payment_settled(claim: "Claim", *, at: datetime) -> None:
    """A claim is paid when the bank says so; one that was paid in advance, or is held back, owes nothing now."""
    if not claim.approved_pence:
        return
    if not claim.payments.filter(state="settled").exists():
        raise NotAllowedNow("The bank has not confirmed this payment.", code="payment_not_settled")
