"""What a company may expect: when it hears, what the odds have been, and when money would arrive."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from applications.models import Application
from grants.models import Programme, Round
from grants.money import share_pence

State = Application.State
NOES: dict[str, str] = {
    State.DECLINED: "Read what the assessors wrote, criterion by criterion: it stands further down, or will as soon as it is released",
    State.NOT_INVITED: "Say so if you think that this is wrong: a second person looks at it",
    State.INELIGIBLE: "",
    State.RULED_OUT: "Ask us why",
}
"""The states that mean no, and what a company can do about each first."""
FEWEST = 5
"""Decided applications below which odds say nothing, and might say something about one company."""


@dataclass(frozen=True)
class Odds:
    """What became of everything that was decided in the rounds whose results are announced."""

    rounds: int
    decided: int
    funded: int

    def __str__(self) -> str:
        if self.decided < FEWEST:
            return "No earlier round has results to go by yet"
        rounds = "the last round" if self.rounds == 1 else f"the {self.rounds} earlier rounds"
        return f"In {rounds}, {self.funded} of {self.decided} applications that were decided were funded"


def odds(programme: Programme) -> Odds:
    """The odds of the earlier rounds of a programme."""
    decided = Q(applications__state__in=Application.DECIDED, applications__notified_at__isnull=False)
    counts = Round.objects.filter(programme=programme, state="announced").aggregate(
        rounds=Count("pk", distinct=True),
        decided=Count("applications", filter=decided),
        funded=Count("applications", filter=decided & Q(applications__state=Application.State.APPROVED)),
    )
    return Odds(**counts)


def decision_by(round: Round) -> date | None:
    """Until when the programme means to decide; None where it does not say."""
    days = round.definition.rounds.decide_within_days
    return timezone.localtime(round.closes_at).date() + timedelta(days=days) if days else None


@dataclass(frozen=True)
class Arrival:
    """One line of the calendar: when, what, and the pence that arrive, if any; so far with those before."""

    when: str
    what: str
    pence: int = 0
    so_far: int = 0


def cash_flow(
    definition: Any, *, grant_pence: int, milestones: list[dict[str, Any]], starts_on: date | None, wants_advance: bool = True
) -> list[Arrival]:
    """When a grant would arrive, milestone by milestone. Percentages are of the grant; parts add up to the whole."""
    delivery = definition.delivery
    cap = grant_pence - grant_pence * int(delivery.retention_percent) // 100
    advance = share_pence(grant_pence, delivery.advance_percent or 0) if delivery.payment == "advance" and wants_advance else 0
    act = "show the evidence of it" if delivery.milestone_basis == "outcomes" else "claim"
    found, share, paid = [], 0, 0
    if advance:
        paid = min(advance, cap)
        found.append(
            Arrival(
                _month(starts_on, 0), "At most this in advance, once the offer is accepted and your bank details are verified", paid, paid
            )
        )
    for planned in sorted(milestones, key=lambda one: one.get("month") or 0):
        share += planned.get("percent") or 0
        due = min(grant_pence * min(share, 100) // 100, cap)
        arrives, paid = max(due - paid, 0), max(due, paid)
        what = f"“{planned.get('title') or 'Milestone'}” is done: you {act} within {delivery.claim_window_days} days, we check and pay"
        found.append(Arrival(_month(starts_on, planned.get("month") or 0), what, arrives, paid))
    if cap < grant_pence:
        last = max((one.get("month") or 0 for one in milestones), default=0)
        what = "The final report is accepted: what was kept back is paid"
        found.append(Arrival(f"After {_month(starts_on, last, small=True)}", what, grant_pence - paid, grant_pence))
    return found


def _month(starts_on: date | None, month: int, *, small: bool = False) -> str:
    """`Month 3`, or the month by name once the start is known. Month 1 is the one the project starts in."""
    if starts_on is None:
        return f"{'month' if small else 'Month'} {month}" if month else "The start"
    index = starts_on.year * 12 + starts_on.month - 1 + max(month - 1, 0)
    return date(index // 12, index % 12 + 1, 1).strftime("%B %Y")


def instead(application: Application, *, at: datetime) -> list[tuple[str, str]]:
    """What a company can do after a no, as sentences with where to do it ("" where that is nowhere); nothing where it was told none."""
    state, ask = application.state, reverse("applications:messages", args=[application.reference])
    if state not in NOES or (state == State.DECLINED and not application.notified_at) or application.erased_at:
        return []
    if state == State.RULED_OUT:
        return [(NOES[state], ask)]
    round_, most = application.round, application.version.definition.eligibility.resubmissions_at_most
    found = [(NOES[state], ask if state == State.NOT_INVITED else "")] if NOES[state] else []
    coming = Round.objects.public().filter(closes_at__gt=at, state__in=["scheduled", "open"]).exclude(pk=round_.pk)
    again = coming.filter(programme=round_.programme_id).order_by("opens_at", "pk").first()
    if most is not None and application.tries_before() >= most:
        found.append(("This project has had every try that the programme allows; another project may still apply", ""))
    elif state == State.INELIGIBLE and application.round.is_open_at(at):
        found.append(("If a fact was wrong, reopen it above, correct it and send it in again before the round closes", ""))
    elif again:
        found.append((f"Try again in {again.title}: your answers can be copied over", f"/apply/rounds/{again.reference}/start/"))
    else:
        found.append(("You may try again when the next round opens: your answers can be copied over", ""))
    others = coming.exclude(programme=round_.programme_id).filter(opens_at__lte=at).select_related("programme").order_by("closes_at", "pk")
    open_now = [(f"{other.programme.name} takes applications now", f"/programmes/{other.programme.slug}/") for other in others[:3]]
    return found + open_now
