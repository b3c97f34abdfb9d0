"""What is decided about records: a hold that keeps them, an erasure that ends them."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.access import reach
from accounts.constraints import both_or_neither
from accounts.models import Person
from accounts.roles import Permission
from applications.models import Application
from records.lifecycle import ErasureLifecycle
from workflow.models import Case


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    """Holds by whether they stand."""

    def standing(self) -> "LegalHoldQuerySet":
        return self.filter(lifted_at=None)


class LegalHold(models.Model):
    """Nothing of an application is erased while somebody says that it is needed: a dispute, an inquiry, an audit."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="holds")
    reason = models.TextField()
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lifted_because = models.TextField(blank=True)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application"], condition=Q(lifted_at=None), name="legal_hold_stands_once_per_application"),
            models.CheckConstraint(condition=~Q(reason=""), name="legal_hold_has_a_reason"),
            models.CheckConstraint(condition=Q(lifted_at=None) | ~Q(lifted_because=""), name="legal_hold_is_lifted_for_a_reason"),
            both_or_neither("lifted_at", "lifted_by", of="legal_hold"),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk} on {self.application.reference}"


class ErasureQuerySet(models.QuerySet["Erasure"]):
    """Erasures by who may answer them."""

    def asked(self) -> "ErasureQuerySet":
        return self.filter(state=Erasure.State.ASKED)

    def answerable_by(self, person: Person) -> "ErasureQuerySet":
        """Those that wait for this person: on their programmes, and not asked for by them."""
        where = reach(person, Permission.RECORDS_ERASE)
        own = reach(person, Permission.COMPANY_VIEW).organisations
        rows = self.asked().exclude(asked_by=person).exclude(application__company__organisation__in=own)
        return rows if where.everywhere else rows.filter(application__round__programme__slug__in=where.programmes)


class Erasure(ErasureLifecycle):
    """One application's words, files and names are to go. The row stays, as the proof of when, why and how much."""

    class Ground(models.TextChoices):
        RETENTION = "retention", "The years for which it is kept are over"
        REQUEST = "request", "Somebody asked for it"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="erasures")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="erasures")
    ground = models.CharField(max_length=10, choices=Ground)
    reason = models.TextField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ErasureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application"], condition=Q(state="asked"), name="erasure_waits_once_per_application"),
            models.UniqueConstraint(fields=["application"], condition=Q(state="done"), name="erasure_is_done_once_per_application"),
            models.CheckConstraint(condition=~Q(reason=""), name="erasure_has_a_reason"),
            models.CheckConstraint(
                condition=Q(judged_by=None) | Q(ground="retention") | ~Q(judged_by=F("asked_by")), name="erasure_is_judged_by_somebody_else"
            ),
            both_or_neither("judged_at", "judged_by", of="erasure"),
        ]

    def __str__(self) -> str:
        return f"erasure of {self.application.reference}"

    def scopes(self) -> set[str]:
        return self.application.scopes()

    def control(self) -> str:
        return self.application.control()

    def carry_out(self, *, by: Person, at: datetime) -> None:
        """Let everything personal go, and note how much of what."""
        from records import erasing

        self.went = erasing.erase(self.application, why=self.reason, by=by, at=at)
        self.judged_at, self.judged_by = at, by


class RestrictionQuerySet(models.QuerySet["Restriction"]):
    """Restrictions by whether they stand."""

    def standing(self) -> "RestrictionQuerySet":
        return self.filter(lifted_at=None)

    def of(self, person: Person) -> "RestrictionQuerySet":
        return self.filter(person=person)

    def visible_to(self, person: Person) -> "RestrictionQuerySet":
        """All of them, to those who look after accounts; their own, to anybody else."""
        return self if reach(person, Permission.PERSON_MANAGE).everywhere else self.of(person)


class Restriction(models.Model):
    """Somebody asks that what we hold about them be kept and not used otherwise (UK GDPR article 18). It stands until it is lifted."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="restrictions")
    reason = models.TextField()
    placed_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lifted_because = models.TextField(blank=True)

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(lifted_at=None), name="restriction_stands_once_per_person"),
            models.CheckConstraint(condition=~Q(reason=""), name="restriction_has_a_reason"),
            models.CheckConstraint(condition=Q(lifted_at=None) | ~Q(lifted_because=""), name="restriction_is_lifted_for_a_reason"),
            both_or_neither("lifted_at", "lifted_by", of="restriction"),
        ]

    def __str__(self) -> str:
        return f"restriction {self.pk}"
