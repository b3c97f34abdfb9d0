"""Company size by a rule set that the programme chooses."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

RULE_SETS = {"companies_act_2006": "under the Companies Act", "eu_2003_361": "by the European definition"}
"""The rule sets there are, as they stand after a size: “small under the Companies Act”."""
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
COMPANIES_ACT_2025_GROSS = COMPANIES_ACT_2025 | {
    SMALL: Limits(1_800_000_000, 900_000_000, 50),
    MEDIUM: Limits(6_400_000_000, 3_200_000_000, 250),
}
COMPANIES_ACT_BEFORE_GROSS = COMPANIES_ACT_BEFORE | {
    SMALL: Limits(1_220_000_000, 610_000_000, 50),
    MEDIUM: Limits(4_320_000_000, 2_160_000_000, 250),
}
"""The limits for a group's figures added up before what its members owe each other is set off (Companies Act 2006 ss.383, 466)."""
UPLIFT_ON = date(2025, 4, 6)

EU_2003_361: dict[str, Limits] = {
    MICRO: Limits(200_000_000, 200_000_000, 10),
    SMALL: Limits(1_000_000_000, 1_000_000_000, 50),
    MEDIUM: Limits(5_000_000_000, 4_300_000_000, 250),
}
"""Recommendation 2003/361/EC, in euro cents: headcount strictly below, and turnover or balance sheet at most."""


EURO_RATES: tuple[tuple[date, Decimal], ...] = (
    (date(2024, 1, 1), Decimal("0.84662")),
    (date(2023, 1, 1), Decimal("0.86979")),
    (date(2022, 1, 1), Decimal("0.85276")),
    (date(2021, 1, 1), Decimal("0.85960")),
)
"""Pounds for one euro, the European Central Bank's average of the year that begins then, latest first; to be kept up every January."""


def in_euro_cents(figures: Limits, *, on: date) -> Limits:
    """Figures in pence as euro cents, at the average rate of the last year that had ended on a day; headcount as it is."""
    rate = next((rate for since, rate in EURO_RATES if since.year < on.year), EURO_RATES[-1][1])
    return Limits(int(figures.turnover_pence / rate), int(figures.balance_sheet_pence / rate), figures.employees)


def by_companies_act(figures: Limits, *, year_began_on: date, is_gross: bool = False) -> str:
    """Two of the three limits met (“not more than”), whole group counted (`is_gross`: simply added up), one year looked at."""
    table: Mapping[str, Limits] = COMPANIES_ACT_2025 if year_began_on >= UPLIFT_ON else COMPANIES_ACT_BEFORE
    if is_gross:
        table = COMPANIES_ACT_2025_GROSS if year_began_on >= UPLIFT_ON else COMPANIES_ACT_BEFORE_GROSS
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
