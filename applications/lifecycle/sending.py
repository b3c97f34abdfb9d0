"""Sending an application in, and taking it back."""

from datetime import datetime

from accounts.models import Person
from accounts.roles import Permission
from applications import policies
from applications.lifecycle.record import ApplicationRecord
from applications.lifecycle.states import BEING_SEEN_TO, WRITTEN_IN, State
from applications.papers import freeze
from applications.screening import judge
from workflow.lifecycle import step


class Sending(ApplicationRecord):
    """What the company does with its application."""

    class Meta:
        abstract = True

    @step(
        source=(State.DRAFT, State.INVITED),
        target=State.SUBMITTED,
        needs=Permission.APPLICATION_SUBMIT,
        guards=[
            policies.check_round_is_open,
            policies.check_has_a_place,
            policies.check_sections_are_complete,
            policies.check_answers_agree,
            policies.check_costs_fit,
            policies.check_grant_is_within_limits,
            policies.check_documents_are_clean,
            policies.check_declaration_is_signed,
        ],
        tells=("application.submitted",),
    )
    def submit(self, *, by: Person, at: datetime) -> None:
        """Freeze what was written; the receipt is the hash of the frozen paper. Where the round takes only so many, this takes a place."""
        policies.take_place(self, at=at)
        self.submitted_at, self.submitted_by = at, by
        self.receipt_sha256 = freeze(self, by=by, at=at).sha256

    @step(
        source=State.SUBMITTED,
        target=(State.ELIGIBLE, State.EXPRESSED, State.REFERRED, State.INELIGIBLE),
        needs=Permission.SYSTEM_STEP,
        tells=("application.screened",),
    )
    def screen(self, *, by: Person, at: datetime) -> str:
        """Run the eligibility rules of the version it was written under: all of them, or those for an expression of interest."""
        found = self.State(judge(self, at=at))
        return self.found_eligible() if found == self.State.ELIGIBLE else found

    @step(
        source=(State.REFERRED, State.EXPRESSED, State.ELIGIBLE, State.INELIGIBLE, State.WITHDRAWN),
        target=WRITTEN_IN,
        needs=Permission.APPLICATION_SUBMIT,
        guards=[
            policies.check_not_erased,
            policies.check_round_is_open,
            policies.check_may_be_taken_up_again,
            policies.check_no_other_is_going,
        ],
        label="Reopen to change it",
        tells=("application.reopened",),
    )
    def reopen(self, *, by: Person, at: datetime) -> str:
        """Back to a draft while the round is open; the paper that was sent in is kept, and it must be sent in again."""
        self.submitted_at, self.submitted_by, self.receipt_sha256 = None, None, ""
        self.declared_at, self.declared_by, self.declared_sha256 = None, None, ""
        self.refused_because = ""
        self.review_asked_at, self.review_asked_by, self.review_reason = None, None, ""
        self.reviewed_at, self.reviewed_by, self.review_answer = None, None, ""
        return self.State.DRAFT if self.invited_at is None else self.State.INVITED

    @step(
        source=(*WRITTEN_IN, State.REFERRED, *BEING_SEEN_TO),
        target=State.WITHDRAWN,
        needs=Permission.APPLICATION_SUBMIT,
        guards=[policies.check_not_erased],
        tells=("application.withdrawn",),
    )
    def withdraw(self, *, by: Person, at: datetime) -> None:
        """The company no longer wants to be considered."""
