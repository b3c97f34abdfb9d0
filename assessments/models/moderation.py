"""What the scores of an application show that people must settle."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.access import reach
from accounts.constraints import both_or_neither
from accounts.models import Person
from accounts.roles import Permission
from applications.models import Application
from assessments.lifecycle import ModerationLifecycle
from assessments.models.pool import Conflict
from assessments.models.reviews import Assessment
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

    def unsettled(self) -> "ModerationQuerySet":
        return self.filter(state__in=[Moderation.State.OPEN, Moderation.State.EXCLUSION_PROPOSED])


class Moderation(ModerationLifecycle):
    """One item, opened by one trigger. `shows` holds the figures that pulled it; `assessment` is the score in question, if it is one."""

    class Trigger(models.TextChoices):
        SPREAD = "spread", "Totals lie far apart"
        OUTLIER = "outlier", "One total lies far from the others"
        SPLIT = "split", "Assessors disagree on the recommendation"
        QUESTION = "question", "One criterion is marked far from the others"
        BY_HAND = "by_hand", "Opened by an officer"

    audited = ("state",)

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="moderations")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="moderations")
    assessment = models.ForeignKey(Assessment, null=True, blank=True, on_delete=models.PROTECT, related_name="moderations")
    trigger = models.CharField(max_length=20, choices=Trigger)
    criterion = models.CharField(max_length=60, blank=True)
    sentence = models.TextField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ModerationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "trigger", "assessment"],
                condition=Q(assessment__isnull=False) & ~Q(trigger="by_hand"),
                name="moderation_item_is_opened_once_per_score",
            ),
            models.UniqueConstraint(
                fields=["application", "trigger"],
                condition=Q(assessment=None) & ~Q(trigger="by_hand"),
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

    def scopes(self) -> set[str]:
        return self.application.scopes()

    def control(self) -> str:
        return self.application.control()
