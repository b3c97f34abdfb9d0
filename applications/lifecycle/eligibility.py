"""What the rules, and people who look at them, find of an application."""

from datetime import datetime

from accounts.models import Person
from accounts.roles import Permission
from applications import policies, redress
from applications.lifecycle.record import ApplicationRecord
from applications.lifecycle.states import State
from workflow.lifecycle import step


class Eligibility(ApplicationRecord):
    """From a referral to a finding, its review, and the invitation to apply in full."""

    class Meta:
        abstract = True

    @step(
        source=State.REFERRED,
        target=(State.ELIGIBLE, State.EXPRESSED),
        needs=Permission.APPLICATION_SCREEN,
        note_required=True,
        label="Clear the referral",
        tells=("application.referral_cleared",),
    )
    def clear_referral(self, *, by: Person, at: datetime, note: str) -> str:
        """An officer looked at what the rules referred and finds it eligible."""
        return self.found_eligible()

    @step(
        source=State.REFERRED,
        target=State.INELIGIBLE,
        needs=Permission.APPLICATION_SCREEN,
        duty="refuse_eligibility",
        note_required=True,
        label="Refuse as ineligible",
        tells=("application.refused",),
    )
    def refuse_referral(self, *, by: Person, at: datetime, note: str) -> None:
        """An officer looked at what the rules referred and finds it ineligible; the company reads why."""
        self.refused_because = note.strip()

    @step(
        source=(State.INELIGIBLE, State.NOT_INVITED),
        target=(State.ELIGIBLE, State.EXPRESSED),
        needs=Permission.APPLICATION_REINSTATE,
        guards=[policies.check_not_erased],
        duty="review_eligibility",
        note_required=True,
        tells=("application.reinstated",),
    )
    def reinstate(self, *, by: Person, at: datetime, note: str) -> str:
        """A second person reviewed the finding and reverses it."""
        self.reviewed_at, self.reviewed_by, self.review_answer = at, by, note.strip()
        return self.found_eligible()

    @step(
        source=State.INELIGIBLE,
        target=State.INELIGIBLE,
        needs=Permission.APPLICATION_SUBMIT,
        guards=[policies.check_not_erased, redress.check_review_not_asked, redress.check_review_in_time],
        note_required=True,
        label="Request a review",
        tells=("application.review_asked",),
    )
    def ask_review(self, *, by: Person, at: datetime, note: str) -> None:
        """The company says which rule was applied wrongly, and why: a second person looks."""
        self.review_asked_at, self.review_asked_by, self.review_reason = at, by, note.strip()

    @step(
        source=State.INELIGIBLE,
        target=State.INELIGIBLE,
        needs=Permission.APPLICATION_REINSTATE,
        guards=[redress.check_review_waits],
        duty="review_eligibility",
        note_required=True,
        label="Keep the finding",
        tells=("application.finding_kept",),
    )
    def keep_finding(self, *, by: Person, at: datetime, note: str) -> None:
        """A second person reviewed the finding and it stands; the company reads why."""
        self.reviewed_at, self.reviewed_by, self.review_answer = at, by, note.strip()

    @step(
        source=State.EXPRESSED,
        target=State.INVITED,
        needs=Permission.APPLICATION_SCREEN,
        tells=("application.invited",),
        label="Invite to apply in full",
    )
    def invite(self, *, by: Person, at: datetime, until: datetime) -> None:
        """An officer read the expression of interest: the company writes the full application, what it said before is kept."""
        self.invited_at, self.invited_by, self.invited_until = at, by, until

    @step(
        source=State.EXPRESSED,
        target=State.NOT_INVITED,
        needs=Permission.APPLICATION_SCREEN,
        duty="refuse_eligibility",
        note_required=True,
        tells=("application.not_invited",),
        label="Do not invite",
    )
    def decline_interest(self, *, by: Person, at: datetime, note: str) -> None:
        """An officer read the expression of interest and it does not go on. A second person may review this."""
        self.not_invited_because = note.strip()
