"""What an allocation plan rests on, read from the records and frozen: open places, the pool, and what keeps them apart."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.timezone import localdate

from accounts.models import Person
from accounts.roles import Role
from applications.models import Application, SubmittedPaper
from assessments import membership, policies
from assessments.actions import conflicts, pool
from assessments.kin import plain
from assessments.methods.matching import named, profile_words, words
from assessments.models import Assessment, AssessorProfile, Moderation, PlanChange, Run
from assessments.scheme import Scheme, scheme_of
from design.words import in_words
from grants.models import Round

Cell = tuple[int, int]
"""An application and an assessor, by number."""
OPEN = ("eligible", "assessing", "moderating")
UNTOLD = (*OPEN, "panel", "interview", "deciding", "proposed", "approved", "reserve", "declined", "on_hold")
USUAL_LOAD = 12
NAMED = 3
"""People whom a sentence names, with the reason of each."""
BY_HAND = "Chosen by hand"
INVITED = "Invited already"
KEEPS = "Keeps the reviews they hold."


@dataclass(frozen=True)
class Settings:
    """What an officer may set for one plan. `balance` is what each further review of an assessor costs in points."""

    one_per_organisation: bool = True
    newcomers_most: int | None = None
    least: int = 0
    balance: float = 1.0


@dataclass(frozen=True)
class Places:
    """Who holds the places of an application, and how many it wants in all."""

    held_by: tuple[int, ...]
    wanted: int

    @property
    def left(self) -> int:
        return self.wanted - len(self.held_by)


def places_of(applications: Iterable[Application]) -> dict[int, Places]:
    """The places of many applications: what the programme asks, one for each assessor that moderation asked for, and one in the place of
    each whose score is excluded."""
    applications = list(applications)
    held: dict[int, list[int]] = defaultdict(list)
    live = Assessment.objects.live().filter(application__in=applications).order_by("pk")
    for application, person in live.values_list("application_id", "assessor_id"):
        held[application].append(person)
    more = dict(
        Moderation.objects.filter(application__in=applications)
        .values_list("application")
        .annotate(n=Count("pk", filter=Q(state="extra_assessor")) + Count("assessment", distinct=True, filter=Q(state="excluded")))
    )
    return {one.pk: Places(tuple(held[one.pk]), scheme_of(one.version).assessors + more.get(one.pk, 0)) for one in applications}


def places_in(application: Application) -> Places:
    """The same of one application: without a query where its page has read what hangs on it."""
    items = list(application.moderations.all())
    more = sum(item.state == "extra_assessor" for item in items)
    excluded = {item.assessment_id for item in items if item.state == "excluded"}
    held = tuple(one.assessor_id for one in policies.places_taken(application))
    return Places(held, scheme_of(application.version).assessors + more + len(excluded))


def waiting(round: Round, by: Person) -> list[Application]:
    """What is with assessors or waits for them, as far as the person may deal with it, in the order it came in."""
    return list(Application.objects.for_staff(by).filter(round=round, state__in=OPEN).for_pages().order_by("submitted_at", "pk"))


def undecided(round: Round, by: Person) -> QuerySet[Application]:
    """What is eligible and whose company has heard nothing yet, as far as the person may deal with it."""
    return Application.objects.for_staff(by).filter(round=round, state__in=UNTOLD, notified_at=None)


def why_nobody(round: Round, *, at: datetime) -> str:
    """Why none of the pool can be asked now, in words; empty where somebody can."""
    everybody = list(pool.members(round.programme, at=at).order_by("name", "pk"))
    if not everybody:
        return "Nobody holds the role of assessor on this programme yet."
    why = absent(everybody, round, at=at)
    if len(why) < len(everybody):
        return ""
    named = " ".join(f"{one.name}: {why[one.pk]}" for one in everybody[:NAMED])
    more = f" The same or another reason holds for {len(everybody) - NAMED} more." if len(everybody) > NAMED else ""
    return f"No assessor of this programme can be asked now. {named}{more}"


def profile_of(person: Person) -> AssessorProfile:
    """The assessor's profile, or a blank one where nothing has been recorded yet."""
    return getattr(person, "assessor_profile", None) or AssessorProfile(person=person, max_reviews=USUAL_LOAD)


