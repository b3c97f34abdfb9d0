"""Proving the books: every running total equals the sum of its entries, and no ceiling is broken."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Case, CharField, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from design.words import pounds_exact
from grants.models import Budget
from payments.due import COUNTED
from payments.models import Award, Claim, LedgerEntry, Payment, Recovery

UP = {"commitment": 1, "release": -1, "payment": 1, "recovery": -1}


def check_books() -> list[str]:
    """Every fault, as a sentence that names the record; empty when the books balance."""
    return [*_totals(Award, "award"), *_totals(Budget, "budget"), *_budgets(), *_awards(), *_claims(), *_payments(), *_recoveries()]


def _sum_of(owner: str, *kinds: str) -> Coalesce:
    """The signed sum of an owner's entries of these kinds."""
    signed = Sum(
        Case(*[When(kind=kind, then=F("amount_pence") * Value(UP[kind])) for kind in kinds], default=0, output_field=IntegerField())
    )
    entries = LedgerEntry.objects.filter(**{owner: OuterRef("pk")}, kind__in=kinds).order_by().values(owner)
    return Coalesce(Subquery(entries.annotate(total=signed).values("total")), 0)


def _totals(model: type[Award] | type[Budget], owner: str) -> Iterator[str]:
    rows: QuerySet[Any] = model._default_manager.annotate(
        committed_sum=_sum_of(owner, "commitment", "release"), paid_sum=_sum_of(owner, "payment", "recovery")
    )
    for row in rows.exclude(committed_pence=F("committed_sum"), paid_pence=F("paid_sum")).order_by("pk"):
        yield (
            f"{owner.capitalize()} {_name(row)}: its totals say {pounds_exact(row.committed_pence)} committed and "
            f"{pounds_exact(row.paid_pence)} paid, its entries {pounds_exact(row.committed_sum)} and {pounds_exact(row.paid_sum)}."
        )


def _name(row: Award | Budget) -> str:
    return row.reference if isinstance(row, Award) else str(row.round.reference)


def _budgets() -> Iterator[str]:
    for budget in Budget.objects.select_related("round").order_by("pk"):
        opened = LedgerEntry.objects.filter(budget=budget, kind="budget").aggregate(total=Sum("amount_pence"))["total"]
        if opened is not None and opened != budget.amount_pence:
            yield f"Budget {_name(budget)} is {pounds_exact(budget.amount_pence)}, and its entries say {pounds_exact(opened)}."
        if budget.committed_pence > budget.amount_pence and not budget.over_committed:
            yield f"Budget {_name(budget)} is committed beyond its amount."
        if budget.paid_pence > budget.committed_pence:
            yield f"Budget {_name(budget)} has paid more than it committed."


def _of_claims(**about: object) -> Coalesce:
    rows = Claim.objects.filter(award=OuterRef("pk"), state__in=COUNTED, **about).order_by().values("award")
    return Coalesce(Subquery(rows.annotate(total=Sum("retained_pence" if about else "approved_pence")).values("total")), 0)


def _awards() -> Iterator[str]:
    rows = Award.objects.annotate(claims_sum=_of_claims(), freed_sum=_of_claims(freed_at__isnull=False), back_sum=_paid_back())
    wrong = ~Q(approved_pence=F("claims_sum") + F("freed_sum") - F("back_sum"))
    for award in rows.filter(wrong).order_by("pk"):
        found = pounds_exact(award.claims_sum + award.freed_sum - award.back_sum)
        yield f"Award {award.reference}: {pounds_exact(award.approved_pence)} approved, and its claims come to {found}."
    for award in rows.filter(Q(paid_pence__gt=F("approved_pence")) | Q(approved_pence__gt=F("amount_pence"))).order_by("pk"):
        yield f"Award {award.reference}: paid, approved and awarded are out of order."
    for over in _set_off():
        yield f"Award {over.reference}: more was set off against its advance, paid back and waived than was paid in advance."
    for award in rows.filter(approved_pence__gt=F("committed_pence")).order_by("pk"):
        yield f"Award {award.reference}: more is approved than was committed."


def _paid_back(**about: object) -> Coalesce:
    rows = Recovery.objects.filter(award=OuterRef("pk"), **about or {"state": "recovered"}).order_by().values("award")
    return Coalesce(Subquery(rows.annotate(total=Sum("amount_pence" if about else "received_pence")).values("total")), 0)


def _set_off() -> QuerySet[Award]:
    counted = Claim.objects.filter(award=OuterRef("pk"), state__in=COUNTED).order_by().values("award")
    given = Coalesce(Subquery(counted.filter(kind=Claim.Kind.ADVANCE).annotate(total=Sum("approved_pence")).values("total")), 0)
    used = Coalesce(Subquery(counted.annotate(total=Sum("offset_pence")).values("total")), 0)
    return (
        Award.objects.annotate(given=given, used=used)
        .filter(used__gt=F("given") - _paid_back() - _paid_back(state="waived"))
        .order_by("pk")
    )


def _claims() -> Iterator[str]:
    for claim in Claim.objects.filter(approved_pence__gt=F("claimed_pence")).select_related("award").order_by("pk"):
        yield f"Claim {claim.reference}: more is approved than was claimed."
    owed = Claim.objects.filter(state="paid").exclude(approved_pence=0)
    for claim in owed.exclude(payments__state__in=("settled", "due", "in_run", "released")).order_by("pk"):
        yield f"Claim {claim.reference} is paid without a settled payment."


def _payments() -> Iterator[str]:
    settled: QuerySet[Payment] = Payment.objects.filter(state="settled").select_related("award").order_by("pk")
    posted = LedgerEntry.objects.filter(source="payment", external_ref=OuterRef("end_to_end"), amount_pence=OuterRef("amount_pence"))
    for payment in settled.annotate(entry=Subquery(posted.values("pk")[:1])).filter(entry=None):
        yield f"Payment {payment.end_to_end} of {payment.award.reference} is settled without a ledger entry."


def _recoveries() -> Iterator[str]:
    done = Recovery.objects.filter(state="recovered").select_related("award").order_by("pk")
    reference = Concat("award__reference", Value("-R"), Cast("number", CharField()))
    posted = LedgerEntry.objects.filter(source="recovery", external_ref=OuterRef("reference_"), amount_pence=OuterRef("received_pence"))
    for recovery in done.annotate(reference_=reference).annotate(entry=Subquery(posted.values("pk")[:1])).filter(entry=None):
        yield f"Recovery {recovery.reference} is paid back without a ledger entry."
