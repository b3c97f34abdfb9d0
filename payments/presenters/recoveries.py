"""Money that is paid back: what staff and the company see of it."""

from datetime import datetime, timedelta
from textwrap import wrap
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.access import can
from accounts.models import Person
from accounts.roles import Permission
from design.tones import tone_of
from design.words import in_words, moment_in_words, pounds_exact
from payments.due import advance_left, asked_back
from payments.models import Award, PayingAccount, Recovery
from payments.policies.recoveries import ASKS_IN
from workflow.engine import available_steps

COLUMNS = ["Repayment", "By", "State", {"label": "Asked for", "numeric": True}, {"label": "Came in", "numeric": True}]
DAYS_TO_PAY = 30


def section(award: Award, person: Person) -> dict[str, Any]:
    """What an award's page says of money that is paid back, for staff."""
    left = advance_left(award) - asked_back(award) if award.state in ASKS_IN else 0
    return {
        "recovery_columns": COLUMNS,
        "recoveries": [
            [
                {"text": one.reference, "href": reverse("payments:recovery", args=[award.reference, one.number])},
                in_words(one.due_on),
                {"tag": one.state_now.label, "tone": tone_of(one.state)},
                pounds_exact(one.amount_pence),
                pounds_exact(one.received_pence) if one.received_pence else "",
            ]
            for one in award.recoveries.order_by("number")
        ],
        "can_ask_back": left > 0 and can(person, Permission.AWARD_MANAGE, on=award),
    }


def asking(award: Award, *, now: datetime) -> dict[str, Any]:
    """What the form begins with: all that is left, in a month."""
    left = max(0, advance_left(award) - asked_back(award))
    return {"amount_pence": left, "due_on": timezone.localdate(now) + timedelta(days=DAYS_TO_PAY)}


def page(recovery: Recovery, person: Person, *, now: datetime) -> dict[str, Any]:
    """One repayment, with the steps that the person may take."""
    steps = available_steps(recovery, person, at=now)
    rows = [
        ("Company", recovery.award.company.name),
        ("Asked for", f"{pounds_exact(recovery.amount_pence)} by {in_words(recovery.due_on)}"),
        ("Why", recovery.reason),
        ("Asked", f"{moment_in_words(recovery.created_at)} by {recovery.created_by.name}"),
    ]
    if recovery.received_by and recovery.received_on:
        came = f"{pounds_exact(recovery.received_pence)} on {in_words(recovery.received_on)}, “{recovery.bank_reference}”"
        rows.append(("Came in", f"{came}; recorded by {recovery.received_by.name}"))
    if recovery.waiver_reason and recovery.waiving_by:
        rows.append(("Proposed to be waived", f"{recovery.waiver_reason} ({recovery.waiving_by.name})"))
    for title, moment, who in (
        ("Confirmed", recovery.recovered_at, recovery.recovered_by),
        ("Waived", recovery.waived_at, recovery.waived_by),
        ("Taken back", recovery.cancelled_at, recovery.cancelled_by),
    ):
        if moment and who:
            rows.append((title, f"{moment_in_words(moment)} by {who.name}"))
    return {
        "recovery": recovery,
        "award": recovery.award,
        "rows": rows,
        "steps": steps,
        "can_receive": any(one.step.name == "receive" and one.is_allowed for one in steps),
        "step_url": recovery.get_absolute_url(),
    }


def for_company(award: Award) -> dict[str, Any]:
    """What the company is asked to pay back, and where to."""
    asked = list(award.recoveries.exclude(state="cancelled").order_by("number"))
    account = PayingAccount.objects.filter(organisation=award.programme.delivery_body_id).first() if asked else None
    return {
        "repayments": [
            {
                "recovery": one,
                "title": f"{pounds_exact(one.amount_pence)} by {in_words(one.due_on)}",
                "came_in": pounds_exact(one.received_pence) if one.received_pence else "",
                "how": _how(one, account) if one.state in ("raised", "waiving") else [],
            }
            for one in asked
        ]
    }


def _how(recovery: Recovery, account: PayingAccount | None) -> list[tuple[str, str]]:
    """Where to pay, with which reference."""
    to = (
        [("Name", account.name), ("Sort code", "-".join(wrap(account.sort_code, 2))), ("Account number", account.account_number)]
        if account
        else []
    )
    return [*to, ("Reference", recovery.reference)] if to else [("Where to", "Ask us"), ("Reference", recovery.reference)]
