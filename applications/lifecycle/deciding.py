"""From the assessors to the decision that the company is told."""

from datetime import datetime

from accounts.models import Person
from accounts.roles import Permission
from applications import policies, redress
from applications.lifecycle.record import ApplicationRecord
from applications.lifecycle.states import DECIDED, State
from workflow import guards
from workflow.lifecycle import step


class Deciding(ApplicationRecord):
    """Assessment, proposal, decision."""

    class Meta:
        abstract = True

    @step(
        source=State.ELIGIBLE,
        target=State.ASSESSING,
        needs=Permission.ASSESSMENT_ALLOCATE,
        guards=["assessments.enough_assessors"],
        label="Send to assessors",
    )
    def start_assessing(self, *, by: Person, at: datetime) -> None:
        """Assessors are allocated and begin."""

    @step(
        source=State.ASSESSING,
        target=State.MODERATING,
        needs=Permission.ASSESSMENT_MODERATE,
        guards=["assessments.all_in"],
        label="Start moderation",
    )
    def start_moderating(self, *, by: Person, at: datetime) -> None:
        """The scores are in and something about them needs a person's eye."""

    @step(
        source=(State.ASSESSING, State.MODERATING),
        target=State.PANEL,
        needs=Permission.ASSESSMENT_MODERATE,
        guards=["assessments.panel_comes_next", "assessments.moderation_done"],
        label="Send to the panel",
    )
    def start_panel(self, *, by: Person, at: datetime) -> None:
        """The panel looks at it in a meeting."""

    @step(
        source=(State.ASSESSING, State.MODERATING, State.PANEL),
        target=State.INTERVIEW,
        needs=Permission.ASSESSMENT_MODERATE,
        guards=["assessments.interview_comes_next", "assessments.moderation_done"],
        label="Send to interview",
    )
    def start_interview(self, *, by: Person, at: datetime) -> None:
        """The company answers the panel in person, or shows what it has made."""

    @step(
        source=(State.ASSESSING, State.MODERATING, State.PANEL, State.INTERVIEW, State.ON_HOLD, State.RESERVE),
        target=State.DECIDING,
        needs=Permission.ASSESSMENT_MODERATE,
        guards=[policies.check_not_erased, "assessments.decision_comes_next", "assessments.moderation_done"],
        label="Send for a decision",
    )
    def start_deciding(self, *, by: Person, at: datetime) -> None:
        """Assessment is over (or a place has come free for one on the reserve list): somebody proposes what to do."""
        self.decided_at, self.decided_by, self.decided_amount_pence = None, None, None
        self.reserve_until = None
        self.notified_at, self.notified_by = None, None

    @step(
        source=(State.PANEL, State.INTERVIEW, State.DECIDING),
        target=State.MODERATING,
        needs=Permission.ASSESSMENT_MODERATE,
        note_required=True,
        label="Back to moderation",
    )
    def back_to_moderation(self, *, by: Person, at: datetime, note: str) -> None:
        """Something about the scores has to be looked at again, or another assessor asked."""

    @step(source=State.DECIDING, target=State.PROPOSED, needs=Permission.DECISION_PROPOSE, guards=["assessments.enough_count"],
          keeps_out=["assessments.is_disinterested"], duty="propose", label="Propose a decision")  # fmt: skip
    def propose(self, *, by: Person, at: datetime, outcome: str, amount_pence: int = 0, reason: str = "") -> None:
        """Propose to approve (with an amount), reserve, decline or hold."""
        policies.check_proposal(self, outcome=outcome, amount_pence=amount_pence, reason=reason)
        self.proposed_outcome = self.Outcome(outcome)
        self.proposed_amount_pence = amount_pence if outcome in (self.Outcome.APPROVE, self.Outcome.RESERVE) else 0
        self.proposed_at, self.proposed_by = at, by

    @step(
        source=State.PROPOSED,
        target=State.PROPOSED,
        needs=Permission.DECISION_AGREE,
        guards=[policies.check_proposed_to_approve, "assessments.agreement_is_asked", "assessments.is_proposed_here"],
        keeps_out=["assessments.is_disinterested", "assessments.may_agree"],
        duty="agree_amount",
        label="Agree to the amount",
    )
    def agree_amount(self, *, by: Person, at: datetime) -> None:
        """Somebody whom the programme names for grants of this size agrees, before it is decided."""

    @step(
        source=State.PROPOSED,
        target=State.APPROVED,
        needs=Permission.DECISION_APPROVE,
        guards=[
            policies.check_proposed_to_approve,
            "assessments.enough_count",
            "assessments.is_proposed_here",
            "assessments.amount_is_agreed",
            "assessments.within_budget",
        ],
        keeps_out=["assessments.is_disinterested"],
        duty="decide",
    )
    def approve(self, *, by: Person, at: datetime) -> None:
        """Decide as proposed: a grant of the proposed amount."""
        self.decided_at, self.decided_by, self.decided_amount_pence = at, by, self.proposed_amount_pence

    @step(
        source=State.PROPOSED,
        target=State.RESERVE,
        needs=Permission.DECISION_APPROVE,
        guards=[policies.check_proposed_to_reserve, "assessments.enough_count", "assessments.is_proposed_here"],
        keeps_out=["assessments.is_disinterested"],
        duty="decide",
    )
    def put_on_reserve(self, *, by: Person, at: datetime) -> None:
        """Decide as proposed: fundable, if money comes free."""
        self.decided_at, self.decided_by, self.decided_amount_pence = at, by, self.proposed_amount_pence

    @step(
        source=State.PROPOSED,
        target=State.DECLINED,
        needs=Permission.DECISION_APPROVE,
        guards=[policies.check_proposed_to_decline, "assessments.enough_count", "assessments.is_proposed_here"],
        keeps_out=["assessments.is_disinterested"],
        duty="decide",
    )
    def decline(self, *, by: Person, at: datetime) -> None:
        """Decide as proposed: no grant."""
        self.decided_at, self.decided_by, self.decided_amount_pence = at, by, 0

    @step(
        source=State.PROPOSED,
        target=State.ON_HOLD,
        needs=Permission.DECISION_APPROVE,
        guards=[policies.check_proposed_to_hold, "assessments.is_proposed_here"],
        keeps_out=["assessments.is_disinterested"],
        duty="decide",
    )
    def put_on_hold(self, *, by: Person, at: datetime) -> None:
        """Decide as proposed: wait for what the reason names. The company still sees that it is being assessed."""
        self.decided_at, self.decided_by, self.decided_amount_pence = at, by, 0

    @step(
        source=(State.PROPOSED, *DECIDED),
        target=State.DECIDING,
        needs=Permission.DECISION_APPROVE,
        guards=[policies.check_not_notified],
        keeps_out=["assessments.is_disinterested"],
        duty="decide",
        note_required=True,
        label="Send back",
    )
    def send_back(self, *, by: Person, at: datetime, note: str) -> None:
        """The proposal is not agreed, or the decision is taken back before the company is told: propose again."""
        self.forget_the_decision()

    @step(
        source=(State.PROPOSED, State.ON_HOLD, *DECIDED),
        target=State.DECIDING,
        needs=Permission.SYSTEM_STEP,
        guards=[policies.check_not_notified],
        note_required=True,
        label="Void the decision",
        tells=("decision.voided",),
    )
    def void_decision(self, *, by: Person, at: datetime, note: str) -> None:
        """What the proposal or decision rested on has changed since: it must be proposed again."""
        self.forget_the_decision()

    @step(
        source=DECIDED,
        target=DECIDED,
        needs=Permission.DECISION_NOTIFY,
        guards=[policies.check_not_notified, "assessments.is_decided_here"],
        keeps_out=["assessments.is_disinterested"],
        label="Tell the company",
        tells=("decision.notified",),
    )
    def notify(self, *, by: Person, at: datetime) -> str:
        """The company is told; an approved application becomes an award."""
        self.notified_at, self.notified_by = at, by
        self.reserve_until = policies.reserve_until(self, at=at)
        return self.state

    @step(
        source=State.RESERVE,
        target=State.DECLINED,
        needs=Permission.SYSTEM_STEP,
        guards=[policies.check_reserve_is_over],
        label="Leave the reserve list",
        tells=("reserve.expired",),
    )
    def expire_reserve(self, *, by: Person, at: datetime) -> None:
        """Its time on the reserve list is over and nothing came free."""
        self.decided_amount_pence = 0

    @step(
        source=(State.DECLINED, State.RESERVE),
        target=State.ELIGIBLE,
        needs=Permission.APPLICATION_SCREEN,
        guards=[policies.check_not_erased, redress.check_appeal_upheld],
        label="Take up again after an appeal",
    )
    def reconsider(self, *, by: Person, at: datetime) -> None:
        """An appeal was upheld: it goes to fresh assessors as if nothing had been decided. What was scored and decided stays on record."""
        guards.resolve("assessments.set_aside")(self, at=at)
        self.forget_the_decision()
        self.notified_at, self.notified_by, self.reserve_until = None, None, None
