"""The lives of an assessment and of a moderation item: states, steps, and who may take them."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django_fsm import FSMField

from accounts.models import Person
from accounts.roles import Permission
from assessments import policies
from workflow.lifecycle import Lifecycle, States, step

ASSESSORS = "assessors"
OFFICER = "officer"
CHAIR = "chair"


class AssessmentLifecycle(Lifecycle):
    """One assessor's review of one application. Declined, conflicted and withdrawn reviews are kept with what was written."""

    class State(States):
        INVITED = "invited", ASSESSORS, "Being assessed", "Invited"
        ACCEPTED = "accepted", ASSESSORS, "Being assessed", "Accepted"
        SUBMITTED = "submitted", OFFICER, "Being assessed", "Submitted"
        RETURNED = "returned", ASSESSORS, "Being assessed", "Returned for correction"
        DECLINED = "declined", "", "Being assessed", "Declined"
        CONFLICTED = "conflicted", "", "Being assessed", "Conflict of interest"
        WITHDRAWN = "withdrawn", "", "Being assessed", "Withdrawn"
        SET_ASIDE = "set_aside", "", "Being assessed", "Set aside after an appeal"

    LIVE = (State.INVITED, State.ACCEPTED, State.RETURNED, State.SUBMITTED)
    """States in which a review takes one of the application's places."""
    WAITING = (State.INVITED, State.ACCEPTED, State.RETURNED)
    """States in which something is asked of the assessor."""

    state = FSMField(default=State.INVITED, choices=State.choices, protected=True, max_length=30)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    return_reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.TextField(blank=True)
    reads_with = ("case", "assessor", "application__round__programme", "application__company__organisation", "application__version")

    class Meta:
        abstract = True

    @step(
        source=State.INVITED,
        target=State.ACCEPTED,
        needs=Permission.ASSESSMENT_SCORE,
        guards=[policies.check_being_assessed, policies.check_no_conflict, policies.check_nothing_to_judge, policies.check_calibrated],
        label="Accept, with no conflict of interest",
    )
    def accept(self, *, by: Person, at: datetime) -> None:
        """Declare that there is no conflict: the content opens from here on."""
        policies.check_is_their_own(self, by)
        self.accepted_at, self.accepted_by = at, by

    @step(
        source=(State.INVITED, State.ACCEPTED),
        target=State.DECLINED,
        needs=Permission.ASSESSMENT_SCORE,
        note_required=True,
        tells=("assessment.declined",),
        label="Decline",
    )
    def decline(self, *, by: Person, at: datetime, note: str) -> None:
        """Give the review back for a reason that is not a conflict of interest."""
        policies.check_is_their_own(self, by)
        self.ended_at, self.ended_by, self.end_reason = at, by, note.strip()

    @step(
        source=(State.INVITED, State.ACCEPTED, State.RETURNED, State.SUBMITTED),
        target=State.CONFLICTED,
        needs=Permission.ASSESSMENT_SCORE,
        note_required=True,
        tells=("assessment.conflicted",),
        label="Declare a conflict of interest",
    )
    def declare_conflict(self, *, by: Person, at: datetime, note: str) -> None:
        """Say so at any time, even after scoring: the content closes for good; a score given is kept and no longer counts."""
        policies.check_is_their_own(self, by)
        self.ended_at, self.ended_by, self.end_reason = at, by, note.strip()
        self.keep_declared_conflict(reason=self.end_reason, by=by, at=at)

    @step(
        source=(State.ACCEPTED, State.RETURNED),
        target=State.SUBMITTED,
        needs=Permission.ASSESSMENT_SCORE,
        guards=[policies.check_open_for_scores, policies.check_no_conflict, policies.check_review_is_complete],
        duty="score",
        tells=("assessment.submitted",),
        label="Submit the review",
    )
    def submit(self, *, by: Person, at: datetime) -> None:
        """Fix the marks: the total is worked out and a frozen paper of the review is kept, one for each submission."""
        policies.check_is_their_own(self, by)
        self.submitted_at, self.submitted_by = at, by
        self.keep_total()
        self.keep_paper(by=by, at=at)

    @step(
        source=LIVE,
        target=State.CONFLICTED,
        needs=Permission.ASSESSMENT_ALLOCATE,
        note_required=True,
        tells=("assessment.barred",),
        label="Close it for a conflict of interest",
    )
    def bar(self, *, by: Person, at: datetime, note: str) -> None:
        """An officer confirmed a conflict of interest: the content closes; a score given is kept and no longer counts."""
        self.ended_at, self.ended_by, self.end_reason = at, by, note.strip()

    @step(
        source=LIVE,
        target=State.CONFLICTED,
        needs=Permission.SYSTEM_STEP,
        note_required=True,
        tells=("assessment.barred", "assessment.shut"),
        label="Close it for what the records show",
    )
    def shut(self, *, by: Person, at: datetime, note: str) -> None:
        """The records leave no doubt of a conflict of interest: the content closes; a score given is kept and no longer counts."""
        self.ended_at, self.ended_by, self.end_reason = at, by, note.strip()

    @step(
        source=State.SUBMITTED,
        target=State.RETURNED,
        needs=Permission.ASSESSMENT_MODERATE,
        guards=[policies.check_open_for_scores],
        note_required=True,
        tells=("assessment.returned",),
        label="Return for correction",
    )
    def return_to_assessor(self, *, by: Person, at: datetime, note: str) -> None:
        """Ask the assessor to look again; the paper of what was submitted is kept."""
        self.returned_at, self.returned_by, self.return_reason = at, by, note.strip()

    @step(
        source=(State.INVITED, State.ACCEPTED, State.RETURNED),
        target=State.WITHDRAWN,
        needs=Permission.ASSESSMENT_ALLOCATE,
        note_required=True,
        tells=("assessment.withdrawn",),
        label="Withdraw the invitation",
    )
    def withdraw(self, *, by: Person, at: datetime, note: str) -> None:
        """Take the review away from an assessor who is late, or is no longer needed."""
        self.ended_at, self.ended_by, self.end_reason = at, by, note.strip()

    @step(
        source=WAITING,
        target=State.WITHDRAWN,
        needs=Permission.SYSTEM_STEP,
        note_required=True,
        tells=("assessment.withdrawn",),
        label="End with the application",
    )
    def end(self, *, by: Person, at: datetime, note: str) -> None:
        """The application was withdrawn or ruled out: nothing more is asked of the assessor."""
        self.ended_at, self.ended_by, self.end_reason = at, by, note.strip()

    @step(source=LIVE, target=State.SET_ASIDE, needs=Permission.SYSTEM_STEP, note_required=True)
    def set_aside(self, *, by: Person, at: datetime, note: str) -> None:
        """An appeal was upheld: others score it afresh. The review and its scores stay on file and count no more."""
        self.ended_at, self.ended_by, self.end_reason = at, by, note.strip()


