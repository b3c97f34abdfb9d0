"""The life of an application, on one page."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django_fsm import FSMField

from accounts.models import Person
from accounts.roles import Permission
from applications import policies, redress
from applications.papers import freeze
from applications.screening import judge
from workflow.lifecycle import Lifecycle, States, step


class ApplicationLifecycle(Lifecycle):
    """States and steps of an application. Decisions are shown to the company only once they are notified."""

    class State(States):
        DRAFT = "draft", "applicant", "Draft", "Draft"
        SUBMITTED = "submitted", "system", "Submitted", "Submitted"
        REFERRED = "referred", "officer", "Being checked", "Referred to an officer"
        INELIGIBLE = "ineligible", "", "Not eligible", "Ineligible"
        EXPRESSED = "expressed", "officer", "Expression of interest sent", "Expression of interest"
        INVITED = "invited", "applicant", "Invited to apply in full", "Invited"
        NOT_INVITED = "not_invited", "", "Not invited to apply in full", "Not invited"
        ELIGIBLE = "eligible", "officer", "Submitted", "Eligible"
        ASSESSING = "assessing", "assessors", "Being assessed", "With assessors"
        MODERATING = "moderating", "officer", "Being assessed", "In moderation"
        PANEL = "panel", "panel", "Being assessed", "With the panel"
        INTERVIEW = "interview", "panel", "Being assessed", "To be interviewed"
        DECIDING = "deciding", "lead", "Being assessed", "Awaiting a proposal"
        PROPOSED = "proposed", "lead", "Being assessed", "Decision proposed"
        APPROVED = "approved", "officer", "Being assessed", "Approved"
        RESERVE = "reserve", "lead", "Being assessed", "On the reserve list"
        DECLINED = "declined", "officer", "Being assessed", "Declined"
        ON_HOLD = "on_hold", "lead", "Being assessed", "On hold"
        RULED_OUT = "ruled_out", "", "Ruled out", "Ruled out"
        WITHDRAWN = "withdrawn", "", "Withdrawn", "Withdrawn"

    class Outcome(models.TextChoices):
        APPROVE = "approve", "Approve"
        RESERVE = "reserve", "Put on the reserve list"
        DECLINE = "decline", "Decline"
        HOLD = "hold", "Put on hold"

    WRITTEN_IN = (State.DRAFT, State.INVITED)
    """States in which the company writes."""
    BEING_SEEN_TO = (
        State.EXPRESSED,
        State.ELIGIBLE,
        State.ASSESSING,
        State.MODERATING,
        State.PANEL,
        State.INTERVIEW,
        State.DECIDING,
        State.PROPOSED,
        State.ON_HOLD,
        State.RESERVE,
    )
    CAN_BE_RULED_OUT = (State.REFERRED, *BEING_SEEN_TO, State.APPROVED)
    IN_PROGRESS = (State.SUBMITTED, State.REFERRED, State.INVITED, *BEING_SEEN_TO[:-1])
    OVER = (State.INELIGIBLE, State.NOT_INVITED, State.DECLINED, State.RULED_OUT, State.WITHDRAWN)
    DECIDED = (State.APPROVED, State.RESERVE, State.DECLINED)

    state = FSMField(default=State.DRAFT, choices=State.choices, protected=True, max_length=30)
    grant_requested_pence = models.BigIntegerField(default=0)
    project_cost_pence = models.BigIntegerField(default=0)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    declared_at = models.DateTimeField(null=True, blank=True)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    declared_sha256 = models.CharField(max_length=64, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    receipt_sha256 = models.CharField(max_length=64, blank=True)
    invited_until = models.DateTimeField(null=True, blank=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    not_invited_because = models.TextField(blank=True)
    extended_until = models.DateTimeField(null=True, blank=True)
    extended_at = models.DateTimeField(null=True, blank=True)
    extended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    extension_reason = models.CharField(max_length=300, blank=True)
    review_asked_at = models.DateTimeField(null=True, blank=True)
    review_asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    review_reason = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    review_answer = models.TextField(blank=True)
    ruling_out_asked_at = models.DateTimeField(null=True, blank=True)
    ruling_out_asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    proposed_outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    proposed_amount_pence = models.BigIntegerField(null=True, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_amount_pence = models.BigIntegerField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    notified_at = models.DateTimeField(null=True, blank=True)
    notified_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    moves_case = True
    reads_with = ("case", "round__programme", "company__organisation", "version")

    class Meta:
        abstract = True

    # the applicant's

    @step(
        source=(State.DRAFT, State.INVITED),
        target=State.SUBMITTED,
        needs=Permission.APPLICATION_SUBMIT,
        guards=[
            policies.check_round_is_open,
            policies.check_sections_are_complete,
            policies.check_costs_fit,
            policies.check_grant_is_within_limits,
            policies.check_documents_are_clean,
            policies.check_declaration_is_signed,
        ],
        tells=("application.submitted",),
    )
    def submit(self, *, by: Person, at: datetime) -> None:
        """Freeze what was written; the receipt is the hash of the frozen paper."""
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
        return self._found_eligible() if found == self.State.ELIGIBLE else found

    @step(
        source=(State.REFERRED, State.EXPRESSED, State.ELIGIBLE, State.INELIGIBLE, State.WITHDRAWN),
        target=WRITTEN_IN,
        needs=Permission.APPLICATION_SUBMIT,
        guards=[policies.check_round_is_open],
        label="Reopen to change it",
    )
    def reopen(self, *, by: Person, at: datetime) -> str:
        """Back to a draft while the round is open; the paper that was sent in is kept, and it must be sent in again."""
        self.submitted_at, self.submitted_by, self.receipt_sha256 = None, None, ""
        self.declared_at, self.declared_by, self.declared_sha256 = None, None, ""
        self.review_asked_at, self.review_asked_by, self.review_reason = None, None, ""
        self.reviewed_at, self.reviewed_by, self.review_answer = None, None, ""
        return self.State.DRAFT if self.invited_at is None else self.State.INVITED

    @step(
        source=(*WRITTEN_IN, State.REFERRED, *BEING_SEEN_TO),
        target=State.WITHDRAWN,
        needs=Permission.APPLICATION_SUBMIT,
        tells=("application.withdrawn",),
    )
    def withdraw(self, *, by: Person, at: datetime) -> None:
        """The company no longer wants to be considered."""

    # eligibility

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
        return self._found_eligible()

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
        """An officer looked at what the rules referred and finds it ineligible."""

    @step(
        source=(State.INELIGIBLE, State.NOT_INVITED),
        target=(State.ELIGIBLE, State.EXPRESSED),
        needs=Permission.APPLICATION_REINSTATE,
        duty="review_eligibility",
        note_required=True,
        tells=("application.reinstated",),
    )
    def reinstate(self, *, by: Person, at: datetime, note: str) -> str:
        """A second person reviewed the finding and reverses it."""
        self.reviewed_at, self.reviewed_by, self.review_answer = at, by, note.strip()
        return self._found_eligible()

    @step(
        source=State.INELIGIBLE,
        target=State.INELIGIBLE,
        needs=Permission.APPLICATION_SUBMIT,
        guards=[redress.check_review_not_asked, redress.check_review_in_time],
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

    def _found_eligible(self) -> str:
        return self.State.EXPRESSED if self.is_expression else self.State.ELIGIBLE

    # from the expression of interest to the full application

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

    # assessment and decision

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
        guards=["assessments.decision_comes_next", "assessments.moderation_done"],
        label="Send for a decision",
    )
    def start_deciding(self, *, by: Person, at: datetime) -> None:
        """Assessment is over (or a place has come free for one on the reserve list): somebody proposes what to do."""
        self.decided_at, self.decided_by, self.decided_amount_pence = None, None, None
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
          duty="propose", label="Propose a decision")  # fmt: skip
    def propose(self, *, by: Person, at: datetime, outcome: str, amount_pence: int = 0, reason: str = "") -> None:
        """Propose to approve (with an amount), reserve, decline or hold."""
        policies.check_is_disinterested(self, by=by)
        policies.check_proposal(self, outcome=outcome, amount_pence=amount_pence, reason=reason)
        self.proposed_outcome = self.Outcome(outcome)
        self.proposed_amount_pence = amount_pence if outcome in (self.Outcome.APPROVE, self.Outcome.RESERVE) else 0
        self.proposed_at, self.proposed_by = at, by

    @step(
        source=State.PROPOSED,
        target=State.APPROVED,
        needs=Permission.DECISION_APPROVE,
        guards=[
            policies.check_proposed_to_approve,
            "assessments.enough_count",
            "assessments.is_proposed_here",
            "assessments.within_budget",
        ],
        duty="decide",
    )
    def approve(self, *, by: Person, at: datetime) -> None:
        """Decide as proposed: a grant of the proposed amount."""
        policies.check_is_disinterested(self, by=by)
        self.decided_at, self.decided_by, self.decided_amount_pence = at, by, self.proposed_amount_pence

    @step(
        source=State.PROPOSED,
        target=State.RESERVE,
        needs=Permission.DECISION_APPROVE,
        guards=[policies.check_proposed_to_reserve, "assessments.enough_count", "assessments.is_proposed_here"],
        duty="decide",
    )
    def put_on_reserve(self, *, by: Person, at: datetime) -> None:
        """Decide as proposed: fundable, if money comes free."""
        policies.check_is_disinterested(self, by=by)
        self.decided_at, self.decided_by, self.decided_amount_pence = at, by, self.proposed_amount_pence

    @step(
        source=State.PROPOSED,
        target=State.DECLINED,
        needs=Permission.DECISION_APPROVE,
        guards=[policies.check_proposed_to_decline, "assessments.enough_count", "assessments.is_proposed_here"],
        duty="decide",
    )
    def decline(self, *, by: Person, at: datetime) -> None:
        """Decide as proposed: no grant."""
        policies.check_is_disinterested(self, by=by)
        self.decided_at, self.decided_by, self.decided_amount_pence = at, by, 0

    @step(
        source=State.PROPOSED,
        target=State.ON_HOLD,
        needs=Permission.DECISION_APPROVE,
        guards=[policies.check_proposed_to_hold, "assessments.is_proposed_here"],
        duty="decide",
    )
    def put_on_hold(self, *, by: Person, at: datetime) -> None:
        """Decide as proposed: wait for what the reason names. The company still sees that it is being assessed."""
        policies.check_is_disinterested(self, by=by)
        self.decided_at, self.decided_by, self.decided_amount_pence = at, by, 0

    @step(
        source=State.PROPOSED,
        target=State.DECIDING,
        needs=Permission.DECISION_APPROVE,
        duty="decide",
        note_required=True,
        label="Send back",
    )
    def send_back(self, *, by: Person, at: datetime, note: str) -> None:
        """The proposal is not agreed: propose again."""
        self.proposed_outcome, self.proposed_amount_pence, self.proposed_at, self.proposed_by = "", None, None, None

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
        self.proposed_outcome, self.proposed_amount_pence, self.proposed_at, self.proposed_by = "", None, None, None
        self.decided_at, self.decided_by, self.decided_amount_pence = None, None, None

    @step(
        source=DECIDED,
        target=DECIDED,
        needs=Permission.DECISION_NOTIFY,
        guards=[policies.check_not_notified, "assessments.is_decided_here"],
        label="Tell the company",
        tells=("decision.notified",),
    )
    def notify(self, *, by: Person, at: datetime) -> str:
        """The company is told; an approved application becomes an award."""
        policies.check_is_disinterested(self, by=by)
        self.notified_at, self.notified_by = at, by
        return self.state

    @step(
        source=(State.DECLINED, State.RESERVE),
        target=State.ELIGIBLE,
        needs=Permission.APPLICATION_SCREEN,
        guards=[redress.check_appeal_upheld],
        label="Take up again after an appeal",
    )
    def reconsider(self, *, by: Person, at: datetime) -> None:
        """An appeal was upheld: it goes to fresh assessors as if nothing had been decided. What was scored and decided stays on record."""
        self.proposed_outcome, self.proposed_amount_pence, self.proposed_at, self.proposed_by = "", None, None, None
        self.decided_at, self.decided_by, self.decided_amount_pence = None, None, None
        self.notified_at, self.notified_by = None, None

    # out, by two people

    @step(
        source=CAN_BE_RULED_OUT,
        target=CAN_BE_RULED_OUT,
        needs=Permission.APPLICATION_SCREEN,
        guards=[policies.check_company_has_no_offer, policies.check_ruling_out_not_asked],
        duty="ask_ruling_out",
        note_required=True,
        label="Ask to rule it out",
    )
    def ask_ruling_out(self, *, by: Person, at: datetime, note: str) -> str:
        """The first of two people says why it must not go on."""
        self.ruling_out_asked_at, self.ruling_out_asked_by = at, by
        return self.state

    @step(
        source=CAN_BE_RULED_OUT,
        target=State.RULED_OUT,
        needs=Permission.APPLICATION_RULE_OUT,
        guards=[policies.check_company_has_no_offer, policies.check_ruling_out_was_asked],
        duty="rule_out",
        note_required=True,
        tells=("application.ruled_out",),
    )
    def rule_out(self, *, by: Person, at: datetime, note: str) -> None:
        """The second person agrees. Scores are kept."""

    # what the pages ask

    @property
    def public_state(self) -> str:
        """What the company may be told: a decision only once it is notified."""
        if self.state in self.DECIDED and self.notified_at is not None:
            return {self.State.APPROVED: "Successful", self.State.RESERVE: "On the reserve list", self.State.DECLINED: "Unsuccessful"}[
                self.State(self.state)
            ]
        return self.state_now.public

    @property
    def waits_for_review(self) -> bool:
        """Whether the company asked for a review of a finding against it and nobody has answered yet."""
        return self.state == self.State.INELIGIBLE and self.review_asked_at is not None and self.reviewed_at is None

    @property
    def is_draft(self) -> bool:
        """Whether the company may write in it."""
        return self.state in self.WRITTEN_IN

    @property
    def is_expression(self) -> bool:
        """Whether it is an expression of interest still, in a programme of two steps."""
        return self.invited_at is None and self.version.definition.expression is not None

    @property
    def closes_at(self) -> datetime:
        """Until when the company may send it in, extra time apart."""
        return self.invited_until or self.round.closes_at

    @property
    def project_dates(self) -> tuple[date | None, date | None]:
        return self.starts_on, self.ends_on

    def facts_in_brief(self) -> dict[str, Any]:
        """The few figures of it that letters quote."""
        return {"title": self.title, "grant_requested_pence": self.grant_requested_pence, "project_cost_pence": self.project_cost_pence}
