"""The life of an outcome report."""

from datetime import datetime
from typing import Any

from django_fsm import FSMField

from accounts.models import Person
from accounts.roles import Permission
from payments.policies import reports as policies
from workflow.lifecycle import Lifecycle, States, step


class OutcomeReportLifecycle(Lifecycle):
    """What came of the grant. An overdue report holds every payment of the award."""

    class State(States):
        DUE = "due", "applicant", "Due", "Due"
        OVERDUE = "overdue", "applicant", "Overdue", "Overdue"
        SUBMITTED = "submitted", "officer", "Submitted", "Submitted"
        RETURNED = "returned", "applicant", "Returned to you", "Returned"
        ACCEPTED = "accepted", "", "Accepted", "Accepted"

    state = FSMField(default=State.DUE, choices=State.choices, protected=True, max_length=30)
    audited = ("due_on",)
    reads_with = ("case", "award__programme", "award__company__organisation", "award__application__version")

    class Meta:
        abstract = True

    @step(source=State.DUE, target=State.OVERDUE, needs=Permission.SYSTEM_STEP, tells=("report.overdue",), label="Fall overdue")
    def fall_overdue(self, *, by: Person, at: datetime) -> None:
        pass

    @step(
        source=(State.DUE, State.OVERDUE, State.RETURNED),
        target=State.SUBMITTED,
        needs=Permission.REPORT_SUBMIT,
        tells=("report.submitted",),
    )
    def submit(self, *, by: Person, at: datetime, values: dict[str, Any], narrative: str) -> None:
        """`values` holds a number for every indicator of the programme version that the award was made under."""
        self.values = policies.indicator_values(self, values)
        self.narrative = policies.narrative(narrative)
        self.submitted_at, self.submitted_by = at, by

    @step(source=State.SUBMITTED, target=State.ACCEPTED, needs=Permission.REPORT_ACCEPT, tells=("report.accepted",))
    def accept(self, *, by: Person, at: datetime) -> None:
        """The final report's acceptance frees what was held back of the claims."""
        if self.is_final:
            self.free_retention(by=by, at=at)
        self.accepted_at, self.accepted_by = at, by

    @step(source=State.SUBMITTED, target=State.RETURNED, needs=Permission.REPORT_ACCEPT, note_required=True, tells=("report.returned",))
    def return_to_company(self, *, by: Person, at: datetime, note: str) -> None:
        self.returned_at, self.returned_by, self.return_reason = at, by, note
