"""The life of a payment that is owed, and of the run that pays many."""

from datetime import datetime

from django_fsm import FSMField

from accounts.models import Person
from accounts.roles import Permission
from payments import ledger
from payments.policies import payments as policies
from workflow.lifecycle import Lifecycle, States, step


class PaymentLifecycle(Lifecycle):
    """One obligation, paid once: in one run at a time, and again only after the bank said that it failed or came back."""

    class State(States):
        DUE = "due", "finance", "To be paid", "Due"
        HELD = "held", "finance", "On hold", "Held"
        IN_RUN = "in_run", "finance", "To be paid", "In a run"
        RELEASED = "released", "bank", "Sent to the bank", "Released"
        SETTLED = "settled", "", "Paid", "Settled"
        FAILED = "failed", "finance", "Could not be paid", "Failed"
        RETURNED = "returned", "finance", "Came back from your bank", "Returned by the bank"
        CANCELLED = "cancelled", "", "Cancelled", "Cancelled"

    state = FSMField(default=State.DUE, choices=State.choices, protected=True, max_length=30)
    audited = ("amount_pence", "run", "end_to_end")
    reads_with = ("case", "award__programme", "award__company__organisation", "claim", "run", "bank_account")
    reads_without = ("run__file", "bank_account__sort_code", "bank_account__account_number")

    class Meta:
        abstract = True

    @step(source=State.DUE, target=State.HELD, needs=Permission.PAYMENT_HOLD, note_required=True)
    def hold(self, *, by: Person, at: datetime, note: str) -> None:
        self.held_at, self.held_by, self.hold_reason = at, by, note

    @step(source=State.HELD, target=State.DUE, needs=Permission.PAYMENT_HOLD, note_required=True, label="Lift the hold")
    def lift(self, *, by: Person, at: datetime, note: str) -> None:
        self.held_at, self.held_by, self.hold_reason = None, None, ""

    @step(source=State.DUE, target=State.IN_RUN, needs=Permission.RUN_BUILD, guards=[policies.check_payable])
    def pick(self, *, by: Person, at: datetime, run: int) -> None:
        """Into a run, to the account that is verified now, under a reference that no earlier attempt used."""
        self.run_id = run
        self.attempt += 1
        self.end_to_end = f"PH{self.pk:08d}-{self.attempt}"
        self.bank_account = policies.account_to_pay(self, at=at)

    @step(source=State.IN_RUN, target=State.DUE, needs=Permission.SYSTEM_STEP, label="Take out of the run")
    def drop(self, *, by: Person, at: datetime) -> None:
        self.run_id, self.end_to_end, self.bank_account = None, "", None

    @step(
        source=State.IN_RUN,
        target=State.RELEASED,
        needs=Permission.RUN_RELEASE,
        duty="release",
        guards=[policies.check_payable, policies.check_account_unchanged, policies.check_within_award],
    )
    def release(self, *, by: Person, at: datetime) -> None:
        self.released_at, self.released_by = at, by

    @step(source=State.RELEASED, target=State.SETTLED, needs=Permission.SYSTEM_STEP, tells=("payment.settled",))
    def settle(self, *, by: Person, at: datetime, statement_ref: str) -> None:
        self.settled_at, self.settled_by = at, by
        ledger.post(
            kind="payment",
            budget=self.award.budget,
            award=self.award,
            amount_pence=self.amount_pence,
            source="payment",
            external_ref=self.end_to_end,
            at=at,
            note=statement_ref,
        )

    @step(source=State.RELEASED, target=State.FAILED, needs=Permission.STATEMENT_IMPORT, note_required=True, tells=("payment.failed",))
    def fail(self, *, by: Person, at: datetime, note: str) -> None:
        self.failed_at, self.failed_by, self.failure = at, by, note

    @step(source=State.SETTLED, target=State.RETURNED, needs=Permission.SYSTEM_STEP, note_required=True, tells=("payment.returned",))
    def come_back(self, *, by: Person, at: datetime, note: str) -> None:
        """The bank sent it back after it had settled: the money is ours again, and still owed."""
        self.failed_at, self.failed_by, self.failure = at, by, note
        self.settled_at, self.settled_by = None, None
        ledger.post(
            kind="recovery",
            budget=self.award.budget,
            award=self.award,
            amount_pence=self.amount_pence,
            source="payment_returned",
            external_ref=self.end_to_end,
            at=at,
        )

    @step(source=(State.FAILED, State.RETURNED), target=State.DUE, needs=Permission.PAYMENT_HOLD, note_required=True, label="Pay again")
    def retry(self, *, by: Person, at: datetime, note: str) -> None:
        """The note says what was found out: a closed account sends the same money back again."""
        self.run_id, self.end_to_end, self.bank_account = None, "", None
        self.released_at, self.released_by = None, None

    @step(source=(State.HELD, State.FAILED, State.RETURNED), target=State.CANCELLED, needs=Permission.CLAIM_APPROVE, note_required=True)
    def cancel(self, *, by: Person, at: datetime, note: str) -> None:
        self.cancelled_at, self.cancelled_by = at, by


class PaymentRunLifecycle(Lifecycle):
    """A file to the bank. The machine picks what goes in; people approve and release; void, never deleted."""

    class State(States):
        DRAFTED = "drafted", "finance", "", "Drafted"
        APPROVED = "approved", "independent approver", "", "Approved"
        RELEASED = "released", "finance", "", "Released"
        RECONCILED = "reconciled", "", "", "Reconciled"
        VOID = "void", "", "", "Void"

    state = FSMField(default=State.DRAFTED, choices=State.choices, protected=True, max_length=30)
    audited = ("total_pence", "count", "file_sha256")
    reads_with = ("programme",)

    class Meta:
        abstract = True

    @step(source=State.DRAFTED, target=State.DRAFTED, needs=Permission.RUN_BUILD, duty="build_run", guards=[policies.check_run_unbuilt])
    def build(self, *, by: Person, at: datetime, count: int, total_pence: int) -> None:
        self.built_at, self.built_by, self.count, self.total_pence = at, by, count, total_pence

    @step(
        source=State.DRAFTED,
        target=State.APPROVED,
        needs=Permission.RUN_APPROVE,
        duty="approve_run",
        keeps_out=[policies.check_is_disinterested],
        guards=[policies.check_run_adds_up],
    )
    def approve(self, *, by: Person, at: datetime) -> None:
        self.approved_at, self.approved_by = at, by

    @step(
        source=(State.DRAFTED, State.APPROVED),
        target=State.RELEASED,
        needs=Permission.RUN_RELEASE,
        duty="release",
        keeps_out=[policies.check_is_disinterested],
        guards=[policies.check_approved_where_two_must, policies.check_run_adds_up, policies.check_paying_account],
        tells=("payment_run.released",),
    )
    def release(self, *, by: Person, at: datetime) -> None:
        """Writes the file for the bank, once, and freezes it."""
        self.released_at, self.released_by = at, by
        self.write_file(at=at)

    @step(source=State.RELEASED, target=State.RECONCILED, needs=Permission.SYSTEM_STEP, guards=[policies.check_every_payment_answered])
    def reconcile(self, *, by: Person, at: datetime) -> None:
        self.reconciled_at, self.reconciled_by = at, by

    @step(source=(State.DRAFTED, State.APPROVED), target=State.VOID, needs=Permission.RUN_BUILD, note_required=True)
    def void(self, *, by: Person, at: datetime, note: str) -> None:
        self.voided_at, self.voided_by = at, by
