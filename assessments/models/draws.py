"""Draws among applications that nothing else tells apart: frozen and published before the value that decides them exists."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.access import reach
from accounts.constraints import both_or_neither
from accounts.models import Person
from assessments import policies
from assessments.models.runs import Run
from grants.models import Round


class DrawQuerySet(models.QuerySet["Draw"]):
    def visible_to(self, person: Person) -> "DrawQuerySet":
        """Draws of rounds whose assessment the person has a part in. (The record itself is public.)"""
        seen = [reach(person, permission) for permission in policies.READS]
        if any(one.everywhere for one in seen):
            return self
        return self.filter(round__programme__slug__in=frozenset().union(*(one.programmes for one in seen)))

    def published(self, programme: str = "") -> "DrawQuerySet":
        """For anybody: a draw is public from the moment it is frozen. With its short name, those of one programme."""
        found = self.select_related("round__programme")
        return found.filter(round__programme__slug=programme) if programme else found

    def last_drawn(self, round: Round) -> "Draw | None":
        return self.filter(round=round, drawn_at__isnull=False).order_by("-drawn_at", "-pk").first()


class Draw(models.Model):
    """One draw of one frozen list. The list's hash is unique: the same list for the same places is never drawn twice."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="draws")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="draws")
    """What the group comes from: a frozen scenario, or the figures."""
    outright = models.JSONField(default=list)
    """References that are funded without a draw."""
    frozen = models.TextField()
    """What is drawn from, exactly as it was hashed."""
    frozen_sha256 = models.CharField(max_length=64, unique=True)
    source = models.CharField(max_length=300)
    """The public value that will decide, named before it exists."""
    secret_sha256 = models.CharField(max_length=64, blank=True)
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    public_value = models.CharField(max_length=300, blank=True)
    secret = models.CharField(max_length=300, blank=True)
    tickets = models.JSONField(null=True, blank=True)
    drawn_at = models.DateTimeField(null=True, blank=True)
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = DrawQuerySet.as_manager()

    class Meta:
        constraints = [
            both_or_neither("drawn_at", "drawn_by", of="draw"),
            models.CheckConstraint(
                condition=Q(drawn_at=None, tickets=None) | (Q(drawn_at__isnull=False, tickets__isnull=False) & ~Q(public_value="")),
                name="draw_drawn_has_its_value_and_tickets",
            ),
        ]

    def __str__(self) -> str:
        return f"draw {self.pk} of round {self.round_id}"

    def get_absolute_url(self) -> str:
        return reverse("assessments:draw_record", args=[self.frozen_sha256])

    def record(self) -> dict[str, Any]:
        """The public record, as the stand-alone replay reads it."""
        return {
            "round": self.round.reference,
            "frozen": self.frozen,
            "frozen_sha256": self.frozen_sha256,
            "source": self.source,
            "secret_sha256": self.secret_sha256,
            "public": self.public_value,
            "secret": self.secret,
            "tickets": self.tickets or [],
        }
