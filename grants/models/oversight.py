"""What people say of how a programme is overseen, where no record can."""

from django.db import models
from django.db.models import Q

from accounts.models import Person
from grants.models.programmes import Programme

REQUIREMENTS = 10
"""As many minimum requirements as GovS 015 has."""


class RequirementNote(models.Model):
    """What somebody said of one minimum requirement of GovS 015: comply, not yet, or explain. The one noted last stands."""

    class Verdict(models.TextChoices):
        MET = "met", "It is met"
        NOT_YET = "not_yet", "Not yet"
        EXPLAINED = "explained", "We do otherwise, for this reason"

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="requirement_notes")
    requirement = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=10, choices=Verdict)
    note = models.TextField()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(requirement__gte=1, requirement__lte=REQUIREMENTS), name="requirement_note_names_one_of_ten"
            ),
            models.CheckConstraint(condition=~Q(note=""), name="requirement_note_says_something"),
            models.CheckConstraint(condition=Q(verdict__in=["met", "not_yet", "explained"]), name="requirement_note_verdict_is_known"),
        ]
        indexes = [models.Index(fields=["programme", "requirement", "-id"])]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}: requirement {self.requirement} of {self.programme}"
