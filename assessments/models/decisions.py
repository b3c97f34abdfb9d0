"""What was proposed and decided for an application, by whom, and why."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.constraints import both_or_neither
from applications.models import Application
from assessments.models.runs import Run
from grants.models import Round


class DecisionQuerySet(models.QuerySet["Decision"]):
    def standing(self) -> "DecisionQuerySet":
        """Those not sent back nor overtaken: one per application at most."""
        return self.filter(ended_at=None)

    def on_reserve(self, round: Round) -> list["Decision"]:
        """The reserve list of a round whose companies know, in its order."""
        listed = self.standing().filter(application__round=round, application__state="reserve", outcome=Decision.Outcome.RESERVE)
        told = listed.exclude(application__notified_at=None)
        return list(told.select_related("application__company__organisation", "application__version").order_by("reserve_order", "pk"))

    def planned_pence(self, round: Round) -> int:
        """What standing proposals and approvals of a round add up to that the books do not know yet.

        Withdrawn and ruled out applications free theirs; once an award has committed the money, or given it back, the books say it all.
        """
        return self.planned(round).aggregate(pence=Sum("amount_pence"))["pence"] or 0

    def planned(self, round: Round | OuterRef) -> "DecisionQuerySet":
        """Standing proposals and approvals of a round that the books do not know yet."""
        planned = self.standing().filter(application__round=round, application__state__in=["proposed", "approved"], is_in_books=False)
        return planned.filter(outcome=Decision.Outcome.APPROVE)

    def weighed(self, panel: Subquery) -> "DecisionQuerySet":
        """With what the panel said, and what is planned in their round, for the checks of what they rest on."""
        planned = Decision.objects.planned(OuterRef("application__round")).order_by()
        pence = planned.values("application__round").values(pence=Sum("amount_pence"))
        return self.annotate(panel=panel, planned=Coalesce(Subquery(pence), 0))

    def hand_over(self, application: Application) -> None:
        """From here on the books say what this decision costs: its award committed the money, or ended before it did."""
        self.standing().filter(application=application).update(is_in_books=True)


class Decision(models.Model):
    """A proposal and what became of it. The figures it rested on are kept as they stood, so that later changes show."""

    class Outcome(models.TextChoices):
        APPROVE = "approve", "Approve"
        RESERVE = "reserve", "Put on the reserve list"
        DECLINE = "decline", "Decline"
        HOLD = "hold", "Put on hold"

    COSTS_NOTHING = (Outcome.DECLINE, Outcome.HOLD)

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=10, choices=Outcome)
    amount_pence = models.BigIntegerField(default=0)
    reason = models.TextField(blank=True)
    leaves_order = models.BooleanField(default=False)
    reserve_order = models.PositiveIntegerField(null=True, blank=True)
    """The place on the reserve list: the rank, or the rank that the draw gave, when this was proposed."""
    is_in_books = models.BooleanField(default=False)
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions")
    """What was worked out of the round when this was proposed: the frozen scenario, or the last figures."""
    basis = models.JSONField(default=dict)
    basis_sha256 = models.CharField(max_length=64)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.TextField(blank=True)

    panel: dict[str, Any] | None
    planned: int
    """What the panel said of it, and what is planned in its round; known of those that were read `weighed`."""

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application"], condition=Q(ended_at=None), name="application_has_one_standing_decision"),
            both_or_neither("agreed_at", "agreed_by", of="decision"),
            both_or_neither("decided_at", "decided_by", of="decision"),
            both_or_neither("ended_at", "ended_by", of="decision"),
            models.CheckConstraint(
                condition=Q(outcome__in=["decline", "hold"], amount_pence=0) | Q(outcome__in=["approve", "reserve"], amount_pence__gt=0),
                name="decision_has_an_amount_where_money_is_promised",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None)
                | ~Q(agreed_by=models.F("proposed_by")) & (Q(decided_by=None) | ~Q(agreed_by=models.F("decided_by"))),
                name="decision_on_a_large_grant_is_agreed_to_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("proposed_by")), name="decision_is_made_by_a_second_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} application {self.application_id}"


class FewerReviews(models.Model):
    """An officer's recorded exception: a decision may rest on fewer reviews than the programme asks for, down to what it allows.

    It ends when an appeal sends the application to fresh assessors: it spoke of reviews that no longer count.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="fewer_reviews")
    counted = models.PositiveSmallIntegerField()
    reason = models.TextField()
    allowed_at = models.DateTimeField()
    allowed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "counted"], condition=Q(ended_at=None), name="fewer_reviews_are_allowed_once_per_number"
            ),
            models.CheckConstraint(condition=Q(counted__gte=1) & ~Q(reason=""), name="fewer_reviews_have_a_number_and_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.counted} reviews suffice for application {self.application_id}"
