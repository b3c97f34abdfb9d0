"""The life of an award and of its milestones."""

from datetime import datetime

from django_fsm import FSMField

from accounts.models import Person
from accounts.roles import Permission
from payments import ledger
from payments.policies import awards as policies
from workflow.lifecycle import Lifecycle, States, step


class AwardLifecycle(Lifecycle):
    """From an approved application to a closed award. `cleared` comes before the offer: an accepted offer is already a subsidy."""

    class State(States):
        DRAFTED = "drafted", "officer", "Being set up", "Drafted"
        CHECKING = "checking", "officer", "Being set up", "Being checked"
        CLEARED = "cleared", "officer", "Being set up", "Cleared to offer"
        OFFERED = "offered", "signatory", "Offer to accept", "Offered"
        ACCEPTED = "accepted", "officer", "Accepted", "Accepted"
        REFUSED = "refused", "", "You refused this offer", "Refused"
        LAPSED = "lapsed", "", "The offer ran out", "Lapsed"
        RESCINDED = "rescinded", "", "Withdrawn by the programme", "Rescinded"
        LIVE = "live", "applicant", "Under way", "Live"
        SUSPENDED = "suspended", "officer", "On hold", "Suspended"
        COMPLETED = "completed", "officer", "Work finished", "Completed"
        CLOSED = "closed", "", "Closed", "Closed"

    FELL = (State.REFUSED, State.LAPSED, State.RESCINDED)
    """States of an award that nobody accepted: nothing of it is set up any more."""

    state = FSMField(default=State.DRAFTED, choices=State.choices, protected=True, max_length=30)
    audited = ("amount_pence", "offer_until")
    moves_case = True
    reads_with = ("case", "programme", "company__organisation", "budget", "application__version")

    class Meta:
        abstract = True

    @step(source=State.DRAFTED, target=State.CHECKING, needs=Permission.AWARD_CHECK)
    def start_checking(self, *, by: Person, at: datetime) -> None:
        self.checking_at, self.checking_by = at, by

    @step(
        source=State.CHECKING,
        target=State.CLEARED,
        needs=Permission.AWARD_CHECK,
        guards=[
            policies.check_due_diligence_passed,
            policies.check_subsidy_notified,
            policies.check_subsidy_confirmed,
            policies.check_subsidy_room,
        ],
        label="Clear to offer",
    )
    def clear(self, *, by: Person, at: datetime) -> None:
        self.cleared_at, self.cleared_by = at, by

    @step(
        source=State.CLEARED,
        target=State.OFFERED,
        needs=Permission.AWARD_OFFER,
        guards=[
            policies.check_due_diligence_passed,
            policies.check_subsidy_confirmed,
            policies.check_subsidy_room,
            policies.check_budget_bears,
        ],
        tells=("award.offered", "award.committed"),
        label="Make the offer",
    )
    def offer(self, *, by: Person, at: datetime, until: datetime) -> None:
        """Binds the money: the commitment is posted here, under the budget's lock (docs/adr/0050)."""
        self.offered_at, self.offered_by, self.offer_until = at, by, until
        ledger.post(
            kind="commitment",
            budget=self.budget,
            award=self,
            amount_pence=self.amount_pence,
            source="offer",
            external_ref=str(self.pk),
            at=at,
        )
        self.take_over_plan()
        self.issue_offer(by=by, at=at)

    @step(
        source=State.OFFERED,
        target=State.ACCEPTED,
        needs=Permission.AWARD_ACCEPT,
        guards=[policies.check_offer_stands, policies.check_subsidy_room],
        tells=("award.accepted",),
        label="Accept the offer",
    )
    def accept(self, *, by: Person, at: datetime) -> None:
        """The subsidy is given at this moment: the giving letter goes out and the milestones stand."""
        self.accepted_at, self.accepted_by = at, by
        self.issue_agreement(by=by, at=at)
        self.plan_milestones(at=at)
        self.plan_reports(at=at)

    @step(source=State.OFFERED, target=State.REFUSED, needs=Permission.AWARD_ACCEPT, note_required=True,
          label="Refuse the offer", tells=("round.money_freed",))  # fmt: skip
    def refuse(self, *, by: Person, at: datetime, note: str) -> None:
        self.refused_at, self.refused_by = at, by
        self.release_commitment(at=at)

    @step(
        source=State.OFFERED,
        target=State.LAPSED,
        needs=Permission.SYSTEM_STEP,
        guards=[policies.check_offer_ran_out],
        tells=("award.lapsed", "round.money_freed"),
    )
    def lapse(self, *, by: Person, at: datetime) -> None:
        self.lapsed_at, self.lapsed_by = at, by
        self.release_commitment(at=at)

    @step(
        source=(State.DRAFTED, State.CHECKING, State.CLEARED, State.OFFERED),
        target=State.RESCINDED,
        needs=Permission.DECISION_APPROVE,
        note_required=True,
        tells=("award.rescinded", "round.money_freed"),
    )
    def rescind(self, *, by: Person, at: datetime, note: str) -> None:
        self.rescinded_at, self.rescinded_by = at, by
        self.release_commitment(at=at)

    @step(
        source=State.ACCEPTED,
        target=State.LIVE,
        needs=Permission.AWARD_MANAGE,
        guards=[policies.check_agreement_signed, policies.check_bank_verified, policies.check_conditions_met],
        tells=("award.live",),
        label="Go live",
    )
    def go_live(self, *, by: Person, at: datetime) -> None:
        self.live_at, self.live_by = at, by

    @step(source=State.LIVE, target=State.SUSPENDED, needs=Permission.AWARD_MANAGE, note_required=True, tells=("award.suspended",))
    def suspend(self, *, by: Person, at: datetime, note: str) -> None:
        self.suspended_at, self.suspended_by = at, by

    @step(source=State.SUSPENDED, target=State.LIVE, needs=Permission.AWARD_MANAGE, note_required=True, label="Lift the suspension",
          tells=("award.resumed",))  # fmt: skip
    def resume(self, *, by: Person, at: datetime, note: str) -> None:
        self.suspended_at, self.suspended_by = None, None

    @step(
        source=State.LIVE,
        target=State.COMPLETED,
        needs=Permission.AWARD_MANAGE,
        guards=[policies.check_nothing_open, policies.check_advance_is_earned, policies.check_work_is_over],
        tells=("award.completed",),
    )
    def complete(self, *, by: Person, at: datetime) -> None:
        self.completed_at, self.completed_by = at, by

    @step(
        source=State.COMPLETED,
        target=State.CLOSED,
        needs=Permission.AWARD_MANAGE,
        guards=[policies.check_nothing_open, policies.check_reports_accepted],
        tells=("award.closed",),
    )
    def close(self, *, by: Person, at: datetime) -> None:
        """What was not spent goes back to the budget."""
        self.closed_at, self.closed_by = at, by
        self.release_commitment(at=at)


