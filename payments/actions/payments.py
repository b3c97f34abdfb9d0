"""Single payments: hold, pay again, say that one failed, cancel."""

from datetime import datetime

from django.db import transaction

from accounts.models import Person
from payments.models import Payment
from payments.models.runs import PaymentRun
from payments.policies.claims import OUTCOMES
from workflow.engine import fire


def hold(*, payment: Payment, note: str, by: Person, at: datetime) -> Payment:
    """Keep a payment out of runs until the hold is lifted."""
    return fire(payment, "hold", by=by, at=at, note=note)


def lift(*, payment: Payment, note: str, by: Person, at: datetime) -> Payment:
    """Let a held payment go into the next run."""
    return fire(payment, "lift", by=by, at=at, note=note)


def fail(*, payment: Payment, note: str, by: Person, at: datetime) -> Payment:
    """Say that the bank did not make a payment, and why; its run may then be finished."""
    from payments.actions.runs import finish

    with transaction.atomic():
        if payment.run_id:
            PaymentRun.objects.select_for_update(no_key=True, of=("self",)).get(pk=payment.run_id)
        failed = fire(payment, "fail", by=by, at=at, note=note)
        if failed.run is not None:
            finish(run=failed.run, at=at)
    return failed


def retry(*, payment: Payment, note: str, by: Person, at: datetime) -> Payment:
    """Let a payment that failed or came back go into the next run, under a new reference; the note says why it will arrive now."""
    return fire(payment, "retry", by=by, at=at, note=note)


def cancel(*, payment: Payment, note: str, by: Person, at: datetime) -> Payment:
    """Give up a payment and take back the approval it rests on; the claim is checked and approved again."""
    with transaction.atomic():
        cancelled = fire(payment, "cancel", by=by, at=at, note=note)
        if cancelled.claim is not None and cancelled.kind in Payment.CLAIMED:
            revoked = fire(cancelled.claim, "revoke", by=by, at=at, note=note)
            if revoked.milestone is not None and revoked.milestone.state in OUTCOMES:
                fire(revoked.milestone, "reconsider", by=Person.objects.system(), at=at)
    return cancelled
