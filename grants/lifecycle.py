"""The lives of a programme, of one version of its document, and of a round."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django_fsm import FSMField

from accounts.models import Person
from accounts.roles import Permission
from grants import policies
from workflow.lifecycle import Lifecycle, States, step


def _person() -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")


class ProgrammeLifecycle(Lifecycle):
    """`draft` until its first version is published; `monitoring` when no round will open again; `archived` when all is reported."""

    class State(States):
        DRAFT = "draft", "officer", "Not published", "Draft"
        PUBLISHED = "published", "officer", "Published", "Published"
        MONITORING = "monitoring", "officer", "No longer taking applications", "Monitoring"
        ARCHIVED = "archived", "", "Finished", "Archived"

    state = FSMField(default=State.DRAFT, choices=State.choices, protected=True, max_length=30)

    alerts: Any

    class Meta:
        abstract = True

    @step(source=State.DRAFT, target=State.PUBLISHED, needs=Permission.PROGRAMME_PUBLISH, guards=[policies.check_has_published_version])
    def publish(self, *, by: Person, at: datetime) -> None:
        """Show the programme to the public; taken with the publication of its first version."""

    @step(
        source=State.PUBLISHED,
        target=State.MONITORING,
        needs=Permission.ROUND_MANAGE,
        guards=[policies.check_no_round_is_running],
        label="Move to monitoring",
    )
    def start_monitoring(self, *, by: Person, at: datetime) -> None:
        """Say that no further round will open; awards go on."""

    @step(source=State.MONITORING, target=State.PUBLISHED, needs=Permission.ROUND_MANAGE, note_required=True)
    def resume(self, *, by: Person, at: datetime, note: str) -> None:
        """Let rounds open again."""

    @step(source=State.MONITORING, target=State.ARCHIVED, needs=Permission.PROGRAMME_PUBLISH, note_required=True)
    def archive(self, *, by: Person, at: datetime, note: str) -> None:
        """Close the programme's books for good; nobody waits for a round any more."""
        self.alerts.all().delete()


class VersionLifecycle(Lifecycle):
    """A version is drafted by one person and published by another; once published it never changes."""

    class State(States):
        DRAFT = "draft", "officer", "Not published", "Draft"
        PREPARED = "prepared", "lead", "Not published", "Waiting for publication"
        PUBLISHED = "published", "", "Published", "Published"
        SET_ASIDE = "set_aside", "", "Not published", "Set aside"

    state = FSMField(default=State.DRAFT, choices=State.choices, protected=True, max_length=30)
    prepared_at = models.DateTimeField(null=True, blank=True)
    prepared_by = _person()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = _person()
    audited = ("number", "sha256", "prepared_at", "published_at")
    reads_with = ("programme",)

    class Meta:
        abstract = True

    @step(
        source=State.DRAFT,
        target=State.PREPARED,
        needs=Permission.PROGRAMME_EDIT,
        duty="publish_prepare",
        guards=[policies.check_document_is_valid, policies.check_sections_are_ready],
        tells=("programme.prepared",),
        label="Put forward for publication",
    )
    def prepare(self, *, by: Person, at: datetime) -> None:
        self.prepared_at, self.prepared_by = at, by

    @step(source=State.PREPARED, target=State.DRAFT, needs=Permission.PROGRAMME_PUBLISH, note_required=True)
    def send_back(self, *, by: Person, at: datetime, note: str) -> None:
        self.prepared_at = self.prepared_by = None

    @step(
        source=State.PREPARED,
        target=State.PUBLISHED,
        needs=Permission.PROGRAMME_PUBLISH,
        duty="publish",
        guards=[policies.check_document_is_valid, policies.check_is_overseen, policies.check_is_staffed],
        tells=("programme.published",),
    )
    def publish(self, *, by: Person, at: datetime) -> None:
        self.published_at, self.published_by = at, by

    @step(source=(State.DRAFT, State.PREPARED), target=State.SET_ASIDE, needs=Permission.PROGRAMME_EDIT, note_required=True)
    def set_aside(self, *, by: Person, at: datetime, note: str) -> None:
        """Leave this draft behind; its number is not used again."""


