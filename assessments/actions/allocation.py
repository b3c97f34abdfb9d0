"""Who assesses what: suggested with reasons, given by an officer."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refusal, Refused
from accounts.roles import Permission
from applications.models import Application
from assessments import policies
from assessments.actions import conflicts, pool
from assessments.interests import Pair
from assessments.models import Assessment, AssessorProfile
from assessments.scheme import scheme_of
from audit import trail
from design.words import in_words
from grants.models import Round
from notifications import outbox
from workflow import deadlines, guards
from workflow.engine import fire, lock

OPEN_TO_ALLOCATION = ("eligible", "assessing", "moderating")
REMINDER = timedelta(days=3)
USUAL_LOAD = 12


@dataclass(frozen=True)
class Candidate:
    """An assessor beside one application: how well they fit and why, or why they cannot have it."""

    person: Person
    load: int
    room: int
    topics: tuple[str, ...]
    barred: tuple[str, ...] = ()

    @property
    def may_be_asked(self) -> bool:
        return not self.barred and self.room > 0

    @property
    def why(self) -> str:
        """The parts of the suggestion, in words."""
        fit = f"Knows {', '.join(self.topics)}" if self.topics else "No topic in common"
        return f"{fit}; {self.load} {'review' if self.load == 1 else 'reviews'} in this round, room for {max(self.room, 0)}"


def candidates(*, applications: Sequence[Application], at: datetime) -> dict[int, list[Candidate]]:
    """For each application of one round every assessor of its programme, best first: topics in common, then the lightest load."""
    if not applications:
        return {}
    first = applications[0]
    people = list(pool.members(first.round.programme, at=at).order_by("pk"))
    loads = _loads(first.round)
    barred = conflicts.standing(people, applications, on=at.date())
    asked = _asked(applications)
    return {
        application.pk: sorted(
            (_candidate(person, application, loads, barred, asked, on=at.date()) for person in people),
            key=lambda one: (not one.may_be_asked, -len(one.topics), one.load, one.person.pk),
        )
        for application in applications
    }


def suggest(*, application: Application, at: datetime, wanted: int | None = None) -> list[Candidate]:
    """The assessors to invite for the places still open: as many as are wanted, or as there are."""
    every = candidates(applications=[application], at=at)[application.pk]
    open_places = places_left(application) if wanted is None else wanted
    return [one for one in every if one.may_be_asked][: max(open_places, 0)]


def places_left(application: Application) -> int:
    """How many more assessors the application needs: what the programme asks, one for each that moderation asked for, and one in the
    place of each whose score is excluded."""
    extra = application.moderations.filter(state="extra_assessor").count()
    excluded = application.moderations.filter(state="excluded").values("assessment").distinct().count()
    return scheme_of(application.version).assessors + extra + excluded - application.assessments.live().count()


def allocate(
    *, application: Application, assessors: Iterable[Person], by: Person, at: datetime, due_at: datetime | None = None
) -> list[Assessment]:
    """Invite these assessors; with the last place filled the application goes to its assessors.

    Raises Denied, NotAllowedNow (not to be allocated now), Refused (not in the pool, conflicted, full, invited already).
    """
    assessors = list(assessors)
    with transaction.atomic():
        fresh = lock(application)
        require(by, Permission.ASSESSMENT_ALLOCATE, on=fresh)
        policies.check_is_disinterested(fresh, by)
        if fresh.state not in OPEN_TO_ALLOCATION:
            raise NotAllowedNow(f"This is {fresh.state_now.label.lower()} now, so no assessor can be invited.", code="wrong_state")
        if not assessors:
            raise Refused("Choose at least one assessor.", code="nobody_chosen", field="assessors")
        _check_each(fresh, assessors, at=at)
        due = due_at or at + scheme_of(fresh.version).time_to_review
        invited = [invite(fresh, person, due=due, by=by, at=at) for person in assessors]
        enough, _ = guards.allowed(guards.resolve("assessments.enough_assessors"), fresh, at=at)
        if fresh.state == "eligible" and enough:
            fire(fresh, "start_assessing", by=by, at=at)
    return invited


def allocate_round(
    *, round: Round, by: Person, at: datetime, due_at: datetime | None = None
) -> Iterator[tuple[Application, Refusal | None]]:
    """Invite as suggested for every eligible application of a round, each in its own transaction, and report every one."""
    require(by, Permission.ASSESSMENT_ALLOCATE, on=round)
    waiting = list(Application.objects.for_staff(by).filter(round=round, state="eligible").for_pages().order_by("submitted_at", "pk"))
    people = list(pool.members(round.programme, at=at))
    conflicts.record_found(applications=waiting, people=people, by=by, at=at)
    ranked = candidates(applications=waiting, at=at)
    given: Counter[int] = Counter()
    for application in waiting:
        able = [one for one in ranked[application.pk] if one.may_be_asked and one.room > given[one.person.pk]]
        able.sort(key=lambda one: (-len(one.topics), one.load + given[one.person.pk], one.person.pk))
        chosen = [one.person for one in able[: max(places_left(application), 0)]]
        try:
            if len(chosen) < places_left(application):
                raise NotAllowedNow(
                    f"{len(chosen)} of {places_left(application)} assessors can be found without a conflict and with room.",
                    code="assessors_short",
                )
            allocate(application=application, assessors=chosen, by=by, at=at, due_at=due_at)
        except Refusal as refusal:
            yield application, refusal
        else:
            given.update(person.pk for person in chosen)
            yield application, None


def _candidate(
    person: Person,
    application: Application,
    loads: Counter[int],
    barred: dict[Pair, list[str]],
    asked: set[Pair],
    *,
    on: date,
) -> Candidate:
    profile = _profile(person)
    reasons = list(barred.get((person.pk, application.pk), []))
    if (person.pk, application.pk) in asked:
        reasons.append("Was invited already.")
    if not profile.is_available:
        reasons.append("Is not available.")
    if profile.is_away(on):
        reasons.append(f"Is away until {in_words(profile.away_until_on)}.")
    load = loads[person.pk]
    return Candidate(person, load, profile.max_reviews - load, _in_common(profile, application), tuple(reasons))


def _profile(person: Person) -> AssessorProfile:
    """The assessor's profile, or a blank one where nothing has been recorded yet."""
    return getattr(person, "assessor_profile", None) or AssessorProfile(person=person, max_reviews=USUAL_LOAD)


