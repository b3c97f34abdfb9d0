"""The staffing check: does every duty of a programme have a lawful actor, and what breaks when somebody is away?

A duty needs a person who holds its permission and who, within one case, need not also carry out an opposite duty. That is a small
assignment problem: choose one person a duty so that no pair of opposite duties shares one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils.timezone import localdate

from accounts.models import Person, RoleAssignment, TimeAway
from accounts.roles import COMPANY_SIDE, HOLDS, Permission, Role
from workflow import separation
from workflow.lifecycle import Lifecycle, Step

OUTSIDERS = frozenset({Permission.ASSESSMENT_SCORE, Permission.DECISION_AGREE, Permission.SYSTEM_STEP})
"""Not for the team to staff: assessors are found case by case, so is whoever agrees to a large grant, and the machine is always there."""
AGREE = "agree_amount"
Agreeing = Collection[Collection[str]]
"""For each size of grant that needs an agreement, the roles one of which gives it."""


@dataclass(frozen=True)
class Finding:
    """A duty without a lawful actor, and why, in a sentence."""

    duty: str
    sentence: str


@dataclass(frozen=True)
class Period:
    """A stretch of time in which the same is missing, and who is away in it."""

    starts_at: datetime
    ends_at: datetime
    findings: list[Finding]
    away: list[Person]


def lifecycles() -> list[type[Lifecycle]]:
    """Every concrete lifecycle of the house, in the order of the apps."""
    return [model for model in apps.get_models() if issubclass(model, Lifecycle)]


def duties() -> dict[str, frozenset[Permission]]:
    """The staff duties that some step plays, in the order of the way through the house, each with the permissions that carry it."""
    steps = [declared for model in lifecycles() for declared in model.steps().values() if _is_for_staff(declared)]
    return {declared.duty: frozenset(other.needs for other in steps if other.duty == declared.duty) for declared in steps}


def _is_for_staff(declared: Step) -> bool:
    return bool(declared.duty) and declared.needs not in COMPANY_SIDE | OUTSIDERS


def check(slug: str, control: str, *, at: datetime, without: Person | None = None, agreeing: Agreeing = ()) -> list[Finding]:
    """What keeps a case of this programme from being run lawfully at `at` (with one person away, if given); empty when nothing does."""
    return _missing([pair for pair in _held(slug, at) if without is None or pair[0] != without.pk], control, agreeing)


def over_time(slug: str, control: str, *, at: datetime, days: int = 365, agreeing: Agreeing = ()) -> list[Period]:
    """What is missing when, from `at` on: roles that begin and end, deputies', and times away; one stretch where nothing changes."""
    until = at + timedelta(days=days)
    roles = list(_roles(slug).filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lt=until))
    holders = {role.person_id for role in roles}
    known = TimeAway.objects.filter(person__in=holders, last_on__gte=localdate(at), first_on__lt=localdate(until))
    off = list(known.select_related("person"))
    changes = [(row.starts_at, row.ends_at) for row in roles] + [(row.begins_at, row.ends_at) for row in off]
    moments = {moment for pair in changes for moment in pair if moment and at < moment < until}
    periods: list[Period] = []
    for starts_at in sorted({at, *moments}):
        away = sorted({row.person for row in off if row.begins_at <= starts_at < row.ends_at}, key=lambda person: person.pk)
        gone = {person.pk for person in away}
        held = [row for row in roles if row.starts_at <= starts_at and (row.ends_at is None or row.ends_at > starts_at)]
        there = [(row.person_id, row.role) for row in held if row.person_id not in gone]
        period = Period(starts_at, until, _missing(there, control, agreeing), away)
        if periods and (periods[-1].findings, periods[-1].away) == (period.findings, period.away):
            continue
        if periods:
            periods[-1] = replace(periods[-1], ends_at=starts_at)
        periods.append(period)
    return periods


