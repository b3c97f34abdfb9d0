"""What came of a grant, indicator by indicator."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Person
from payments.lifecycle.reports import OutcomeReportLifecycle
from payments.models.awards import Award
from payments.models.claims import Claim
from payments.models.columns import moment, pairs, person
from workflow.models import Case


class OutcomeReportQuerySet(models.QuerySet["OutcomeReport"]):
    def visible_to(self, person: Person) -> "OutcomeReportQuerySet":
        """Reports of the awards the person may read."""
        return self.filter(award__in=Award.objects.visible_to(person))


class OutcomeReport(OutcomeReportLifecycle):
    """One report of one award. `asks` lists ids of indicators of the version it was made under, `values` holds a number for each.

    The final report, once accepted, frees what was held back of the award's claims.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="outcome_reports")
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="outcome_reports")
    name = models.CharField(max_length=60)
    due_on = models.DateField()
    is_final = models.BooleanField(default=False)
    asks = models.JSONField(default=list)
    values = models.JSONField(default=dict, blank=True)
    narrative = models.TextField(blank=True)
    return_reason = models.TextField(blank=True)
    submitted_at, submitted_by = moment(), person()
    accepted_at, accepted_by = moment(), person()
    returned_at, returned_by = moment(), person()

    objects = OutcomeReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["award"], condition=Q(is_final=True), name="award_has_one_final_report"),
            models.UniqueConstraint(fields=["award", "name"], name="outcome_report_is_once_per_award"),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(accepted_at__isnull=False), name="outcome_report_accepted_has_a_date"
            ),
            *pairs("outcome_report", "submitted", "accepted", "returned"),
        ]

    def __str__(self) -> str:
        return f"{self.award.reference}, {self.name}"

    def scopes(self) -> set[str]:
        return self.award.scopes()

    def control(self) -> str:
        return self.award.control()

    def indicators(self) -> list[Any]:
        """The indicators it asks for, as defined when the agreement was signed."""
        return [indicator for indicator in self.award.terms.indicators if indicator.id in self.asks]

    def free_retention(self, *, by: Person, at: datetime) -> None:
        """Make the payments of what was held back until this report."""
        for claim in Claim.objects.counted().filter(award=self.award, retained_pence__gt=0, freed_at=None).order_by("pk"):
            claim.free(at=at)
            claim.freed_at, claim.freed_by = at, by
            claim.save(update_fields=["freed_at", "freed_by"])