def _in_common(profile: AssessorProfile, application: Application) -> tuple[str, ...]:
    text = f"{application.title} {application.public_summary} {application.round.programme.strand}".lower()
    return tuple(topic for topic in profile.topics if topic in text)


def _loads(round: Round) -> Counter[int]:
    return Counter(Assessment.objects.live().filter(application__round=round).values_list("assessor_id", flat=True))


def _asked(applications: Iterable[Application]) -> set[Pair]:
    """Pairs that are not to be asked (again): a review is under way, or was given back."""
    rows = Assessment.objects.filter(application__in=list(applications)).exclude(state="withdrawn")
    return set(rows.values_list("assessor_id", "application_id"))


def _check_each(application: Application, assessors: list[Person], *, at: datetime) -> None:
    """Every one of them may be asked, or the first who may not is named with the reason."""
    if len({person.pk for person in assessors}) < len(assessors):
        raise Refused("The same assessor is chosen twice.", code="assessor_twice", field="assessors")
    known = {one.person.pk: one for one in candidates(applications=[application], at=at)[application.pk]}
    for person in assessors:
        candidate = known.get(person.pk)
        if candidate is None:
            raise Refused(f"{person} is not an assessor of this programme.", code="not_in_pool", field="assessors")
        if candidate.barred:
            raise Refused(f"{person} cannot be invited: {candidate.barred[0]}", code="assessor_barred", field="assessors")
        if candidate.room <= 0:
            raise Refused(f"{person} already has {candidate.load} reviews in this round.", code="assessor_full", field="assessors")


def invite(
    application: Application, person: Person, *, due: datetime, by: Person, at: datetime, is_calibration: bool = False
) -> Assessment:
    """Write the invitation, its deadlines and its letter. Whether the person may be asked was checked before."""
    assessment = Assessment(
        case=application.case, application=application, assessor=person, due_at=due, invited_at=at, invited_by=by,
        is_calibration=is_calibration,
    )  # fmt: skip
    assessment.draw_reading_order()
    assessment.save(force_insert=True)
    trail.record(
        stream=application.stream,
        kind="assessment.invited",
        actor=by.pk,
        at=at,
        subject=f"assessments.assessment:{assessment.pk}",
        after={"assessor": person.pk, "due_at": due.isoformat(), "state": str(assessment.state)},
    )
    deadlines.set_deadline(assessment, "reminder", max(due - REMINDER, at), at=at)
    deadlines.set_deadline(assessment, "overdue", due, at=at)
    for letter in outbox.COMPOSERS["assessment.invited"](assessment, None):
        outbox.send_notice("assessment.invited", letter, at=at, stream=application.stream, key=f"assessment.invited:{assessment.pk}")
    return assessment
