"""The cost lines of a claim."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localtime

from accounts.access import require
from accounts.models import Person
from accounts.refusals import Refused
from accounts.roles import Permission
from design.words import pounds_exact
from payments.actions.claims import draft_of
from payments.actions.tracing import trace
from payments.models import Claim, ClaimLine
from payments.policies.claims import check_takes_lines
from payments.terms import pays_vat

MOST_LINES = 200
MOST_PENCE = 10**11


@dataclass(frozen=True)
class Cost:
    """One cost as the company writes it; money in pence. `eligible_pence` is the part of it that belongs to the project."""

    supplier: str
    invoice_number: str
    invoice_on: date
    paid_on: date
    category: str
    net_pence: int
    vat_pence: int
    eligible_pence: int
    description: str = ""

    def columns(self, claim: Claim, *, on: date) -> dict[str, Any]:
        """The columns of a line. Raises Refused naming the field."""
        _check_words(self)
        _check_money(self)
        _check_vat(self, claim)
        if self.category not in claim.award.terms.categories:
            raise Refused("Choose one of the programme's cost categories.", code="category_unknown", field="category")
        for field, day in (("invoice_on", self.invoice_on), ("paid_on", self.paid_on)):
            if day > on:
                raise Refused("This date is in the future. Claim costs once they are paid.", code="date_in_future", field=field)
        return {
            "supplier": self.supplier.strip(),
            "invoice_number": self.invoice_number.strip(),
            "invoice_on": self.invoice_on,
            "paid_on": self.paid_on,
            "category": self.category,
            "description": self.description.strip(),
            "net_pence": self.net_pence,
            "vat_pence": self.vat_pence,
            "gross_pence": self.net_pence + self.vat_pence,
            "eligible_pence": self.eligible_pence,
        }


def _check_words(cost: Cost) -> None:
    for field, name, text, most in (
        ("supplier", "supplier", cost.supplier, 160),
        ("invoice_number", "invoice number", cost.invoice_number, 60),
    ):
        if not text.strip():
            raise Refused(f"Enter the {name}.", code="missing", field=field)
        if len(text.strip()) > most:
            raise Refused(f"Keep the {name} to {most} characters.", code="too_long", field=field)
    if len(cost.description.strip()) > 300:
        raise Refused("Keep the description to 300 characters.", code="too_long", field="description")


def _check_money(cost: Cost) -> None:
    if not 0 < cost.net_pence <= MOST_PENCE:
        raise Refused("Enter the amount without VAT, more than nothing.", code="net_wrong", field="net_pence")
    if not 0 <= cost.vat_pence <= MOST_PENCE:
        raise Refused("Enter the VAT, or 0.", code="vat_wrong", field="vat_pence")
    if not 0 < cost.eligible_pence <= cost.net_pence + cost.vat_pence:
        raise Refused(
            "The eligible part is more than nothing and at most the whole invoice.", code="eligible_wrong", field="eligible_pence"
        )


def _check_vat(cost: Cost, claim: Claim) -> None:
    """Where the programme says what becomes of VAT, no more than the amount without it counts, unless the company cannot recover it."""
    if cost.eligible_pence <= cost.net_pence or not claim.award.terms.says_vat or pays_vat(claim.award):
        return
    excluded = claim.award.terms.definition.delivery.vat == "excluded"
    why = "this programme pays no VAT" if excluded else "you said in your application that your company recovers VAT"
    most = pounds_exact(cost.net_pence)
    raise Refused(f"At most {most}, the amount without VAT, counts: {why}.", code="vat_not_eligible", field="eligible_pence")


def add(*, claim: Claim, cost: Cost, by: Person, at: datetime) -> ClaimLine:
    """Put a cost on a draft claim."""
    require(by, Permission.CLAIM_EDIT, on=claim)
    with transaction.atomic():
        fresh = draft_of(claim)
        check_takes_lines(fresh)
        numbers = list(fresh.lines.values_list("number", flat=True))
        if len(numbers) >= MOST_LINES:
            raise Refused(f"A claim holds at most {MOST_LINES} costs.", code="too_many_lines")
        columns = cost.columns(fresh, on=localtime(at).date())
        _check_not_twice(fresh, columns)
        line = ClaimLine.objects.create(claim=fresh, number=max(numbers, default=0) + 1, **columns)
        trace(fresh, "claim.line_added", by=by, at=at, subject=f"payments.claimline:{line.pk}", **_figures(line))
    return line


def change(*, line: ClaimLine, cost: Cost, by: Person, at: datetime) -> ClaimLine:
    """Correct a cost on a draft claim."""
    require(by, Permission.CLAIM_EDIT, on=line.claim)
    with transaction.atomic():
        fresh = draft_of(line.claim)
        columns = cost.columns(fresh, on=localtime(at).date())
        kept = ClaimLine.objects.get(pk=line.pk)
        _check_not_twice(fresh, columns, besides=kept)
        for name, value in columns.items():
            setattr(kept, name, value)
        kept.save(update_fields=list(columns))
        trace(fresh, "claim.line_changed", by=by, at=at, subject=f"payments.claimline:{kept.pk}", **_figures(kept))
    return kept


def remove(*, line: ClaimLine, by: Person, at: datetime) -> None:
    """Take a cost and its evidence off a draft claim; the trail keeps what it said."""
    require(by, Permission.CLAIM_EDIT, on=line.claim)
    with transaction.atomic():
        fresh = draft_of(line.claim)
        kept = ClaimLine.objects.get(pk=line.pk)
        if kept.queries.exists() or kept.decided_at is not None:
            raise Refused("This line was asked about, so it stays: change it instead.", code="line_asked_about")
        trace(fresh, "claim.line_removed", by=by, at=at, subject=f"payments.claimline:{kept.pk}", **_figures(kept))
        kept.evidence.filter(removed_at=None).update(removed_at=at, removed_by=by)
        kept.evidence.update(line=None)
        kept.delete()


def _check_not_twice(claim: Claim, columns: dict[str, Any], besides: ClaimLine | None = None) -> None:
    same = claim.lines.filter(supplier__iexact=columns["supplier"], invoice_number__iexact=columns["invoice_number"])
    twin = (same.exclude(pk=besides.pk) if besides else same).first()
    if twin:
        raise Refused(
            f"That invoice is on line {twin.number} already. Put all you claim of one invoice on one line.",
            code="invoice_twice",
            field="invoice_number",
        )


def _figures(line: ClaimLine) -> dict[str, Any]:
    after = {"number": line.number, "category": line.category, "net_pence": line.net_pence, "eligible_pence": line.eligible_pence}
    return {"after": after, "personal": {"supplier": line.supplier, "invoice_number": line.invoice_number}}
