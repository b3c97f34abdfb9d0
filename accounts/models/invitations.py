"""Asking somebody in: a link by mail, whose token is stored only as a digest."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.constraints import both_or_neither
from accounts.models.people import Person
from accounts.models.roles import within_reach
from accounts.roles import Permission, Role


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def waiting(self) -> Self:
        """Neither accepted nor withdrawn; it may have expired, and can then be sent again."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def of(self, person: Person) -> Self:
        """Those to this person's own address that wait."""
        return self.waiting().filter(email=person.email.lower()).select_related("invited_by")

    def by_link(self, token_sha256: str) -> Self:
        """The one that a link is for, or was for until a later letter."""
        return self.filter(Q(token_sha256=token_sha256) | Q(earlier_sha256s__contains=token_sha256))

    def visible_to(self, person: Person) -> Self:
        """Those to roles where one grants roles, and those into one's team."""
        return self.filter(within_reach(person, Permission.ROLE_GRANT, Permission.TEAM_MANAGE))


class Invitation(models.Model):
    """One invitation of one address to one role in one place. Sending it again makes a new token and ends the old one."""

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=30, choices=Role.choices)
    scope = models.CharField(max_length=80)
    token_sha256 = models.CharField(max_length=64, unique=True)
    earlier_sha256s = models.TextField(blank=True)
    """Of the links that a later letter ended, one on a line: whoever follows one is told so."""
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    times_sent = models.PositiveSmallIntegerField(default=1)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations_accepted")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            both_or_neither("accepted_at", "accepted_by", of="invitation"),
            both_or_neither("withdrawn_at", "withdrawn_by", of="invitation"),
            models.CheckConstraint(condition=Q(accepted_at=None) | Q(withdrawn_at=None), name="invitation_is_accepted_or_withdrawn"),
            models.UniqueConstraint(
                fields=["email", "role", "scope"], condition=Q(accepted_at=None, withdrawn_at=None), name="invitation_waits_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk} to be {self.get_role_display()} on {self.scope}"

    def scopes(self) -> set[str]:
        return {self.scope}

    def is_open(self, *, at: datetime) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None and at < self.expires_at
