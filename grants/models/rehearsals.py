"""Rehearsals: what was gone through with invented companies, and what it came to. Nothing of a rehearsal lies in any other table."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import Person
from grants.models.programmes import DocumentText, Programme, ProgrammeVersion
from grants.rehearsals.plan import Plan


class RehearsalQuerySet(models.QuerySet["Rehearsal"]):
    def visible_to(self, person: Person) -> "RehearsalQuerySet":
        """Rehearsals of the programmes that the person works on."""
        return self.filter(programme__in=Programme.objects.visible_to(person))


class Rehearsal(models.Model):
    """One run of a programme's document in a place of its own, named by `key`. `report` says what it came to, `failure` why there is none.

    It may be deleted at any time, and all of it goes: the trail keeps that it was.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="rehearsals")
    version = models.ForeignKey(ProgrammeVersion, on_delete=models.PROTECT, related_name="rehearsals")
    text = models.ForeignKey(DocumentText, on_delete=models.PROTECT, related_name="+")
    """The document as it was when the rehearsal was asked for: a draft goes on changing."""
    key = models.CharField(max_length=32, unique=True)
    given = models.JSONField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    progress = models.PositiveSmallIntegerField(default=0)
    doing = models.CharField(max_length=80, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    report = models.JSONField(null=True, blank=True)
    failure = models.TextField(blank=True)

    objects = RehearsalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, report__isnull=True) | Q(finished_at__isnull=False, report__isnull=False),
                name="rehearsal_is_finished_with_its_report",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="rehearsal_progress_is_a_share"),
        ]
        indexes = [models.Index(fields=["programme", "-id"])]

    def __str__(self) -> str:
        return f"Rehearsal of {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("grants:rehearsal", args=[self.programme.slug, self.pk])

    @property
    def plan(self) -> Plan:
        """How many companies, from when, how far."""
        given: dict[str, Any] = self.given
        return Plan.of_json(given)

    @property
    def is_under_way(self) -> bool:
        """Whether it is being played, or waits to be."""
        return self.finished_at is None and not self.failure
