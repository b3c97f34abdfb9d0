"""The reserve list: kept in order, until a day that the company was told; a place that comes free goes to the next, by two people."""

from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from applications.models import Application
from assessments.actions import decisions
from assessments.models import Decision
from grants.models import Round
from workflow.deadlines import on_due
from workflow.engine import fire, lock
from workflow.models import Deadline


def promote(*, application: Application, amount_pence: int, reason: str, by: Person, at: datetime) -> Decision:
    """Take an application off the reserve list and propose its grant; another person decides as ever.

    Raises Denied, Refused (no reason, more than is left), NotAllowedNow (not on the list, its time is over, a later one is before it
    without a reason given here).
    """
    if not reason.strip():
        raise Refused("Give a reason.", code="reason_missing", field="reason")
    with transaction.atomic():
        fresh = lock(application)
        require(by, Permission.DECISION_PROPOSE, on=fresh)
        if fresh.state != fresh.State.RESERVE or fresh.notified_at is None:
            raise NotAllowedNow("This application is not on the reserve list, or its company does not know yet.", code="not_on_reserve")
        if fresh.reserve_until is not None and fresh.reserve_until <= at:
            raise NotAllowedNow("Its time on the reserve list is over.", code="reserve_over")
        passed_over = before(fresh)
        decisions.take_from_reserve(application=fresh, reason=reason, by=by, at=at)
        decision = decisions.propose(
            application=fresh, outcome=Decision.Outcome.APPROVE, amount_pence=amount_pence, reason=reason, by=by, at=at
        )
        if passed_over and not decision.leaves_order:
            decision.leaves_order = True
            decision.save(update_fields=["leaves_order"])
    return decision


def listed(round: Round) -> list[Decision]:
    """The reserve list in its order; pages hide what the reader has an interest in."""
    return Decision.objects.on_reserve(round)


def before(application: Application) -> list[Decision]:
    """Who stands before an application on the reserve list."""
    mine = application.decisions.standing().first()
    if mine is None or mine.reserve_order is None:
        return []
    return [one for one in listed(application.round) if (one.reserve_order or 0, one.pk) < (mine.reserve_order, mine.pk)]


@on_due("applications.application", "reserve_expires")
def expire(application: Application, at: datetime, deadline: Deadline) -> None:
    """Its time on the reserve list is over: the company hears that nothing came free."""
    fire(application, "expire_reserve", by=Person.objects.system(), at=at, key=f"deadline:{deadline.pk}")
