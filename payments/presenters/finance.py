"""What finance sees: bank accounts, payments, runs, statements."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse

from accounts.access import can
from accounts.home import in_count, number_of
from accounts.models import Person
from accounts.roles import Permission
from design.tones import tone_of
from design.words import how_long, in_words, moment_in_words, pounds, pounds_exact
from payments.models import BankAccount, Claim, Payment, PaymentRun, Statement, StatementLine
from payments.policies.payments import check_payable
from workflow.engine import available_steps
from workflow.guards import allowed

BANK_COLUMNS = ["Company", "Account", "State", {"label": "Waiting", "numeric": True}]
PAYMENT_COLUMNS = ["Award", "Company", "For", "State", "Run", {"label": "Amount", "numeric": True}]
RUN_COLUMNS = ["Run", "Programme", "Pays on", "State", {"label": "Payments", "numeric": True}, {"label": "Total", "numeric": True}]
IN_RUN_COLUMNS = ["Reference", "Award", "Company", "Account", "State", {"label": "Amount", "numeric": True}]
STATEMENT_COLUMNS = ["Statement", "Imported", "By", {"label": "New lines", "numeric": True}]
BOOKING_COLUMNS = ["Date", "What the bank says", "Reference", "Meant", {"label": "Out", "numeric": True}, {"label": "In", "numeric": True}]


def payment_states(chosen: str) -> list[tuple[str, str, bool]]:
    """The lists there are: address, name, whether it is the one shown."""
    url = reverse("payments:payments")
    each = [(f"{url}?state={value}", label, value == chosen) for value, label in Payment.State.choices]  # type: ignore[misc]
    return [(url, "Everything open", not chosen), *each]


def _tag(record: Any) -> dict[str, str]:
    return {"tag": record.state_now.label, "tone": tone_of(record.state)}


def front(person: Person) -> list[dict[str, Any]]:
    """What waits in finance, counted."""
    claims = Claim.objects.for_staff(person)
    payments = Payment.objects.for_staff(person)
    due = payments.filter(state="due").aggregate(count=Count("pk"), total=Sum("amount_pence"))
    waiting = [
        ("Claims to check", in_count(number_of(claims.filter(state__in=("submitted", "checking")))), "claims", ""),
        ("Claims to approve", in_count(number_of(claims.filter(state="recommended"))), "claims", "?state=recommended"),
        ("Bank details waiting", in_count(number_of(BankAccount.objects.for_staff(person).waiting())), "bank", ""),
        ("Payments due", due["count"], "payments", "?state=due"),
        ("Due to be paid", pounds(due["total"] or 0), "payments", "?state=due"),
        ("Failed or came back", payments.filter(state__in=("failed", "returned")).count(), "payments", ""),
        ("On hold", payments.filter(state="held").count(), "payments", "?state=held"),
        ("Runs under way", runs_open(person).count(), "runs", ""),
    ]
    return [{"label": label, "value": value, "href": reverse(f"payments:{name}") + query} for label, value, name, query in waiting]


def runs_open(person: Person) -> Any:
    """Runs that wait for somebody or for the bank."""
    return PaymentRun.objects.visible_to(person).filter(state__in=("drafted", "approved", "released"))


def bank_rows(accounts: Iterable[BankAccount], *, now: datetime) -> list[list[Any]]:
    return [
        [
            {"text": account.company.name, "href": reverse("payments:bank_account", args=[account.pk])},
            f"{account.name}, ending {account.last4}",
            _tag(account),
            how_long(now - account.entered_at) if account.state in ("entered", "checked") and account.entered_at else "–",
        ]
        for account in accounts
    ]


def bank_page(account: BankAccount, person: Person, *, now: datetime) -> dict[str, Any]:
    """One bank account, its numbers hidden but for the last four digits."""
    rows = [
        ("Company", f"{account.company.name} ({account.company.company_number})"),
        ("Name on the account", account.name),
        ("Account", f"Ending {account.last4}"),
        ("Sort code and number", account.get_modulus_display()),
        ("Entered", _who(account.entered_by, account.entered_at)),
    ]
    if account.checked_at:
        rows += [
            ("Called back", _who(account.checked_by, account.checked_at)),
            ("Rang", f"{account.called_on}, spoke to {account.spoke_to}"),
            ("Confirmation of Payee", account.get_payee_match_display()),
        ]
    if account.verified_at:
        rows.append(("Verified", _who(account.verified_by, account.verified_at)))
        if account.usable_from and account.usable_from > now:
            rows.append(("Can be paid from", moment_in_words(account.usable_from)))
    twins = [twin.company.name for twin in account.elsewhere().select_related("company__organisation")]
    return {
        "account": account,
        "title": account.company.name,
        "rows": rows,
        "twins": twins,
        "warning_text": f"The same account is entered for {', '.join(dict.fromkeys(twins))}.",
        "steps": available_steps(account, person, at=now),
        "step_url": reverse("payments:bank_account", args=[account.pk]),
        "can_check": account.state == "entered" and can(person, Permission.BANK_CHECK, on=account),
        "can_reveal": can(person, Permission.BANK_REVEAL, on=account),
    }


def _who(person: Person | None, moment: datetime | None) -> str:
    return f"{person}, {moment_in_words(moment)}" if person else ""


def payment_rows(payments: Iterable[Payment]) -> list[list[Any]]:
    return [
        [
            {"text": payment.award.reference, "href": reverse("payments:payment", args=[payment.pk])},
            payment.award.company.name,
            f"Claim {payment.claim.number}" if payment.claim and payment.kind == Payment.Kind.CLAIM else payment.get_kind_display(),
            _tag(payment),
            {"text": payment.run.reference, "href": payment.run.get_absolute_url()} if payment.run else "",
            pounds_exact(payment.amount_pence),
        ]
        for payment in payments
    ]


def payment_page(payment: Payment, person: Person, *, now: datetime) -> dict[str, Any]:
    """One payment: what it is for, where it stands, what may be done."""
    rows: list[tuple[Any, ...]] = [
        ("Award", payment.award.reference, reverse("payments:award", args=[payment.award.reference]), "Open"),
        ("Company", payment.award.company.name),
        *_for_claim(payment),
        ("Amount", pounds(payment.amount_pence)),
        *_to_account(payment),
        ("Due since", moment_in_words(payment.due_at)),
    ]
    if payment.run:
        rows.append(("Run", payment.run.reference, payment.run.get_absolute_url(), "Open"))
    if payment.end_to_end:
        rows.append(("Reference on the statement", payment.end_to_end))
    failed = "Came back" if payment.state == "returned" else "Failed"
    for label, moment, who in (
        ("Held", payment.held_at, payment.held_by),
        ("Released", payment.released_at, payment.released_by),
        (failed, payment.failed_at, payment.failed_by),
    ):
        if moment:
            rows.append((label, _who(who, moment)))
    if payment.settled_at:
        rows.append(("Settled", moment_in_words(payment.settled_at)))
    rows += [(label, text) for label, text in (("Why it is held", payment.hold_reason), ("What the bank said", payment.failure)) if text]
    return {
        "payment": payment,
        "title": f"{pounds(payment.amount_pence)} to {payment.award.company.name}",
        "rows": rows,
        "steps": available_steps(payment, person, at=now),
        "step_url": reverse("payments:payment", args=[payment.pk]),
        "next": what_next(payment, now=now),
    }


def _for_claim(payment: Payment) -> list[tuple[Any, ...]]:
    if payment.claim is None:
        return []
    where = reverse("payments:claim", args=[payment.award.reference, payment.claim.number])
    return [("For", f"{payment.get_kind_display()}, {payment.claim.reference}", where, "Open")]


def _to_account(payment: Payment) -> list[tuple[Any, ...]]:
    """The account it went to, else the one it would go to now."""
    account = payment.bank_account or payment.award.company.bank_accounts.verified().first()
    if account is None:
        return [("To", "No account of the company is verified")]
    return [("To", f"{account.name}, ending {account.last4}", reverse("payments:bank_account", args=[account.pk]), "Open")]


NEXT = {
    "held": "It stays out of every run until the hold is lifted.",
    "in_run": "It goes to the bank when the run is released.",
    "released": "Its file is with the bank. The statement that names its reference settles it; when the bank refuses it, say so below.",
    "settled": "It has arrived. If it comes back, the statement says so, and the books follow.",
    "failed": "The bank did not make it, so it is still owed. Find out why before you pay it again. If the account is wrong, open it and "
    "set it aside: the company is then asked for another, which two people check. Cancelled, the claim is checked and approved again.",
    "returned": "The money is ours again and the claim unpaid; the company was told. Ring the company before you pay it again. If the "
    "account is wrong, open it and set it aside: the company is then asked for another, which two people check. "
    "Cancelled, the claim is checked and approved again.",
}


def what_next(payment: Payment, *, now: datetime) -> str:
    """What happens to it now, and what to do first; for one that is due, what keeps it out of the next run."""
    if payment.state != "due":
        return NEXT.get(payment.state, "")
    yes, why = allowed(check_payable, payment, at=now)
    return "It goes into the next run that is built." if yes else f"It is left out of the next run. {why}"


def told(statement: Statement) -> str:
    """What a statement meant, and which of its lines need somebody's eye."""
    found = dict(statement.lines.order_by().values_list("outcome").annotate(number=Count("pk")))
    words = {
        "settled": ("settled a payment", "settled payments"),
        "returned": ("brought a payment back", "brought payments back"),
        "mismatch": ("names a payment of ours with another amount", "name payments of ours with other amounts"),
        "repeated": ("speaks of a payment that was settled before", "speak of payments that were settled before"),
        "unmatched": ("is none of ours", "are none of ours"),
    }
    lines = [f"{found[each]} line{'s' if found[each] > 1 else ''} {said[found[each] > 1]}" for each, said in words.items() if each in found]
    if "returned" in found:
        lines.append("Open what came back, and find out why before it is paid again")
    if "mismatch" in found:
        lines.append("Where amounts differ nothing was done: compare with the run, and ask the bank")
    return ". ".join(lines)


