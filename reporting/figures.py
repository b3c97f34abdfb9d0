"""The figures of a programme: each with its definition, its moment and the rows behind it. Pages and API answer from here alone."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.core.cache import cache
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from applications.models import Application
from audit import sealer
from grants.models import Budget, Programme
from payments.models import Award, Claim, LedgerEntry, OutcomeReport

A, W, C, K = Application.State, Award.State, Claim.State, LedgerEntry.Kind
OFFERED_NOT_TAKEN = (W.REFUSED, W.LAPSED, W.RESCINDED)


@dataclass(frozen=True)
class Figure:
    """One number: what it is called, what it counts, in which unit ("pence" or "count"), and where the rows behind it are."""

    name: str
    label: str
    value: int
    unit: str
    definition: str
    rows: str = ""


@dataclass(frozen=True)
class StateCount:
    """How many records are in one state."""

    state: str
    label: str
    count: int


@dataclass(frozen=True)
class Month:
    """Money that reached companies in one calendar month, and what came back from them in it, in pence."""

    month: datetime
    sent_pence: int
    back_pence: int

    @property
    def paid_pence(self) -> int:
        return self.sent_pence - self.back_pence


@dataclass(frozen=True)
class Indicator:
    """One indicator over all accepted reports: what was reported, in its own unit."""

    id: str
    title: str
    unit: str
    reported: Decimal
    reports: int


@dataclass(frozen=True)
class Figures:
    """Everything a funder reads about one programme, at one moment."""

    programme: Programme
    as_at: datetime
    figures: list[Figure]
    applications: list[StateCount]
    paid_by_month: list[Month]
    indicators: list[Indicator]

    def __getitem__(self, name: str) -> int:
        return next(figure.value for figure in self.figures if figure.name == name)


KEPT_FOR = 60 * 60


def for_programme(programme: Programme, *, at: datetime) -> Figures:
    """All figures of one programme as they stand at `at`.

    They are worked out anew whenever the trail has grown since they last were: nothing that they count changes without an event.
    """
    key = f"figures:{programme.pk}"
    mark = sealer.mark()
    kept = cache.get(key)
    if kept is not None and kept[0] == mark:
        return replace(kept[1], programme=programme, as_at=at)
    worked_out = _work_out(programme, at=at)
    cache.set(key, (mark, worked_out), KEPT_FOR)
    return worked_out


def _work_out(programme: Programme, *, at: datetime) -> Figures:
    """Read in a handful of sums, whatever the number of applications."""
    applications = Application.objects.filter(round__programme=programme)
    awards = Award.objects.filter(programme=programme)
    claims = Claim.objects.filter(award__programme=programme).exclude(state__in=[C.DRAFT, C.WITHDRAWN, C.REJECTED])
    budget = Budget.objects.filter(round__programme=programme).aggregate(
        amount=Sum("amount_pence", default=0), committed=Sum("committed_pence", default=0), paid=Sum("paid_pence", default=0)
    )
    by_state = _by_state(applications)
    asked = {"submitted": sum(row["sent"] for row in by_state), "requested": sum(row["requested"] for row in by_state)}
    counted = {row["state"]: row["count"] for row in by_state}
    given = awards.exclude(state__in=OFFERED_NOT_TAKEN).aggregate(count=Count("pk"), amount=Sum("amount_pence", default=0))
    claimed = claims.aggregate(claimed=Sum(F("claimed_pence") - F("offset_pence"), default=0), approved=Sum("approved_pence", default=0))
    return Figures(
        programme=programme,
        as_at=at,
        figures=_figures(asked, given, claimed, budget),
        applications=[StateCount(state.value, state.label, counted[state.value]) for state in A if state.value in counted],
        paid_by_month=_by_month(programme),
        indicators=_indicators(programme),
    )


def _figures(asked: dict, given: dict, claimed: dict, budget: dict) -> list[Figure]:
    return [
        Figure(
            "applications_submitted",
            "Applications",
            asked["submitted"],
            "count",
            "Applications sent in, whatever became of them.",
            "applications",
        ),
        Figure("requested_pence", "Requested", asked["requested"], "pence", "Grant asked for in the applications sent in.", "applications"),
        Figure(
            "awards", "Awards", given["count"], "count", "Awards made, without offers that were refused, lapsed or taken back.", "awards"
        ),
        Figure("awarded_pence", "Awarded", given["amount"], "pence", "The sum of those awards.", "awards"),
        Figure(
            "claimed_pence",
            "Claimed",
            claimed["claimed"],
            "pence",
            "Grant claimed by companies, without claims withdrawn or rejected; what was paid in advance counts once.",
            "claims",
        ),
        Figure("approved_pence", "Approved", claimed["approved"], "pence", "Of that, what was approved after checking.", "claims"),
        Figure(
            "paid_pence",
            "Paid",
            budget["paid"],
            "pence",
            "Money that reached companies, less what came back: the sum of the ledger.",
            "payments",
        ),
        Figure("budget_pence", "Budget", budget["amount"], "pence", "The budgets of all rounds.", "rounds"),
        Figure(
            "committed_pence",
            "Committed",
            budget["committed"],
            "pence",
            "What awards bind of the budgets: the sum of the ledger.",
            "rounds",
        ),
        Figure("budget_left_pence", "Left", budget["amount"] - budget["committed"], "pence", "Budget less what is committed.", "rounds"),
    ]


def _by_state(applications: QuerySet) -> QuerySet:
    """How many applications are in each state, how many of them were sent in, and what those ask for."""
    sent = Q(submitted_at__isnull=False)
    sums = {"count": Count("pk"), "sent": Count("pk", filter=sent), "requested": Sum("grant_requested_pence", filter=sent, default=0)}
    return applications.order_by().values("state").annotate(**sums)


def _by_month(programme: Programme) -> list[Month]:
    """From the ledger, as the sum of what was paid is: the months add up to it."""
    moved = LedgerEntry.objects.filter(budget__round__programme=programme, kind__in=[K.PAYMENT, K.RECOVERY])
    sums = {kind: Sum("amount_pence", filter=Q(kind=kind), default=0) for kind in ("payment", "recovery")}
    rows = moved.annotate(month=TruncMonth("at")).values("month").annotate(**sums).order_by("month")
    return [Month(*row) for row in rows.values_list("month", "payment", "recovery")]


def _indicators(programme: Programme) -> list[Indicator]:
    """Roll accepted reports up over the indicators of the published version; values are summed in Python, one query for all."""
    version = programme.published_version
    if version is None:
        return []
    reports = OutcomeReport.objects.filter(award__programme=programme, state=OutcomeReport.State.ACCEPTED).values_list("values", flat=True)
    kept = list(reports)
    return [
        Indicator(
            id=indicator.id,
            title=indicator.title,
            unit=indicator.unit,
            reported=sum((Decimal(str(values.get(indicator.id) or 0)) for values in kept), Decimal(0)),
            reports=sum(1 for values in kept if values.get(indicator.id) not in (None, "")),
        )
        for indicator in version.definition.indicators
    ]
