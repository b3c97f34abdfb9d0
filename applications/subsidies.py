"""Minimal Financial Assistance: what an enterprise group has received in the window that counts (Subsidy Control Act 2022 s.36)."""

from collections.abc import Callable
from datetime import date

from django.db.models import Sum

from applications.models.companies import Company, PreviousAward

LIMITS_PENCE: tuple[tuple[date, int], ...] = ((date(2023, 1, 4), 31_500_000),)
"""The most a group may receive, inclusive, by the day from which it holds, latest first: £315,000 (s.36(1))."""

Known = Callable[[Company, date], int]
_known: list[Known] = []


def knows(source: Known) -> Known:
    """Register a source of subsidy that we gave ourselves: `source(company, since) -> pence`, the whole group counted."""
    _known.append(source)
    return source


def window_start(on: date) -> date:
    """1 April two financial years before the one that `on` lies in: the elapsed part of this year and the two before it."""
    year = on.year if on >= date(on.year, 4, 1) else on.year - 1
    return date(year - 2, 4, 1)


def limit_pence(on: date) -> int:
    """The limit in force on a day."""
    return next((limit for since, limit in LIMITS_PENCE if on >= since), LIMITS_PENCE[-1][1])


def received_pence(company: Company, on: date) -> int:
    """Declared and known assistance to the company's group since the window began, gross."""
    since = window_start(on)
    declared = PreviousAward.objects.filter(removed_at=None, given_on__gte=since, given_on__lte=on)
    group = company.enterprise_group
    declared = declared.filter(company__enterprise_group__iexact=group) if group else declared.filter(company=company)
    return (declared.aggregate(total=Sum("amount_pence"))["total"] or 0) + sum(source(company, since) for source in _known)
