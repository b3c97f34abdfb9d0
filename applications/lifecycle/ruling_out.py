"""Out, by two people."""

from datetime import datetime

from accounts.models import Person
from accounts.roles import Permission
from applications import policies
from applications.lifecycle.record import ApplicationRecord
from applications.lifecycle.states import CAN_BE_RULED_OUT, State
from workflow import guards
from workflow.lifecycle import step


class RulingOut(ApplicationRecord):
    """Ruling an application out takes one who asks and one who agrees. Whoever asked can take it back; another can turn it down."""

    class Meta:
        abstract = True

    @step(
        source=CAN_BE_RULED_OUT,
        target=CAN_BE_RULED_OUT,
        needs=Permission.APPLICATION_SCREEN,
        guards=[policies.check_not_erased, "payments.award_not_accepted", policies.check_ruling_out_not_asked],
        duty="ask_ruling_out",
        note_required=True,
        label="Ask to rule it out",
    )
    def ask_ruling_out(self, *, by: Person, at: datetime, note: str) -> str:
        """The first of two people says why it must not go on."""
        self.ruling_out_asked_at, self.ruling_out_asked_by, self.ruling_out_because = at, by, note.strip()
        return self.state

    @step(
        source=CAN_BE_RULED_OUT,
        target=State.RULED_OUT,
        needs=Permission.APPLICATION_RULE_OUT,
        guards=["payments.award_not_accepted", policies.check_ruling_out_was_asked],
        duty="rule_out",
        note_required=True,
        tells=("application.ruled_out",),
    )
    def rule_out(self, *, by: Person, at: datetime, note: str) -> None:
        """The second person agrees. Scores are kept; an award that was not accepted yet is withdrawn."""
        guards.resolve("payments.withdraw_award")(self, by=by, at=at, note=note)

    @step(
        source=CAN_BE_RULED_OUT,
        target=CAN_BE_RULED_OUT,
        needs=Permission.APPLICATION_RULE_OUT,
        guards=[policies.check_ruling_out_was_asked],
        keeps_out=[policies.check_did_not_ask_ruling_out],
        note_required=True,
        label="Do not rule it out",
    )
    def refuse_ruling_out(self, *, by: Person, at: datetime, note: str) -> str:
        """The second person does not agree: it goes on as if nobody had asked."""
        self.forget_ruling_out()
        return self.state

    @step(
        source=CAN_BE_RULED_OUT,
        target=CAN_BE_RULED_OUT,
        needs=Permission.APPLICATION_SCREEN,
        guards=[policies.check_ruling_out_was_asked],
        keeps_out=[policies.check_asked_ruling_out],
        note_required=True,
        label="Take the request back",
    )
    def take_back_ruling_out(self, *, by: Person, at: datetime, note: str) -> str:
        """Whoever asked has found that it need not be ruled out."""
        self.forget_ruling_out()
        return self.state
