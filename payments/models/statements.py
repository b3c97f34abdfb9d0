"""Bank statements: what the bank says happened, kept as it said it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.access import reach
from accounts.models import Organisation, Person
from accounts.roles import Permission
from audit.triggers import protect


class StatementQuerySet(models.QuerySet["Statement"]):
    def visible_to(self, person: Person) -> "StatementQuerySet":
        """Statements imported for the programmes whose payments the person may read."""
        staff = reach(person, Permission.PAYMENT_VIEW)
        return self if staff.everywhere else self.filter(programme__slug__in=staff.programmes)


class Statement(models.Model):
    """One imported file."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        CAMT053 = "camt053", "ISO 20022 camt.053"

    programme = models.ForeignKey("grants.Programme", on_delete=models.PROTECT, related_name="statements")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="statements")
    name = models.CharField(max_length=120)
    format = models.CharField(max_length=10, choices=Format)
    sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = StatementQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


@protect
class StatementLine(models.Model):
    """One booking, and what it meant to us. A fact from outside: never refused, at worst not matched."""

    class Direction(models.TextChoices):
        OUT = "out", "Paid out"
        IN = "in", "Came in"

    class Outcome(models.TextChoices):
        UNMATCHED = "unmatched", "Nothing of ours"
        SETTLED = "settled", "Payment settled"
        RETURNED = "returned", "Payment came back"
        MISMATCH = "mismatch", "The amount differs"
        REPEATED = "repeated", "That payment is settled already"

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    source = models.CharField(max_length=40)
    external_ref = models.CharField(max_length=80)
    booked_on = models.DateField()
    direction = models.CharField(max_length=3, choices=Direction)
    amount_pence = models.BigIntegerField()
    end_to_end = models.CharField(max_length=40, blank=True)
    narrative = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.UNMATCHED)
    payment = models.ForeignKey("payments.Payment", null=True, blank=True, on_delete=models.PROTECT, related_name="statement_lines")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_ref"], name="statement_line_is_imported_once"),
            models.CheckConstraint(condition=Q(amount_pence__gt=0), name="statement_line_is_positive"),
        ]

    def __str__(self) -> str:
        return self.external_ref