class MilestoneLifecycle(Lifecycle):
    """A piece of work the grant pays for, from the agreement to what was shown of it."""

    class State(States):
        PLANNED = "planned", "applicant", "Planned", "Planned"
        DUE = "due", "applicant", "Due", "Due"
        CLAIMED = "claimed", "officer", "Claimed", "Claimed"
        MET = "met", "", "Met", "Met"
        PART_MET = "part_met", "applicant", "Partly met", "Partly met"
        NOT_MET = "not_met", "applicant", "Not met", "Not met"

    state = FSMField(default=State.PLANNED, choices=State.choices, protected=True, max_length=30)
    audited = ("due_on", "cap_pence")
    reads_with = ("case", "award__programme", "award__company__organisation", "award__application__version")

    class Meta:
        abstract = True

    @step(source=State.PLANNED, target=State.DUE, needs=Permission.SYSTEM_STEP, tells=("milestone.due",))
    def fall_due(self, *, by: Person, at: datetime) -> None:
        pass

    @step(source=(State.PLANNED, State.DUE, State.PART_MET, State.NOT_MET), target=State.CLAIMED, needs=Permission.SYSTEM_STEP)
    def claim(self, *, by: Person, at: datetime) -> None:
        pass

    @step(source=State.CLAIMED, target=State.DUE, needs=Permission.SYSTEM_STEP, label="Take the claim back")
    def unclaim(self, *, by: Person, at: datetime) -> None:
        pass

    @step(source=(State.MET, State.PART_MET, State.NOT_MET), target=State.CLAIMED, needs=Permission.SYSTEM_STEP, label="Judge it again")
    def reconsider(self, *, by: Person, at: datetime) -> None:
        """Its claim's approval was taken back."""
        self.judged_at, self.judged_by = None, None

    @step(source=State.CLAIMED, target=(State.MET, State.PART_MET, State.NOT_MET), needs=Permission.SYSTEM_STEP)
    def judge(self, *, by: Person, at: datetime, outcome: str) -> str:
        """How far the milestone was met, as the officer who checked the claim found and its approver agreed."""
        self.judged_at, self.judged_by = at, by
        return outcome