def when_away(slug: str, control: str, *, at: datetime, agreeing: Agreeing = ()) -> list[tuple[Person, list[Finding]]]:
    """For each person with a staff duty, what breaks while they are away: nothing, or the first duty that has nobody left."""
    there, needed = _held(slug, at), duties().values()
    named = {person for person, role in there if any(role in roles for roles in agreeing)}
    actors = _permissions(there)
    staff = sorted(person for person, held in actors.items() if person in named or any(held & permissions for permissions in needed))
    people = Person.objects.in_bulk(staff)
    return [(people[pk], _missing([pair for pair in there if pair[0] != pk], control, agreeing)) for pk in staff]


def _missing(held: Iterable[tuple[int, str]], control: str, agreeing: Agreeing) -> list[Finding]:
    """What nobody may do among those who hold these roles: a duty of the team, or else an agreement that large grants need."""
    held = list(held)
    actors = _permissions(held)
    found = _findings(actors, control)
    for roles in agreeing:
        found = found or _findings(actors, control, sorted({person for person, role in held if role in roles}))
    return found


def _findings(actors: dict[int, frozenset[Permission]], control: str, agree: list[int] | None = None) -> list[Finding]:
    """`agree`: who may agree to a large grant, where somebody must."""
    able = {duty: _able(actors, permissions) for duty, permissions in duties().items()} | ({} if agree is None else {AGREE: agree})
    unstaffed = [duty for duty, people in able.items() if not people]
    if unstaffed:
        return [Finding(duty, f"Nobody may take the step after which it is said “{separation.DUTY_NAMES[duty]}”.") for duty in unstaffed]
    staffed: list[str] = []
    for duty in able:
        if not _assignment([*staffed, duty], able, control):
            sentence = f"Everybody who could have “{separation.DUTY_NAMES[duty]}” is needed for a duty that must stay apart from it."
            return [Finding(duty, sentence)]
        staffed.append(duty)
    return []


def who_can(slug: str, *, at: datetime, agreeing: Agreeing = ()) -> dict[str, list[Person]]:
    """For each staff duty, and for the agreement to large grants where it is asked for, the people whose roles carry it at `at`."""
    held = _held(slug, at)
    actors = _permissions(held)
    able = {duty: _able(actors, permissions) for duty, permissions in duties().items()}
    if agreeing:
        able[AGREE] = list({person for person, role in held if any(role in roles for roles in agreeing)})
    people = Person.objects.in_bulk(actors)
    return {duty: [people[pk] for pk in sorted(found)] for duty, found in able.items()}


def _held(slug: str, at: datetime) -> list[tuple[int, str]]:
    """Who holds which role on the programme at `at`."""
    return list(_roles(slug).filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at).values_list("person_id", "role"))


def _roles(slug: str) -> models.QuerySet[RoleAssignment]:
    return RoleAssignment.objects.filter(scope__in=[f"programme:{slug}", "site"], person__is_active=True)


def _permissions(held: Iterable[tuple[int, str]]) -> dict[int, frozenset[Permission]]:
    able: dict[int, frozenset[Permission]] = {}
    for person_id, role in held:
        able[person_id] = able.get(person_id, frozenset()) | HOLDS[Role(role)]
    return able


def _able(actors: dict[int, frozenset[Permission]], permissions: frozenset[Permission]) -> list[int]:
    return [person for person, held in actors.items() if held & permissions]


def _assignment(wanted: Iterable[str], able: dict[str, list[int]], control: str) -> dict[str, int] | None:
    """One person a duty with no opposite duties shared, by backtracking over the duties with the fewest candidates first."""
    order = sorted(wanted, key=lambda duty: len(able[duty]))

    def extend(chosen: dict[str, int]) -> dict[str, int] | None:
        if len(chosen) == len(order):
            return chosen
        duty = order[len(chosen)]
        barred = {chosen[other] for other in separation.opposites(duty, control) if other in chosen}
        for person in able[duty]:
            if person not in barred and (found := extend({**chosen, duty: person})):
                return found
        return None

    return extend({})
