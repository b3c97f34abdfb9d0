"""The one question, and its raising twin: may this person do this, on that record, now?"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Protocol

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Person, RoleAssignment
from accounts.refusals import Denied
from accounts.roles import COMPANY_ROLES, COMPANY_SIDE, HOLDS, Permission, Role
from audit.composed import Composed, Given

_MOMENT = Given("moment", models.DateTimeField())
ROLES_AT = Composed(
    lambda: RoleAssignment.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=_MOMENT), person_id=Given("person", models.BigIntegerField()), starts_at__lte=_MOMENT
    ).values_list("role", "scope")
)
"""Role and scope of all that one person holds at one moment."""


class Scoped(Protocol):
    """A record that says which scopes reach it: `site`, `programme:<slug>`, `organisation:<id>`."""

    def scopes(self) -> set[str]: ...


@dataclass(frozen=True)
class Held:
    """The roles one person holds at one moment, as (role, scope) pairs."""

    person_id: int
    pairs: frozenset[tuple[Role, str]] = field(default_factory=frozenset)

    def permissions_on(self, scopes: Iterable[str]) -> set[Permission]:
        reached = set(scopes) | {"site"}
        return {permission for role, scope in self.pairs if scope in reached for permission in HOLDS[role]}

    def scopes_with(self, permission: Permission) -> set[str]:
        return {scope for role, scope in self.pairs if permission in HOLDS[role]}


@dataclass(frozen=True)
class Reach:
    """Where a person holds a permission: everywhere, or on these programmes (slugs) and organisations (ids)."""

    everywhere: bool
    programmes: frozenset[str]
    organisations: frozenset[int]


def held_by(person: Person, *, at: datetime | None = None) -> Held:
    """The person's roles at `at`, read afresh; without `at` those of now, kept on the person object for the rest of a request."""
    if not getattr(person, "is_authenticated", False) or not person.is_active:
        return Held(person_id=0)
    cached = person.__dict__.get("_held")
    if cached is not None and at is None:
        return cached
    moment = at or timezone.now()
    held = Held(person.pk, frozenset((Role(role), scope) for role, scope in ROLES_AT.all(person=person.pk, moment=moment)))
    if at is None:
        person.__dict__["_held"] = held
    return held


def know(people: Iterable[Person]) -> list[Person]:
    """The same people, with the roles that each of them holds now read in one query, for who asks about all of them."""
    known, moment = list(people), timezone.now()
    pairs: dict[int, set[tuple[Role, str]]] = {person.pk: set() for person in known}
    current = RoleAssignment.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=moment), person__in=known, person__is_active=True, starts_at__lte=moment
    )
    for pk, role, scope in current.values_list("person", "role", "scope"):
        pairs[pk].add((Role(role), scope))
    for person in known:
        person.__dict__["_held"] = Held(person.pk, frozenset(pairs[person.pk]))
    return known


def can(person: Person, permission: Permission, *, on: Scoped, held: Held | None = None) -> bool:
    """Whether a role the person holds on the record's scopes (or a part they play in it) carries the permission."""
    held = held or held_by(person)
    if permission in held.permissions_on(on.scopes()):
        return not (permission not in COMPANY_SIDE and acts_on_own_company(held, on))
    parts = getattr(on, "parts_played_by", None)
    return parts is not None and permission in {p for role in parts(person) for p in HOLDS[role]}


def require(person: Person, permission: Permission, *, on: Scoped, held: Held | None = None) -> None:
    """Raise Denied unless `can`."""
    held = held or held_by(person)
    if can(person, permission, on=on, held=held):
        return
    if permission not in COMPANY_SIDE and acts_on_own_company(held, on):
        raise Denied("You cannot do this for a company that you belong to.", code="own_company")
    raise Denied("Your role does not allow this.", code="no_permission")


def acts_on_own_company(held: Held, record: Scoped) -> bool:
    """Whether the person holds a company role on one of the record's organisations."""
    scopes = record.scopes()
    return any(role in COMPANY_ROLES and scope in scopes for role, scope in held.pairs)


def reach(person: Person, permission: Permission) -> Reach:
    """Where the person holds `permission`, for `visible_to` querysets."""
    scopes = held_by(person).scopes_with(permission)
    named = [scope.partition(":") for scope in scopes]
    return Reach(
        everywhere="site" in scopes,
        programmes=frozenset(name for kind, _, name in named if kind == "programme"),
        organisations=frozenset(int(name) for kind, _, name in named if kind == "organisation"),
    )


def holders(scopes: Iterable[str], *permissions: Permission) -> list[Person]:
    """Who may do any of these things on any of these scopes: whom to tell, and whom to show as able to act."""
    places = sorted(set(scopes))
    if not places:
        return []
    named = {f"scope{number}": scope for number, scope in enumerate(places)}
    return _holders(frozenset(permissions), len(places)).all(moment=timezone.now(), **named)


@cache
def _holders(permissions: frozenset[Permission], places: int) -> Composed[Person]:
    """Who holds any of these permissions on any of so many scopes."""
    roles = [role for role in Role if permissions & HOLDS[role]]
    scopes = [Given(f"scope{number}", models.CharField()) for number in range(places)]

    def build() -> "models.QuerySet[Person]":
        held = RoleAssignment.objects.current(at=_MOMENT).filter(scope__in=scopes, role__in=roles).values("person")  # type: ignore[arg-type]
        return Person.objects.filter(is_active=True, pk__in=held).order_by("pk")

    return Composed(build)
