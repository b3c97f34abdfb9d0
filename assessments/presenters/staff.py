"""The officers', the lead's and the chair's pages: allocation, progress, ranking, moderation, decisions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from accounts.models import Person
from applications.models import Application
from assessments import amounts, fitting, membership, queues
from assessments.actions import pool
from assessments.models import Advice, Assessment, Conflict, Moderation
from assessments.ranking import one_decimal
from assessments.scheme import scheme_of
from assessments.standings import Standing
from design.words import in_words, pounds
from grants.models import Round
from notifications.outbox import Letter

STAGES = (
    ("eligible", "Waiting for assessors"),
    ("assessing", "With assessors"),
    ("moderating", "In moderation"),
    ("panel", "With the panel"),
    ("interview", "To be interviewed"),
    ("deciding", "To be proposed"),
    ("proposed", "To be decided"),
)
DECIDED = ("approved", "reserve", "declined")


def cards(round: Round, applications: Any) -> list[dict[str, Any]]:
    """How many applications are where."""
    by_state = Counter(dict(applications.order_by().values_list("state").annotate(n=Count("pk"))))
    untold = applications.filter(state__in=DECIDED, notified_at=None).count()
    pages = {
        "eligible": "allocation",
        "assessing": "allocation",
        "moderating": "moderation",
        "panel": "meetings",
        "interview": "meetings",
        "deciding": "decisions",
        "proposed": "decisions",
    }
    shown = [
        {"value": by_state[state], "label": label, "href": reverse(f"assessments:{pages[state]}", args=[round.reference])}
        for state, label in STAGES
    ]
    decided = {"value": sum(by_state[state] for state in DECIDED), "label": "Decided", "note": f"{untold} still to be told"}
    return [*shown, decided]


def assessors_from(round: Round, after: str, *, at: datetime) -> tuple[list[Person], str]:
    """A page of the programme's assessors by name, from the one after the person of this number; and the query string of what follows."""
    people = pool.members(round.programme, at=at).order_by("name", "pk")
    last = people.filter(pk=int(after)).first() if after.isascii() and after.isdigit() and len(after) < 18 else None
    if last is not None:
        people = people.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
    found = list(people[: queues.SIZE + 1])
    return found[: queues.SIZE], f"?after={found[queues.SIZE - 1].pk}" if len(found) > queues.SIZE else ""


