"""Computed results: each is kept with what it was worked out from, and none is worked out twice in silence."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.access import reach
from accounts.constraints import both_or_neither
from accounts.models import Person
from applications.models import Application
from assessments import policies
from grants.models import Round


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, person: Person) -> "RunQuerySet":
        """Runs of rounds whose assessment the person has a part in."""
        seen = [reach(person, permission) for permission in policies.READS]
        if any(one.everywhere for one in seen):
            return self
        return self.filter(round__programme__slug__in=frozenset().union(*(one.programmes for one in seen)))

    def frozen(self, round: Round) -> "Run | None":
        """The scenario that decisions of the round rest on: the one chosen last."""
        return self.filter(round=round, frozen_at__isnull=False).order_by("-frozen_at", "-pk").first()

    def scenarios(self) -> "RunQuerySet":
        """Selection scenarios, with what a page about one names."""
        return self.filter(kind=Run.Kind.SELECTION).select_related("requested_by", "frozen_by", "round__programme", "round__budget")

    def plans(self) -> "RunQuerySet":
        """Allocation plans, with what a page about one names."""
        return self.filter(kind=Run.Kind.PLAN).select_related("requested_by", "round__programme")

    def searches(self) -> "RunQuerySet":
        """Searches for conflicts of interest, with what a page about one names."""
        return self.filter(kind=Run.Kind.SEARCH).select_related("requested_by", "round__programme")

    def listed(self, round: Round) -> "RunQuerySet":
        """Everything that was worked out for a round, without what it was worked out from and what came of it."""
        done = self.filter(round=round, finished_at__isnull=False)
        return done.select_related("requested_by").defer("inputs", "outcome")

    def readable(self) -> "RunQuerySet":
        """Rankings and figures, with what a page about one names."""
        return self.filter(kind__in=[Run.Kind.RANKING, Run.Kind.FIGURES], finished_at__isnull=False).select_related("requested_by")

    def last_of(self, round: Round, kind: str = "figures") -> "tuple[Run | None, Run | None, Run | None]":
        """The last result, what is under way, and what failed and was not tried again since: in two queries at the most."""
        known = list(self.filter(round=round, kind=kind).defer("inputs", "outcome").order_by("-pk")[:50])
        finished = [(one.finished_at, one.pk) for one in known if one.finished_at is not None]
        waiting = next((one for one in reversed(known) if one.finished_at is None and not one.failure), None)
        failed = known[0] if known and known[0].failure else None
        return (self.select_related("requested_by").get(pk=max(finished)[1]) if finished else None), waiting, failed

    def latest_done(self, round: Round, kind: str = "figures") -> "Run | None":
        """The last result of its kind in a round."""
        done = self.filter(round=round, kind=kind, finished_at__isnull=False)
        return done.select_related("requested_by").order_by("-finished_at", "-pk").first()

    def under_way(self, round: Round, kind: str = "figures") -> "Run | None":
        """What is being worked out, or waits to be."""
        return self.filter(round=round, kind=kind, finished_at=None, failure="").order_by("pk").first()


class Run(models.Model):
    """Something worked out for a round at one moment. Inputs and outcome are frozen; the same inputs, method and seed are one run."""

    class Kind(models.TextChoices):
        RANKING = "ranking", "Ranking"
        FIGURES = "figures", "Figures of the scores"
        PLAN = "plan", "Allocation plan"
        SELECTION = "selection", "Selection scenario"
        SEARCH = "search", "Search for conflicts of interest"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.FIGURES)
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
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    frozen_reason = models.TextField(blank=True)
    evidence_sha256 = models.CharField(max_length=64, blank=True)
    """Of inputs and outcome together, fixed when a scenario is chosen as the evidence for decisions."""

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "kind", "inputs_sha256", "method_version", "seed"], name="run_of_the_same_inputs_is_worked_out_once"
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, outcome=None) | Q(finished_at__isnull=False, outcome__isnull=False),
                name="run_finished_has_an_outcome",
            ),
            both_or_neither("frozen_at", "frozen_by", of="run"),
            models.CheckConstraint(
                condition=Q(frozen_at=None)
                | (Q(kind="selection", finished_at__isnull=False) & ~Q(frozen_reason="") & ~Q(evidence_sha256="")),
                name="run_is_frozen_with_its_outcome_for_a_reason",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="run_progress_is_a_share_of_a_hundred"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} run {self.pk} of round {self.round_id}"

    @property
    def figures(self) -> dict[str, Any]:
        """The outcome of a run that is finished."""
        if self.outcome is None:
            raise ValueError(f"{self} is not finished")
        return self.outcome


class PlanChange(models.Model):
    """What an officer changed in an allocation plan by hand: a pair put in or taken out, and why. Never rewritten; the last one counts."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="changes")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    is_in = models.BooleanField()
    reason = models.CharField(max_length=500)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="plan_is_changed_for_a_reason")]

    def __str__(self) -> str:
        return f"{'in' if self.is_in else 'out'}: person {self.person_id}, application {self.application_id}"
