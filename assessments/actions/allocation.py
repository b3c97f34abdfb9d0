"""Who assesses one application: suggested with reasons, invited by an officer. A whole round is allocated by a plan (`plans`)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.timezone import localdate, make_aware

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from applications.models import Application
from assessments import fitting, membership, policies
from assessments.actions import conflicts, pool
from assessments.interests import Pair
from assessments.models import Assessment, AssessorProfile, Run
from assessments.scheme import scheme_of
from audit import trail
from design.words import in_words
from notifications import outbox
from workflow import deadlines, guards
from workflow.engine import fire, lock

OPEN_TO_ALLOCATION = fitting.OPEN
REMINDER = timedelta(days=3)
HOUR = time(17)
"""When a review falls due on its day."""


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


def candidates(*, applications: Sequence[Application], at: datetime, among: Iterable[Person] | None = None) -> dict[int, list[Candidate]]:
    """For each application of one round every assessor of its programme (or those `among` them), best first: topics in common, then the
    lightest load."""
    if not applications:
        return {}
    first = applications[0]
    members = fitting.with_loads(pool.members(first.round.programme, at=at), first.round).order_by("pk")
    people = list(members if among is None else members.filter(pk__in=[person.pk for person in among]))
    loads = Counter({person.pk: getattr(person, "load", None) or 0 for person in people})
    barred = conflicts.standing(people, applications, on=localdate(at))
    asked = _asked(applications)
    lacks = membership.lacking(people, scheme_of(first.version).asks, at=at)
    read = fitting.readers(people, applications)
    return {
        application.pk: sorted(
            (
                _candidate(person, application, loads, barred, asked, _not_fit(person, application, lacks, read), on=localdate(at))
                for person in people
            ),
            key=lambda one: (not one.may_be_asked, -len(one.topics), one.load, one.person.pk),
        )
        for application in applications
    }


def suggest(*, application: Application, at: datetime, wanted: int | None = None) -> list[Candidate]:
    """The assessors to invite for the places still open: as many as are wanted, or as there are."""
    every = candidates(applications=[application], at=at)[application.pk]
    open_places = places_left(application) if wanted is None else wanted
    return [one for one in every if one.may_be_asked][: max(open_places, 0)]


def due_on(day: date) -> datetime:
    """The moment at which a review that is due on that day is due."""
    return make_aware(datetime.combine(day, HOUR))


def places_left(application: Application) -> int:
    """How many more assessors the application needs: what the programme asks, one for each that moderation asked for, and one in the
    place of each whose score is excluded."""
    return fitting.places_in(application).left


def allocate(
    *,
    application: Application,
    assessors: Iterable[Person],
    by: Person,
    at: datetime,
    due_at: datetime | None = None,
    plan: Run | None = None,
    why: Mapping[int, str] | None = None,
) -> list[Assessment]:
    """Invite these assessors; with the last place filled the application goes to its assessors. `why` says of each (by number) for what
    reason; without it, what is known of how they fit.

    Raises Denied, NotAllowedNow (not to be allocated now), Refused (not in the pool, conflicted, full, invited already).
    """
    assessors = list(assessors)
    with transaction.atomic():
        fresh = lock(application)
        require(by, Permission.ASSESSMENT_ALLOCATE, on=fresh)
        policies.check_is_disinterested(fresh, by=by)
        if fresh.state not in OPEN_TO_ALLOCATION:
            raise NotAllowedNow(f"This is {fresh.state_now.label.lower()} now, so no assessor can be invited.", code="wrong_state")
        if not assessors:
            raise Refused("Choose at least one assessor.", code="nobody_chosen", field="assessors")
        reasons = {**_check_each(fresh, assessors, at=at), **(why or {})}
        due = due_at or due_on(localdate(at + scheme_of(fresh.version).time_to_review))
        invited = [invite(fresh, person, due=due, by=by, at=at, plan=plan, why=reasons[person.pk]) for person in assessors]
        enough, _ = guards.allowed(guards.resolve("assessments.enough_assessors"), fresh, at=at)
        if fresh.state == "eligible" and enough:
            fire(fresh, "start_assessing", by=by, at=at)
    return invited


def _candidate(
    person: Person,
    application: Application,
    loads: Counter[int],
    barred: dict[Pair, list[str]],
    asked: set[Pair],
    lacks: list[str],
    *,
    on: date,
) -> Candidate:
    profile = fitting.profile_of(person)
    reasons = list(barred.get((person.pk, application.pk), []))
    if (person.pk, application.pk) in asked:
        reasons.append("Was invited already.")
    reasons += lacks
    if not profile.is_available:
        reasons.append("Is not available.")
    if profile.is_away(on):
        reasons.append(f"Is away until {in_words(profile.away_until_on)}.")
    load = loads[person.pk]
    return Candidate(person, load, profile.max_reviews - load, _in_common(profile, application), tuple(reasons))


def _not_fit(person: Person, application: Application, lacks: Mapping[int, list[str]], read: Mapping[Pair, str]) -> list[str]:
    """What the programme wants of an assessor and this one is not, has not or has no more."""
    why = [fitting.inside(person), read.get((application.pk, person.pk), "")]
    return [*filter(None, why), *lacks.get(person.pk, [])]


def _in_common(profile: AssessorProfile, application: Application) -> tuple[str, ...]:
    text = f"{application.title} {application.public_summary} {application.round.programme.strand}".lower()
    return tuple(topic for topic in profile.topics if topic in text)


def _asked(applications: Iterable[Application]) -> set[Pair]:
    """Pairs that are not to be asked (again): a review is under way, or was given back."""
    applications = list(applications)
    if len(applications) == 1:  # its page has read them
        return {(one.assessor_id, one.application_id) for one in applications[0].assessments.all() if one.is_asked}
    rows = Assessment.objects.asked().filter(application__in=applications)
    return set(rows.values_list("assessor_id", "application_id"))


def _check_each(application: Application, assessors: list[Person], *, at: datetime) -> dict[int, str]:
    """Every one of them may be asked, or the first who may not is named with the reason. Returns how each fits, in words."""
    if len({person.pk for person in assessors}) < len(assessors):
        raise Refused("The same assessor is chosen twice.", code="assessor_twice", field="assessors")
    known = {one.person.pk: one for one in candidates(applications=[application], at=at, among=assessors)[application.pk]}
    for person in assessors:
        candidate = known.get(person.pk)
        if candidate is None:
            raise Refused(f"{person} is not an assessor of this programme.", code="not_in_pool", field="assessors")
        if candidate.barred:
            raise Refused(f"{person} cannot be invited: {candidate.barred[0]}", code="assessor_barred", field="assessors")
        if candidate.room <= 0:
            raise Refused(f"{person} already has {candidate.load} reviews in this round.", code="assessor_full", field="assessors")
    return {person.pk: known[person.pk].why for person in assessors}


def invite(
    application: Application,
    person: Person,
    *,
    due: datetime,
    by: Person,
    at: datetime,
    is_calibration: bool = False,
    plan: Run | None = None,
    why: str = "",
) -> Assessment:
    """Write the invitation, its deadlines and its letter. Whether the person may be asked was checked before."""
    assessment = Assessment(
        case=application.case, application=application, assessor=person, due_at=due, invited_at=at, invited_by=by,
        is_calibration=is_calibration, plan=plan, why=why,
    )  # fmt: skip
    assessment.draw_reading_order()
    assessment.save(force_insert=True)
    trail.record(
        stream=application.stream,
        kind="assessment.invited",
        actor=by.pk,
        at=at,
        subject=f"assessments.assessment:{assessment.pk}",
        after={"assessor": person.pk, "due_at": due.isoformat(), "state": str(assessment.state), "plan": plan.pk if plan else None},
    )
    deadlines.set_deadline(assessment, "reminder", max(due - REMINDER, at), at=at)
    deadlines.set_deadline(assessment, "overdue", due, at=at)
    for letter in outbox.COMPOSERS["assessment.invited"](assessment, None):
        outbox.send_notice("assessment.invited", letter, at=at, stream=application.stream, key=f"assessment.invited:{assessment.pk}")
    return assessment