class ModerationLifecycle(Lifecycle):
    """One thing that the scores of one application show and that people must settle. The original score is always kept."""

    class State(States):
        OPEN = "open", OFFICER, "Being assessed", "To be settled"
        EXCLUSION_PROPOSED = "exclusion_proposed", CHAIR, "Being assessed", "Exclusion proposed"
        KEPT = "kept", "", "Being assessed", "Score kept"
        EXCLUDED = "excluded", "", "Being assessed", "Score excluded"
        EXTRA_ASSESSOR = "extra_assessor", "", "Being assessed", "Extra assessor asked for"
        OVERTAKEN = "overtaken", "", "Being assessed", "Overtaken"

    SETTLED = (State.KEPT, State.EXCLUDED)
    UNSETTLED = (State.OPEN, State.EXCLUSION_PROPOSED)

    state = FSMField(default=State.OPEN, choices=State.choices, protected=True, max_length=30)
    reason = models.TextField(blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    chair_reason = models.TextField(blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reads_with = ("case", "assessment", "application__round__programme", "application__company__organisation", "application__version")

    class Meta:
        abstract = True

    @step(
        source=State.OPEN,
        target=State.KEPT,
        needs=Permission.ASSESSMENT_MODERATE,
        guards=[policies.check_being_moderated],
        note_required=True,
        label="Keep the score",
    )
    def keep(self, *, by: Person, at: datetime, note: str) -> None:
        """The scores stand as they are, for the reason given."""
        self.keep_results()
        self.reason, self.resolved_at, self.resolved_by = note.strip(), at, by

    @step(
        source=State.OPEN,
        target=State.EXTRA_ASSESSOR,
        needs=Permission.ASSESSMENT_MODERATE,
        guards=[policies.check_being_moderated],
        note_required=True,
        label="Add an assessor",
    )
    def ask_for_extra(self, *, by: Person, at: datetime, note: str) -> None:
        """Another assessor is to be invited; moderation waits for that review."""
        self.keep_before()
        self.reason, self.resolved_at, self.resolved_by = note.strip(), at, by

    @step(
        source=State.OPEN,
        target=State.EXCLUSION_PROPOSED,
        needs=Permission.ASSESSMENT_MODERATE,
        guards=[policies.check_being_moderated, policies.check_names_a_score],
        duty="propose_exclusion",
        note_required=True,
        tells=("moderation.exclusion_proposed",),
        label="Propose to exclude the score",
    )
    def propose_exclusion(self, *, by: Person, at: datetime, note: str) -> None:
        """Ask the chair to leave this score out of the mean."""
        self.reason, self.proposed_at, self.proposed_by = note.strip(), at, by

    @step(
        source=State.EXCLUSION_PROPOSED,
        target=State.EXCLUDED,
        needs=Permission.PANEL_CHAIR,
        guards=[policies.check_being_moderated],
        duty="confirm_exclusion",
        note_required=True,
        label="Confirm the exclusion",
    )
    def confirm_exclusion(self, *, by: Person, at: datetime, note: str) -> None:
        """The score no longer counts; it and the reason stay on the file."""
        self.keep_results()
        self.chair_reason, self.resolved_at, self.resolved_by = note.strip(), at, by

    @step(
        source=State.EXCLUSION_PROPOSED,
        target=State.KEPT,
        needs=Permission.PANEL_CHAIR,
        guards=[policies.check_being_moderated],
        duty="confirm_exclusion",
        note_required=True,
        label="Refuse the exclusion",
    )
    def refuse_exclusion(self, *, by: Person, at: datetime, note: str) -> None:
        """The score stands after all."""
        self.keep_results()
        self.chair_reason, self.resolved_at, self.resolved_by = note.strip(), at, by

    @step(
        source=(State.KEPT, State.EXCLUDED, State.EXCLUSION_PROPOSED),
        target=State.OPEN,
        needs=Permission.SYSTEM_STEP,
        note_required=True,
        tells=("moderation.reopened",),
        label="Open again",
    )
    def reopen(self, *, by: Person, at: datetime, note: str) -> None:
        """The review it was about has changed since: what was settled no longer stands, and is kept with the reason."""
        self.put_aside(why=note, at=at)

    @step(
        source=(State.OPEN, State.EXCLUSION_PROPOSED, State.KEPT, State.EXCLUDED),
        target=State.OVERTAKEN,
        needs=Permission.SYSTEM_STEP,
        note_required=True,
        label="Close as overtaken",
    )
    def overtake(self, *, by: Person, at: datetime, note: str) -> None:
        """Nothing is left to settle: the score no longer counts, or the corrected scores no longer show this."""
        self.put_aside(why=note, at=at)
        self.reason, self.resolved_at, self.resolved_by = note, at, by


class MeetingLifecycle(Lifecycle):
    """A panel meeting or a day of interviews, from its invitation to the minutes that the chair signed."""

    class State(States):
        PLANNED = "planned", CHAIR, "Being assessed", "Planned"
        OPEN = "open", CHAIR, "Being assessed", "In session"
        SIGNED = "signed", "", "Being assessed", "Signed"
        CANCELLED = "cancelled", "", "Being assessed", "Cancelled"

    state = FSMField(default=State.PLANNED, choices=State.choices, protected=True, max_length=30)
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reads_with = ("round__programme", "round__version", "round__budget")

    class Meta:
        abstract = True

    @step(source=State.PLANNED, target=State.OPEN, needs=Permission.PANEL_CHAIR, guards=[policies.check_quorum], label="Open the meeting")
    def open(self, *, by: Person, at: datetime) -> None:
        """The chair opens it: from here on what is said about each application is recorded."""
        self.opened_at, self.opened_by = at, by

    @step(
        source=State.OPEN,
        target=State.SIGNED,
        needs=Permission.PANEL_CHAIR,
        guards=[policies.check_agenda_is_recorded],
        tells=("meeting.signed",),
        label="Sign the minutes",
    )
    def sign(self, *, by: Person, at: datetime) -> None:
        """The chair signs what was recorded; from here on it stands as it is."""
        self.signed_at, self.signed_by = at, by
        self.freeze_minutes(by=by, at=at)

    @step(
        source=(State.PLANNED, State.OPEN),
        target=State.CANCELLED,
        needs=Permission.ASSESSMENT_MODERATE,
        note_required=True,
        tells=("meeting.cancelled",),
        label="Cancel the meeting",
    )
    def cancel(self, *, by: Person, at: datetime, note: str) -> None:
        """It is not held; its applications wait for another one."""
        self.cancelled_at, self.cancelled_by = at, by
