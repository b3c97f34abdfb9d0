"""What the programme version that an award was made under says of awards, claims and reports.

One adapter between the definition and everything in this package, so that a new section of the document is read in one place.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from applications.facts import vat_counts
from grants.money import share_pence, split_pence

if TYPE_CHECKING:
    from accounts.models import Organisation
    from grants.definition import Definition
    from grants.models import Programme, ProgrammeVersion
    from payments.models import Award

SUBSIDY_CHECK = "assistance"
"""The check of a programme's list that says that the subsidy was notified and confirmed."""


@dataclass(frozen=True)
class Planned:
    """A milestone before there is an agreement."""

    number: int
    title: str
    evidence_asked: str
    due_on: date
    cap_pence: int


@dataclass(frozen=True)
class Terms:
    """The parts of a definition that awards are run by."""

    definition: "Definition"

    @property
    def is_mfa(self) -> bool:
        return self.definition.subsidy.basis == "mfa"

    @property
    def granting_authority(self) -> str:
        return self.definition.parties.granting_authority

    @property
    def offer_days(self) -> int:
        return self.definition.award.offer_valid_days

    @property
    def retention_percent(self) -> Decimal:
        return self.definition.delivery.retention_percent

    @property
    def pays_outcomes(self) -> bool:
        """Whether a milestone is a fixed sum, paid on accepted evidence of what it promises, and no cost is claimed."""
        return self.definition.delivery.milestone_basis == "outcomes"

    @property
    def advance_percent(self) -> Decimal:
        """The largest share of the award that is paid before any work is shown; nothing where the programme pays in arrears."""
        delivery = self.definition.delivery
        return delivery.advance_percent or Decimal(0) if delivery.payment == "advance" else Decimal(0)

    @property
    def claims_at_most(self) -> int:
        return self.definition.delivery.claims_at_most

    @property
    def claim_window_days(self) -> int:
        """Days after a milestone's date in which it is claimed."""
        return self.definition.delivery.claim_window_days

    @property
    def evidence(self) -> list[str]:
        return list(self.definition.delivery.evidence)

    @property
    def ineligible(self) -> list[str]:
        return list(self.definition.delivery.ineligible)

    @property
    def indicators(self) -> list[Any]:
        return list(self.definition.indicators)

    @property
    def categories(self) -> dict[str, str]:
        """Titles of the eligible cost categories by id."""
        return {category.id: category.title for category in self.definition.delivery.cost_categories if category.is_eligible}

    @property
    def says_vat(self) -> bool:
        """Whether the programme says what becomes of VAT; otherwise whoever checks a claim judges it."""
        return self.definition.delivery.vat is not None

    def checks(self, amount_pence: int) -> list[Any]:
        """The set-up checks that an award of this size needs."""
        return [check for check in self.definition.award.checklist if check.above is None or amount_pence > check.above]

    def conditions(self, *due: str) -> list[str]:
        """The texts of the conditions that fall due then."""
        return [condition.text for condition in self.definition.award.conditions if condition.due in due]

    def assurance(self, amount_pence: int) -> list[str]:
        """What a claim on an award of this size must come with."""
        bands = sorted(self.definition.delivery.assurance, key=lambda band: band.up_to)
        return next((list(band.asks) for band in bands if amount_pence <= band.up_to), [])


def of(version: "ProgrammeVersion") -> Terms:
    """The terms of a version."""
    return Terms(version.definition)


def payer(programme: "Programme") -> "Organisation":
    """Whose account pays the companies: the delivery body's."""
    return programme.delivery_body


def milestones(award: "Award") -> list[Planned]:
    """The milestones of the plan that the company submitted, with the award split over their shares exactly."""
    question = award.terms.definition.form.means.milestones
    plan = award.application.values().get(question) or []
    if not plan:
        plan = [{"title": "The whole project", "deliverable": "", "month": 0, "percent": 100}]
    caps = split_pence(award.amount_pence, [int(planned["percent"]) for planned in plan])
    return [
        Planned(
            number=number,
            title=planned["title"][:200],
            evidence_asked=planned.get("deliverable") or "",
            due_on=_due(award, int(planned.get("month") or 0)),
            cap_pence=cap,
        )
        for number, (planned, cap) in enumerate(zip(plan, caps, strict=True), start=1)
    ]


def pays_vat(award: "Award") -> bool:
    """Whether this company's VAT is part of its costs: by the programme, and by what it said in the application that was funded."""
    return vat_counts(award.terms.definition, award.application.values())


def advance_at_most(award: "Award") -> int:
    """The most that this award pays in advance, in pence: nothing where the company did not ask for an advance."""
    asked = award.terms.definition.form.means.advance
    if asked and award.application.values().get(asked) is not True:
        return 0
    return share_pence(award.amount_pence, award.terms.advance_percent)


def reports(award: "Award") -> Iterator[tuple[str, date, bool, list[str]]]:
    """The reports that the award owes: name, day it is due, whether it is the final one (which frees the retention), its indicators.

    The final report is the first that falls due after the project's end.
    """
    asked = award.terms.definition.reports
    ends = [report for report in asked if report.after == "end"]
    final = min(ends, key=lambda report: (report.months, report.id)) if ends else None
    for report in asked:
        base = award.starts_on if report.after == "start" else award.ends_on
        if base is None:
            continue
        for months, is_first in _times(report, base, award.ends_on or base):
            name = report.title if is_first else f"{report.title} ({months} months)"
            yield name[:60], _later(base, months) + timedelta(days=report.due_days), report is final and is_first, list(report.asks)


def retention(award: "Award") -> int:
    """What is held back until the final report is accepted."""
    report = award.outcome_reports.filter(is_final=True).first()
    if report is None or report.state == "accepted":
        return 0
    return share_pence(award.amount_pence, award.terms.retention_percent)


def _times(report: Any, base: date, until: date) -> Iterator[tuple[int, bool]]:
    """The months after `base` that a report is due: once, or again and again until the project ends."""
    months, is_first = report.months, True
    while is_first or (report.every_months and _later(base, months) <= until):
        yield months, is_first
        months, is_first = months + (report.every_months or 1), False


def _due(award: "Award", month: int) -> date:
    """The end of a month of the project; the project's end where the plan names no month."""
    if award.starts_on is None:
        raise ValueError(f"{award.reference} has no start date")
    day = _later(award.starts_on, month) if month else award.ends_on or award.starts_on
    return min(day, award.ends_on) if award.ends_on else day


def _later(day: date, months: int) -> date:
    """The same day so many months later, or the last of the month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
