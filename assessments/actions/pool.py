"""The pool of assessors: what allocation knows of each."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.timezone import localdate

from accounts.access import require
from accounts.models import Person, RoleAssignment
from accounts.refusals import Refused
from accounts.roles import HOLDS, Permission, Role
from accounts.scopes import SITE
from applications.models import Company
from assessments.models import Advice, AssessorProfile
from audit import trail
from grants.models import Programme, Round

DESCRIBED = [
    "topics", "expertise", "employer", "employer_number", "interests", "languages", "postcode", "max_reviews", "is_available",
    "away_from_on", "away_until_on",
]  # fmt: skip

JUDGES = (Role.ASSESSOR, Role.PANEL_MEMBER, Role.CHAIR, Role.OFFICER, Role.LEAD, Role.INDEPENDENT_APPROVER)
"""Who scores, judges, proposes, agrees or decides."""


READ_MORE = {
    "works_as": [role for role in Role if Permission.APPLICATION_VIEW in HOLDS[role]],
    "sits_as": [role for role in Role if Permission.PANEL_RANK in HOLDS[role]],
}


def members(programme: Programme, *, at: datetime) -> QuerySet[Person]:
    """The people who hold the role of assessor on a programme at `at`, with their profiles, and with a role of theirs that reads there what
    an assessor must not: `works_as` (what is hidden, and scores), `sits_as` (scores)."""
    running = Q(role_assignments__ends_at=None) | Q(role_assignments__ends_at__gt=at)
    held = Q(role_assignments__role=Role.ASSESSOR, role_assignments__scope=programme.scope, role_assignments__starts_at__lte=at)
    found = Person.objects.filter(held & running, is_active=True).select_related("assessor_profile").distinct()
    others = RoleAssignment.objects.current(at=at).filter(person=OuterRef("pk"), scope__in=[programme.scope, SITE], starts_at__lte=at)
    theirs = {name: Subquery(others.filter(role__in=roles).order_by("role").values("role")[:1]) for name, roles in READ_MORE.items()}
    return found.annotate(**theirs)


def searched(programme: Programme, *, at: datetime) -> QuerySet[Person]:
    """Everybody whose interests are searched for: the assessors, and who sits on the panel or has a hand in allocation and decision."""
    running = Q(role_assignments__ends_at=None) | Q(role_assignments__ends_at__gt=at)
    held = Q(role_assignments__role__in=JUDGES, role_assignments__scope=programme.scope, role_assignments__starts_at__lte=at)
    return Person.objects.filter(held & running, is_active=True).distinct()


def paid_for(round: Round, *, at: datetime) -> QuerySet[Person]:
    """The assessors of a round: of its programme now, or when they reviewed in it."""
    known = Q(pk__in=members(round.programme, at=at).values("pk")) | Q(assessments__application__round=round)
    return Person.objects.filter(known).distinct()


def describe(
    *,
    person: Person,
    programme: Programme,
    topics: Iterable[str] = (),
    expertise: str = "",
    employer: str = "",
    employer_number: str = "",
    interests: Iterable[str] = (),
    languages: Iterable[str] = (),
    postcode: str = "",
    max_reviews: int = 12,
    is_available: bool = True,
    away_from_on: date | None = None,
    away_until_on: date | None = None,
    by: Person,
    at: datetime,
) -> AssessorProfile:
    """Record an assessor's expertise, employer and load. The role itself is granted in accounts. Raises Denied, Refused."""
    require(by, Permission.ASSESSMENT_ALLOCATE, on=programme)
    check_times(max_reviews, away_from_on, away_until_on)
    with transaction.atomic():
        profile, is_new = AssessorProfile.objects.select_for_update().get_or_create(
            person=person, defaults={"created_at": at, "created_by": by}
        )
        profile.topics = sorted({topic.strip().lower() for topic in topics if topic.strip()})
        profile.expertise, profile.employer, profile.employer_number = expertise.strip(), employer.strip(), employer_number.strip().upper()
        profile.interests, profile.languages, profile.postcode = _lines(interests), _lines(languages), postcode.strip().upper()
        profile.max_reviews, profile.is_available = max_reviews, is_available
        profile.away_from_on, profile.away_until_on = away_from_on, away_until_on
        profile.save(update_fields=DESCRIBED)
        trail.record(
            stream=f"person:{person.pk}",
            kind="assessor.described",
            actor=by.pk,
            at=at,
            subject=f"assessments.assessorprofile:{profile.pk}",
            after={"is_new": is_new, "max_reviews": max_reviews, "is_available": is_available},
            personal={"employer": profile.employer, "expertise": profile.expertise},
        )
    return profile


def check_times(max_reviews: int, away_from_on: date | None, away_until_on: date | None) -> None:
    """Raise Refused for no reviews at all, or for days away that are no span."""
    if max_reviews < 1:
        raise Refused("An assessor takes at least one review.", code="load_too_small", field="max_reviews")
    if (away_from_on is None) != (away_until_on is None) or (away_from_on and away_until_on and away_until_on < away_from_on):
        raise Refused("Say from when until when, the earlier day first.", code="away_unclear", field="away_until_on")


def note_advice(*, person: Person, company: Company, what: str, given_on: date, programme: Programme, by: Person, at: datetime) -> Advice:
    """Note that somebody of the cluster advised a company, so that conflicts are found by it. Raises Denied, Refused."""
    require(by, Permission.ASSESSMENT_ALLOCATE, on=programme)
    if not what.strip():
        raise Refused("Say what the advice was about.", code="advice_missing", field="what")
    if given_on > localdate(at):
        raise Refused("Advice cannot be noted before it is given.", code="advice_later", field="given_on")
    with transaction.atomic():
        advice = Advice.objects.create(
            person=person, company=company, what=what.strip()[:300], given_on=given_on, recorded_at=at, recorded_by=by
        )
        trail.record(
            stream=f"person:{person.pk}",
            kind="assessor.advised",
            actor=by.pk,
            at=at,
            subject=f"assessments.advice:{advice.pk}",
            after={"company": company.pk, "given_on": given_on.isoformat()},
            personal={"what": advice.what},
        )
    return advice


def _lines(values: Iterable[str]) -> list[str]:
    return sorted({value.strip() for value in values if value.strip()})