def run_rows(runs: Iterable[PaymentRun]) -> list[list[Any]]:
    return [
        [
            {"text": run.reference, "href": run.get_absolute_url()},
            run.programme.name,
            in_words(run.pays_on),
            _tag(run),
            run.count,
            pounds_exact(run.total_pence),
        ]
        for run in runs
    ]


def run_page(run: PaymentRun, person: Person, *, now: datetime) -> dict[str, Any]:
    """A run with everything in it."""
    paying = run.paying_account()
    rows = [
        ("Programme", run.programme.name),
        ("Pays on", in_words(run.pays_on)),
        ("From", f"{paying.name}, ending {paying.last4}" if paying else "No account to pay from is set up"),
        ("Total", f"{pounds(run.total_pence)} in {run.count} payment{'' if run.count == 1 else 's'}"),
        ("Built", _who(run.built_by, run.built_at)),
        ("Approved", _who(run.approved_by, run.approved_at)),
        ("Released", _who(run.released_by, run.released_at)),
    ]
    if run.reconciled_at:
        rows.append(("Reconciled", moment_in_words(run.reconciled_at)))
    if run.file_sha256:
        rows.append(("SHA-256 of the file", run.file_sha256))
    payments = run.payments.select_related("award__company__organisation", "bank_account").order_by("pk")
    seen = set(run.payments.visible_to(person).values_list("pk", flat=True))
    may_take = can(person, Permission.RUN_BUILD, on=run) or can(person, Permission.RUN_RELEASE, on=run)
    return {
        "run": run,
        "rows": [row for row in rows if row[1]],
        "columns": IN_RUN_COLUMNS,
        "payments": [_in_run(payment) for payment in payments if payment.pk in seen],
        "total": ["Total", "", "", "", "", pounds_exact(sum(payment.amount_pence for payment in payments))],
        "steps": available_steps(run, person, at=now),
        "step_url": run.get_absolute_url(),
        "can_take_file": bool(run.file_sha256) and may_take,
    }


