"""What the scores of an application show that people must settle."""

import hashlib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from accounts.access import reach
from accounts.constraints import both_or_neither
from accounts.models import Person
from accounts.roles import Permission
from applications.models import Application
from assessments import ranking
from assessments.lifecycle import ModerationLifecycle
from assessments.models.pool import Conflict
from assessments.models.reviews import Assessment, ReviewPaper
from workflow.models import Case


class ModerationQuerySet(models.QuerySet["Moderation"]):
    def visible_to(self, person: Person) -> "ModerationQuerySet":
        """Items on programmes where the person moderates or chairs, but for their own company and their conflicts."""
        slugs: set[str] = set()
        for permission in (Permission.ASSESSMENT_MODERATE, Permission.PANEL_CHAIR):
            reached = reach(person, permission)
            slugs |= reached.programmes
        own = reach(person, Permission.COMPANY_VIEW).organisations
        barred = Conflict.objects.barring().filter(person=person, application=OuterRef("application"))
        return self.filter(~Exists(barred), application__round__programme__slug__in=slugs).exclude(
            application__company__organisation__in=own
        )

    def settled(self) -> "ModerationQuerySet":
        """Those that rest on reviews as they stood: a change of those reopens them. (An extra assessor once asked for stays asked for.)"""
        return self.filter(state__in=Moderation.SETTLED)

    def unsettled(self) -> "ModerationQuerySet":
        return self.filter(state__in=Moderation.UNSETTLED)


class Moderation(ModerationLifecycle):
    """One item, opened by one trigger. `shows` holds the figures that pulled it; `assessment` is the score in question, if it is one."""

    class Trigger(models.TextChoices):
        SPREAD = "spread", "Totals lie far apart"
        OUTLIER = "outlier", "One total lies far from the others"
        SPLIT = "split", "Assessors disagree on the recommendation"
        QUESTION = "question", "One criterion is marked far from the others"
        NEAR_LINE = "near_line", "One score decides whether it meets the threshold"
        THIN = "thin", "An extreme total with little said for it"
        BY_HAND = "by_hand", "Opened by an officer"

    audited = ("state",)

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="moderations")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="moderations")
    assessment = models.ForeignKey(Assessment, null=True, blank=True, on_delete=models.PROTECT, related_name="moderations")
    trigger = models.CharField(max_length=20, choices=Trigger)
    criterion = models.CharField(max_length=60, blank=True)
    sentence = models.TextField()
    settled_on = models.CharField(max_length=64, blank=True)
    """Digest of the submitted papers that the settlement rests on."""
    results = models.JSONField(default=dict, blank=True)
    """Mean and recommendation with the score and without it, as they stood at the settlement."""
    earlier = models.JSONField(default=list, blank=True)
    """Settlements that a change of the reviews overtook, oldest first."""
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ModerationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "trigger", "assessment"],
                condition=Q(assessment__isnull=False) & ~Q(trigger="by_hand") & ~Q(state="overtaken"),
                name="moderation_item_is_opened_once_per_score",
            ),
            models.UniqueConstraint(
                fields=["application", "trigger"],
                condition=Q(assessment=None) & ~Q(trigger="by_hand") & ~Q(state="overtaken"),
                name="moderation_item_is_opened_once_per_application",
            ),
            both_or_neither("proposed_at", "proposed_by", of="moderation"),
            both_or_neither("resolved_at", "resolved_by", of="moderation"),
            models.CheckConstraint(
                condition=~Q(state="excluded")
                | (Q(assessment__isnull=False, proposed_by__isnull=False) & ~Q(resolved_by=models.F("proposed_by")) & ~Q(reason="")),
                name="score_is_excluded_by_two_people_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["application", "state"]), models.Index(fields=["state", "opened_at", "id"])]

    def __str__(self) -> str:
        return f"{self.trigger} of application {self.application_id}"

    def rests_on(self) -> str:
        """Digest of the papers of the review in question, or of every submitted review where the item is about all of them."""
        reviews = Assessment.objects.filter(application=self.application_id, state=Assessment.State.SUBMITTED)
        if self.assessment_id:
            reviews = reviews.filter(pk=self.assessment_id)
        latest = ReviewPaper.objects.filter(assessment=OuterRef("pk")).order_by("-number").values("sha256")[:1]
        papers = reviews.annotate(paper=Subquery(latest)).order_by("pk").values_list("pk", "paper")
        return hashlib.sha256(repr(list(papers)).encode()).hexdigest()

    @property
    def is_overtaken(self) -> bool:
        """Whether a settled item's reviews have changed since."""
        return bool(self.settled_on) and self.settled_on != self.rests_on()

    def both_results(self) -> dict[str, Any]:
        """Both results as they stand now, with the score in question and without it."""
        reviews = Assessment.objects.filter(application=self.application_id, state=Assessment.State.SUBMITTED)
        counted = set(Assessment.objects.counted().filter(application=self.application_id).values_list("pk", flat=True))
        with_it = [one.as_vote() for one in reviews if one.pk in counted | {self.assessment_id}]
        without = [vote for vote in with_it if vote.assessment != self.assessment_id]
        return {"with": _told(with_it), "without": _told(without)}

    def keep_results(self) -> None:
        """Keep both results, and what they rest on."""
        self.settled_on, self.results = self.rests_on(), self.both_results()

    def keep_before(self) -> None:
        """Keep the result that stood when another assessor was asked for."""
        self.results = {"before": self._as_it_stands()}

    def keep_after(self) -> None:
        """Keep the result beside it that stands with the further review."""
        self.results = {**self.results, "after": self._as_it_stands()}

    def before_and_after(self) -> dict[str, Any]:
        """The result without the further review and with it, as kept or as it stands; nothing for items that asked for none."""
        before, now = self.results.get("before"), self.results.get("after") or self._as_it_stands()
        if before is None:
            return {}
        return {"before": before, "after": now if set(now["reviews"]) - set(before["reviews"]) else {}}

    def _as_it_stands(self) -> dict[str, Any]:
        counted = Assessment.objects.counted().filter(application=self.application_id).order_by("pk")
        votes = [one.as_vote() for one in counted]
        return {**_told(votes), "reviews": [vote.assessment for vote in votes]}

    def put_aside(self, *, why: str, at: datetime) -> None:
        """Keep the settlement that no longer stands, and begin again."""
        self.earlier = [
            *self.earlier,
            {"state": self.state, "reason": self.reason, "chair_reason": self.chair_reason, "ended": why, "at": at.isoformat()},
        ]
        self.reason, self.chair_reason, self.settled_on, self.results = "", "", "", {}
        self.proposed_at, self.proposed_by, self.resolved_at, self.resolved_by = None, None, None, None

    def scopes(self) -> set[str]:
        return self.application.scopes()

    def control(self) -> str:
        return self.application.control()


def _told(votes: list[ranking.Vote]) -> dict[str, Any]:
    """Figures as they are kept: the exact mean, how many, how many say yes."""
    figures = ranking.figures(votes)
    if figures is None:
        return {}
    return {
        "mean": [figures.mean.numerator, figures.mean.denominator],
        "votes": figures.votes,
        "in_scope_yes": figures.in_scope_yes,
        "suitable_yes": figures.suitable_yes,
    }
