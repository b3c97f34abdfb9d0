"""What must be true of a claim before it moves."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.timezone import localdate

from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from design.words import in_words

if TYPE_CHECKING:
    from payments.models import Claim, Milestone

OPEN = ("draft", "submitted", "checking", "queried", "recommended", "returned")
"""States of a claim that is still worked on: a milestone has at most one such."""

OUTCOMES = ("met", "part_met", "not_met")
CLAIMABLE = ("planned", "due", "part_met", "not_met")
"""States of a milestone in which its costs may be claimed: one that is done early may be claimed before its date."""
PAYS = ("live", "completed", "closed")
"""States of an award in which what was approved is paid: money that comes back later is still owed."""
NOT_MADE = ("withdrawn", "rejected")


def check_can_be_claimed(milestone: "Milestone", *, at: datetime) -> None:
    """A claim can be started for this milestone: its award is live, its project has begun, and there is something left to claim."""
    award = milestone.award
    if award.state != "live":
        raise NotAllowedNow(f"This award is {award.state_now.label.lower()}, so nothing can be claimed on it.", code="award_not_live")
    if award.starts_on and localdate(at) < award.starts_on:
        raise NotAllowedNow(
            f"Your project starts on {in_words(award.starts_on)}: costs can be claimed from then on.", code="project_not_started"
        )
    for claim in milestone.claims.all():
        if claim.state in OPEN:
            raise NotAllowedNow(f"Claim {claim.number} for this milestone is {claim.state_now.public.lower()}.", code="claim_open")
    if milestone.state not in CLAIMABLE:
        raise NotAllowedNow(f"This milestone is {milestone.state_now.label.lower()}.", code="milestone_not_claimable")
    if milestone.cap_left_pence <= 0:
        raise NotAllowedNow("Everything this milestone can pay has been claimed.", code="milestone_spent")
    if sum(claim.state not in NOT_MADE for claim in award.claims.all()) >= award.terms.claims_at_most:
        raise NotAllowedNow(
            f"This programme takes {award.terms.claims_at_most} claims for an award, and you have made them.", code="claims_at_most"
        )


def check_award_is_live(claim: "Claim", *, at: datetime) -> None:
    """Claims are made on live awards only."""
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
    if not claim.lines.exists():
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


def milestone_outcome(outcome: str) -> str:
    """One of met, part_met, not_met. Raises Refused."""
    if outcome not in OUTCOMES:
        raise Refused("Say whether the milestone was met, partly met or not met.", code="outcome_missing", field="milestone_outcome")
    return outcome


def check_something_is_due(claim: "Claim", *, at: datetime) -> None:
    """A claim on which nothing is due is rejected or returned, not approved."""
    due = claim.grant_due()
    if due.amount_pence + due.retained_pence <= 0:
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
    """A claim is paid when the bank says so."""
    if not claim.payments.filter(state="settled").exists():
        raise NotAllowedNow("The bank has not confirmed this payment.", code="payment_not_settled")
