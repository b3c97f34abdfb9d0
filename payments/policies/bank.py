"""What must be true of bank details."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from accounts.refusals import NotAllowedNow, Refused

if TYPE_CHECKING:
    from payments.models import BankAccount

COOLING_OFF = timedelta(days=2)
"""How long a *changed* account waits before it is paid, so that a fraud has time to be noticed."""


def check_call_back(account: "BankAccount", *, called_on: str, spoke_to: str) -> None:
    """Whoever checks rang a number that they found themselves, and spoke to somebody with a name."""
    if not called_on.strip():
        raise Refused("Enter the telephone number you rang.", code="call_back_missing", field="called_on")
    if not spoke_to.strip():
        raise Refused("Enter the name of the person you spoke to.", code="call_back_missing", field="spoke_to")


def check_numbers_fit(account: "BankAccount") -> None:
    """A number that cannot exist at its sort code was mistyped: the company hears it while it has its bank statement at hand."""
    if account.modulus == "invalid":
        raise Refused(
            "This account number cannot belong to this sort code. Check both against a bank statement.",
            code="account_number_invalid",
            field="account_number",
        )


def check_payee_not_refused(account: "BankAccount", *, at: datetime) -> None:
    """An account whose holder has another name, or whose number cannot exist, is not verified."""
    if account.payee_match == "none":
        raise NotAllowedNow("The bank says that the name does not match this account.", code="payee_does_not_match")
    if account.modulus == "invalid":
        raise NotAllowedNow("This account number does not fit its sort code.", code="account_number_invalid")


def cooling_off(account: "BankAccount") -> timedelta:
    """A first account is paid at once; one that replaces a verified account waits."""
    replaces = account.company.bank_accounts.exclude(pk=account.pk).exclude(verified_at=None).exists()
    return COOLING_OFF if replaces else timedelta(0)
