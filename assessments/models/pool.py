"""The pool of assessors, and what stands between one of them and an application."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.constraints import both_or_neither
from applications.models import Application


class AssessorProfile(models.Model):
    """What allocation knows of an assessor. Which programmes they assess for is a role, not a column here."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assessor_profile")
    topics = models.JSONField(default=list, blank=True)
    expertise = models.TextField(blank=True)
    employer = models.CharField(max_length=200, blank=True)
    employer_number = models.CharField(max_length=12, blank=True)
    max_reviews = models.PositiveSmallIntegerField(default=12)
    is_available = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(max_reviews__gte=1), name="assessor_may_take_at_least_one_review")]

    def __str__(self) -> str:
        return f"assessor {self.person_id}"


class ConflictQuerySet(models.QuerySet["Conflict"]):
    def barring(self) -> "ConflictQuerySet":
        """Those that close the application to the person."""
        return self.filter(status=Conflict.Status.CONFIRMED)


class Conflict(models.Model):
    """An interest of a person in an application: declared by them, or found. Confirmed ones bar access, suggested ones wait."""

    class Kind(models.TextChoices):
        DECLARED = "declared", "Declared"
        FOUND = "found", "Found"

    class Status(models.TextChoices):
        SUGGESTED = "suggested", "To be judged"
        CONFIRMED = "confirmed", "Confirmed"
        DISMISSED = "dismissed", "Dismissed"

    class Ground(models.TextChoices):
        DECLARED = "declared", "Declared by the person"
        TEAM = "team", "Belongs to the company"
        EMPLOYER = "employer", "Employed by the company"
        RIVAL = "rival", "Belongs to another company in the same round"
        EMAIL_DOMAIN = "email_domain", "Shares an e-mail domain with the company"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="conflicts")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="conflicts")
    kind = models.CharField(max_length=10, choices=Kind)
    ground = models.CharField(max_length=20, choices=Ground)
    status = models.CharField(max_length=10, choices=Status)
    detail = models.CharField(max_length=1000, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    judgement = models.CharField(max_length=1000, blank=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "application", "ground"], name="conflict_is_recorded_once_per_ground"),
            both_or_neither("judged_at", "judged_by", of="conflict"),
            models.CheckConstraint(
                condition=~Q(status="dismissed") | (Q(judged_at__isnull=False) & ~Q(judgement="")),
                name="conflict_is_dismissed_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(condition=~Q(kind="declared") | ~Q(status="suggested"), name="declared_conflict_needs_no_judgement"),
        ]
        indexes = [models.Index(fields=["application", "status"])]

    def __str__(self) -> str:
        return f"{self.get_ground_display()}: person {self.person_id}, application {self.application_id}"