def assessor_rows(round: Round, people: Sequence[Person], *, at: datetime, may_edit: bool) -> list[list[Any]]:
    """Who has how many: one row for each of these assessors."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    theirs = Assessment.objects.filter(application__round=round, assessor__in=people)
    rows = theirs.values_list("assessor_id", "state")
    for assessor, state, n in rows.annotate(n=Count("pk")):
        counts[assessor][state] = n
    late = dict(theirs.filter(state__in=Assessment.WAITING, due_at__lt=at).values_list("assessor_id").annotate(n=Count("pk")))
    lacks = membership.lacking(people, _asks(round), at=at)
    lacks |= {one.pk: [why, *lacks.get(one.pk, ())] for one in people if (why := fitting.inside(one))}
    return [
        _assessor_row(person, counts[person.pk], late.get(person.pk, 0), round, lacks.get(person.pk, ()) if may_edit else (), may_edit)
        for person in people
    ]


def _asks(round: Round) -> Sequence[str]:
    """What the programme wants of an assessor before they are invited; nothing where it has no assessment."""
    return round.definition.assessment.asks if round.definition.assessment else ()


def _assessor_row(person: Person, counts: Counter[str], late: int, round: Round, lacks: Sequence[str], may_edit: bool) -> list[Any]:
    profile = getattr(person, "assessor_profile", None)
    href = reverse("assessments:assessor", args=[round.reference, person.pk]) if may_edit else ""
    known = ", ".join(profile.topics) if profile and profile.topics else "No topics recorded yet"
    name = {"text": person.name, "href": href, "hint": f"{known}. {' '.join(lacks)}" if lacks else known}
    live = sum(counts[state] for state in Assessment.LIVE)
    room = (profile.max_reviews if profile else 12) - live
    given_back = counts["declined"] + counts["conflicted"] + counts["withdrawn"]
    return [name, live, counts["invited"], counts["accepted"] + counts["returned"], counts["submitted"], late, given_back, max(room, 0)]


ASSESSOR_COLUMNS = ["Assessor"] + [
    {"label": label, "numeric": True} for label in ("Reviews", "Invited", "Under way", "Submitted", "Overdue", "Given back", "Room left")
]


def allocation_rows(applications: Sequence[Application]) -> list[list[Any]]:
    """One row per application: its places and who fills them."""
    reviews: dict[int, list[Assessment]] = defaultdict(list)
    live = Assessment.objects.live().filter(application__in=[application.pk for application in applications])
    for assessment in live.select_related("assessor").order_by("pk"):
        reviews[assessment.application_id].append(assessment)
    return [_allocation_row(application, reviews[application.pk]) for application in applications]


def _allocation_row(application: Application, reviews: list[Assessment]) -> list[Any]:
    wanted = scheme_of(application.version).assessors
    in_now = sum(review.state == "submitted" for review in reviews)
    who = ", ".join(f"{review.assessor.name} ({review.state_now.label.lower()})" for review in reviews)
    return [
        _link(application),
        application.company.name,
        {"tag": application.state_now.label, "tone": "active"},
        f"{len(reviews)} of {wanted}",
        f"{in_now} of {max(len(reviews), wanted)}",
        who or "Nobody yet",
    ]


ALLOCATION_COLUMNS = ["Application", "Company", "State", "Places filled", "Reviews in", "Assessors"]

RANKING_COLUMNS = [
    {"label": "Application"},
    {"label": "Rank", "numeric": True},
    {"label": "Mean", "numeric": True},
    {"label": "Reviews", "numeric": True},
    {"label": "Spread", "numeric": True},
    {"label": "Recommended", "numeric": True},
    {"label": "Threshold"},
    {"label": "Asked for", "numeric": True},
    {"label": "Flags"},
    {"label": "State"},
]


def ranking_rows(standings: Sequence[Standing], items: dict[int, list[Moderation]]) -> list[dict[str, Any]]:
    """The ranking, marked where the budget reaches by rank order."""
    return [
        {"cells": _ranking_cells(standing, items.get(standing.application.pk, [])), "is_marked": standing.is_above}
        for standing in standings
    ]


def _ranking_cells(standing: Standing, items: list[Moderation]) -> list[Any]:
    figures, application = standing.figures, standing.application
    flags = sorted({item.get_trigger_display() for item in items})
    state = application.state_now.label
    decision = standing.decision
    return [
        _link(application, hint=application.company.name),
        f"{standing.rank}=" if standing.is_tied else standing.rank,
        one_decimal(figures.mean),
        figures.votes,
        one_decimal(figures.spread),
        f"{figures.suitable_yes} of {figures.votes}",
        "Met" if standing.meets_threshold else "Not met",
        pounds(application.grant_requested_pence),
        "; ".join(flags) or "None",
        {"text": state, "hint": f"{decision.get_outcome_display()}, {pounds(decision.amount_pence)}" if decision else ""},
    ]


def flags_of(applications: Iterable[int]) -> dict[int, list[Moderation]]:
    """Moderation items by application."""
    found: dict[int, list[Moderation]] = defaultdict(list)
    for item in Moderation.objects.filter(application__in=list(applications)).order_by("pk"):
        found[item.application_id].append(item)
    return found


MODERATION_COLUMNS = ["Application", "What the scores show", "State", "Since"]


def moderation_rows(items: Iterable[Moderation]) -> list[list[Any]]:
    """The queue of what is to be settled, oldest first."""
    return [
        [
            {**_link(item.application), "hint": item.application.title},
            {"text": item.get_trigger_display(), "hint": item.sentence},
            {"tag": item.state_now.label, "tone": "waiting" if item.state_now.owner else "neutral"},
            in_words(item.opened_at),
        ]
        for item in items
    ]


def decision_rows(standings: Sequence[Standing]) -> list[list[Any]]:
    """What is proposed or decided, in rank order; where nothing stands any more, why."""
    return [
        [
            _link(standing.application, hint=standing.application.company.name),
            f"{standing.rank}=" if standing.is_tied else standing.rank,
            one_decimal(standing.figures.mean),
            standing.decision.get_outcome_display() if standing.decision else "Nothing yet",
            pounds((standing.decision.amount_pence or None) if standing.decision else None),
            _remark(standing),
        ]
        for standing in standings
    ]


DECISION_COLUMNS = [
    "Application",
    {"label": "Rank", "numeric": True},
    {"label": "Mean", "numeric": True},
    "Proposed",
    {"label": "Grant", "numeric": True},
    "Remarks",
]


TOLD_COLUMNS = ["Application", "Decision", {"label": "Grant", "numeric": True}, "Decided by", "Told"]


def told_rows(applications: Sequence[Application], round: Round) -> list[list[Any]]:
    """What became of those whose companies know."""
    found = []
    for one in applications:
        one.round = round
        grant = pounds(one.decided_amount_pence) if one.decided_amount_pence else ""
        name = _link(one, hint=one.company.name)
        found.append([name, one.state_now.label, grant, one.decided_by.name if one.decided_by else "", in_words(one.notified_at)])
    return found


def letters(found: Iterable[tuple[Application, Letter]]) -> list[dict[str, Any]]:
    """What each company would read, once, with everybody it goes to."""
    together: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    for application, letter in found:
        together[application.pk, letter.subject, letter.body].append(f"{letter.person}, {letter.person.email}")
    return [{"subject": subject, "body": body, "to": to} for (_, subject, body), to in together.items()]


def _remark(standing: Standing) -> str:
    decision, ended = standing.decision, standing.ended
    if decision is None:
        said = [] if standing.meets_threshold else ["Does not meet the threshold."]
        said += [f"“{ended.get_outcome_display()}” no longer stands: {ended.end_reason}"] if ended else []
        return " ".join(said)
    said = ["Leaves the rank order."] if decision.leaves_order else []
    if decision.outcome == decision.Outcome.APPROVE and decision.agreed_at is None and decision.decided_at is None:
        asked = standing.application.version.definition.decision.agreement_for(decision.amount_pence)
        said += [f"{amounts.in_words(asked)} Nobody has given it yet."] if asked else []
    return " ".join([*said, decision.reason])


def conflict_counts(round: Round) -> int:
    """Conflicts of a round that wait for a person."""
    return Conflict.objects.to_judge().filter(application__round=round).count()


def _link(application: Application, hint: str = "") -> dict[str, Any]:
    href = reverse("assessments:application", args=[application.round.reference, application.reference])
    return {"text": application.reference, "href": href, "hint": hint or application.title}


ROUND_COLUMNS = ["Round", "Programme", "State", "Closes"]
CONFLICT_COLUMNS = ["Person", "Application", "What the records show", "Since"]


def conflict_facts(conflict: Conflict) -> list[tuple[str, str]]:
    """One conflict, and what was made of it."""
    facts = [
        ("Application", f"{conflict.application.reference}: {conflict.application.title}"),
        ("Company", conflict.application.company.name),
        ("Ground", conflict.get_ground_display()),
        ("What the records show", _shown(conflict)),
    ]
    return [*facts, ("Judgement", conflict.judgement)] if conflict.judgement else facts


def _shown(conflict: Conflict) -> str:
    """What the records show, without the words of its ground, which stand beside it."""
    ground = f"{conflict.get_ground_display()}: "
    said = conflict.detail.removeprefix(ground)
    return said if said == conflict.detail else said[:1].upper() + said[1:]


def round_rows(rounds: Iterable[Round]) -> list[list[Any]]:
    """The rounds in assessment, one a row."""
    return [
        [
            {"text": round.title, "href": reverse("assessments:overview", args=[round.reference]), "hint": round.reference},
            round.programme.name,
            {"tag": round.state_now.label, "tone": "active"},
            in_words(round.closes_at),
        ]
        for round in rounds
    ]


REGISTER_COLUMNS = ["Person", "Application", "What was declared or found", "Outcome"]
MOST_RECORDED = 200
"""Conflicts that the register shows, the latest first."""


def register_rows(conflicts: Iterable[Conflict], round: Round) -> list[list[Any]]:
    """Conflicts that are on record: what was declared, what the records show plainly, what somebody judged and why."""
    return [
        [
            {"text": conflict.person.name, "href": reverse("assessments:judge_conflict", args=[round.reference, conflict.pk])},
            conflict.application.reference,
            {"text": conflict.get_ground_display(), "hint": _shown(conflict)},
            {"text": _bars(conflict), "hint": conflict.judgement},
        ]
        for conflict in conflicts
    ]


def _bars(conflict: Conflict) -> str:
    said = "Closed to them" if conflict.status == Conflict.Status.CONFIRMED else "No conflict"
    return f"{said}, {conflict.judged_by.name if conflict.judged_by else 'at once'}, {in_words(conflict.judged_at or conflict.recorded_at)}"


def conflict_rows(conflicts: Iterable[Conflict], round: Round) -> list[list[Any]]:
    """Conflicts that wait for a person."""
    return [
        [
            {"text": conflict.person.name, "href": reverse("assessments:judge_conflict", args=[round.reference, conflict.pk])},
            {"text": conflict.application.reference, "hint": conflict.application.company.name},
            {"text": conflict.get_ground_display(), "hint": _shown(conflict)},
            in_words(conflict.recorded_at),
        ]
        for conflict in conflicts
    ]


ADVICE_COLUMNS = ["Person", "Company", "What about", "Given"]


def advice_rows(round: Round) -> list[list[Any]]:
    """Advice noted to companies of the round, the latest first."""
    noted = Advice.objects.filter(company__applications__round=round).select_related("person", "company__organisation").distinct()
    return [[one.person.name, one.company.name, one.what, in_words(one.given_on)] for one in noted.order_by("-given_on", "-pk")[:100]]
