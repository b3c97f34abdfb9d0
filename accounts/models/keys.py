"""Keys with which a funder's machines read the API."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.constraints import both_or_neither
from accounts.models.people import Organisation, Person
from accounts.roles import Permission


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def visible_to(self, person: Person) -> Self:
        """Keys of the organisations where one issues or confirms them."""
        from accounts.access import reach
        from accounts.scopes import funders_reached

        issues, confirms = reach(person, Permission.KEY_MANAGE), reach(person, Permission.ROLE_CONFIRM)
        if issues.everywhere or confirms.everywhere:
            return self.all()
        return self.filter(organisation__in=issues.organisations | confirms.organisations | funders_reached(confirms.programmes))

    def confirmable_by(self, person: Person, *, at: datetime) -> Self:
        """Those that wait for this person: where they confirm, and not issued by them."""
        from accounts.access import reach
        from accounts.scopes import funders_reached

        confirms = reach(person, Permission.ROLE_CONFIRM)
        waiting = self.filter(confirmed_at=None, revoked_at=None, expires_at__gt=at).exclude(created_by=person)
        if confirms.everywhere:
            return waiting
        funders = confirms.organisations | funders_reached(confirms.programmes)
        return waiting.filter(organisation__in=funders) if funders else waiting.none()


class ApiKey(models.Model):
    """A machine's key: only its digest is kept. It works from a day after an independent person confirmed it."""

    class Scope(models.TextChoices):
        READ = "read", "Read"
        WRITE = "write", "Write"
        PERSONAL = "personal", "Read personal data"

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="api_keys", limit_choices_to={"kind": Organisation.Kind.FUNDER}
    )
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, unique=True)
    key_sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    is_test = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            both_or_neither("confirmed_at", "confirmed_by", of="api_key"),
            both_or_neither("revoked_at", "revoked_by", of="api_key"),
            both_or_neither("confirmed_at", "starts_at", of="api_key"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("created_by")), name="api_key_is_confirmed_by_somebody_else"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="api_key_expires_after_it_was_created"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def scope_labels(self) -> list[str]:
        return [str(self.Scope(scope).label) for scope in self.scopes]

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def is_live(self, *, at: datetime) -> bool:
        return self.starts_at is not None and self.starts_at <= at < self.expires_at and self.revoked_at is None