def inputs_of(round: Round, applications: Iterable[Application], *, settings: Settings, base: Run | None, at: datetime) -> dict[str, Any]:
    """Everything a plan is worked out from. `base` is an earlier plan whose changes by hand are kept."""
    places = places_of(applications)
    waiting = [one for one in applications if places[one.pk].left > 0]
    everybody = list(pool.members(round.programme, at=at).order_by("pk"))
    held = {person for one in waiting for person in places[one.pk].held_by}
    away = absent(everybody, round, at=at)
    people = [one for one in everybody if one.pk not in away or one.pk in held]
    scheme = scheme_of(round.version)
    loads = loads_in(round)
    inside = Counter(person for one in waiting for person in places[one.pk].held_by)
    pins, out = _by_hand(base, {one.pk for one in waiting}, {one.pk for one in people if one.pk not in away})
    present = {(one.pk, person) for one in waiting for person in places[one.pk].held_by}
    barred = _barred(waiting, people, present)
    until = localdate(at + scheme.time_to_review)
    fresh = _newcomers(people)
    return {
        "settings": asdict(settings),
        "applications": _applications(waiting, people, places, scheme),
        "assessors": [
            _assessor(
                one,
                profile_of(one),
                settings,
                elsewhere=loads[one.pk] - inside[one.pk],
                may_more=one.pk not in away,
                is_new=one.pk in fresh,
                span=(localdate(at), until),
            )
            for one in people
        ],
        "barred": [[*pair, why] for pair, why in sorted({**barred, **out}.items())],
        "pins": [[*pair, INVITED] for pair in sorted(present)] + [[*pair, BY_HAND] for pair in sorted(pins - present - barred.keys())],
        "met": _met(waiting, people),
        "left_out": [[person, f"{why} {KEEPS}" if person in held else why] for person, why in sorted(away.items())],
    }


def loads_in(round: Round) -> Counter[int]:
    """How many reviews of a round each assessor holds."""
    held = Assessment.objects.live().filter(application__round=round).order_by().values_list("assessor_id")
    return Counter(dict(held.annotate(n=Count("pk"))))


def with_loads(people: QuerySet[Person], round: Round) -> QuerySet[Person]:
    """Each with how many reviews of a round they hold: `load`, None where there is none."""
    held = Assessment.objects.live().filter(application__round=round, assessor=OuterRef("pk")).order_by().values("assessor")
    return people.annotate(load=Subquery(held.annotate(n=Count("pk")).values("n")))


def absent(everybody: Iterable[Person], round: Round, *, at: datetime) -> dict[int, str]:
    """Why each of those who can be asked nothing now cannot."""
    everybody = list(everybody)
    lacks = membership.lacking(everybody, scheme_of(round.version).asks, at=at)
    return {one.pk: why for one in everybody if (why := _not_there(one, on=localdate(at)) or " ".join(lacks.get(one.pk, ())))}


def inside(person: Person) -> str:
    """Why somebody of the programme's own staff is not asked to score; empty for everybody else."""
    role = getattr(person, "works_as", None)
    return f"Works on this programme as {Role(role).label.lower()}: scores come from outside it." if role else ""


def readers(people: Iterable[Person], applications: Iterable[Application]) -> dict[Cell, str]:
    """(application, assessor) → why not, where somebody of the panel can read scores that are in before giving their own."""
    sitting = {one.pk: Role(role).label.lower() for one in people if (role := getattr(one, "sits_as", None))}
    if not sitting:
        return {}
    given = Assessment.objects.filter(application__in=list(applications), submitted_at__isnull=False)
    scored = set(given.values_list("application_id", flat=True))
    return {(one, person): f"Sits as {role}, and can read the scores that are in." for one in scored for person, role in sitting.items()}


def _not_there(person: Person, *, on: date) -> str:
    """Why the assessor can be asked nothing now; empty where they can."""
    if why := inside(person):
        return why
    profile = profile_of(person)
    if not profile.is_available:
        return "Is not available."
    return f"Is away until {in_words(profile.away_until_on)}." if profile.is_away(on) else ""


def _applications(waiting: list[Application], people: list[Person], places: Mapping[int, Places], scheme: Scheme) -> list[dict[str, Any]]:
    profiles = [profile_of(one) for one in people]
    topics = sorted({topic for one in profiles for topic in one.topics})
    languages = sorted({language.lower() for one in profiles for language in one.languages})
    known = {word for one in profiles for word in profile_words(one.topics, one.expertise)}
    texts = _texts(waiting)
    return [
        {
            "number": one.pk,
            "demand": places[one.pk].wanted,
            "needs": {skill.topic.lower(): skill.at_least for skill in scheme.skills},
            "words": {word: count for word, count in sorted(words(texts[one.pk]).items()) if word in known},
            "topics": named(topics, texts[one.pk]),
            "languages": named(languages, texts[one.pk]),
        }
        for one in waiting
    ]


