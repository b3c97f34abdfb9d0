"""Belonging to the pool: the agreement an assessor signs, the declaration of interest of each year, when they can be asked, and the
induction that an officer attests."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.access import reach, require
from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Permission
from assessments import agreement
from assessments.actions import conflicts, pool
from assessments.models import AssessorProfile, InterestDeclaration
from audit import trail
from design.words import in_words
from grants.models import Programme
from notifications import outbox
from notifications.outbox import Letter
from workflow import deadlines
from workflow.deadlines import on_due
from workflow.models import Deadline

YEAR = timedelta(days=365)
REMINDER = timedelta(days=30)
PAGE = "/assess/membership/"


def sign(*, by: Person, at: datetime) -> AssessorProfile:
    """The assessor agrees to the text as it stands. Signing the same text again changes nothing. Raises Denied."""
    _check_assesses(by)
    with transaction.atomic():
        profile = _profile(by, by=by, at=at)
        if profile.agreement_sha256 == agreement.SHA256:
            return profile
        profile.agreed_at, profile.agreed_by, profile.agreement_sha256 = at, by, agreement.SHA256
        profile.save(update_fields=["agreed_at", "agreed_by", "agreement_sha256"])
        _trace(profile, "assessor.agreed", by=by, at=at, agreement_sha256=agreement.SHA256)
    return profile


def declare(*, interests: Iterable[str], statement: str, by: Person, at: datetime) -> InterestDeclaration:
    """The assessor declares for a year which companies they have an interest in; conflicts are found by them from now on.

    Raises Denied, and Refused where neither a company nor a word is said: no interest is declared in so many words.
    """
    _check_assesses(by)
    named = sorted({one.strip()[:200] for one in interests if one.strip()})
    if not named and not statement.strip():
        raise Refused("Name the companies, or say in words that you have no interest in any.", code="nothing_declared", field="statement")
    with transaction.atomic():
        profile = _profile(by, by=by, at=at)
        declared = InterestDeclaration.objects.create(
            person=by, statement=statement.strip(), interests=named, declared_at=at, declared_by=by, expires_at=at + YEAR
        )
        profile.interests = sorted({*profile.interests, *named})
        profile.save(update_fields=["interests"])
        deadlines.set_deadline(declared, "reminder", declared.expires_at - REMINDER, at=at)
        deadlines.set_deadline(declared, "expired", declared.expires_at, at=at)
        _trace(profile, "assessor.declared", by=by, at=at, expires_at=declared.expires_at.isoformat(), companies=len(named))
        conflicts.look_at_undecided(person=by, at=at)
    return declared


def say_when(
    *, is_available: bool, max_reviews: int, away_from_on: date | None = None, away_until_on: date | None = None, by: Person, at: datetime
) -> AssessorProfile:
    """The assessor says whether they can be asked, when they are away, and how much of a round they take. Raises Denied, Refused."""
    _check_assesses(by)
    pool.check_times(max_reviews, away_from_on, away_until_on)
    with transaction.atomic():
        profile = _profile(by, by=by, at=at)
        profile.is_available, profile.max_reviews = is_available, max_reviews
        profile.away_from_on, profile.away_until_on = away_from_on, away_until_on
        profile.save(update_fields=["is_available", "max_reviews", "away_from_on", "away_until_on"])
        _trace(profile, "assessor.said_when", by=by, at=at, is_available=is_available, max_reviews=max_reviews)
    return profile


def attest_induction(*, person: Person, programme: Programme, by: Person, at: datetime) -> AssessorProfile:
    """An officer attests that the assessor was inducted. Raises Denied, NotAllowedNow where it is attested already."""
    require(by, Permission.ASSESSMENT_ALLOCATE, on=programme)
    if by.pk == person.pk:
        raise Denied("Nobody attests their own induction.", code="own_induction")
    with transaction.atomic():
        profile = _profile(person, by=by, at=at)
        if profile.inducted_at is not None:
            raise NotAllowedNow("The induction is attested already.", code="inducted")
        profile.inducted_at, profile.inducted_by = at, by
        profile.save(update_fields=["inducted_at", "inducted_by"])
        _trace(profile, "assessor.inducted", by=by, at=at)
    return profile


@on_due("assessments.interestdeclaration", "reminder")
def remind(declared: InterestDeclaration, at: datetime, deadline: Deadline) -> None:
    """A month before it expires, unless there is a later one."""
    _chase(declared, "Your declaration of interest expires soon", "It holds until", at=at, deadline=deadline)


@on_due("assessments.interestdeclaration", "expired")
def expired(declared: InterestDeclaration, at: datetime, deadline: Deadline) -> None:
    """On the day, unless there is a later one."""
    _chase(declared, "Your declaration of interest has expired", "It held until", at=at, deadline=deadline)


def _chase(declared: InterestDeclaration, subject: str, holds: str, *, at: datetime, deadline: Deadline) -> None:
    person = declared.person
    if InterestDeclaration.objects.filter(person=person, declared_at__gt=declared.declared_at).exists() or not _assesses(person):
        return
    said = (
        f"{holds} {in_words(declared.expires_at)}. Declare anew which companies you have an interest in: it takes a few minutes. "
        "Programmes that ask for it invite nobody without it."
    )
    letter = Letter(person, subject, said, PAGE)
    outbox.send_notice("assessor.declaration", letter, at=at, stream=f"person:{person.pk}", key=f"assessor.declaration:{deadline.pk}")


def _assesses(person: Person) -> bool:
    return bool(reach(person, Permission.ASSESSMENT_SCORE).programmes)


def _check_assesses(person: Person) -> None:
    if not _assesses(person):
        raise Denied("Only assessors sign and declare this.", code="not_in_pool")


def _profile(person: Person, *, by: Person, at: datetime) -> AssessorProfile:
    profile, _ = AssessorProfile.objects.select_for_update().get_or_create(person=person, defaults={"created_at": at, "created_by": by})
    return profile


def _trace(profile: AssessorProfile, kind: str, *, by: Person, at: datetime, **after: object) -> None:
    trail.record(
        stream=f"person:{profile.person_id}",
        kind=kind,
        actor=by.pk,
        at=at,
        subject=f"assessments.assessorprofile:{profile.pk}",
        after=after,
    )
