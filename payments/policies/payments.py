"""What must be true before money moves."""

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Q, Sum

from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow
from applications.barriers import closed_to
from audit.composed import Composed, Given
from design.words import moment_in_words, pounds
from payments.policies.claims import PAYS

if TYPE_CHECKING:
    from payments.models import BankAccount, Payment, PaymentRun


def account_to_pay(payment: "Payment", *, at: datetime) -> "BankAccount":
    """The account that is verified now and out of its cooling-off time. Raises NotAllowedNow."""
    found = _verified().all(company=payment.award.company_id)
    if not found:
        raise NotAllowedNow("The company's bank account is not verified yet.", code="bank_not_verified")
    account = found[0]
    if account.usable_from is not None and at < account.usable_from:
        raise NotAllowedNow(
            f"The company's bank account changed; it can be paid from {moment_in_words(account.usable_from)}.", code="cooling_off"
        )
    return account


@cache
def _verified() -> "Composed[BankAccount]":
    """The verified accounts of one company."""
    from payments.models import BankAccount

    return Composed(lambda: BankAccount.objects.filter(company=Given("company", models.BigIntegerField()), state="verified").order_by("pk"))


def check_payable(payment: "Payment", *, at: datetime) -> None:
    """The award is live, or over and this money came back; its account verified, no report overdue, and the claim still approved."""
    award = payment.award
    if award.state not in PAYS:
        raise NotAllowedNow(f"Award {award.reference} is {award.state_now.label.lower()}.", code="award_not_live")
    if award.outcome_reports.filter(state="overdue").exists():
        raise NotAllowedNow(f"Award {award.reference} has an overdue report.", code="report_overdue")
    if (
        payment.claim is not None
        and payment.claim.state != "approved"
        and not (payment.kind == "retention" and payment.claim.state == "paid")
    ):
        raise NotAllowedNow(f"Claim {payment.claim.reference} is not approved.", code="claim_not_approved")
    account_to_pay(payment, at=at)


def check_account_unchanged(payment: "Payment", *, at: datetime) -> None:
    """What is released is what was put into the run: the same account, still verified."""
    if payment.bank_account is None or payment.bank_account_id != account_to_pay(payment, at=at).pk:
        raise NotAllowedNow(
            f"The bank account of {payment.award.company} changed after this run was built: make the run void and build it again.",
            code="account_changed",
        )


def check_within_award(payment: "Payment", *, at: datetime) -> None:
    """What has been paid or is on its way, less what was paid back, never exceeds the award."""
    award = payment.award
    sent = (
        award.payments.filter(state__in=("released", "settled")).exclude(pk=payment.pk).aggregate(total=Sum("amount_pence"))["total"] or 0
    )
    back = award.recoveries.filter(state="recovered").aggregate(total=Sum("received_pence"))["total"] or 0
    if sent - back + payment.amount_pence > award.amount_pence:
        raise NotAllowedNow(
            f"Award {award.reference} is {pounds(award.amount_pence)}: {pounds(payment.amount_pence)} more would exceed it.",
            code="award_exceeded",
        )


def check_is_disinterested(run: "PaymentRun", *, by: Person) -> None:
    """Whoever approves or releases a run, or reads its file, has no recorded conflict of interest with any company in it."""
    if run.payments.filter(closed_to(by, "award__application")).exists():
        raise Denied(
            "A conflict of interest is recorded between you and a company in this run: somebody else must do this.", code="conflict"
        )


def check_run_unbuilt(run: "PaymentRun", *, at: datetime) -> None:
    """A run is filled once."""
    if run.built_at is not None:
        raise NotAllowedNow("This run is built already.", code="run_built")


def check_run_adds_up(run: "PaymentRun", *, at: datetime) -> None:
    """What was built is what is there: as many payments, the same total, none without an account."""
    found = run.payments.filter(state="in_run", bank_account__isnull=False).aggregate(count=Count("pk"), total=Sum("amount_pence"))
    if run.built_at is None or (found["count"], found["total"] or 0) != (run.count, run.total_pence) or not run.count:
        raise NotAllowedNow("This run no longer adds up: make it void and build it again.", code="run_does_not_add_up")


def check_approved_where_two_must(run: "PaymentRun", *, at: datetime) -> None:
    """Under standard control two people approve and release; a small team's run is built by the machine and released by one outsider."""
    if run.control() == "standard" and run.approved_at is None:
        raise NotAllowedNow("Somebody must approve this run before it is released.", code="run_not_approved")


def check_paying_account(run: "PaymentRun", *, at: datetime) -> None:
    """There is an account to pay from."""
    if run.paying_account() is None:
        raise NotAllowedNow(f"No bank account to pay from is set up for {run.payer()}.", code="paying_account_missing")


def check_every_payment_answered(run: "PaymentRun", *, at: datetime) -> None:
    """The bank has said something about every payment that went out in this run."""
    if run.payments.filter(Q(state="released") | Q(state="in_run")).exists():
        raise NotAllowedNow("The bank has not answered every payment yet.", code="run_unanswered")
