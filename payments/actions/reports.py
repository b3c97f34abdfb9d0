"""Outcome reports."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Person
from payments.models import OutcomeReport
from workflow import deadlines
from workflow.engine import fire


def submit(*, report: OutcomeReport, values: dict[str, Any], narrative: str, by: Person, at: datetime) -> OutcomeReport:
    """Send what came of the grant: a number for each indicator (by its id) and a few sentences."""
    with transaction.atomic():
        sent = fire(report, "submit", by=by, at=at, values=values, narrative=narrative)
        deadlines.clear(sent, "overdue", at=at)
    return sent


def accept(*, report: OutcomeReport, by: Person, at: datetime) -> OutcomeReport:
    """Accept it; the final report frees what was held back."""
    return fire(report, "accept", by=by, at=at)


def return_to_company(*, report: OutcomeReport, note: str, by: Person, at: datetime) -> OutcomeReport:
    """Ask for a correction."""
    return fire(report, "return_to_company", by=by, at=at, note=note)
