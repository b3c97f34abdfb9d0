"""What the pages of panel meetings and interviews show."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Count, F
from django.urls import reverse

from accounts.access import can, holders
from accounts.models import Person
from accounts.roles import Permission
from applications.models import Application
from assessments.agenda import Line, suggested
from assessments.models import AgendaItem, Meeting
from assessments.presenters.selections import BELOW, IN, LONGEST, OUT, picture
from assessments.ranking import one_decimal
from assessments.standings import Place
from design.words import moment_in_words, pounds
from grants.models import Round
from workflow.engine import available_steps

TO_JUDGE = (
    "Our records suggest a possible conflict of interest between you and this application. An officer looks at it first; the "
    "application opens once they have said that it is none."
)
MEETING_COLUMNS = ["Meeting", "When", "State", {"label": "Applications", "numeric": True}]
AGENDA_COLUMNS = [
    {"label": "Application"},
    {"label": "Place", "numeric": True},
    {"label": "By scores", "numeric": True},
    {"label": "Mean", "numeric": True},
    {"label": "Spread", "numeric": True},
    {"label": "Threshold"},
    {"label": "Costs", "numeric": True},
    {"label": "Left after", "numeric": True},
    {"label": "Panel"},
]


def waiting(round: Round) -> dict[str, int]:
    """How many applications wait for a meeting of each kind and are on no agenda yet."""
    on_agenda = AgendaItem.objects.filter(meeting__round=round, meeting__state__in=["planned", "open"]).values("application")
    rows = Application.objects.filter(round=round, state__in=Meeting.Kind.values).exclude(pk__in=on_agenda)
    return dict(rows.order_by("state").values_list("state").annotate(n=Count("pk")))


def meeting_rows(meetings: Sequence[Meeting], round: Round) -> list[list[Any]]:
    """One row a meeting."""
    items = AgendaItem.objects.filter(meeting__in=meetings).order_by()
    counts = dict(items.values_list("meeting").annotate(n=Count("pk")))
    here = items.filter(meeting__state=Meeting.State.SIGNED, application__state=F("meeting__kind"))
    to_send = dict(here.values_list("meeting").annotate(n=Count("pk")))
    return [
        [
            {"text": one.get_kind_display(), "href": reverse("assessments:meeting", args=[round.reference, one.pk]), "hint": one.place},
            moment_in_words(one.held_at),
            _standing(one, to_send.get(one.pk, 0)),
            counts.get(one.pk, 0),
        ]
        for one in meetings
    ]


def _standing(meeting: Meeting, to_send: int) -> dict[str, str]:
    if to_send:
        return {"tag": f"Signed, {to_send} to send on", "tone": "waiting"}
    return {"tag": meeting.state_now.label, "tone": "active" if meeting.state == Meeting.State.OPEN else "neutral"}


def when_and_where(meeting: Meeting) -> str:
    """`10 November 2026 at 3pm. Board room` for the head of the page."""
    return ". ".join([moment_in_words(meeting.held_at), *([meeting.place] if meeting.place else [])])


def facts(meeting: Meeting) -> list[tuple[str, str]]:
    """Who sits, and who signed."""
    members = meeting.members.select_related("person").order_by("person__name", "pk")
    said = [("Who sits", ", ".join(one.person.name + ("" if one.is_present else " (did not come)") for one in members))]
    if meeting.signed_at:
        said.append(("Signed", f"{meeting.signed_by}, {moment_in_words(meeting.signed_at)}"))
        said.append(("SHA-256 of the minutes", meeting.minutes_sha256))
    return said


def agenda_rows(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The live list, marked as far as the money reaches."""
    return [{"cells": _cells(line), "is_marked": line.is_reached} for line in lines]


