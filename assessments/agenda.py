"""A meeting's list as it stands: by the panel's places, with the budget line where the choices so far put it."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.access import can
from accounts.models import Person
from accounts.roles import Permission
from assessments import standings
from assessments.models import AgendaItem, Decision, Meeting
from assessments.standings import Place
from grants.models import Budget


@dataclass(frozen=True)
class Line:
    """One application on the list: what it costs as recorded (or as asked), what is left after it, and whether the money reaches it."""

    item: AgendaItem
    standing: Place | None
    costs_pence: int
    left_pence: int
    is_reached: bool
    suggestion: str


def may_read(meeting: Meeting, person: Person) -> bool:
    """Who is called to a meeting reads what it is about, and so does whoever reads applications anyway. A cancelled one opens nothing."""
    if can(person, Permission.APPLICATION_VIEW, on=meeting):
        return True
    return meeting.state != Meeting.State.CANCELLED and meeting.members.filter(person=person).exists()


def lines(meeting: Meeting) -> list[Line]:
    """The list from the top. Money goes to what is recorded as funded, and to what meets the threshold and is not recorded yet."""
    items = list(meeting.items.select_related("application__company__organisation", "application__round").order_by("place", "pk"))
    by_application = {one.application: one for one in standings.places(meeting.round)}
    left, is_open = _left(meeting, items), True
    found = []
    for item in items:
        standing = by_application.get(item.application_id)
        costs = item.amount_pence or item.application.grant_requested_pence
        good = standing is None or standing.meets_threshold
        suggestion = _suggestion(good=good, fits=is_open and costs <= left)
        wants = item.outcome == AgendaItem.Outcome.FUND or (not item.outcome and good)
        reached = wants and is_open and costs <= left
        is_open = is_open and (reached or not wants)
        left -= costs if reached else 0
        found.append(Line(item, standing, costs, left, reached, suggestion))
    return found


def suggested(meeting: Meeting) -> dict[int, str]:
    """What order and budget line suggest for each item."""
    return {line.item.pk: line.suggestion for line in lines(meeting)}


def _suggestion(*, good: bool, fits: bool) -> str:
    if not good:
        return AgendaItem.Outcome.DECLINE
    return AgendaItem.Outcome.FUND if fits else AgendaItem.Outcome.RESERVE


def _left(meeting: Meeting, items: Sequence[AgendaItem]) -> int:
    """The round's money without what is promised to, or in the books for, applications of other meetings."""
    budget = Budget.objects.get(round=meeting.round)
    planned = Decision.objects.planned_pence(meeting.round)
    own = Decision.objects.standing().filter(
        application__in=[item.application_id for item in items],
        application__state__in=["proposed", "approved"],
        outcome=Decision.Outcome.APPROVE,
    )
    return budget.amount_pence - budget.committed_pence - planned + sum(one.amount_pence for one in own)
