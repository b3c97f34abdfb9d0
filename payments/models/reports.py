"""What came of a grant, indicator by indicator."""

from django.db import models
from django.db.models import Q

from accounts.models import Person
from payments.lifecycle.reports import OutcomeReportLifecycle
from payments.models.awards import Award
from payments.models.columns import moment, pairs, person
from workflow.models import Case


class OutcomeReportQuerySet(models.QuerySet["OutcomeReport"]):
    def visible_to(self, person: Person) -> "OutcomeReportQuerySet":
        """Reports of the awards the person may read."""
        return self.filter(award__in=Award.objects.visible_to(person))

    def holding(self, award: Award) -> "OutcomeReportQuerySet":
        """Those that hold an award's payments."""
        return self.filter(award=award, state="overdue")


class OutcomeReport(OutcomeReportLifecycle):
    """One report of one award. `values` holds a number per indicator of the version that the award was made under."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="outcome_reports")
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="outcome_reports")
    name = models.CharField(max_length=60)
    due_on = models.DateField()
    values = models.JSONField(default=dict, blank=True)
    narrative = models.TextField(blank=True)
    return_reason = models.TextField(blank=True)
    submitted_at, submitted_by = moment(), person()
    accepted_at, accepted_by = moment(), person()
    returned_at, returned_by = moment(), person()

    objects = OutcomeReportQuerySet.as_manager()

    class Meta:
        constraints = [
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
