"""What was proposed and decided for an application, by whom, and why."""

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum

from accounts.constraints import both_or_neither
from applications.models import Application
from grants.models import Round


class DecisionQuerySet(models.QuerySet["Decision"]):
    def standing(self) -> "DecisionQuerySet":
        """Those not sent back nor overtaken: one per application at most."""
        return self.filter(ended_at=None)

    def planned_pence(self, round: Round) -> int:
        """What standing proposals and decisions to approve in a round add up to; withdrawn and ruled out applications free theirs."""
        approved = self.standing().filter(
            application__round=round, application__state__in=["proposed", "approved"], outcome=Decision.Outcome.APPROVE
        )
        return approved.aggregate(pence=Sum("amount_pence"))["pence"] or 0


class Decision(models.Model):
    """A proposal and what became of it. The figures it rested on are kept as they stood, so that later changes show."""

    class Outcome(models.TextChoices):
        APPROVE = "approve", "Approve"
        RESERVE = "reserve", "Put on the reserve list"
        DECLINE = "decline", "Decline"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=10, choices=Outcome)
    amount_pence = models.BigIntegerField(default=0)
    reason = models.TextField(blank=True)
    leaves_order = models.BooleanField(default=False)
    basis = models.JSONField(default=dict)
    basis_sha256 = models.CharField(max_length=64)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.TextField(blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application"], condition=Q(ended_at=None), name="application_has_one_standing_decision"),
            both_or_neither("decided_at", "decided_by", of="decision"),
            both_or_neither("ended_at", "ended_by", of="decision"),
            models.CheckConstraint(
                condition=Q(outcome="decline", amount_pence=0) | (~Q(outcome="decline") & Q(amount_pence__gt=0)),
                name="decision_has_an_amount_unless_declined",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("proposed_by")), name="decision_is_made_by_a_second_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} application {self.application_id}"
