"""The pool of assessors, and what stands between one of them and an application."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.constraints import both_or_neither
from applications.models import Application, Company


class AssessorProfile(models.Model):
    """What allocation knows of an assessor. Which programmes they assess for is a role, not a column here."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assessor_profile")
    topics = models.JSONField(default=list, blank=True)
    expertise = models.TextField(blank=True)
    employer = models.CharField(max_length=200, blank=True)
    employer_number = models.CharField(max_length=12, blank=True)
    interests = models.JSONField(default=list, blank=True)
    """Company numbers or names that the assessor directs, owns, advises, supplies or competes with."""
    languages = models.JSONField(default=list, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    max_reviews = models.PositiveSmallIntegerField(default=12)
    is_available = models.BooleanField(default=True)
    away_from_on = models.DateField(null=True, blank=True)
    away_until_on = models.DateField(null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    agreement_sha256 = models.CharField(max_length=64, blank=True)
    inducted_at = models.DateTimeField(null=True, blank=True)
    inducted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(max_reviews__gte=1), name="assessor_may_take_at_least_one_review"),
            both_or_neither("away_from_on", "away_until_on", of="assessor"),
            both_or_neither("agreed_at", "agreed_by", of="assessor"),
            both_or_neither("inducted_at", "inducted_by", of="assessor"),
            models.CheckConstraint(
                condition=Q(away_from_on=None) | Q(away_until_on__gte=models.F("away_from_on")), name="assessor_is_back_after_leaving"
            ),
        ]

    def __str__(self) -> str:
        return f"assessor {self.person_id}"

    def is_away(self, on: date) -> bool:
        """Whether the assessor said that they are away on that day."""
        return self.away_from_on is not None and self.away_until_on is not None and self.away_from_on <= on <= self.away_until_on


class InterestDeclaration(models.Model):
    """An assessor's yearly declaration of interest. Another one replaces it; what was declared before is kept."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="interest_declarations")
    statement = models.TextField(blank=True)
    interests = models.JSONField(default=list, blank=True)
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(expires_at__gt=models.F("declared_at")), name="declaration_expires_later")]
        indexes = [models.Index(fields=["person", "expires_at"])]

    def __str__(self) -> str:
        return f"declaration of person {self.person_id}"


class Advice(models.Model):
    """Somebody of the cluster (member, director, sponsor, staff) advised a company: an officer notes it, and conflicts are found by it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="advice_given")
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="advice_had")
    what = models.CharField(max_length=300)
    given_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["person", "company"])]

    def __str__(self) -> str:
        return f"advice to company {self.company_id} by person {self.person_id}"


class ConflictQuerySet(models.QuerySet["Conflict"]):
    def barring(self) -> "ConflictQuerySet":
        """Those that close the application to the person."""
        return self.filter(status=Conflict.Status.CONFIRMED)

    def to_judge(self) -> "ConflictQuerySet":
        """Those that wait for a person; not where another ground bars the person already."""
        plain = Conflict.objects.barring().filter(person=OuterRef("person"), application=OuterRef("application"))
        return self.filter(~Exists(plain), status=Conflict.Status.SUGGESTED)


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
        GROUP = "group", "Belongs to the company's group"
        INTEREST = "interest", "Declared an interest in the company"
        RIVAL = "rival", "Belongs to another company in the same round"
        EMAIL_DOMAIN = "email_domain", "Shares an e-mail domain with the company"
        POSTCODE = "postcode", "Shares a postcode with the company"
        SHARED_PEOPLE = "shared_people", "Shares a director or colleague with the company"
        CO_APPLICANT = "co_applicant", "Applied together with the company's people within five years"
        NAMED = "named", "Named in the application"
        ADVISED = "advised", "Advised the company"

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

    @property
    def is_barring(self) -> bool:
        """Whether it closes the application to the person."""
        return self.status == self.Status.CONFIRMED

    @property
    def is_to_judge(self) -> bool:
        """Whether a person has still to say what it is."""
        return self.status == self.Status.SUGGESTED
