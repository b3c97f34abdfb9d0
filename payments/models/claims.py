"""A claim, its cost lines, the evidence for each, and the questions asked about them."""

import uuid
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.access import reach
from accounts.models import Person
from accounts.roles import Permission
from applications.barriers import open_to
from applications.models.scanned import Scanned, verdict_has_its_time
from audit.constants import constants
from grants.money import share_pence
from payments import ledger
from payments.due import COUNTED, Due, work_out
from payments.lifecycle.claims import ClaimLifecycle
from payments.models.awards import Award, Milestone
from payments.models.columns import moment, pairs, person
from payments.policies.claims import OPEN
from workflow.models import Case, StepTaken

WAITING = ("submitted", "checking", "queried", "recommended")
"""States of a claim that somebody works on: what the queue shows first."""


class ClaimQuerySet(models.QuerySet["Claim"]):
    def visible_to(self, person: Person) -> "ClaimQuerySet":
        """A company's own claims; as staff, those of the person's programmes once they were submitted."""
        own = reach(person, Permission.COMPANY_VIEW).organisations
        staff = reach(person, Permission.CLAIM_VIEW)
        mine = Q(award__company__organisation__in=own)
        sent = Q(first_submitted_at__isnull=False) & open_to(person, "award__application")
        if not staff.everywhere:
            sent &= Q(award__programme__slug__in=staff.programmes)
        return self.filter(mine | sent) if (staff.everywhere or staff.programmes) else self.filter(mine)

    def for_staff(self, person: Person) -> "ClaimQuerySet":
        """Claims the person works on as staff: their own companies' left out."""
        own = reach(person, Permission.COMPANY_VIEW).organisations
        rows = self.visible_to(person).filter(first_submitted_at__isnull=False)
        return rows.exclude(award__company__organisation__in=own) if own else rows

    def for_a_list(self) -> "ClaimQuerySet":
        """With what a row of a list names, and no more: fifty rows of all five tables take longer to read than to draw."""
        return self.select_related("milestone", "award__company__organisation").only(
            "number", "state", "claimed_pence", "submitted_at", "award__reference", "award__company__organisation__name",
            "milestone__number", "milestone__title",
        )  # fmt: skip

    def waiting(self) -> "ClaimQuerySet":
        """With staff, by the index that holds only these."""
        return self.filter(state__in=constants(*WAITING))

    def counted(self) -> "ClaimQuerySet":
        """Those whose approved amount stands."""
        return self.filter(state__in=COUNTED)


