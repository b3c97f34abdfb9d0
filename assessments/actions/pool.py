"""The pool of assessors: what allocation knows of each."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.access import require
from accounts.models import Person
from accounts.refusals import Refused
from accounts.roles import Permission, Role
from assessments.models import AssessorProfile
from audit import trail
from grants.models import Programme


def members(programme: Programme, *, at: datetime) -> QuerySet[Person]:
    """The people who hold the role of assessor on a programme at `at`, with their profiles."""
    running = Q(role_assignments__ends_at=None) | Q(role_assignments__ends_at__gt=at)
    held = Q(role_assignments__role=Role.ASSESSOR, role_assignments__scope=programme.scope, role_assignments__starts_at__lte=at)
    return Person.objects.filter(held & running, is_active=True).select_related("assessor_profile").distinct()


def describe(
    *,
    person: Person,
    programme: Programme,
    topics: Iterable[str] = (),
    expertise: str = "",
    employer: str = "",
    employer_number: str = "",
    max_reviews: int = 12,
    is_available: bool = True,
    by: Person,
    at: datetime,
) -> AssessorProfile:
    """Record an assessor's expertise, employer and load. The role itself is granted in accounts. Raises Denied, Refused."""
    require(by, Permission.ASSESSMENT_ALLOCATE, on=programme)
    if max_reviews < 1:
        raise Refused("An assessor takes at least one review.", code="load_too_small", field="max_reviews")
    with transaction.atomic():
        profile, is_new = AssessorProfile.objects.select_for_update().get_or_create(
            person=person, defaults={"created_at": at, "created_by": by}
        )
        profile.topics = sorted({topic.strip().lower() for topic in topics if topic.strip()})
        profile.expertise, profile.employer, profile.employer_number = expertise.strip(), employer.strip(), employer_number.strip().upper()
        profile.max_reviews, profile.is_available = max_reviews, is_available
        profile.save(update_fields=["topics", "expertise", "employer", "employer_number", "max_reviews", "is_available"])
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
