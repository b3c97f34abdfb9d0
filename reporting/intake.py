"""What comes in to a round against its money: what was asked for day by day, and three outlooks on what may still come.

Companies send in during the last days, so a straight line through the days so far would mislead. The outlooks ask instead what becomes of
the drafts that are being written: none is sent, as large a share as in the programme's earlier rounds, or all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate
from django.utils.timezone import localdate

from applications.models import Application
from grants.models import Round

SENT = Q(submitted_at__isnull=False) & ~Q(state="withdrawn")
WRITTEN = Q(submitted_at=None, state="draft")


@dataclass(frozen=True)
class Day:
    """One day's end: applications sent in so far, and what they ask for."""

    on: date
    sent: int
    asked_pence: int


@dataclass(frozen=True)
class Outlook:
    """What the round would end with, if so many of the drafts were sent in."""

    title: str
    sent: int
    asked_pence: int


@dataclass(frozen=True)
class Intake:
    """A round's intake as it stands at `as_at`."""

    round: Round
    as_at: datetime
    drafts: int
    days: list[Day]
    usual_ask_pence: int
    earlier_rounds: int
    outlooks: list[Outlook]

    @property
    def now(self) -> Day:
        return self.days[-1] if self.days else Day(localdate(self.as_at), 0, 0)

    @property
    def budget_pence(self) -> int:
        return self.round.budget.amount_pence


def of_round(round_: Round, *, at: datetime) -> Intake:
    """Read in four queries, whatever the number of applications."""
    days = list(_days(round_))
    sent, asked = (days[-1].sent, days[-1].asked_pence) if days else (0, 0)
    drafts = Application.objects.filter(WRITTEN, round=round_).count()
    funding = round_.definition.funding
    usual = asked // sent if sent else (funding.grant_min + funding.grant_max) // 2
    earlier, share = _share_sent_before(round_)
    guesses = [("None of the drafts is sent in", 0)]
    if share is not None:
        guesses.append((f"As many as in {earlier} earlier round{'' if earlier == 1 else 's'} ({share} %)", round(drafts * share / 100)))
    guesses.append(("All of the drafts are sent in", drafts))
    most = round_.most_applications
    outlooks = [_outlook(title, sent, asked, more if most is None else min(more, max(0, most - sent)), usual) for title, more in guesses]
    return Intake(round_, at, drafts if at < round_.closes_at else 0, days, usual, earlier, outlooks if at < round_.closes_at else [])


def _outlook(title: str, sent: int, asked: int, more: int, usual: int) -> Outlook:
    return Outlook(title, sent + more, asked + more * usual)


def _days(round_: Round) -> Iterator[Day]:
    rows = Application.objects.filter(SENT, round=round_).order_by().annotate(on=TruncDate("submitted_at")).values("on")
    sent = asked = 0
    for row in rows.annotate(sent=Count("pk"), asked=Sum("grant_requested_pence", default=0)).order_by("on"):
        sent, asked = sent + row["sent"], asked + row["asked"]
        yield Day(row["on"], sent, asked)


def _share_sent_before(round_: Round) -> tuple[int, int | None]:
    """How many earlier rounds of the programme closed, and the share of what was begun in them that was sent in, in per cent."""
    done = ["closed", "decided", "announced"]
    before = Round.objects.filter(programme=round_.programme_id, closes_at__lt=round_.closes_at, state__in=done)
    counts = Application.objects.filter(round__in=before).aggregate(
        rounds=Count("round", distinct=True), begun=Count("pk"), sent=Count("pk", filter=Q(submitted_at__isnull=False))
    )
    return counts["rounds"], (round(100 * counts["sent"] / counts["begun"]) if counts["begun"] else None)