def _texts(applications: list[Application]) -> dict[int, str]:
    """Title, summary, strand and the words of the paper last sent in."""
    answers: dict[int, str] = {}
    papers = SubmittedPaper.objects.filter(application__in=applications).order_by("application_id", "number")
    for application, document in papers.values_list("application_id", "document").iterator(chunk_size=200):
        answers[application] = " ".join(
            one["value"] for one in json.loads(document)["answers"] if isinstance(one.get("value"), str) and " " in one["value"]
        )
    return {one.pk: f"{one.title} {one.public_summary} {one.round.programme.strand} {answers.get(one.pk, '')}" for one in applications}


def _assessor(
    person: Person, profile: AssessorProfile, settings: Settings, *, elsewhere: int, may_more: bool, is_new: bool, span: tuple[date, date]
) -> dict[str, Any]:
    """One assessor: `most` is what room is left after the reviews of applications whose places are all filled."""
    most = max(profile.max_reviews - elsewhere, 0) if may_more else 0
    return {
        "number": person.pk,
        "topics": sorted(profile.topics),
        "languages": sorted(language.lower() for language in profile.languages),
        "words": dict(sorted(profile_words(profile.topics, profile.expertise).items())),
        "organisation": profile.employer_number or plain(profile.employer),
        "free": _share_there(profile, *span),
        "is_new": is_new,
        "most": most,
        "least": min(max(settings.least - elsewhere, 0), most),
        "elsewhere": elsewhere,
    }


def _share_there(profile: AssessorProfile, start: date, end: date) -> float:
    """The share of the time to review, the first and the last day included, in which the assessor has not said to be away."""
    if profile.away_from_on is None or profile.away_until_on is None:
        return 1.0
    days = (end - start).days + 1
    gone = (min(end, profile.away_until_on) - max(start, profile.away_from_on)).days + 1
    return round(1 - max(gone, 0) / days, 4)


def _newcomers(people: list[Person]) -> set[int]:
    """Those who have never submitted a review, in any programme."""
    done = set(Assessment.objects.filter(assessor__in=people, submitted_at__isnull=False).values_list("assessor_id", flat=True))
    return {one.pk for one in people} - done


def _met(waiting: list[Application], people: list[Person]) -> list[list[int]]:
    """Pairs whose company the assessor has assessed before, in another application."""
    by_company: dict[int, list[int]] = defaultdict(list)
    for one in waiting:
        by_company[one.company_id].append(one.pk)
    before = Assessment.objects.filter(
        assessor__in=people, application__company__in=by_company, submitted_at__isnull=False, is_calibration=False
    ).values_list("assessor_id", "application__company_id", "application_id")
    found = {(one, person) for person, company, application in before for one in by_company[company] if one != application}
    return [list(pair) for pair in sorted(found)]


def _barred(waiting: list[Application], people: list[Person], present: set[Cell]) -> dict[Cell, str]:
    """(application, assessor) → why not: a conflict on record (they were searched for before), or a review that was given back."""
    found = readers(people, waiting)
    found |= {(application, person): why[0] for (person, application), why in conflicts.recorded(people, waiting).items()}
    asked = Assessment.objects.asked().filter(application__in=waiting).values_list("application_id", "assessor_id")
    found |= {pair: found.get(pair, "Was invited already.") for pair in asked}
    return {pair: why for pair, why in found.items() if pair not in present}


def _by_hand(base: Run | None, applications: set[int], people: set[int]) -> tuple[set[Cell], dict[Cell, str]]:
    """What was put in and taken out by hand in an earlier plan, as far as it still concerns anybody."""
    last: dict[Cell, PlanChange] = {}
    for change in base.changes.order_by("pk") if base else ():
        if change.application_id in applications and change.person_id in people:
            last[change.application_id, change.person_id] = change
    put_in = {pair for pair, change in last.items() if change.is_in}
    return put_in, {pair: f"Taken out by hand: {change.reason}" for pair, change in last.items() if not change.is_in}