def chart(lines: Sequence[Line], threshold: Fraction) -> dict[str, Any] | None:
    """The list as a picture, with the budget's line where the choices so far put it; None where nothing on it is scored."""
    scored = [(line, line.standing) for line in lines if line.standing is not None]
    if not scored:
        return None
    shown = [(line.item.application.reference, float(place.figures.mean), _status(line, place)) for line, place in scored]
    reached = [name for name, _, status in shown if status == IN]
    said = f"The money reaches {len(reached)} of {len(shown)}, in the panel’s order."
    if len(shown) > LONGEST:
        said += f" The picture shows the first {LONGEST}."
    return {
        "svg": picture(shown, float(threshold), line_after=reached[-1] if reached else ""),
        "title": "As it stands",
        "summary": said,
        "columns": ["Application", {"label": "Mean", "numeric": True}, "As it stands"],
        "rows": [
            [line.item.application.reference, one_decimal(place.figures.mean), status]
            for (line, place), (_, _, status) in zip(scored, shown, strict=True)
        ],
    }


def _status(line: Line, place: Place) -> str:
    return IN if line.is_reached else OUT if place.meets_threshold else BELOW


def _cells(line: Line) -> list[Any]:
    item, figures = line.item, line.standing.figures if line.standing else None
    href = reverse("assessments:meeting_item", args=[item.application.round.reference, item.meeting_id, item.application.reference])
    suggestion = AgendaItem.Outcome(line.suggestion).label
    said = (
        {"text": item.get_outcome_display(), "hint": item.reason}
        if item.outcome
        else {"text": "Not yet", "hint": f"Order suggests: {suggestion}"}
    )
    return [
        {"text": item.application.reference, "href": href, "hint": item.application.company.name},
        item.place,
        item.rank_by_mean or "",
        one_decimal(figures.mean) if figures else "",
        one_decimal(figures.spread) if figures else "",
        "Met" if line.standing and line.standing.meets_threshold else "Not met",
        pounds(line.costs_pence),
        pounds(line.left_pence) if line.is_reached else "",
        said,
    ]


def may_minute(meeting: Meeting, person: Person) -> bool:
    """The chair, or the officer who takes the minutes."""
    return can(person, Permission.PANEL_CHAIR, on=meeting) or can(person, Permission.ASSESSMENT_MODERATE, on=meeting)


def may_be_called_in(meeting: Meeting) -> list[Person]:
    """Who plays a part on the programme's panel and is not in the room."""
    here = set(meeting.members.filter(is_present=True).values_list("person_id", flat=True))
    return [one for one in holders(meeting.round.scopes(), Permission.PANEL_RANK) if one.pk not in here]


def acts(meeting: Meeting, person: Person, *, at: datetime) -> dict[str, Any]:
    """The steps of the meeting that are this person's part, by name, with the reason where one cannot be taken now."""
    found = available_steps(meeting, person, at=at)
    return {one.step.name: one for one in found if one.code != "no_permission"}


def item_facts(item: AgendaItem) -> list[tuple[str, str]]:
    """One application in brief."""
    said = [
        ("Company", item.application.company.name),
        ("Asked for", pounds(item.application.grant_requested_pence)),
        ("Rank by scores", str(item.rank_by_mean or "Not ranked")),
    ]
    if item.outcome:
        said.append(("Recorded", f"{item.get_outcome_display()}{f', {pounds(item.amount_pence)}' if item.amount_pence else ''}"))
        said.append(("Order", "Left, for this reason: " + item.reason if item.leaves_order else "Followed"))
    return said + (slot_facts(item) if item.starts_at else [])


def slot_facts(item: AgendaItem) -> list[tuple[str, str]]:
    """When and where the company is interviewed."""
    return [("Interview", moment_in_words(item.starts_at)), ("Place", item.meeting.place or "You will hear where")]


def recorded(meeting: Meeting, item: AgendaItem) -> dict[str, Any]:
    """What the form begins with: what is recorded, or what order and budget suggest."""
    if item.outcome:
        return {
            "outcome": item.outcome,
            "amount_pence": item.amount_pence or None,
            "place": item.place,
            "reason": item.reason,
            "notes": item.notes,
        }
    outcome = suggested(meeting).get(item.pk, "")
    asked = None if outcome == AgendaItem.Outcome.DECLINE else item.application.grant_requested_pence
    return {"outcome": outcome, "amount_pence": asked, "place": item.place}
