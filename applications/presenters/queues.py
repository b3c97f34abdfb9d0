"""The staff queue: a page of applications by the time they came in, whatever their number."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.db.models import Q, QuerySet
from django.urls import reverse

from applications.models import Application
from design.tones import tone_of
from design.words import from_now, in_words, pounds

PAGE = 50
COLUMNS = ["Reference", "Company", "Round", {"label": "Requested", "numeric": True}, "State", "Sent in", "Waiting"]

SHOWN = (
    "reference", "title", "grant_requested_pence", "state", "submitted_at", "notified_at",
    "company__organisation__name", "round__reference", "case__held_since",
)  # fmt: skip
"""What a row names, and no more: fifty rows of all four tables take longer to read than to draw."""


@dataclass(frozen=True)
class QueuePage:
    """The rows of one page, and where the pages beside it are."""

    rows: list[list[Any]]
    previous: str
    next: str


def filtered(found: QuerySet[Application], given: dict[str, Any]) -> QuerySet[Application]:
    """Those that the filters leave."""
    if given.get("round"):
        found = found.filter(round=given["round"])
    if given.get("state"):
        found = found.filter(state=given["state"])
    if words := (given.get("q") or "").strip():
        found = found.filter(Q(reference__istartswith=words) | Q(title__icontains=words) | Q(company__organisation__name__icontains=words))
    return found


def page(found: QuerySet[Application], *, cursor: str, given: dict[str, str], at: datetime) -> QueuePage:
    """One page by keyset: the earliest sent in first, so that nobody waits unseen. A cursor that is not ours starts again."""
    direction, moment, pk = _read(cursor)
    ordered = found.order_by("submitted_at", "pk")
    if direction == "after":
        ordered = ordered.filter(Q(submitted_at__gt=moment) | Q(submitted_at=moment, pk__gt=pk))
    if direction == "before":
        ordered = found.filter(Q(submitted_at__lt=moment) | Q(submitted_at=moment, pk__lt=pk)).order_by("-submitted_at", "-pk")
    rows = list(ordered.select_related("company__organisation", "round", "case").only(*SHOWN)[: PAGE + 1])
    has_more = len(rows) > PAGE
    rows = rows[:PAGE]
    if direction == "before":
        rows.reverse()
    first, last = (rows[0], rows[-1]) if rows else (None, None)
    is_next = last is not None and (has_more or direction == "before")
    is_previous = first is not None and (direction == "after" or (direction == "before" and has_more))
    return QueuePage(
        [_row(application, at=at) for application in rows],
        _link("before", first, given) if is_previous else "",
        _link("after", last, given) if is_next else "",
    )


def _row(application: Application, *, at: datetime) -> list[Any]:
    held = application.case.held_since
    return [
        {"text": application.reference, "href": application.staff_path(), "hint": application.title},
        application.company.name,
        application.round.reference,
        pounds(application.grant_requested_pence) if application.grant_requested_pence else "–",
        {"tag": application.state_now.label, "tone": tone_of(application.state)},
        in_words(application.submitted_at),
        from_now(held, now=at).removesuffix(" ago") if held and not application.waits_for_nobody else "–",
    ]


def _link(direction: str, application: Application | None, given: dict[str, str]) -> str:
    if application is None or application.submitted_at is None:
        return ""
    cursor = signing.dumps([direction, application.submitted_at.isoformat(), application.pk], compress=True)
    return f"{reverse('manage_applications:queue')}?{urlencode({**{k: v for k, v in given.items() if v}, 'cursor': cursor})}"


def _read(cursor: str) -> tuple[str, datetime | None, int]:
    try:
        direction, moment, pk = signing.loads(cursor)
        return direction, datetime.fromisoformat(moment), pk
    except (signing.BadSignature, ValueError, TypeError):
        return "", None, 0
