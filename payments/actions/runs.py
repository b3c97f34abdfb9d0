"""Payment runs: the machine picks what is due, people approve and release, the bank answers."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localtime

from accounts.access import can, require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refusal, Refused
from accounts.roles import Permission
from audit import trail
from grants.models import Programme
from payments.models import BankAccount, Payment, PaymentRun
from payments.policies.payments import check_is_disinterested, check_payable
from workflow.engine import fire
from workflow.models import Case

MOST_PAYMENTS = 500
"""In one file; what is left over goes into the next run."""


def build(*, programme: Programme, by: Person, at: datetime, pays_on: date | None = None) -> PaymentRun:
    """Put everything that is due and payable into a new run. Nobody chooses: what may not be paid now stays due.

    Each payment is in one run only, however many are built at once. Raises NotAllowedNow where nothing is due.
    """
    require(by, Permission.RUN_BUILD, on=programme)
    pays_on = pays_on or localtime(at).date() + timedelta(days=1)
    if pays_on < localtime(at).date():
        raise Refused("The payment date has passed.", code="pays_on_past", field="pays_on")
    with transaction.atomic():
        payments = _payable(programme, at=at)
        if not payments:
            raise NotAllowedNow("Nothing is due that can be paid now.", code="nothing_due")
        run = PaymentRun.objects.create(
            programme=programme, reference=_next_reference(programme), pays_on=pays_on, created_at=at, created_by=by
        )
        for payment in payments:
            fire(payment, "pick", by=by, at=at, run=run.pk)
        return fire(run, "build", by=by, at=at, count=len(payments), total_pence=sum(payment.amount_pence for payment in payments))


def _payable(programme: Programme, *, at: datetime) -> list[Payment]:
    """What is due and payable, read again after its cases are locked in id order, so that two runs never pick the same payment."""
    due = Payment.objects.filter(state=Payment.State.DUE, award__programme=programme)
    cases = list(due.order_by("case_id").values_list("case_id", flat=True).distinct()[:MOST_PAYMENTS])
    Case.objects.hold(*cases)
    again = due.filter(case__in=cases).select_related("award__company", "award__programme", "claim__award", "case").order_by("due_at", "pk")
    return [payment for payment in again[:MOST_PAYMENTS] if _is_payable(payment, at)]


def _is_payable(payment: Payment, at: datetime) -> bool:
    try:
        check_payable(payment, at=at)
    except Refusal:
        return False
    return True


def _next_reference(programme: Programme) -> str:
    """PAY-DIAGCOMM-0001. The unique column catches two at once; the second is told to try again."""
    return f"PAY-{programme.slug[:18].upper()}-{PaymentRun.objects.filter(programme=programme).count() + 1:04d}"


def approve(*, run: PaymentRun, by: Person, at: datetime) -> PaymentRun:
    """Agree to what is in the run."""
    return fire(run, "approve", by=by, at=at)


def release(*, run: PaymentRun, by: Person, at: datetime) -> PaymentRun:
    """Write the bank's file and let the money go, all payments or none.

    Whoever decided, checked, approved, or entered or verified bank details anywhere in the run may not. Raises Denied, NotAllowedNow.
    """
    with transaction.atomic():
        PaymentRun.objects.select_for_update(no_key=True, of=("self",)).get(pk=run.pk)
        _hold_accounts(run)
        released = fire(run, "release", by=by, at=at)
        for payment in released.payments.select_related("case", "award__programme", "award__company", "claim__award").order_by(
            "case_id", "pk"
        ):
            fire(payment, "release", by=by, at=at)
    return released


def _hold_accounts(run: PaymentRun) -> None:
    """Lock the bank accounts, so that none is superseded between the check and the file."""
    accounts = run.payments.values("bank_account")
    list(BankAccount.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=accounts).order_by("pk"))


def void(*, run: PaymentRun, note: str, by: Person, at: datetime) -> PaymentRun:
    """Give a run up before it is released; what was in it is due again."""
    with transaction.atomic():
        voided = fire(run, "void", by=by, at=at, note=note)
        for payment in voided.payments.filter(state="in_run").order_by("case_id", "pk"):
            fire(payment, "drop", by=Person.objects.system(), at=at)
    return voided


def hand_over_file(*, run: PaymentRun, by: Person, at: datetime) -> str:
    """The bank's file, for whoever builds or releases runs and has no conflict with anybody in it; that it was taken goes on the trail."""
    if not can(by, Permission.RUN_BUILD, on=run):
        require(by, Permission.RUN_RELEASE, on=run)
    check_is_disinterested(run, by=by)
    if not run.file:
        raise NotAllowedNow("The file is written when the run is released.", code="no_file")
    trail.record(
        stream=run.stream,
        kind="paymentrun.file_taken",
        actor=by.pk,
        at=at,
        subject=f"payments.paymentrun:{run.pk}",
        after={"sha256": run.file_sha256},
    )
    return run.file


def finish(*, run: PaymentRun, at: datetime) -> None:
    """Reconcile a run once the bank has answered for every payment in it."""
    if run.state == PaymentRun.State.RELEASED and not run.payments.filter(state__in=("in_run", "released")).exists():
        fire(run, "reconcile", by=Person.objects.system(), at=at)
