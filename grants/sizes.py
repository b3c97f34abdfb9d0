"""Company size by a rule set that the programme chooses."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

MICRO, SMALL, MEDIUM, LARGE = "micro", "small", "medium", "large"
ALL = (MICRO, SMALL, MEDIUM, LARGE)


class Limits(NamedTuple):
    """Turnover and balance sheet total in pence, and average headcount."""

    turnover_pence: int
    balance_sheet_pence: int
    employees: int


COMPANIES_ACT_2025: dict[str, Limits] = {
    MICRO: Limits(100_000_000, 50_000_000, 10),
    SMALL: Limits(1_500_000_000, 750_000_000, 50),
    MEDIUM: Limits(5_400_000_000, 2_700_000_000, 250),
}
"""Companies Act 2006 ss.382, 384A, 465 for financial years beginning on or after 6 April 2025."""

COMPANIES_ACT_BEFORE: dict[str, Limits] = {
    MICRO: Limits(63_200_000, 31_600_000, 10),
    SMALL: Limits(1_020_000_000, 510_000_000, 50),
    MEDIUM: Limits(3_600_000_000, 1_800_000_000, 250),
}
UPLIFT_ON = date(2025, 4, 6)

EU_2003_361: dict[str, Limits] = {
    MICRO: Limits(200_000_000, 200_000_000, 10),
    SMALL: Limits(1_000_000_000, 1_000_000_000, 50),
    MEDIUM: Limits(5_000_000_000, 4_300_000_000, 250),
}
"""Recommendation 2003/361/EC, in euro cents: headcount strictly below, and turnover or balance sheet at most."""


def by_companies_act(figures: Limits, *, year_began_on: date) -> str:
    """Two of the three limits met (“not more than”), whole group counted, one year looked at."""
    table: Mapping[str, Limits] = COMPANIES_ACT_2025 if year_began_on >= UPLIFT_ON else COMPANIES_ACT_BEFORE
    return next((size for size, limits in table.items() if sum(got <= most for got, most in zip(figures, limits, strict=True)) >= 2), LARGE)


def by_eu(figures_in_euro_cents: Limits) -> str:
    """Headcount below the limit, and turnover or balance sheet within it."""
    turnover, balance, employees = figures_in_euro_cents
    for size, limits in EU_2003_361.items():
        if employees < limits.employees and (turnover <= limits.turnover_pence or balance <= limits.balance_sheet_pence):
            return size
    return LARGE


def classify(figures: Limits, *, rule_set: str, year_began_on: date) -> str:
    """micro, small, medium or large by the named rule set. For `eu_2003_361` the figures are taken as euro cents."""
    return by_eu(figures) if rule_set == "eu_2003_361" else by_companies_act(figures, year_began_on=year_began_on)
