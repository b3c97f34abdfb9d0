"""Awards that are over, years ago. People come from `tests.cast`."""

from datetime import datetime

from accounts.models import Person
from notifications.delivery import drain
from payments.actions import awards, reports, runs
from payments.models import Award, Payment, PaymentRun
from tests.stages import payments

CLOSED = payments.OVER


def closed(cast: dict[str, Person], *, at: datetime = CLOSED, **about) -> Award:
    """One claim paid, every report accepted and what was held back paid too: the award is closed."""
    run = payments.settled(cast, **about)
    drain(at=payments.SETTLED)
    award = Award.objects.get(pk=run.payments.get().award_id)
    for report in award.outcome_reports.order_by("pk"):
        reports.accept(report=payments.report_submitted(cast, report, at=at), by=cast["officer"], at=at)
    if Payment.objects.filter(award=award, state="due").exists():
        _paid(cast, runs.build(programme=award.programme, by=cast["finance"], at=at), at=at)
    drain(at=at)
    return awards.close(award=awards.complete(award=award, by=cast["officer"], at=at), by=cast["officer"], at=at)


def _paid(cast: dict[str, Person], run: PaymentRun, *, at: datetime) -> None:
    """Through the bank and back."""
    released = runs.release(run=runs.approve(run=run, by=cast["second-finance"], at=at), by=cast["independent-approver"], at=at)
    payments.settled(cast, run=released, at=at)
