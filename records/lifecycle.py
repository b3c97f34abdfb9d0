"""The life of an erasure, on one page."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django_fsm import FSMField

from accounts.models import Person
from accounts.roles import Permission
from records import policies
from workflow.lifecycle import Lifecycle, States, step


class ErasureLifecycle(Lifecycle):
    """Asked for by one person and accepted by another, or due by the programme's own rule: then words, files and names go."""

    class State(States):
        ASKED = "asked", "lead", "Asked for", "Waits for a second person"
        DONE = "done", "", "Erased", "Erased"
        REFUSED = "refused", "", "Refused", "Refused"

    state = FSMField(default=State.ASKED, choices=State.choices, protected=True, max_length=30)
    went = models.JSONField(default=dict, blank=True)
    """What went, by name and number."""
    answer = models.TextField(blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reads_with = ("case", "application__round__programme", "application__company__organisation", "application__version__text")

    class Meta:
        abstract = True

    @step(
        source=State.ASKED,
        target=State.DONE,
        needs=Permission.RECORDS_ERASE,
        guards=[policies.check_was_asked_by_a_person, policies.check_nothing_is_open, policies.check_may_go_on_request],
        label="Erase these records",
        tells=("erasure.answered",),
    )
    def erase(self, *, by: Person, at: datetime) -> None:
        """A second person agrees: what is personal goes for good, amounts, states and dates stay."""
        self.carry_out(by=by, at=at)

    @step(
        source=State.ASKED,
        target=State.REFUSED,
        needs=Permission.RECORDS_ERASE,
        guards=[policies.check_was_asked_by_a_person],
        note_required=True,
        label="Refuse to erase",
        tells=("erasure.answered",),
    )
    def refuse(self, *, by: Person, at: datetime, note: str) -> None:
        """The records must be kept: whoever asked reads why."""
        self.judged_at, self.judged_by, self.answer = at, by, note.strip()

    @step(
        source=State.ASKED,
        target=State.DONE,
        needs=Permission.SYSTEM_STEP,
        guards=[policies.check_nothing_is_open, policies.check_retention_is_over],
        label="Erase at the end of retention",
    )
    def fall_due(self, *, by: Person, at: datetime) -> None:
        """The years for which the programme keeps records are over."""
        self.carry_out(by=by, at=at)
