"""A claim, its cost lines, the evidence for each, and the questions asked about them."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.access import reach
from accounts.models import Person
from accounts.roles import Permission
from payments import ledger, terms
from payments.lifecycle.claims import ClaimLifecycle
from payments.models.awards import Award, Milestone
from payments.models.columns import moment, pairs, person
from workflow.models import Case

if TYPE_CHECKING:
    from grants.money import GrantDue

OPEN = ("draft", "submitted", "checking", "queried", "recommended", "returned")
COUNTED = ("approved", "paid")


class ClaimQuerySet(models.QuerySet["Claim"]):
    def visible_to(self, person: Person) -> "ClaimQuerySet":
        """A company's own claims; as staff, those of the person's programmes once they were submitted."""
        own = reach(person, Permission.COMPANY_VIEW).organisations
        staff = reach(person, Permission.CLAIM_VIEW)
        mine = Q(award__company__organisation__in=own)
        sent = Q(first_submitted_at__isnull=False)
        if not staff.everywhere:
            sent &= Q(award__programme__slug__in=staff.programmes)
        return self.filter(mine | sent) if (staff.everywhere or staff.programmes) else self.filter(mine)

    def for_staff(self, person: Person) -> "ClaimQuerySet":
        """Claims the person works on as staff: their own companies' left out."""
        own = reach(person, Permission.COMPANY_VIEW).organisations
        rows = self.visible_to(person).filter(first_submitted_at__isnull=False)
        return rows.exclude(award__company__organisation__in=own) if own else rows

    def counted(self) -> "ClaimQuerySet":
        """Those whose approved amount stands."""
        return self.filter(state__in=COUNTED)


class Claim(ClaimLifecycle):
    """What a company asks for one milestone, backed line by line.

    `claimed_pence` is the grant asked for, `recommended_pence` what the checker worked out, `approved_pence` what will be paid.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="claims")
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="claims")
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="claims")
    number = models.PositiveSmallIntegerField()
    is_final = models.BooleanField(default=False)
    narrative = models.TextField(blank=True)
    claimed_pence = models.BigIntegerField(default=0)
    recommended_pence = models.BigIntegerField(default=0)
    approved_pence = models.BigIntegerField(default=0)
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

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["award", "number"], name="claim_number_is_once_per_award"),
            models.UniqueConstraint(fields=["milestone"], condition=Q(state__in=OPEN), name="milestone_has_one_open_claim"),
            models.CheckConstraint(condition=Q(claimed_pence__gte=0), name="claim_is_not_negative"),
            models.CheckConstraint(
                condition=Q(approved_pence__gte=0, approved_pence__lte=F("claimed_pence")), name="claim_approves_at_most_claimed"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=COUNTED) | Q(approved_at__isnull=False, approved_pence__gt=0),
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
            ),
        ]
        indexes = [models.Index(fields=["state", "submitted_at", "id"])]

    def __str__(self) -> str:
        return f"{self.award_reference}, claim {self.number}"

    @property
    def award_reference(self) -> str:
        return self.award.reference

    @property
    def reference(self) -> str:
        return f"{self.award.reference}-C{self.number}"

    def scopes(self) -> set[str]:
        return self.award.scopes()

    def control(self) -> str:
        return self.award.control()

    def eligible_pence(self) -> int:
        """The cost that the company says is eligible."""
        return self.lines.aggregate(total=models.Sum("eligible_pence"))["total"] or 0

    def accepted_pence(self) -> int:
        """The cost that the checker accepted."""
        return self.lines.aggregate(total=models.Sum("accepted_pence"))["total"] or 0

    def grant_claimed(self) -> int:
        """The grant asked for: the award's rate of the eligible cost, in whole pence."""
        from grants import money

        return money.share(self.eligible_pence(), self.award.rate_bp)

    def grant_due(self) -> "GrantDue":
        """What this claim is worth now, and which limit bound it. Reads the award afresh: call it under the case's lock."""
        from grants import money

        award = Award.objects.get(pk=self.award_id)
        earlier = (
            ClaimLine.objects.filter(claim__award=award, claim__state__in=COUNTED).aggregate(total=models.Sum("accepted_pence"))["total"]
            or 0
        )
        return money.grant_due(
            claimed_pence=self.claimed_pence,
            rate_bp=award.rate_bp,
            accepted_to_date_pence=earlier + self.accepted_pence(),
            approved_to_date_pence=award.approved_pence,
            milestone_left_pence=self.milestone.cap_left_pence,
            award_pence=award.amount_pence,
            retention_pence=terms.retention(award, is_final=self.is_final),
        )

    def owe(self, *, at: datetime) -> None:
        """Count the approved amount on the award and make the one payment that it owes."""
        from payments.models.runs import Payment

        ledger.count_approved(award=self.award, amount_pence=self.approved_pence)
        Payment.objects.create(case=self.case, award=self.award, claim=self, kind="claim", amount_pence=self.approved_pence, due_at=at)


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


class Evidence(models.Model):
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
        constraints = pairs("claim_query", "answered")

    def __str__(self) -> str:
        return self.question
