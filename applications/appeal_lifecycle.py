"""The life of an appeal on process, on one page."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django_fsm import FSMField

from accounts.models import Person
from accounts.roles import Permission
from applications import redress
from workflow.lifecycle import Lifecycle, States, step


class AppealLifecycle(Lifecycle):
    """From lodging to remedy. It is judged by somebody who took no part in the application: never the merits, only how it was treated."""

    class State(States):
        LODGED = "lodged", "lead", "Received", "Lodged"
        ADMITTED = "admitted", "lead", "Being looked at", "Admitted"
        REFUSED = "refused", "", "Not taken up", "Refused"
        UPHELD = "upheld", "officer", "Upheld", "Upheld"
        DISMISSED = "dismissed", "", "Dismissed", "Dismissed"
        REMEDIED = "remedied", "", "Put right", "Remedied"
        CLOSED = "closed", "", "Upheld, with nothing left to put right", "Upheld and closed"

    state = FSMField(default=State.LODGED, choices=State.choices, protected=True, max_length=30)
    answer = models.TextField(blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    remedied_at = models.DateTimeField(null=True, blank=True)
    remedied_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reads_with = ("case", "application__round__programme", "application__company__organisation")

    class Meta:
        abstract = True

    @step(
        source=State.LODGED,
        target=State.ADMITTED,
        needs=Permission.APPLICATION_REINSTATE,
        keeps_out=["assessments.sat_on_no_panel"],
        duty="judge_appeal",
        tells=("appeal.told",),
    )
    def admit(self, *, by: Person, at: datetime) -> None:
        """It says what went wrong with the process: it is looked at."""
        self.judged_at, self.judged_by = at, by

    @step(
        source=State.LODGED,
        target=State.REFUSED,
        needs=Permission.APPLICATION_REINSTATE,
        keeps_out=["assessments.sat_on_no_panel"],
        duty="judge_appeal",
        note_required=True,
        label="Refuse to take it up",
        tells=("appeal.told",),
    )
    def refuse(self, *, by: Person, at: datetime, note: str) -> None:
        """It is out of time or argues with the judgement itself."""
        self.judged_at, self.judged_by, self.answer = at, by, note.strip()

    @step(
        source=State.ADMITTED,
        target=State.UPHELD,
        needs=Permission.APPLICATION_REINSTATE,
        keeps_out=["assessments.sat_on_no_panel"],
        duty="judge_appeal",
        note_required=True,
        tells=("appeal.told",),
    )
    def uphold(self, *, by: Person, at: datetime, note: str) -> None:
        """Something did go wrong, and it may have mattered."""
        self.judged_at, self.judged_by, self.answer = at, by, note.strip()

    @step(
        source=State.ADMITTED,
        target=State.DISMISSED,
        needs=Permission.APPLICATION_REINSTATE,
        keeps_out=["assessments.sat_on_no_panel"],
        duty="judge_appeal",
        note_required=True,
        tells=("appeal.told",),
    )
    def dismiss(self, *, by: Person, at: datetime, note: str) -> None:
        """The process was followed, or what went wrong did not matter."""
        self.judged_at, self.judged_by, self.answer = at, by, note.strip()

    @step(
        source=State.UPHELD,
        target=State.REMEDIED,
        needs=Permission.APPLICATION_SCREEN,
        guards=[redress.check_can_be_put_right],
        label="Put it right",
        tells=("appeal.told",),
    )
    def remedy(self, *, by: Person, at: datetime) -> None:
        """The application is taken up again, by fresh assessors."""
        self.remedied_at, self.remedied_by = at, by

    @step(
        source=State.UPHELD,
        target=State.CLOSED,
        needs=Permission.APPLICATION_SCREEN,
        guards=[redress.check_nothing_is_left_to_put_right],
        label="Close it, with nothing left to put right",
        tells=("appeal.told",),
    )
    def close(self, *, by: Person, at: datetime) -> None:
        """The application has won its grant or is out since: that the company was right stays on record."""
