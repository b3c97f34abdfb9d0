"""The append-only ledger: every balance is a sum of its entries."""

from django.db import models
from django.db.models import Q

from audit.triggers import protect
from payments.models.awards import Award


@protect
class LedgerEntry(models.Model):
    """One movement, always positive, its direction told by its kind. Never changed: a correction is another entry."""

    class Kind(models.TextChoices):
        BUDGET = "budget", "Budget"
        COMMITMENT = "commitment", "Commitment"
        RELEASE = "release", "Commitment released"
        PAYMENT = "payment", "Payment"
        RECOVERY = "recovery", "Money back"

    budget = models.ForeignKey("grants.Budget", on_delete=models.PROTECT, related_name="entries")
    award = models.ForeignKey(Award, null=True, blank=True, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12, choices=Kind)
    amount_pence = models.BigIntegerField()
    source = models.CharField(max_length=30)
    external_ref = models.CharField(max_length=60)
    note = models.CharField(max_length=140, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = [
            models.CheckConstraint(condition=Q(amount_pence__gt=0), name="ledger_entry_is_positive"),
            models.CheckConstraint(
                condition=Q(kind="budget", award__isnull=True) | (~Q(kind="budget") & Q(award__isnull=False)),
                name="ledger_entry_names_an_award_unless_budget",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["budget", "commitment", "release", "payment", "recovery"]), name="ledger_entry_kind_is_known"
            ),
            models.UniqueConstraint(fields=["source", "external_ref"], name="ledger_entry_is_posted_once"),
        ]
        indexes = [models.Index(fields=["budget", "kind"]), models.Index(fields=["award", "kind"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_pence}"
