"""Changes that an officer asks for after an application was sent in, before anybody has scored it."""

from datetime import datetime

from accounts.models import Person
from accounts.roles import Permission
from applications import changes, policies
from applications.lifecycle.record import ApplicationRecord
from applications.lifecycle.states import CHANGEABLE, State
from applications.papers import freeze
from applications.screening import judge
from workflow.lifecycle import step


class Changing(ApplicationRecord):
    """Back to the company for some sections only, and from there to where it was. The paper sent in before stays beside the new one."""

    class Meta:
        abstract = True

    @step(
        source=CHANGEABLE,
        target=State.CHANGES_REQUESTED,
        needs=Permission.APPLICATION_SCREEN,
        note_required=True,
        label="Ask for changes",
        tells=("application.changes_requested",),
    )
    def request_changes(self, *, by: Person, at: datetime, note: str, sections: list[str], until: datetime) -> None:
        """The company changes these sections by `until`; all else stays as it was sent in."""
        changes.ask(self, sections, until=until, reason=note.strip(), by=by, at=at)
        self.changes_until = until

    @step(
        source=State.CHANGES_REQUESTED,
        target=State.CHANGES_REQUESTED,
        needs=Permission.APPLICATION_SCREEN,
        note_required=True,
        label="Give more time for the changes",
        tells=("application.changes_later",),
    )
    def give_time_for_changes(self, *, by: Person, at: datetime, note: str, until: datetime) -> None:
        """A later date for the same changes."""
        changes.check_until(until, at=at, after=self.changes_until)
        self.changes_until = until

    @step(
        source=State.CHANGES_REQUESTED,
        target=CHANGEABLE,
        needs=Permission.APPLICATION_SUBMIT,
        guards=[
            policies.check_changes_in_time,
            policies.check_sections_are_complete,
            policies.check_answers_agree,
            policies.check_costs_fit,
            policies.check_grant_is_within_limits,
            policies.check_documents_are_clean,
            policies.check_declaration_is_signed,
        ],
        note_required=True,
        label="Send the changes",
        tells=("application.resubmitted",),
    )
    def resubmit(self, *, by: Person, at: datetime, note: str) -> str:
        """Freeze it anew and run the rules again: back to where it was, or to an officer where a rule is broken that was not before."""
        changes.take_over(self)
        paper = freeze(self, by=by, at=at)
        self.receipt_sha256, self.changes_until = paper.sha256, None
        judge(self, at=at)
        return changes.answered(self, paper, reply=note.strip(), by=by, at=at)

    @step(
        source=State.CHANGES_REQUESTED,
        target=CHANGEABLE,
        needs=Permission.APPLICATION_SCREEN,
        note_required=True,
        label="Go on with what was sent in",
        tells=("application.changes_given_up",),
    )
    def keep_as_sent(self, *, by: Person, at: datetime, note: str) -> str:
        """No changes after all. What the company typed meanwhile stays in the history of its answers."""
        self.changes_until = None
        return changes.given_up(self, by=by, at=at)
