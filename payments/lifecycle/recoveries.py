"""The life of a recovery: money that a company is asked to pay back."""

from datetime import date, datetime

from django_fsm import FSMField

from accounts.models import Person
from accounts.roles import Permission
from payments.policies import recoveries as policies
from workflow.lifecycle import Lifecycle, States, step


class RecoveryLifecycle(Lifecycle):
    """Asked for by one person, seen at the bank by another, confirmed by a third or by whoever asked; or let go by two."""

    class State(States):
        RAISED = "raised", "applicant", "To be paid back", "Asked for"
        RECEIVED = "received", "finance", "We have your payment", "Received, to be confirmed"
        RECOVERED = "recovered", "", "Paid back", "Paid back"
        WAIVING = "waiving", "independent approver", "To be paid back", "Proposed to be waived"
        WAIVED = "waived", "", "No longer asked for", "Waived"
        CANCELLED = "cancelled", "", "No longer asked for", "Cancelled"

    state = FSMField(default=State.RAISED, choices=State.choices, protected=True, max_length=30)
    audited = ("amount_pence", "received_pence", "received_on")
    reads_with = ("case", "award__programme", "award__company__organisation", "award__budget", "award__application__version")

    class Meta:
        abstract = True

    @step(source=State.RAISED, target=State.RECEIVED, needs=Permission.STATEMENT_IMPORT, duty="record_repayment")
    def receive(self, *, by: Person, at: datetime, pence: int, on: date, bank_reference: str) -> None:
        """What the bank's statement shows. It is not in the books before somebody else has seen it too."""
        policies.check_repayment(self, pence=pence, on=on, at=at)
        self.received_pence, self.received_on, self.bank_reference = pence, on, bank_reference.strip()
        self.received_at, self.received_by = at, by

    @step(
        source=State.RECEIVED,
        target=State.RECOVERED,
        needs=Permission.CLAIM_APPROVE,
        duty="confirm_repayment",
        guards=[policies.check_advance_bears],
        tells=("recovery.settled",),
        label="Confirm that it arrived",
    )
    def confirm(self, *, by: Person, at: datetime) -> None:
        """Into the books: it is not paid and not approved any more, so that it can be claimed for again."""
        self.recovered_at, self.recovered_by = at, by
        self.post(at=at)

    @step(source=State.RECEIVED, target=State.RAISED, needs=Permission.CLAIM_APPROVE, note_required=True, label="It was not this payment")
    def mistake(self, *, by: Person, at: datetime, note: str) -> None:
        self.received_pence, self.received_on, self.bank_reference = 0, None, ""
        self.received_at, self.received_by = None, None

    @step(
        source=State.RAISED,
        target=State.CANCELLED,
        needs=Permission.AWARD_MANAGE,
        note_required=True,
        tells=("recovery.dropped",),
        label="Take the request back",
    )
    def cancel(self, *, by: Person, at: datetime, note: str) -> None:
        """It was asked for by mistake, or will be worked off: what is left of the advance is still to be covered."""
        self.cancelled_at, self.cancelled_by = at, by

    @step(
        source=State.RAISED,
        target=State.WAIVING,
        needs=Permission.DECISION_APPROVE,
        duty="ask_waiver",
        note_required=True,
        label="Propose to waive it",
    )
    def ask_waiver(self, *, by: Person, at: datetime, note: str) -> None:
        self.waiving_at, self.waiving_by, self.waiver_reason = at, by, note

    @step(
        source=State.WAIVING,
        target=State.WAIVED,
        needs=Permission.RUN_RELEASE,
        duty="waive",
        tells=("recovery.dropped",),
        label="Waive it",
    )
    def waive(self, *, by: Person, at: datetime) -> None:
        """The company keeps it: the books stay as they are, and nothing more is asked for it."""
        self.waived_at, self.waived_by = at, by

    @step(source=State.WAIVING, target=State.RAISED, needs=Permission.RUN_RELEASE, note_required=True, label="Do not waive it")
    def keep_asking(self, *, by: Person, at: datetime, note: str) -> None:
        self.waiving_at, self.waiving_by, self.waiver_reason = None, None, ""
