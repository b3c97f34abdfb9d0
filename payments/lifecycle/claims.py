"""The life of a claim."""

from datetime import datetime

from django_fsm import FSMField

from accounts.models import Person
from accounts.roles import Permission
from payments import ledger
from payments.policies import claims as policies
from workflow.lifecycle import Lifecycle, States, step


class ClaimLifecycle(Lifecycle):
    """From the company's first line to money in its account; the approved amount may be lower than the claimed one, line by line."""

    class State(States):
        DRAFT = "draft", "applicant", "Draft", "Draft"
        SUBMITTED = "submitted", "officer", "Submitted", "Submitted"
        CHECKING = "checking", "officer", "Being checked", "Being checked"
        QUERIED = "queried", "applicant", "We have a question", "Queried"
        RECOMMENDED = "recommended", "lead", "Being checked", "Recommended"
        APPROVED = "approved", "finance", "Approved, to be paid", "Approved"
        RETURNED = "returned", "applicant", "Returned to you", "Returned"
        REJECTED = "rejected", "", "Not paid", "Rejected"
        PAID = "paid", "", "Paid", "Paid"
        WITHDRAWN = "withdrawn", "", "Withdrawn", "Withdrawn"

    state = FSMField(default=State.DRAFT, choices=State.choices, protected=True, max_length=30)
    audited = ("claimed_pence", "recommended_pence", "approved_pence", "retained_pence", "offset_pence", "milestone_outcome")
    moves_case = True
    reads_with = ("case", "milestone", "award__programme", "award__company__organisation", "award__application__version")

    class Meta:
        abstract = True

    @step(
        source=State.DRAFT,
        target=State.SUBMITTED,
        needs=Permission.CLAIM_SUBMIT,
        guards=[
            policies.check_award_is_live,
            policies.check_advance_is_in_bounds,
            policies.check_claim_has_lines,
            policies.check_lines_have_evidence,
            policies.check_outcome_has_evidence,
            policies.check_evidence_is_clean,
        ],
        tells=("claim.submitted",),
        label="Submit",
    )
    def submit(self, *, by: Person, at: datetime, declaration: bool) -> None:
        policies.check_declared(declaration)
        self.submitted_at, self.submitted_by = at, by
        if self.first_submitted_at is None:
            self.first_submitted_at, self.first_submitted_by = at, by
        self.claimed_pence = self.grant_claimed()

    @step(source=State.SUBMITTED, target=State.CHECKING, needs=Permission.CLAIM_CHECK, duty="check_claim", label="Start checking")
    def start_checking(self, *, by: Person, at: datetime) -> None:
        self.checking_at, self.checking_by = at, by

    @step(
        source=State.CHECKING,
        target=State.QUERIED,
        needs=Permission.CLAIM_CHECK,
        duty="check_claim",
        guards=[policies.check_query_open],
        tells=("claim.queried",),
        label="Send the questions",
    )
    def query(self, *, by: Person, at: datetime) -> None:
        self.queried_at, self.queried_by = at, by

    @step(
        source=State.QUERIED,
        target=State.CHECKING,
        needs=Permission.CLAIM_EDIT,
        guards=[policies.check_queries_answered],
        tells=("claim.answered",),
        label="Send the answers",
    )
    def answer(self, *, by: Person, at: datetime) -> None:
        self.answered_at, self.answered_by = at, by

    @step(
        source=State.CHECKING,
        target=State.RECOMMENDED,
        needs=Permission.CLAIM_CHECK,
        duty="check_claim",
        guards=[policies.check_lines_decided, policies.check_queries_closed],
        tells=("claim.recommended",),
        label="Recommend",
    )
    def recommend(self, *, by: Person, at: datetime, milestone_outcome: str = "") -> None:
        self.recommended_at, self.recommended_by = at, by
        self.milestone_outcome = policies.milestone_outcome(self, milestone_outcome)
        self.recommended_pence = self.grant_due().amount_pence

    @step(
        source=State.RECOMMENDED,
        target=State.APPROVED,
        needs=Permission.CLAIM_APPROVE,
        duty="approve_claim",
        guards=[policies.check_award_pays, policies.check_something_is_due],
        tells=("claim.approved",),
        label="Approve",
    )
    def approve(self, *, by: Person, at: datetime) -> None:
        """Works the amount out again, under the case's lock, and makes the payment that is owed."""
        policies.check_decided_no_line(self, by)
        self.approved_at, self.approved_by = at, by
        due = self.grant_due()
        self.approved_pence, self.retained_pence, self.offset_pence = due.amount_pence, due.retained_pence, due.offset_pence
        self.owe(at=at)

    @step(
        source=State.RECOMMENDED,
        target=State.CHECKING,
        needs=Permission.CLAIM_APPROVE,
        duty="approve_claim",
        note_required=True,
        label="Send back to be checked",
    )
    def send_back(self, *, by: Person, at: datetime, note: str) -> None:
        self.recommended_at, self.recommended_by, self.recommended_pence = None, None, 0

    @step(
        source=State.CHECKING,
        target=State.RETURNED,
        needs=Permission.CLAIM_CHECK,
        duty="check_claim",
        note_required=True,
        tells=("claim.returned",),
        label="Return to the company",
    )
    def return_to_company(self, *, by: Person, at: datetime, note: str) -> None:
        self.returned_at, self.returned_by, self.return_reason = at, by, note

    @step(source=State.RETURNED, target=State.DRAFT, needs=Permission.CLAIM_EDIT, label="Correct it")
    def reopen(self, *, by: Person, at: datetime) -> None:
        self.submitted_at, self.submitted_by, self.claimed_pence = None, None, 0

    @step(
        source=State.RECOMMENDED,
        target=State.REJECTED,
        needs=Permission.CLAIM_APPROVE,
        duty="approve_claim",
        note_required=True,
        tells=("claim.rejected",),
    )
    def reject(self, *, by: Person, at: datetime, note: str) -> None:
        self.rejected_at, self.rejected_by, self.return_reason = at, by, note

    @step(
        source=(State.DRAFT, State.SUBMITTED, State.QUERIED, State.RETURNED),
        target=State.WITHDRAWN,
        needs=Permission.CLAIM_SUBMIT,
        label="Withdraw",
    )
    def withdraw(self, *, by: Person, at: datetime) -> None:
        self.withdrawn_at, self.withdrawn_by = at, by

    @step(
        source=State.APPROVED,
        target=State.PAID,
        needs=Permission.SYSTEM_STEP,
        guards=[policies.check_payment_settled],
        tells=("claim.paid",),
    )
    def pay(self, *, by: Person, at: datetime) -> None:
        self.paid_at, self.paid_by = at, by

    @step(
        source=State.APPROVED,
        target=State.CHECKING,
        needs=Permission.CLAIM_APPROVE,
        duty="approve_claim",
        guards=[policies.check_payment_cancelled, policies.check_advance_not_used],
        note_required=True,
        label="Take the approval back",
    )
    def revoke(self, *, by: Person, at: datetime, note: str) -> None:
        """The payment is cancelled: nothing is owed until the claim is checked and approved again."""
        ledger.uncount_approved(award=self.award, amount_pence=self.approved_pence)
        self.approved_at, self.approved_by = None, None
        self.approved_pence, self.retained_pence, self.offset_pence = 0, 0, 0
        self.recommended_at, self.recommended_by, self.recommended_pence = None, None, 0

    @step(source=State.PAID, target=State.APPROVED, needs=Permission.SYSTEM_STEP, label="Money came back", tells=("claim.unpaid",))
    def unpay(self, *, by: Person, at: datetime) -> None:
        self.paid_at, self.paid_by = None, None
