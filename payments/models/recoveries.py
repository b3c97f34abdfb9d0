"""Money that a company is asked to pay back."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import Person
from accounts.refusals import Refused
from payments import ledger
from payments.lifecycle.recoveries import RecoveryLifecycle
from payments.models.awards import Award
from payments.models.columns import moment, pairs, person
from workflow.models import Case


class RecoveryQuerySet(models.QuerySet["Recovery"]):
    def visible_to(self, person: Person) -> "RecoveryQuerySet":
        """Those of the awards the person may read."""
        return self.filter(award__in=Award.objects.visible_to(person))

    def of_team(self, person: Person) -> "RecoveryQuerySet":
        """What the person's own companies are asked for."""
        return self.filter(award__in=Award.objects.of_team(person))

    def for_staff(self, person: Person) -> "RecoveryQuerySet":
        """Those of awards that the person works on as staff."""
        return self.filter(award__in=Award.objects.for_staff(person))


class Recovery(RecoveryLifecycle):
    """Part of an advance that the company did not earn and is asked to pay back.

    `amount_pence` is asked for until `due_on`; `received_pence` is what came in, as the bank shows it under `bank_reference`. Paid back, it
    lowers what is paid and approved on the award; waived, it stays with the company and in the books.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="recoveries")
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="recoveries")
    number = models.PositiveSmallIntegerField()
    amount_pence = models.BigIntegerField()
    reason = models.TextField()
    due_on = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    received_pence = models.BigIntegerField(default=0)
    received_on = models.DateField(null=True, blank=True)  # type: ignore[assignment] # what a step sets is empty until then
    bank_reference = models.CharField(max_length=60, blank=True)
    waiver_reason = models.TextField(blank=True)
    received_at, received_by = moment(), person()
    recovered_at, recovered_by = moment(), person()
    cancelled_at, cancelled_by = moment(), person()
    waiving_at, waiving_by = moment(), person()
    waived_at, waived_by = moment(), person()

    objects = RecoveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "recoveries"
        constraints = [
            models.UniqueConstraint(fields=["award", "number"], name="recovery_number_is_once_per_award"),
            models.CheckConstraint(condition=Q(amount_pence__gt=0), name="recovery_is_positive"),
            models.CheckConstraint(
                condition=Q(received_pence__gte=0, received_pence__lte=F("amount_pence")), name="recovery_takes_at_most_what_was_asked"
            ),
            models.CheckConstraint(
                condition=~Q(state="recovered") | Q(recovered_at__isnull=False, received_pence__gt=0), name="recovery_recovered_has_money"
            ),
            *pairs("recovery", "received", "recovered", "cancelled", "waiving", "waived"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What the company writes into its bank transfer."""
        return f"{self.award.reference}-R{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("payments:recovery", args=[self.award.reference, self.number])

    def scopes(self) -> set[str]:
        return self.award.scopes()

    def control(self) -> str:
        return self.award.control()

    def post(self, *, at: datetime) -> None:
        """The ledger's own entry, and off what is approved, in one go."""
        if not self.received_pence:
            raise Refused("Nothing has come in.", code="nothing_received")
        ledger.post(
            kind="recovery",
            budget=self.award.budget,
            award=self.award,
            amount_pence=self.received_pence,
            source="recovery",
            external_ref=self.reference,
            at=at,
            note=self.bank_reference,
        )
        ledger.uncount_approved(award=self.award, amount_pence=self.received_pence)
