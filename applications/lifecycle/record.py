"""What an application's steps write."""

from datetime import date, datetime

from django.conf import settings
from django.db import models
from django_fsm import FSMField

from applications.lifecycle import states
from workflow.lifecycle import Lifecycle


class ApplicationRecord(Lifecycle):
    """The columns of an application that only its steps change."""

    State = states.State
    Outcome = states.Outcome
    WRITTEN_IN = states.WRITTEN_IN
    CHANGEABLE = states.CHANGEABLE
    CAN_BE_RULED_OUT = states.CAN_BE_RULED_OUT
    IN_PROGRESS = states.IN_PROGRESS
    OVER = states.OVER
    DECIDED = states.DECIDED

    state = FSMField(default=states.State.DRAFT, choices=states.State.choices, protected=True, max_length=30)
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
    refused_because = models.TextField(blank=True)
    """What an officer found who refused a referral; the company reads it."""
    changes_until = models.DateTimeField(null=True, blank=True)
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
    ruling_out_because = models.TextField(blank=True)
    """Why the first of two people asks for it; the second reads it, the company does not."""
    proposed_outcome = models.CharField(max_length=10, choices=states.Outcome, blank=True)
    proposed_amount_pence = models.BigIntegerField(null=True, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_amount_pence = models.BigIntegerField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reserve_until = models.DateTimeField(null=True, blank=True)
    """Until when it stays on the reserve list, as the company is told."""
    notified_at = models.DateTimeField(null=True, blank=True)
    notified_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    erased_at = models.DateTimeField(null=True, blank=True)
    erased_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    moves_case = True
    reads_with = ("case", "round__programme", "company__organisation", "version")

    class Meta:
        abstract = True

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
        """Whether it is not sent in: the company may write all of it."""
        return self.state in self.WRITTEN_IN

    @property
    def is_being_changed(self) -> bool:
        """Whether the company may write the sections that an officer asked to have changed, and no others."""
        return self.state == self.State.CHANGES_REQUESTED

    @property
    def waits_for_nobody(self) -> bool:
        """Over, or decided and told: nobody holds it."""
        return self.notified_at is not None if self.state in self.DECIDED else self.state in self.OVER

    @property
    def is_written_in(self) -> bool:
        """Whether the company may write in some of it."""
        return self.is_draft or self.is_being_changed

    @property
    def is_expression(self) -> bool:
        """Whether it is an expression of interest still, in a programme of two steps."""
        return self.invited_at is None and self.version.definition.expression is not None

    @property
    def closes_at(self) -> datetime:
        """Until when the company may send it in, extra time apart."""
        return self.invited_until or self.round.closes_at

    @property
    def due_at(self) -> datetime:
        """When it must be in, its own extra time counted."""
        return max(self.closes_at, self.extended_until or self.closes_at)

    @property
    def project_dates(self) -> tuple[date | None, date | None]:
        return self.starts_on, self.ends_on

    def found_eligible(self) -> str:
        """Where it goes once it is found eligible."""
        return self.State.EXPRESSED if self.is_expression else self.State.ELIGIBLE

    def forget_ruling_out(self) -> None:
        """Nobody asks to rule it out any more."""
        self.ruling_out_asked_at, self.ruling_out_asked_by, self.ruling_out_because = None, None, ""

    def forget_the_decision(self) -> None:
        """Nothing is proposed or decided any more; what was stays on file, with why it ended."""
        self.proposed_outcome, self.proposed_amount_pence, self.proposed_at, self.proposed_by = "", None, None, None
        self.decided_at, self.decided_by, self.decided_amount_pence = None, None, None