def _in_run(payment: Payment) -> list[Any]:
    account = payment.bank_account
    return [
        {"text": payment.end_to_end, "href": reverse("payments:payment", args=[payment.pk])},
        payment.award.reference,
        payment.award.company.name,
        f"{account.name}, ending {account.last4}" if account else "",
        _tag(payment),
        pounds_exact(payment.amount_pence),
    ]


def statement_rows(statements: Iterable[Any]) -> list[list[Any]]:
    return [
        [
            {"text": statement.name, "href": reverse("payments:statement", args=[statement.pk])},
            moment_in_words(statement.imported_at),
            statement.imported_by.name,
            statement.line_count,
        ]
        for statement in statements
    ]


def booking_rows(lines: Iterable[StatementLine]) -> list[list[Any]]:
    tones = {"settled": "good", "unmatched": "neutral"}
    return [
        [
            in_words(line.booked_on),
            line.narrative,
            {"text": line.end_to_end, "href": reverse("payments:payment", args=[line.payment_id]) if line.payment_id else ""},
            {"tag": line.get_outcome_display(), "tone": tones.get(line.outcome, "waiting")},
            pounds_exact(line.amount_pence) if line.direction == "out" else "",
            pounds_exact(line.amount_pence) if line.direction == "in" else "",
        ]
        for line in lines
    ]
