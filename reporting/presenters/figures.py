"""A programme's figures, ready for the page: cards, charts with their tables, and the rows behind each number."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Person
from applications.barriers import open_to
from applications.models import Application
from design import charts
from design.words import in_words, pounds, pounds_exact, pounds_short
from grants.models import Programme, Round
from payments.models import Award, Claim, Payment
from reporting.figures import Figure, Figures


def cards(figures: Figures) -> list[dict[str, Any]]:
    """One card a figure, with its definition and the link to its rows."""
    return [
        {
            "label": figure.label,
            "value": pounds(figure.value) if figure.unit == "pence" else f"{figure.value:,}",
            "definition": figure.definition,
            "href": _rows_url(figures, figure),
        }
        for figure in figures.figures
    ]


def _rows_url(figures: Figures, figure: Figure) -> str:
    return reverse("reporting:rows", args=[figures.programme.slug, figure.rows]) if figure.rows else ""


def applications_chart(figures: Figures) -> dict[str, Any] | None:
    """Applications by state: chart, sentence and table; nothing where there is no application."""
    counts = figures.applications
    if not counts:
        return None
    largest = max(counts, key=lambda row: row.count)
    drafts = ", drafts included" if any(row.state == "draft" for row in counts) else ""
    told = f"{sum(row.count for row in counts)} applications{drafts}; the largest part ({largest.count}) is “{largest.label.lower()}”."
    return {
        "svg": charts.bars([(row.label, row.count) for row in counts], horizontal=True, format="d"),
        "title": "Applications by state",
        "summary": told,
        "columns": ["State", {"label": "Applications", "numeric": True}],
        "rows": [[row.label, row.count] for row in counts],
    }


def payments_chart(figures: Figures) -> dict[str, Any] | None:
    """Money paid by month: chart, sentence and table."""
    months = figures.paid_by_month
    if not months:
        return None
    came_back = any(row.back_pence for row in months)
    paid, length = pounds_short(sum(row.paid_pence for row in months)), "1 month" if len(months) == 1 else f"{len(months)} months"
    columns = {"Reached companies": "sent_pence", "Came back": "back_pence"} if came_back else {}
    columns["Paid"] = "paid_pence"
    return {
        "svg": charts.bars([(f"{row.month:%b %Y}", row.paid_pence / 100) for row in months], format="~s"),
        "title": "Paid by month",
        "summary": f"{paid} reached companies in {length}{', less what came back' if came_back else ''}.",
        "columns": ["Month", *({"label": label, "numeric": True} for label in columns)],
        "rows": [[f"{row.month:%B %Y}", *(pounds_exact(getattr(row, name)) for name in columns.values())] for row in months],
    }


INDICATOR_COLUMNS = ["Indicator", {"label": "Reported", "numeric": True}, "Unit", {"label": "Reports", "numeric": True}]


def indicator_rows(figures: Figures) -> list[list[str]]:
    return [[row.title, f"{row.reported.normalize():f}", row.unit, str(row.reports)] for row in figures.indicators]


class Rows:
    """The records behind a figure: their columns, and how one record is written in them."""

    def __init__(
        self, title: str, columns: list[Any], find: Callable[[Programme], QuerySet], write: Callable[[Any], list[str]], *, application: str
    ) -> None:
        """`application` is the lookup from a record to its application; empty for records that belong to none."""
        self.title, self.columns, self.write, self._find, self._application = title, columns, write, find, application

    def find(self, programme: Programme, person: Person) -> QuerySet:
        """The records, without those that a conflict of interest closes to this reader."""
        found = self._find(programme)
        return found.filter(open_to(person, self._application)) if self._application else found

    def heads(self) -> list[str]:
        return [column if isinstance(column, str) else column["label"] for column in self.columns]

    def of(self, programme: Programme, person: Person) -> Iterator[list[str]]:
        """Every row, streamed."""
        return (self.write(record) for record in self.find(programme, person).order_by("pk").iterator(chunk_size=2000))


def _money(label: str) -> dict[str, Any]:
    return {"label": label, "numeric": True}


ROWS: dict[str, Rows] = {
    "applications": Rows(
        "Applications sent in",
        ["Reference", "Company", "Title", "State", "Sent in", _money("Requested")],
        lambda programme: Application.objects.filter(round__programme=programme, submitted_at__isnull=False).select_related(
            "company__organisation"
        ),
        lambda a: [
            a.reference,
            a.company.name,
            a.title,
            a.state_now.label,
            in_words(a.submitted_at),
            pounds_exact(a.grant_requested_pence),
        ],
        application="pk",
    ),
    "awards": Rows(
        "Awards",
        ["Reference", "Company", "State", _money("Awarded"), _money("Approved"), _money("Paid")],
        lambda programme: Award.objects.filter(programme=programme).select_related("company__organisation"),
        lambda a: [a.reference, a.company.name, a.state_now.label, *map(pounds_exact, (a.amount_pence, a.approved_pence, a.paid_pence))],
        application="application",
    ),
    "claims": Rows(
        "Claims",
        ["Award", "Claim", "State", _money("Claimed"), _money("Approved")],
        lambda programme: Claim.objects.filter(award__programme=programme).exclude(state=Claim.State.DRAFT).select_related("award"),
        lambda c: [c.award.reference, str(c.number), c.state_now.label, pounds_exact(c.claimed_pence), pounds_exact(c.approved_pence)],
        application="award__application",
    ),
    "payments": Rows(
        "Payments",
        ["Award", "Reference", "State", "Settled", _money("Amount")],
        lambda programme: Payment.objects.filter(award__programme=programme).select_related("award"),
        lambda p: [p.award.reference, p.end_to_end or "–", p.state_now.label, in_words(p.settled_at), pounds_exact(p.amount_pence)],
        application="award__application",
    ),
    "rounds": Rows(
        "Rounds and their budgets",
        ["Round", "State", _money("Budget"), _money("Committed"), _money("Paid")],
        lambda programme: Round.objects.filter(programme=programme, budget__isnull=False).select_related("budget"),
        lambda r: [
            r.title,
            r.state_now.label,
            *map(pounds_exact, (r.budget.amount_pence, r.budget.committed_pence, r.budget.paid_pence)),
        ],
        application="",
    ),
}