class RoundLifecycle(Lifecycle):
    """A round opens and closes by the clock; people may open or close it early, pause it or cancel it, with a reason."""

    class State(States):
        SCHEDULED = "scheduled", "system", "Opens later", "Scheduled"
        OPEN = "open", "system", "Open", "Open"
        PAUSED = "paused", "lead", "Paused", "Paused"
        CLOSED = "closed", "lead", "Closed", "Closed"
        DECIDED = "decided", "officer", "Closed", "Decided"
        ANNOUNCED = "announced", "", "Results announced", "Announced"
        CANCELLED = "cancelled", "", "Cancelled", "Cancelled"

    state = FSMField(default=State.SCHEDULED, choices=State.choices, protected=True, max_length=30)
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = _person()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = _person()
    opens_at: datetime
    closes_at: datetime
    most_applications: int | None
    changes: Any
    audited = ("opens_at", "closes_at", "opened_at", "closed_at", "most_applications")
    reads_with = ("programme",)

    class Meta:
        abstract = True

    @step(
        source=State.SCHEDULED,
        target=State.OPEN,
        needs=Permission.SYSTEM_STEP,
        guards=[policies.check_opening_time_has_come, policies.check_version_is_published],
        tells=("round.opened",),
        label="Open on time",
    )
    def open_on_time(self, *, by: Person, at: datetime) -> None:
        self.opened_at, self.opened_by = at, by

    @step(
        source=State.SCHEDULED,
        target=State.OPEN,
        needs=Permission.ROUND_MANAGE,
        guards=[
            policies.check_not_past_closing,
            policies.check_version_is_published,
            policies.check_is_overseen,
            policies.check_has_budget,
            policies.check_is_staffed,
        ],
        tells=("round.opened",),
    )
    def open(self, *, by: Person, at: datetime) -> None:
        """Open now; where the announced time is still to come, it moves to now."""
        self.opened_at, self.opened_by = at, by
        self.opens_at = min(self.opens_at, at)

    @step(source=State.OPEN, target=State.PAUSED, needs=Permission.ROUND_MANAGE, note_required=True, tells=("round.changed",))
    def pause(self, *, by: Person, at: datetime, note: str) -> None:
        """Take no submissions for now; everybody is told why."""
        self._say("paused", note, by=by, at=at)

    @step(
        source=State.PAUSED,
        target=State.OPEN,
        needs=Permission.ROUND_MANAGE,
        guards=[policies.check_time_is_left],
        tells=("round.changed",),
    )
    def resume(self, *, by: Person, at: datetime) -> None:
        """Take submissions again."""
        self._say("resumed", "", by=by, at=at)

    @step(
        source=(State.OPEN, State.PAUSED, State.CLOSED),
        target=(State.OPEN, State.PAUSED),
        needs=Permission.ROUND_MANAGE,
        note_required=True,
        guards=[policies.check_nothing_is_proposed],
        tells=("round.changed",),
        label="Give everybody more time",
    )
    def extend(self, *, by: Person, at: datetime, note: str, until: datetime, reopens_forms: bool) -> str:
        """One reason moves one deadline for every application; a round that closed opens again."""
        before, self.closes_at = self.closes_at, until
        self.closed_at = self.closed_by = None
        self._say("extended", note, by=by, at=at, closes_before=before, reopens_forms=reopens_forms)
        return self.state if self.state == self.State.PAUSED else self.State.OPEN

    @step(
        source=(State.SCHEDULED, State.OPEN, State.PAUSED),
        target=(State.SCHEDULED, State.OPEN, State.PAUSED),
        needs=Permission.ROUND_MANAGE,
        note_required=True,
        tells=("round.changed",),
        label="Change how many applications it takes",
    )
    def change_places(self, *, by: Person, at: datetime, note: str, places: int | None) -> str:
        """Take more applications, or fewer, but never fewer than have a place already; everybody is told why."""
        policies.check_places_are_enough(self, places)
        before, self.most_applications = self.most_applications, places
        self._say("places", note, by=by, at=at, takes_before=before, takes_after=places)
        return self.state

    @step(
        source=State.SCHEDULED,
        target=State.SCHEDULED,
        needs=Permission.ROUND_MANAGE,
        note_required=True,
        guards=[policies.check_opening_is_to_come],
        tells=("round.dates",),
        label="Change its dates",
    )
    def reschedule(self, *, by: Person, at: datetime, note: str, opens_at: datetime, closes_at: datetime) -> None:
        """Announce other times while nobody can apply yet; everybody reads why, and who waits for the opening is written to."""
        opened, closed = self.opens_at, self.closes_at
        self.opens_at, self.closes_at = opens_at, closes_at
        self._say("rescheduled", note, by=by, at=at, closes_before=closed, opens_before=opened, opens_after=opens_at)

    @step(
        source=State.OPEN,
        target=State.CLOSED,
        needs=Permission.SYSTEM_STEP,
        guards=[policies.check_closing_time_has_come],
        label="Close on time",
    )
    def close_on_time(self, *, by: Person, at: datetime) -> None:
        self.closed_at, self.closed_by = at, by

    @step(
        source=(State.OPEN, State.PAUSED),
        target=State.CLOSED,
        needs=Permission.ROUND_MANAGE,
        guards=[policies.check_closing_time_has_come],
    )
    def close(self, *, by: Person, at: datetime) -> None:
        self.closed_at, self.closed_by = at, by

    @step(
        source=(State.OPEN, State.PAUSED),
        target=State.CLOSED,
        needs=Permission.ROUND_MANAGE,
        note_required=True,
        tells=("round.changed",),
    )
    def close_early(self, *, by: Person, at: datetime, note: str) -> None:
        """Close before the announced time, which moves to now; everybody is told why."""
        self._end_now(note, by=by, at=at)

    @step(
        source=(State.OPEN, State.PAUSED),
        target=State.CLOSED,
        needs=Permission.SYSTEM_STEP,
        guards=[policies.check_money_is_committed],
        tells=("round.changed",),
        label="Close when the money is committed",
    )
    def close_committed(self, *, by: Person, at: datetime) -> None:
        """Where the programme says so: what is left would not make the smallest grant."""
        self._end_now("What is left of the money would not make the smallest grant.", by=by, at=at)

    @step(
        source=State.CLOSED,
        target=State.DECIDED,
        needs=Permission.DECISION_APPROVE,
        guards=["round.every_application_is_decided"],
        label="Mark as decided",
    )
    def decide(self, *, by: Person, at: datetime) -> None:
        """Every application of the round has its decision."""

    @step(
        source=State.DECIDED,
        target=State.ANNOUNCED,
        needs=Permission.DECISION_NOTIFY,
        guards=["round.every_applicant_is_told"],
        label="Announce the results",
    )
    def announce(self, *, by: Person, at: datetime) -> None:
        """Every applicant has been told; the results may be published."""

    @step(
        source=(State.SCHEDULED, State.OPEN, State.PAUSED),
        target=State.CANCELLED,
        needs=Permission.ROUND_MANAGE,
        note_required=True,
        tells=("round.changed", "round.dates"),
    )
    def cancel(self, *, by: Person, at: datetime, note: str) -> None:
        """End the round without results; everybody is told why."""
        self._say("cancelled", note, by=by, at=at)

    def _end_now(self, reason: str, *, by: Person, at: datetime) -> None:
        before = self.closes_at
        self.closed_at, self.closed_by = at, by
        self.closes_at = min(self.closes_at, at)
        self._say("closed_early", reason, by=by, at=at, closes_before=before)

    def _say(self, kind: str, reason: str, *, by: Person, at: datetime, closes_before: datetime | None = None, **about: Any) -> None:
        """Keep what everybody is told, in the words of whoever did it."""
        self.changes.create(
            kind=kind,
            reason=reason.strip(),
            closes_before=closes_before or self.closes_at,
            closes_after=self.closes_at,
            made_at=at,
            made_by=by,
            **about,
        )


