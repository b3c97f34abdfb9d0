"""Who holds which role where, and the two-person way to it."""

from datetime import date, datetime, time, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import make_aware

from accounts.constraints import both_or_neither
from accounts.models.people import Person
from accounts.roles import COMPANY_ROLES, Permission, Role


def day_begins(day: date) -> datetime:
    """Midnight, UK time, with which a day begins."""
    return make_aware(datetime.combine(day, time()))


def within_reach(person: Person, *permissions: Permission) -> Q:
    """The rows whose `scope` lies where the person holds one of the permissions: all of them from `site`."""
    from accounts.access import held_by

    held = held_by(person)
    scopes = {scope for permission in permissions for scope in held.scopes_with(permission)}
    return ~Q(pk=None) if "site" in scopes else Q(scope__in=scopes)


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    def current(self, *, at: datetime) -> Self:
        """Held at that moment, or granted and about to begin."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at))

    def visible_to(self, person: Person) -> Self:
        """One's own, and those held where one grants or confirms roles or manages a team."""
        reached = within_reach(person, Permission.ROLE_GRANT, Permission.ROLE_CONFIRM, Permission.TEAM_MANAGE)
        return self.filter(reached | Q(person=person)).exclude(role=Role.SYSTEM)


class RoleAssignment(models.Model):
    """Who holds which role where, from when until when. `scope` is `site`, `programme:<slug>` or `organisation:<id>`."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="role_assignments")
    role = models.CharField(max_length=30, choices=Role.choices)
    scope = models.CharField(max_length=80)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role", "scope"], condition=Q(ends_at=None), name="role_is_held_once_at_a_time"),
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="role_ends_after_it_starts"),
            models.CheckConstraint(
                condition=~Q(granted_by=F("person")) | Q(role__in=sorted({*COMPANY_ROLES, Role.SYSTEM})),
                name="role_is_not_granted_to_oneself",
            ),
        ]
        indexes = [models.Index(fields=["scope", "role"])]

    def __str__(self) -> str:
        return f"{self.person} is {self.get_role_display()} on {self.scope}"

    def scopes(self) -> set[str]:
        return {self.scope}


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def waiting(self) -> Self:
        return self.filter(confirmed_at=None, refused_at=None)

    def visible_to(self, person: Person) -> Self:
        """One's own, and those on programmes and organisations where one grants or confirms."""
        return self.filter(within_reach(person, Permission.ROLE_GRANT, Permission.ROLE_CONFIRM) | Q(person=person))

    def confirmable_by(self, person: Person) -> Self:
        """Those that wait for this person: where they confirm, neither about them nor proposed by them."""
        mine = Q(person=person) | Q(proposed_by=person)
        return self.waiting().filter(within_reach(person, Permission.ROLE_CONFIRM)).exclude(mine)


class RoleGrant(models.Model):
    """A role on its way: proposed by one person, confirmed or refused by an independent one, in force a day later."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=30, choices=Role.choices)
    scope = models.CharField(max_length=80)
    reason = models.CharField(max_length=500, blank=True)
    from_at = models.DateTimeField(null=True, blank=True)
    until_at = models.DateTimeField(null=True, blank=True)
    """A deputy's role begins and ends by itself; empty for one that stays."""
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    assignment = models.OneToOneField(RoleAssignment, on_delete=models.PROTECT, null=True, blank=True, related_name="grant")

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            both_or_neither("confirmed_at", "confirmed_by", of="role_grant"),
            both_or_neither("refused_at", "refused_by", of="role_grant"),
            both_or_neither("confirmed_at", "assignment", of="role_grant"),
            models.CheckConstraint(condition=Q(confirmed_at=None) | Q(refused_at=None), name="role_grant_is_confirmed_or_refused"),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(from_at=None) | Q(until_at__gt=F("from_at")), name="role_grant_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=~Q(proposed_by=F("person")), name="role_grant_is_not_proposed_for_oneself"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | (~Q(confirmed_by=F("proposed_by")) & ~Q(confirmed_by=F("person"))),
                name="role_grant_is_confirmed_by_somebody_else",
            ),
            models.UniqueConstraint(
                fields=["person", "role", "scope"],
                condition=Q(confirmed_at=None, refused_at=None),
                name="role_grant_waits_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} to be {self.get_role_display()} on {self.scope}"

    def scopes(self) -> set[str]:
        return {self.scope}


class TimeAway(models.Model):
    """Days on which somebody with a role will not act, first and last included. No reason is asked for; no right is taken away."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="times_away")
    first_on = models.DateField()
    last_on = models.DateField()
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="time_away_ends_after_it_begins")]
        indexes = [models.Index(fields=["last_on"])]

    def __str__(self) -> str:
        return f"{self.person} away {self.first_on} to {self.last_on}"

    @property
    def begins_at(self) -> datetime:
        return day_begins(self.first_on)

    @property
    def ends_at(self) -> datetime:
        """The midnight after the last day."""
        return day_begins(self.last_on + timedelta(days=1))