class Claim(ClaimLifecycle):
    """What a company asks for: the costs of a milestone line by line, a milestone's fixed sum for its outcome, or the award's advance.

    `claimed_pence` is the grant asked for, `recommended_pence` what the checker worked out, `approved_pence` what will be
    paid now, `retained_pence` what is held back until the final report is accepted (`freed_at`: when it was) and `offset_pence` what it
    earned that was paid in advance already.
    """

    class Kind(models.TextChoices):
        COSTS = "costs", "Costs"
        OUTCOME = "outcome", "Outcome"
        ADVANCE = "advance", "Advance"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="claims")
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="claims")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.COSTS)
    milestone = models.ForeignKey(Milestone, null=True, blank=True, on_delete=models.PROTECT, related_name="claims")
    number = models.PositiveSmallIntegerField()
    narrative = models.TextField(blank=True)
    asked_pence = models.BigIntegerField(default=0)
    claimed_pence = models.BigIntegerField(default=0)
    recommended_pence = models.BigIntegerField(default=0)
    approved_pence = models.BigIntegerField(default=0)
    retained_pence = models.BigIntegerField(default=0)
    offset_pence = models.BigIntegerField(default=0)
    milestone_outcome = models.CharField(max_length=10, blank=True)
    return_reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    first_submitted_at = models.DateTimeField(null=True, blank=True)
    first_submitted_by = person()
    submitted_at, submitted_by = moment(), person()
    checking_at, checking_by = moment(), person()
    queried_at, queried_by = moment(), person()
    answered_at, answered_by = moment(), person()
    recommended_at, recommended_by = moment(), person()
    approved_at, approved_by = moment(), person()
    returned_at, returned_by = moment(), person()
    rejected_at, rejected_by = moment(), person()
    withdrawn_at, withdrawn_by = moment(), person()
    paid_at, paid_by = moment(), person()
    freed_at, freed_by = moment(), person()

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["award", "number"], name="claim_number_is_once_per_award"),
            models.UniqueConstraint(fields=["milestone"], condition=Q(state__in=OPEN), name="milestone_has_one_open_claim"),
            models.UniqueConstraint(
                fields=["award"], condition=Q(kind="advance") & ~Q(state__in=("withdrawn", "rejected")), name="award_has_one_advance"
            ),
            models.CheckConstraint(condition=Q(claimed_pence__gte=0, asked_pence__gte=0), name="claim_is_not_negative"),
            models.CheckConstraint(
                condition=Q(kind="advance", milestone=None, retained_pence=0, offset_pence=0)
                | (~Q(kind="advance") & Q(milestone__isnull=False, asked_pence=0)),
                name="claim_is_for_a_milestone_or_the_advance",
            ),
            models.CheckConstraint(
                condition=Q(
                    approved_pence__gte=0,
                    retained_pence__gte=0,
                    offset_pence__gte=0,
                    claimed_pence__gte=F("approved_pence") + F("retained_pence") + F("offset_pence"),
                ),
                name="claim_approves_at_most_claimed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=COUNTED)
                | Q(approved_at__isnull=False) & (Q(approved_pence__gt=0) | Q(retained_pence__gt=0) | Q(offset_pence__gt=0)),
                name="claim_approved_has_amount_and_date",
            ),
            *pairs(
                "claim",
                "first_submitted",
                "submitted",
                "checking",
                "queried",
                "answered",
                "recommended",
                "approved",
                "returned",
                "rejected",
                "withdrawn",
                "paid",
                "freed",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "submitted_at", "id"]),
            models.Index(fields=["submitted_at", "id"], condition=Q(state__in=WAITING), name="claim_waiting_by_submission"),
        ]

    def __str__(self) -> str:
        return f"{self.award_reference}, claim {self.number}"

    @property
    def award_reference(self) -> str:
        return self.award.reference

    @property
    def reference(self) -> str:
        return f"{self.award.reference}-C{self.number}"

    @property
    def is_advance(self) -> bool:
        return self.kind == self.Kind.ADVANCE

    @property
    def has_lines(self) -> bool:
        """Whether it is backed by costs."""
        return self.kind == self.Kind.COSTS

    @property
    def what_for(self) -> str:
        """What it is claimed for, in a word or two."""
        return "Advance" if self.milestone is None else str(self.milestone)

    def scopes(self) -> set[str]:
        return self.award.scopes()

    def control(self) -> str:
        return self.award.control()

    def was_checked_by(self, person: Person) -> bool:
        """Whether the person took up the checking of this claim: from then on they cannot approve it."""
        return StepTaken.objects.filter(record_type=self.record_type(), record_id=self.pk, duty="check_claim", by=person).exists()

    def eligible_pence(self) -> int:
        """The cost that the company says is eligible."""
        return self.lines.aggregate(total=models.Sum("eligible_pence"))["total"] or 0

    def accepted_pence(self) -> int:
        """The cost that the checker accepted."""
        return self.lines.aggregate(total=models.Sum("accepted_pence"))["total"] or 0

    def grant_claimed(self) -> int:
        """The grant asked for: the award's rate of the eligible cost, the milestone's fixed sum, or what is asked in advance."""
        if self.milestone is None:
            return self.asked_pence
        if self.kind == self.Kind.OUTCOME:
            return max(0, self.milestone.cap_left_pence)
        return share_pence(self.eligible_pence(), Decimal(self.award.rate_bp) / 100)

    def grant_due(self) -> Due:
        """What this claim is worth now, what of it is held back, and which limit bound it."""
        return work_out(self)

    def owe(self, *, at: datetime) -> None:
        """Count the approved amount on the award and make the one payment that it owes."""
        if self.approved_pence:
            self._pay(self.approved_pence, kind="advance" if self.is_advance else "claim", at=at)

    def free(self, *, at: datetime) -> None:
        """Make the payment of what was held back until the final report."""
        self._pay(self.retained_pence, kind="retention", at=at)

    def _pay(self, amount_pence: int, *, kind: str, at: datetime) -> None:
        from payments.models.runs import Payment

        ledger.count_approved(award=self.award, amount_pence=amount_pence)
        Payment.objects.create(case=self.case, award=self.award, claim=self, kind=kind, amount_pence=amount_pence, due_at=at)


