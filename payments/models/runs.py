"""Payments that are owed, and the runs that pay them."""

from datetime import date, datetime
from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import Max, Q
from django.urls import reverse

from accounts.access import reach
from accounts.encryption import EncryptedTextField
from accounts.models import Organisation, Person
from accounts.roles import Permission
from applications.barriers import open_to
from audit.constants import constants
from payments import pain001, terms
from payments.lifecycle.payments import PaymentLifecycle, PaymentRunLifecycle
from payments.models.awards import Award
from payments.models.bank import BankAccount, PayingAccount
from payments.models.claims import Claim
from payments.models.columns import moment, pairs, person
from workflow.models import Case


class PaymentRunQuerySet(models.QuerySet["PaymentRun"]):
    def visible_to(self, person: Person) -> "PaymentRunQuerySet":
        """Runs of the programmes whose payments the person may read."""
        staff = reach(person, Permission.PAYMENT_VIEW)
        return self if staff.everywhere else self.filter(programme__slug__in=staff.programmes)


class PaymentRun(PaymentRunLifecycle):
    """Everything a programme owed at one moment, in one file to the bank. `file` is the ISO 20022 message, frozen and encrypted at rest."""

    case = None

    programme = models.ForeignKey("grants.Programme", on_delete=models.PROTECT, related_name="payment_runs")
    reference = models.CharField(max_length=30, unique=True)
    pays_on = models.DateField()
    count = models.PositiveIntegerField(default=0)
    total_pence = models.BigIntegerField(default=0)
    file = EncryptedTextField(blank=True, default="")
    file_sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    built_at, built_by = moment(), person()
    approved_at, approved_by = moment(), person()
    released_at, released_by = moment(), person()
    reconciled_at, reconciled_by = moment(), person()
    voided_at, voided_by = moment(), person()

    objects = PaymentRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(total_pence__gte=0), name="payment_run_is_not_negative"),
            models.CheckConstraint(
                condition=~Q(state__in=("released", "reconciled")) | ~Q(file_sha256=""), name="payment_run_released_has_a_file"
            ),
            *pairs("payment_run", "built", "approved", "released", "reconciled", "voided"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("payments:run", args=[self.reference])

    @property
    def stream(self) -> str:
        return f"payment_run:{self.reference}"

    def scopes(self) -> set[str]:
        return {f"programme:{self.programme.slug}"}

    def control(self) -> str:
        return self.programme.control()

    def cases_to_lock(self) -> list[int]:
        return list(self.payments.order_by("case_id").values_list("case_id", flat=True))

    def related_streams(self) -> set[str]:
        """Its own, every case it pays, and every company it pays: who decided, checked, approved or verified there may not release here."""
        rows = self.payments.values_list("case__reference", "award__company__organisation_id")
        streams = {self.stream}
        for reference, organisation in rows:
            streams |= {f"case:{reference}", f"organisation:{organisation}"}
        return streams

    def payer(self) -> Organisation:
        """Whose account pays: the delivery body's, or the funder's where the programme says so."""
        return terms.payer(self.programme)

    def paying_account(self) -> PayingAccount | None:
        return PayingAccount.objects.filter(organisation=self.payer()).first()

    def write_file(self, *, at: datetime) -> None:
        """Write the bank's file from what is in the run and freeze it."""
        self.file = pain001.write(self, at=at)
        self.file_sha256 = sha256(self.file.encode()).hexdigest()


OPEN = ("due", "held", "in_run", "released", "failed", "returned")
"""States of a payment in which somebody, or the bank, still has something to do."""


class PaymentQuerySet(models.QuerySet["Payment"]):
    def visible_to(self, person: Person) -> "PaymentQuerySet":
        """A company's own payments, and those of the programmes whose payments the person may read."""
        own = reach(person, Permission.COMPANY_VIEW).organisations
        staff, free = reach(person, Permission.PAYMENT_VIEW), open_to(person, "award__application")
        mine = Q(award__company__organisation__in=own)
        if staff.everywhere:
            return self.filter(mine | free)
        return self.filter(mine | free & Q(award__programme__slug__in=staff.programmes))

    def for_staff(self, person: Person) -> "PaymentQuerySet":
        """Payments the person works on as staff: none that a conflict of interest closes to them."""
        staff = reach(person, Permission.PAYMENT_VIEW)
        free = self.filter(open_to(person, "award__application"))
        return free if staff.everywhere else free.filter(award__programme__slug__in=staff.programmes)

    def unpaid(self) -> "PaymentQuerySet":
        """Not settled, by the index that holds only these."""
        return self.filter(state__in=constants(*OPEN))

    def for_a_list(self) -> "PaymentQuerySet":
        """With what a row of a list names, and no more."""
        return self.select_related("award__company__organisation", "claim", "run").only(
            "kind", "state", "amount_pence", "due_at", "award__reference", "award__company__organisation__name",
            "claim__number", "run__reference",
        )  # fmt: skip


class Payment(PaymentLifecycle):
    """What we owe for one obligation. `end_to_end` is the reference that comes back on the statement, new for every attempt."""

    class Kind(models.TextChoices):
        CLAIM = "claim", "Claim"
        ADVANCE = "advance", "Advance"
        RETENTION = "retention", "Held back until the final report"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="payments")
    CLAIMED = (Kind.CLAIM, Kind.ADVANCE)
    """What a claim owes when it is approved."""

    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="payments")
    claim = models.ForeignKey(Claim, null=True, blank=True, on_delete=models.PROTECT, related_name="payments")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.CLAIM)
    amount_pence = models.BigIntegerField()
    due_at = models.DateTimeField()
    run = models.ForeignKey(PaymentRun, null=True, blank=True, on_delete=models.PROTECT, related_name="payments")
    bank_account = models.ForeignKey(BankAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="payments")  # type: ignore[assignment] # what a step sets is empty until then
    attempt = models.PositiveSmallIntegerField(default=0)
    end_to_end = models.CharField(max_length=18, blank=True)
    hold_reason = models.TextField(blank=True)
    failure = models.TextField(blank=True)
    held_at, held_by = moment(), person()
    released_at, released_by = moment(), person()
    settled_at, settled_by = moment(), person()
    failed_at, failed_by = moment(), person()
    cancelled_at, cancelled_by = moment(), person()

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_pence__gt=0), name="payment_is_positive"),
            models.UniqueConstraint(fields=["claim", "kind"], condition=~Q(state="cancelled"), name="obligation_has_one_live_payment"),
            models.UniqueConstraint(fields=["end_to_end"], condition=~Q(end_to_end=""), name="payment_end_to_end_is_used_once"),
            models.CheckConstraint(
                condition=~Q(state__in=("in_run", "released", "settled")) | Q(run__isnull=False, bank_account__isnull=False),
                name="payment_in_a_run_has_a_run_and_an_account",
            ),
            *pairs("payment", "held", "released", "settled", "failed", "cancelled"),
        ]
        indexes = [
            models.Index(fields=["state", "due_at", "id"]),
            models.Index(fields=["due_at", "id"], condition=Q(state__in=OPEN), name="payment_open_by_due"),
        ]

    def __str__(self) -> str:
        return self.end_to_end or f"payment {self.pk}"

    @property
    def booked_on(self) -> date | None:
        """The day on which it left our account, as the bank's statement says; None before it has."""
        found: date | None = self.statement_lines.filter(outcome="settled").aggregate(last=Max("booked_on"))["last"]
        return found

    def scopes(self) -> set[str]:
        return self.award.scopes()

    def control(self) -> str:
        return self.award.control()

    def related_streams(self) -> set[str]:
        return {self.stream, f"organisation:{self.award.company.organisation_id}"}
