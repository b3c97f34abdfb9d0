"""Whole pence: shown, read, split exactly, and how much grant a claim is due. No float comes near."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from accounts.refusals import Refused

MOST_PENCE = 10**14
"""A trillion pounds: what is above it was mistyped."""

_POUNDS = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?", re.ASCII)


class NotMoney(Refused):
    """What was typed is not an amount of money."""

    code = "not_money"


def format_pence(pence: int) -> str:
    """`£12,500` for whole pounds, `£12,500.50` otherwise, `−£3` below nothing."""
    sign = "−" if pence < 0 else ""
    pounds, rest = divmod(abs(pence), 100)
    return f"{sign}£{pounds:,}" + (f".{rest:02d}" if rest else "")


def parse_pounds(text: str) -> int:
    """Pence from what a person types: `£12,500`, `12500.50`, ` 12 500 `. Raises NotMoney with a sentence.

    `12,5` and `1,25.00` are refused rather than guessed at: a comma that does not part thousands may have been meant as a point.
    """
    bare = re.sub(r"\s", "", text).removeprefix("£")
    if not bare:
        raise NotMoney("Enter an amount in pounds, such as 12500 or 12,500.50.", code="money_missing")
    if bare.startswith(("-", "−")):
        raise NotMoney("The amount must not be negative.", code="money_negative")
    match = _POUNDS.fullmatch(bare)
    if match is None:
        raise NotMoney(_what_is_wrong(bare))
    pence = int(Decimal(bare.replace(",", "")) * 100)
    if pence > MOST_PENCE:
        raise NotMoney("The amount is too large. Check for extra digits.", code="money_too_large")
    return pence


def _what_is_wrong(bare: str) -> str:
    if re.fullmatch(r"[0-9,]*\.[0-9]{3,}", bare):
        return "Give pounds and pence with two digits after the point, such as 12500.50."
    if re.fullmatch(r"[0-9.,]+", bare):
        return "Put commas only between thousands and a point only before pence, such as 12,500.50."
    shown = bare if len(bare) <= 20 else bare[:20] + "…"
    return f"“{shown}” is not an amount in pounds. Write it in figures, such as 12500 or 12,500.50."


def split_pence(total: int, weights: Sequence[int]) -> list[int]:
    """Split pence by weights so that the parts always add up to the whole.

    What rounding leaves over goes a penny each to the parts that lost most by it, earlier ones first.
    """
    if not weights or any(weight < 0 for weight in weights) or sum(weights) == 0:
        raise ValueError("Weights must be whole numbers of nothing or more, and not all nothing.")
    if total < 0:
        return [-part for part in split_pence(-total, weights)]
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_loss = sorted(range(len(weights)), key=lambda index: (-(total * weights[index] % whole), index))
    for index in by_loss[: total - sum(parts)]:
        parts[index] += 1
    return parts


def share_pence(pence: int, percent: Decimal | int) -> int:
    """A percentage of an amount, rounded half up to a penny once."""
    exact = Decimal(pence) * Decimal(percent) / 100
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def rate_percent(grant_pence: int, cost_pence: int) -> Decimal:
    """The intervention rate, grant as a percentage of cost, to two places and rounded up, so that a penny above a limit shows.

    Nothing where no grant is asked for; 100 where there is no cost to share.
    """
    if grant_pence <= 0:
        return Decimal(0)
    if cost_pence <= 0:
        return Decimal(100)
    return Decimal(-(-grant_pence * 10_000 // cost_pence)) / 100


def grant_due(
    *,
    claimed_pence: int,
    rate_percent: Decimal | int,
    accepted_cost_pence: int,
    approved_before_pence: int,
    milestone_left_pence: int,
    award_pence: int,
    retention_pence: int,
) -> int:
    """What a claim is due, in pence: the least of four ceilings, and never below nothing.

    `claimed`, what the company asks for; `round(rate × accepted cost to date) − approved to date`, the grant's share of everything accepted
    so far, this claim included, less what earlier claims were approved for; what is left of the milestone's cap; and
    `award − approved to date − retention to hold`. Cost is counted to date and rounded once, so that pennies lost in one claim come
    back in the next.
    """
    share = share_pence(accepted_cost_pence, rate_percent) - approved_before_pence
    left = award_pence - approved_before_pence - retention_pence
    return max(0, min(claimed_pence, share, milestone_left_pence, left))
