"""Minimal Financial Assistance: what an enterprise group has received in the window that counts (Subsidy Control Act 2022 s.36)."""

from collections.abc import Callable
from datetime import date

from django.db.models import Sum

from applications.models.companies import Company, PreviousAward
from grants.subsidies import limit_pence, window_start

__all__ = ["knows", "limit_pence", "received_pence", "window_start"]

Known = Callable[[Company, date], int]
_known: list[Known] = []


def knows(source: Known) -> Known:
    """Register a source of subsidy that we gave ourselves: `source(company, since) -> pence`, the whole group counted."""
    _known.append(source)
    return source


def received_pence(company: Company, on: date) -> int:
    """Declared and known assistance to the company's group since the window began, gross."""
    since = window_start(on)
    declared = PreviousAward.objects.filter(removed_at=None, given_on__gte=since, given_on__lte=on)
    group = company.enterprise_group
    declared = declared.filter(company__enterprise_group__iexact=group) if group else declared.filter(company=company)
    return (declared.aggregate(total=Sum("amount_pence"))["total"] or 0) + sum(source(company, since) for source in _known)