class CorrectionLifecycle(Lifecycle):
    """The rules of a round that runs are corrected by a published version: one person asks with a reason, another decides."""

    class State(States):
        PROPOSED = "proposed", "lead", "", "Waits for a second person"
        APPLIED = "applied", "", "The rules were corrected", "Applied"
        DECLINED = "declined", "", "", "Declined"

    state = FSMField(default=State.PROPOSED, choices=State.choices, protected=True, max_length=30)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = _person()
    audited = ("decided_at",)
    reads_with = ("round__programme", "version", "version_before")

    class Meta:
        abstract = True

    @step(
        source=State.PROPOSED,
        target=State.APPLIED,
        needs=Permission.PROGRAMME_PUBLISH,
        duty="publish",
        guards=[policies.check_correction_still_fits],
        tells=("correction.applied",),
        label="Correct the round's rules",
    )
    def apply(self, *, by: Person, at: datetime) -> None:
        """The round goes by the corrected version from now. What was sent in before keeps the version that it was sent in under."""
        self.decided_at, self.decided_by = at, by
        self.round.version = self.version
        self.round.save(update_fields=["version"])

    @step(source=State.PROPOSED, target=State.DECLINED, needs=Permission.PROGRAMME_PUBLISH, note_required=True)
    def decline(self, *, by: Person, at: datetime, note: str) -> None:
        """Leave the round's rules as they are."""
        self.decided_at, self.decided_by = at, by
