"""Bank details: entered by the company, called back by one person, verified by another; shown in full only on the record."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from accounts.access import require
from accounts.encryption import blind_index
from accounts.models import Organisation, Person
from accounts.refusals import Denied, Refused
from accounts.roles import Permission
from applications.models import Company
from audit import trail
from grants.models import Programme
from payments import sortcodes
from payments.models import BankAccount, PayingAccount
from payments.policies.bank import check_numbers_fit
from workflow.engine import fire


@dataclass(frozen=True)
class Revealed:
    """The whole numbers, for one person, once."""

    sort_code: str
    account_number: str


def enter(*, company: Company, name: str, sort_code: str, account_number: str, by: Person, at: datetime) -> BankAccount:
    """Enter or change the company's bank details. They are checked from the start, whatever was verified before.

    Raises Refused for numbers that cannot be.
    """
    require(by, Permission.BANK_ENTER, on=company)
    name = " ".join(name.split())
    if not name or len(name) > 140:
        raise Refused("Enter the name on the account, in at most 140 characters.", code="account_name", field="name")
    numbers = sortcodes.normalise(sort_code, account_number)
    with transaction.atomic():
        Company.objects.select_for_update(of=("self",), no_key=True).get(pk=company.pk)
        for waiting in company.bank_accounts.waiting().order_by("pk"):
            fire(waiting, "supersede", by=Person.objects.system(), at=at)
        account = BankAccount(
            company=company,
            name=name,
            sort_code=numbers.sort_code,
            account_number=numbers.account_number,
            last4=numbers.account_number[-4:],
            blind=blind_index(numbers.sort_code + numbers.account_number, purpose="bank account"),
        )
        account.check_numbers(on=localdate(at))
        check_numbers_fit(account)
        account.save(force_insert=True)
        return fire(account, "enter", by=by, at=at)


def check(*, account: BankAccount, called_on: str, spoke_to: str, payee_match: str, by: Person, at: datetime) -> BankAccount:
    """Record the call-back, on a number found elsewhere, and what Confirmation of Payee said."""
    if payee_match not in BankAccount.PayeeMatch.values:
        raise Refused("Say what Confirmation of Payee answered.", code="payee_match_missing", field="payee_match")
    return fire(account, "call_back", by=by, at=at, called_on=called_on, spoke_to=spoke_to, payee_match=payee_match)


def verify(*, account: BankAccount, by: Person, at: datetime) -> BankAccount:
    """A second person finds the account to be the company's; the one before is no longer used."""
    with transaction.atomic():
        Company.objects.select_for_update(of=("self",), no_key=True).get(pk=account.company_id)
        for earlier in account.company.bank_accounts.verified().exclude(pk=account.pk).order_by("pk"):
            fire(earlier, "supersede", by=Person.objects.system(), at=at)
        return fire(account, "verify", by=by, at=at)


def set_aside(*, account: BankAccount, note: str, by: Person, at: datetime) -> BankAccount:
    """Find that the details cannot be used; the company is asked for others."""
    return fire(account, "set_aside", by=by, at=at, note=note)


def reveal(*, account: BankAccount, reason: str, by: Person, at: datetime) -> Revealed:
    """Show the whole numbers to one person, and keep on the trail that it was done and why."""
    require(by, Permission.BANK_REVEAL, on=account)
    if not reason.strip():
        raise Refused("Say why you need to see the whole numbers.", code="reason_missing", field="reason")
    trail.record(
        stream=account.stream,
        kind="bank_account.revealed",
        actor=by.pk,
        at=at,
        subject=f"payments.bankaccount:{account.pk}",
        personal={"reason": reason},
    )
    return Revealed(sortcodes.spaced(account.sort_code), account.account_number)


def set_paying_account(
    *, organisation: Organisation, programme: Programme, name: str, sort_code: str, account_number: str, by: Person, at: datetime
) -> PayingAccount:
    """Set the account that grants are paid from: the programme's lead does it, who can release nothing."""
    require(by, Permission.PROGRAMME_PUBLISH, on=programme)
    if organisation.pk not in (programme.delivery_body_id, programme.funder_id):
        raise Denied("That organisation does not pay for this programme.", code="not_the_payer")
    numbers = sortcodes.normalise(sort_code, account_number)
    with transaction.atomic():
        account, _ = PayingAccount.objects.update_or_create(
            organisation=organisation,
            defaults={
                "name": name,
                "sort_code": numbers.sort_code,
                "account_number": numbers.account_number,
                "last4": numbers.account_number[-4:],
                "set_at": at,
                "set_by": by,
            },
        )
        trail.record(
            stream=f"organisation:{organisation.pk}",
            kind="paying_account.set",
            actor=by.pk,
            at=at,
            subject=f"payments.payingaccount:{account.pk}",
            after={"last4": account.last4},
        )
    return account
