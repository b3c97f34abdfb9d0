"""The reserve list as a table."""

from collections.abc import Collection, Sequence
from typing import Any

from django.urls import reverse

from assessments.models import Decision
from design.words import in_words, pounds
from grants.models import Round

COLUMNS = ["Place", "Application", {"label": "Grant", "numeric": True}, "On the list until", "Money", "Promote"]
HIDDEN = "One you have an interest in"


def rows(listed: Sequence[Decision], seen: Collection[int], *, left: int, round: Round, may_promote: bool) -> list[list[Any]]:
    """In the order of the list; `left` is what can still be promised."""
    return [_row(place, one, one.application_id in seen, left, round, may_promote) for place, one in enumerate(listed, start=1)]


def _row(place: int, decision: Decision, is_seen: bool, left: int, round: Round, may_promote: bool) -> list[Any]:
    application = decision.application
    if not is_seen:
        return [place, HIDDEN, "", "", "", ""]
    address = [round.reference, application.reference]
    name = {"text": application.reference, "href": reverse("assessments:application", args=address), "hint": application.company.name}
    until = in_words(application.reserve_until) if application.reserve_until else ""
    fits = "Enough is left" if decision.amount_pence <= left else f"{pounds(decision.amount_pence - left)} short"
    act = {"text": "Promote", "href": reverse("assessments:promote", args=address), "about": application.reference} if may_promote else ""
    return [place, name, pounds(decision.amount_pence), until, fits, act]
