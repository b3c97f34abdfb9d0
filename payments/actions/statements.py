"""Importing a bank statement: every line is kept once, and what it says of our payments is done."""

from datetime import datetime
from hashlib import sha256

from django.db import transaction

from accounts.access import can, require
from accounts.models import Organisation, Person
from accounts.refusals import Refused
from accounts.roles import Permission
from audit import trail
from grants.models import Programme
from payments import statements, terms
from payments.actions.runs import finish
from payments.models import Payment, PaymentRun, Statement, StatementLine
from payments.statements import Booking
from workflow.engine import fire

Outcome = StatementLine.Outcome


def import_file(*, programme: Programme, name: str, data: bytes, by: Person, at: datetime) -> Statement:
    """Read a CSV or camt.053 statement of the paying account, keep its new lines, settle or return the payments they name.

    A line that was imported before (by the bank's reference) is passed over, so that overlapping statements do no harm. Raises
    StatementUnreadable naming the line, and then keeps nothing.
    """
    require(by, Permission.STATEMENT_IMPORT, on=programme)
    found = statements.read(data)
    if not found.bookings:
        raise Refused("This statement has no lines.", code="statement_empty", field="file")
    payer = terms.payer(programme)
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=payer.pk)  # one import at a time for each account
        statement = Statement.objects.create(
            programme=programme,
            organisation=payer,
            name=name[:120],
            format=found.format,
            sha256=sha256(data).hexdigest(),
            imported_at=at,
            imported_by=by,
        )
        _hold_runs(found.bookings)
        kept = [line for booking in found.bookings if (line := _keep(statement, booking, by=by, at=at))]
        for run in PaymentRun.objects.filter(payments__statement_lines__in=kept).distinct().order_by("pk"):
            finish(run=run, at=at)
        trail.record(
            stream=programme.stream,
            kind="statement.imported",
            actor=by.pk,
            at=at,
            subject=f"payments.statement:{statement.pk}",
            after={"sha256": statement.sha256, "lines": len(found.bookings), "new": len(kept)},
            personal={"name": statement.name},
        )
    return statement


def _hold_runs(bookings: list[Booking]) -> None:
    """Lock the runs the statement speaks of before any case, in the order that a release takes them."""
    named = {booking.end_to_end for booking in bookings if booking.end_to_end}
    runs = Payment.objects.filter(end_to_end__in=named).values("run")
    list(PaymentRun.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=runs).order_by("pk"))


def _keep(statement: Statement, booking: Booking, *, by: Person, at: datetime) -> StatementLine | None:
    """Keep one line with what it meant; None where it was kept before, or speaks of a payment that is not this person's to reconcile."""
    source = f"organisation:{statement.organisation_id}"
    if StatementLine.objects.filter(source=source, external_ref=booking.external_ref).exists():
        return None
    payment = _payment_of(statement, booking)
    if payment is not None and not can(by, Permission.STATEMENT_IMPORT, on=payment):
        return None
    outcome = Outcome.UNMATCHED if payment is None else _apply(payment, booking, at=at)
    return StatementLine.objects.create(
        statement=statement,
        source=source,
        external_ref=booking.external_ref,
        booked_on=booking.booked_on,
        direction=StatementLine.Direction.OUT if booking.is_out else StatementLine.Direction.IN,
        amount_pence=booking.amount_pence,
        end_to_end=booking.end_to_end,
        narrative=booking.narrative,
        outcome=outcome,
        payment=payment,
    )


def _payment_of(statement: Statement, booking: Booking) -> Payment | None:
    """The payment whose reference the line bears, if it left this account."""
    if not booking.end_to_end:
        return None
    rows = Payment.objects.select_related("case", "award__budget", "award__programme", "award__company", "claim", "run")
    return rows.filter(end_to_end=booking.end_to_end, award__programme__delivery_body=statement.organisation).first()


def _apply(payment: Payment, booking: Booking, *, at: datetime) -> Outcome:
    """Do what the bank says of this payment. Amounts that differ are left for a person."""
    if booking.amount_pence != payment.amount_pence:
        return Outcome.MISMATCH
    if booking.is_out and payment.state == Payment.State.RELEASED:
        _settle(payment, booking, at=at)
        return Outcome.SETTLED
    if not booking.is_out and payment.state == Payment.State.SETTLED:
        _come_back(payment, booking, at=at)
        return Outcome.RETURNED
    return Outcome.REPEATED


def _settle(payment: Payment, booking: Booking, *, at: datetime) -> None:
    system = Person.objects.system()
    settled = fire(payment, "settle", by=system, at=at, statement_ref=booking.external_ref)
    if settled.claim is not None and settled.claim.state == "approved":
        fire(settled.claim, "pay", by=system, at=at)


def _come_back(payment: Payment, booking: Booking, *, at: datetime) -> None:
    system = Person.objects.system()
    why = booking.narrative or "Returned by the receiving bank"
    returned = fire(payment, "come_back", by=system, at=at, note=why)
    if returned.kind in Payment.CLAIMED and returned.claim is not None and returned.claim.state == "paid":
        fire(returned.claim, "unpay", by=system, at=at)