class ClaimLine(models.Model):
    """One cost: what was bought, from whom, when it was paid, how much of it counts, and what the checker made of it."""

    class Outcome(models.TextChoices):
        UNDECIDED = "", "Not decided"
        ACCEPTED = "accepted", "Accepted"
        PART = "part", "Accepted in part"
        REJECTED = "rejected", "Not accepted"

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    supplier = models.CharField(max_length=160)
    invoice_number = models.CharField(max_length=60)
    invoice_on = models.DateField()
    category = models.CharField(max_length=40)
    description = models.CharField(max_length=300, blank=True)
    net_pence = models.BigIntegerField()
    vat_pence = models.BigIntegerField(default=0)
    gross_pence = models.BigIntegerField()
    eligible_pence = models.BigIntegerField()
    paid_on = models.DateField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default=Outcome.UNDECIDED)
    accepted_pence = models.BigIntegerField(default=0)
    reason = models.TextField(blank=True)
    decided_at, decided_by = moment(), person()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "number"], name="claim_line_number_is_once_per_claim"),
            models.CheckConstraint(condition=Q(net_pence__gt=0, vat_pence__gte=0), name="claim_line_is_positive"),
            models.CheckConstraint(condition=Q(gross_pence=F("net_pence") + F("vat_pence")), name="claim_line_gross_is_net_and_vat"),
            models.CheckConstraint(
                condition=Q(eligible_pence__gt=0, eligible_pence__lte=F("gross_pence")), name="claim_line_claims_at_most_gross"
            ),
            models.CheckConstraint(
                condition=Q(accepted_pence__gte=0, accepted_pence__lte=F("eligible_pence")), name="claim_line_accepts_at_most_claimed"
            ),
            *pairs("claim_line", "decided"),
        ]
        indexes = [models.Index(fields=["supplier", "invoice_number"])]

    def __str__(self) -> str:
        return f"{self.supplier} {self.invoice_number}"

    def same_invoice_elsewhere(self) -> "models.QuerySet[ClaimLine]":
        """The same supplier's same invoice on other claims: a sign worth a person's look, never a refusal."""
        same = ClaimLine.objects.filter(supplier__iexact=self.supplier, invoice_number__iexact=self.invoice_number)
        return same.exclude(claim=self.claim_id).exclude(claim__state="withdrawn")


def evidence_path(evidence: "Evidence", filename: str) -> str:
    """Where the bytes lie: nothing of the uploaded name."""
    return f"claims/{evidence.claim.award.reference}/{uuid.uuid4().hex}"


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, person: Person) -> "EvidenceQuerySet":
        """Evidence of claims the person may read."""
        return self.filter(claim__in=Claim.objects.visible_to(person))

    def kept(self) -> "EvidenceQuerySet":
        return self.filter(removed_at=None)


class Evidence(Scanned):
    """A file that shows a cost was incurred and paid (invoice, bank statement line) or that the work was done."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="evidence")
    line = models.ForeignKey(ClaimLine, null=True, blank=True, on_delete=models.PROTECT, related_name="evidence")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=evidence_path, max_length=200)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    removed_at, removed_by = moment(), person()

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="evidence_is_not_empty"),
            verdict_has_its_time("evidence"),
            *pairs("evidence", "removed"),
        ]
        indexes = [models.Index(fields=["sha256"])]

    def __str__(self) -> str:
        return self.name


class ClaimQuery(models.Model):
    """A question about a claim or one of its lines, and the company's answer."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="queries")
    line = models.ForeignKey(ClaimLine, null=True, blank=True, on_delete=models.PROTECT, related_name="queries")
    question = models.TextField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    answered_at, answered_by = moment(), person()

    class Meta:
        verbose_name_plural = "claim queries"
        constraints = pairs("claim_query", "answered")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.question
