"""Computed results: each is kept with what it was worked out from, and none is worked out twice in silence."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from grants.models import Round


class RunQuerySet(models.QuerySet["Run"]):
    def latest_done(self, round: Round) -> "Run | None":
        """The last result of a round."""
        return self.filter(round=round, finished_at__isnull=False).order_by("-finished_at", "-pk").first()

    def under_way(self, round: Round) -> "Run | None":
        """What is being worked out, or waits to be."""
        return self.filter(round=round, finished_at=None, failure="").order_by("pk").first()


class Run(models.Model):
    """The figures of a round's scores at one moment. Inputs and outcome are frozen; the same inputs, method and seed are one run."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="runs")
    inputs = models.JSONField()
    inputs_sha256 = models.CharField(max_length=64)
    method_version = models.CharField(max_length=20)
    seed = models.PositiveBigIntegerField()
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    progress = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.JSONField(null=True, blank=True)
    failure = models.TextField(blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "inputs_sha256", "method_version", "seed"], name="run_of_the_same_inputs_is_worked_out_once"
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, outcome=None) | Q(finished_at__isnull=False, outcome__isnull=False),
                name="run_finished_has_an_outcome",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="run_progress_is_a_share_of_a_hundred"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of round {self.round_id}"

    @property
    def figures(self) -> dict[str, Any]:
        """The outcome of a run that is finished."""
        if self.outcome is None:
            raise ValueError(f"{self} is not finished")
        return self.outcome
