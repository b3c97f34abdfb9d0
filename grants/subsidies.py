"""Minimal Financial Assistance: the window that counts and the most a group may receive in it (Subsidy Control Act 2022 s.36)."""

from datetime import date

LIMITS_PENCE: tuple[tuple[date, int], ...] = ((date(2023, 1, 4), 31_500_000),)
"""The most a group may receive, inclusive, by the day from which it holds, latest first: £315,000 (s.36(1))."""


def window_start(on: date) -> date:
    """1 April two financial years before the one that `on` lies in: the elapsed part of this year and the two before it."""
    year = on.year if on >= date(on.year, 4, 1) else on.year - 1
    return date(year - 2, 4, 1)


def limit_pence(on: date) -> int:
    """The limit in force on a day."""
    return next((limit for since, limit in LIMITS_PENCE if on >= since), LIMITS_PENCE[-1][1])
