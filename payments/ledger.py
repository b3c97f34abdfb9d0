"""The one place that moves money in the books.

`post()` appends an entry and keeps the running totals of award and budget in step with it, under the budget's lock. Nothing else writes
those totals; `payments.books` proves that they equal the sums.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import transaction
from django.db.models import F

from accounts.refusals import NotAllowedNow
from design.words import pounds

if TYPE_CHECKING:
    from grants.models import Budget
    from payments.models import Award, LedgerEntry

TOTALS = {
    "commitment": ("committed_pence", 1),
    "release": ("committed_pence", -1),
    "payment": ("paid_pence", 1),
    "recovery": ("paid_pence", -1),
}
"""Which running total an entry of a kind moves, and in which direction."""


class OverTheLimit(NotAllowedNow):
    """An act of ours that would commit more than the budget or pay more than the award."""

    code = "over_the_limit"


def lock_budget(pk: int) -> "Budget":
    """The budget's row, locked last of all (docs/adr/0003), and read afresh."""
    budgets = apps.get_model("grants", "Budget")._base_manager
    with transaction.atomic():
        return budgets.select_for_update(no_key=True).get(pk=pk)


def post(
    *, kind: str, budget: "Budget", award: "Award", amount_pence: int, source: str, external_ref: str, at: datetime, note: str = ""
) -> "LedgerEntry":
    """Append one entry and move the totals. The same (source, external_ref) is posted once: posting again answers the first entry.

    Raises OverTheLimit when a commitment exceeds the budget or the award, or a payment the award. Call it under the case's lock.
    """
    entries = apps.get_model("payments", "LedgerEntry").objects
    with transaction.atomic():
        locked = lock_budget(budget.pk)
        earlier = entries.filter(source=source, external_ref=external_ref).first()
        if earlier is not None:
            return earlier
        _open(locked, at=at)
        fresh = apps.get_model("payments", "Award")._base_manager.get(pk=award.pk)
        _check(kind, locked, fresh, amount_pence)
        entry = entries.create(
            budget=locked, award=fresh, kind=kind, amount_pence=amount_pence, source=source, external_ref=external_ref, note=note, at=at
        )
        column, sign = TOTALS[kind]
        for record in (locked, fresh):
            type(record)._base_manager.filter(pk=record.pk).update(**{column: F(column) + sign * amount_pence})
        setattr(award, column, getattr(fresh, column) + sign * amount_pence)
        return entry


def count_approved(*, award: "Award", amount_pence: int) -> None:
    """Add an approved claim to the award's running total. Raises OverTheLimit when the award does not bear it."""
    awards = apps.get_model("payments", "Award")._base_manager
    fresh = awards.get(pk=award.pk)
    if fresh.approved_pence + amount_pence > fresh.amount_pence:
        raise OverTheLimit(f"Only {pounds(fresh.amount_pence - fresh.approved_pence)} of this award is left.", code="award_exceeded")
    awards.filter(pk=award.pk).update(approved_pence=F("approved_pence") + amount_pence)


def uncount_approved(*, award: "Award", amount_pence: int) -> None:
    """Take a cancelled claim's amount off the award's running total again."""
    apps.get_model("payments", "Award")._base_manager.filter(pk=award.pk).update(approved_pence=F("approved_pence") - amount_pence)


def _open(budget: "Budget", *, at: datetime) -> None:
    """A budget's own entry, written with the first movement on it, so that its amount is a sum too."""
    entries = apps.get_model("payments", "LedgerEntry").objects
    if not entries.filter(budget=budget, kind="budget").exists() and budget.amount_pence > 0:
        entries.create(budget=budget, kind="budget", amount_pence=budget.amount_pence, source="budget", external_ref=str(budget.pk), at=at)


def _check(kind: str, budget: "Budget", award: "Award", amount_pence: int) -> None:
    """Ceilings bind our own acts: what we commit and what we pay."""
    if kind == "commitment" and (budget.over_committed or amount_pence > budget.left_pence):
        raise OverTheLimit(
            f"The round has {pounds(max(budget.left_pence, 0))} left, and this is {pounds(amount_pence)}.", code="budget_exhausted"
        )
    if kind == "commitment" and award.committed_pence + amount_pence > award.amount_pence:
        raise OverTheLimit("This award is committed already.", code="award_committed")
    if kind == "payment" and award.paid_pence + amount_pence > award.amount_pence:
        raise OverTheLimit(f"This would pay more than the award of {pounds(award.amount_pence)}.", code="award_exceeded")
