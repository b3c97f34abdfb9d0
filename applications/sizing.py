"""How large a company is, by the Companies Act 2006 ss.382, 384A and 465 as amended for financial years from 6 April 2025.

A company is of a size when it meets any two of three tests ("not more than"). Public companies are never small: s.384(1).
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Threshold:
    """One size: the largest turnover, balance-sheet total (pence) and average number of employees."""

    size: str
    turnover_pence: int
    balance_sheet_pence: int
    employees: int


MILLION = 100_000_000
SINCE: tuple[tuple[date, tuple[Threshold, ...]], ...] = (
    (
        date(2025, 4, 6),
        (
            Threshold("micro", MILLION, MILLION // 2, 10),
            Threshold("small", 15 * MILLION, 15 * MILLION // 2, 50),
            Threshold("medium", 54 * MILLION, 27 * MILLION, 250),
        ),
    ),
    (
        date(2016, 1, 1),
        (
            Threshold("micro", 63_200_000, 31_600_000, 10),
            Threshold("small", 1_020_000_000, 510_000_000, 50),
            Threshold("medium", 3_600_000_000, 1_800_000_000, 250),
        ),
    ),
)
"""Thresholds by the day from which they hold, latest first."""


def size_of(*, turnover_pence: int, balance_sheet_pence: int, employees: int, is_public_company: bool = False, on: date) -> str:
    """`micro`, `small`, `medium` or `large`, for figures of the whole group. Figures of exactly the threshold are within it."""
    if is_public_company:
        return "large"
    thresholds = next((rows for since, rows in SINCE if on >= since), SINCE[-1][1])
    for row in thresholds:
        met = (turnover_pence <= row.turnover_pence) + (balance_sheet_pence <= row.balance_sheet_pence) + (employees <= row.employees)
        if met >= 2:
            return row.size
    return "large"
