"""What happens later: awards that follow from decisions, deadlines that fall due, what we know of subsidy given."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import models

from accounts.models import Person
from applications import scanner
from applications.facts import counts_overdue_reports
from applications.models import Application, Company
from applications.subsidies import Given, knows
from audit import composed
from grants.actions import rounds
from notifications.models import OutboxMessage
from notifications.outbox import handles
from payments.actions import awards, evidence
from payments.models import Award, Evidence, Milestone, OutcomeReport, SubsidyNotice
from workflow.deadlines import on_due
from workflow.engine import fire
from workflow.models import Deadline


@handles("decision.notified")
def draft_award(message: OutboxMessage, at: datetime) -> None:
    """An approved application whose company was told becomes an award. Twice is once."""
    application = Application.objects.select_related("round__programme").get(pk=message.payload["id"])
    if application.state == Application.State.APPROVED:
        awards.draft(application=application, by=Person.objects.system(), at=at)


@handles("award.committed")
def close_when_committed(message: OutboxMessage, at: datetime) -> None:
    """An offer binds money; where the programme says so, a round without enough left for another grant closes. Twice is once."""
    award = Award.objects.select_related("budget__round__version", "budget__round__programme").get(pk=message.payload["id"])
    rounds.close_if_committed(round=award.budget.round, at=at)


@handles("evidence.scan")
def scan_evidence(message: OutboxMessage, at: datetime) -> None:
    """Ask the scanner, and write its verdict down. Raises ScannerAway, and then the outbox asks again later."""
    kept = Evidence.objects.select_related("claim__case", "claim__award", "uploaded_by").get(pk=message.payload["evidence"])
    if kept.scan_state != Evidence.Scan.WAITING:
        return
    with kept.file.open("rb") as opened:
        verdict = scanner.scan(opened.read)
    evidence.settle_scan(evidence=kept, found=verdict.found, by=Person.objects.system(), at=at)


@on_due("payments.award", "lapse")
def lapse_offer(award: Award, at: datetime, deadline: Deadline) -> None:
    fire(award, "lapse", by=Person.objects.system(), at=at, key=f"deadline:{deadline.pk}")


@on_due("payments.milestone", "due")
def milestone_falls_due(milestone: Milestone, at: datetime, deadline: Deadline) -> None:
    fire(milestone, "fall_due", by=Person.objects.system(), at=at, key=f"deadline:{deadline.pk}")


@on_due("payments.outcomereport", "overdue")
def report_falls_overdue(report: OutcomeReport, at: datetime, deadline: Deadline) -> None:
    fire(report, "fall_overdue", by=Person.objects.system(), at=at, key=f"deadline:{deadline.pk}")


@knows
def given_by_us(companies: Iterable[Company], since: date) -> list[Given]:
    """Minimal Financial Assistance that we gave these companies since a day, by the giving letters."""
    given = SubsidyNotice.objects.filter(kind="giving", dated_on__gte=since, award__company__in=list(companies))
    rows = given.select_related("award__company__organisation", "award__application__version").order_by("dated_on", "pk")
    return [Given(row.award.terms.granting_authority, row.amount_pence, row.dated_on, row.award.company.name) for row in rows]


UNSENT_REPORTS = composed.Composed(
    lambda: OutcomeReport.objects.filter(
        award__company=composed.Given("company", models.BigIntegerField()),
        due_on__lt=composed.Given("on", models.DateField()),
        state__in=[OutcomeReport.State.DUE, OutcomeReport.State.OVERDUE, OutcomeReport.State.RETURNED],
    ).values_list("pk", flat=True)
)


@counts_overdue_reports
def overdue_reports(company: Company, on: date) -> int:
    """Reports of the company's earlier awards that were due before this day and have not been sent."""
    return len(UNSENT_REPORTS.all(company=company.pk, on=on))
