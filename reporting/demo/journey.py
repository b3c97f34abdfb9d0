"""The whole journey of a set of records, and what it came to."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Sum
from django.utils import timezone

from applications.models import Application
from audit import checkpoints, verify
from audit.models import Event
from grants.models import Budget
from notifications.models import OutboxMessage
from payments.books import check_books
from payments.models import Award, Claim, PaymentRun
from reporting.demo import applying, assessing, paying
from reporting.demo.records import Record, by_date
from reporting.demo.stage import Stage, midday, set_up

WORK_EACH = 4
"""Pieces of work a company on the progress bar: applying, assessing, deciding, setting up; claims come on top."""
LIFETIME = timedelta(days=520)
"""From the opening of a round to the payment of its last claim."""


def run_fictional(
    records: list[Record], *, slug: str = "diagcomm", now: datetime, step: Callable[[int], object], first_number: int = 1
) -> Stage:
    """Fictional companies through a round that opened long enough ago for everything to have happened by now."""
    opens_at = (now - LIFETIME).replace(hour=9, minute=0, second=0, microsecond=0)
    stage = set_up(slug, companies=len(records), opens_at=opens_at, open_for=timedelta(days=35))
    stage.step = step
    return _play(stage, records, first_number)


def run_imported(records: list[Record], *, step: Callable[[int], object]) -> list[Stage]:
    """Imported awards through `demo-open`, a round for each quarter in which awards were made, on the dates of the awards."""
    stages = []
    first_number = 1
    for quarter, group in by_date(records).items():
        first = min(record.awarded_on for record in group if record.awarded_on)
        opens_at = midday(first.year, first.month, first.day) - timedelta(days=120)
        budget = sum(record.amount_pence for record in group)
        title = f"Awards made from {quarter:%B %Y}"
        stage = set_up("demo-open", companies=len(group), opens_at=opens_at, open_for=timedelta(days=60), budget_pence=budget, title=title)
        stage.step = step
        stages.append(_play(stage, group, first_number, decided_at=midday(first.year, first.month, first.day)))
        first_number += len(group)
    return stages


def _play(stage: Stage, records: list[Record], first_number: int, decided_at: datetime | None = None) -> Stage:
    applicants = applying.apply(stage, records, first_number=first_number)
    applying.screen(stage, applicants)
    assessing.assess(stage, applicants)
    if decided_at is not None:
        stage.clock.to(decided_at - timedelta(days=5))
    assessing.decide(stage, applicants)
    live = paying.award(stage, applicants)
    paying.deliver(stage, live)
    checkpoints.sign(at=timezone.now())
    return stage


@dataclass(frozen=True)
class Summary:
    """What the demonstration came to, read from the database after it."""

    applications: dict[str, int]
    awarded_pence: int
    claimed_pence: int
    paid_pence: int
    budget_left_pence: int
    payment_runs: list[str]
    audit_events: int
    audit_verified: bool
    books_balanced: bool
    mails_waiting: int

    def as_json(self) -> dict[str, Any]:
        """Without what the worker has still to send, which says how far it is and nothing of what came about."""
        return {name: value for name, value in self.__dict__.items() if name != "mails_waiting"}


def summary() -> Summary:
    """Read the closing figures; the trail and the books are checked whole."""
    budgets = Budget.objects.aggregate(amount=Sum("amount_pence", default=0), committed=Sum("committed_pence", default=0))
    live = Award.objects.exclude(state__in=[Award.State.REFUSED, Award.State.LAPSED, Award.State.RESCINDED])
    sent = Claim.objects.exclude(submitted_at=None)
    return Summary(
        applications=dict(sorted(Counter(Application.objects.values_list("state", flat=True)).items())),
        awarded_pence=live.aggregate(total=Sum("amount_pence", default=0))["total"],
        claimed_pence=sent.aggregate(total=Sum(F("claimed_pence") - F("offset_pence"), default=0))["total"],
        paid_pence=live.aggregate(total=Sum("paid_pence", default=0))["total"],
        budget_left_pence=budgets["amount"] - budgets["committed"],
        payment_runs=list(PaymentRun.objects.order_by("pk").values_list("reference", flat=True)),
        audit_events=Event.objects.count(),
        audit_verified=verify.verify_all().is_good,
        books_balanced=not check_books(),
        mails_waiting=OutboxMessage.objects.undone().filter(kind="notice.mail").count(),
    )
