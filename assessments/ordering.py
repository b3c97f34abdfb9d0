"""A round's ranking as plain values: worked out from what it rests on, and read back from a kept run. No database."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from assessments import ranking


@dataclass(frozen=True)
class Place:
    """Where one application stands in its round. `is_above`: the budget reaches it by rank order."""

    application: int
    rank: int
    is_tied: bool
    figures: ranking.Figures
    meets_threshold: bool
    is_above: bool


Row = list[int]
COLUMNS = (
    "application", "rank", "is_tied", "votes", "mean", "mean_of", "lowest", "lowest_of", "highest", "highest_of", "in_scope_yes",
    "suitable_yes", "meets_threshold", "is_above",
)  # fmt: skip
"""What a row of a kept ranking holds, in whole numbers; a mean of 247/3 is 247 of 3."""


def work_out(
    inputs: Mapping[str, Any], marks: Mapping[tuple[int, str], Fraction], *, too_low: Callable[[int], bool] = lambda application: False
) -> dict[str, Any]:
    """The places in order, and what the budget leaves over. `marks`: the mean by application and criterion, for those that break ties;
    `too_low`: whether an application fails a criterion that has a minimum of its own."""
    rule = inputs["rule"]
    threshold, majority = Fraction(*rule["threshold"]), rule["majority_needed"]
    found = _figures(inputs["reviews"])
    tie_break = {pk: tuple(marks.get((pk, criterion), Fraction(0)) for criterion in rule["tie_break"]) for pk in found}
    placed = ranking.rank(found, tie_break)
    meets = {one.key: one.figures.meets(threshold, majority_needed=majority) and not too_low(one.key) for one in placed}
    asked = _asked(inputs["applications"])
    above, left = ranking.budget_line([(one.key, asked[one.key]) for one in placed if meets[one.key]], inputs["budget_pence"])
    reached = set(above)
    return {"columns": list(COLUMNS), "places": [_row(one, meets[one.key], one.key in reached) for one in placed], "left_pence": left}


def place_of(row: Row) -> Place:
    """One row of a ranking, read back."""
    application, rank, is_tied, votes, mean, of, low, low_of, high, high_of, fits, good, meets, above = row
    figures = ranking.Figures(votes, Fraction(mean, of), Fraction(low, low_of), Fraction(high, high_of), fits, good)
    return Place(application, rank, bool(is_tied), figures, bool(meets), bool(above))


def is_above(row: Row) -> bool:
    return bool(row[-1])


def names(inputs: Mapping[str, Any]) -> dict[int, str]:
    """The references of what a ranking rests on, by number."""
    return {int(pk): reference for pk, reference, _ in _cells(inputs["applications"])}


def reviews(inputs: Mapping[str, Any]) -> int:
    """How many reviews a ranking rests on."""
    return sum(1 for line in inputs["reviews"].split("\n") if line)


def _row(one: ranking.Placed, meets: bool, above: bool) -> Row:
    told = one.figures
    parts = [number for value in (told.mean, told.lowest, told.highest) for number in value.as_integer_ratio()]
    return [one.key, one.rank, int(one.is_tied), told.votes, *parts, told.in_scope_yes, told.suitable_yes, int(meets), int(above)]


def _cells(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.split("\n") if line]


def _asked(text: str) -> dict[int, int]:
    return {int(pk): int(pence) for pk, _, pence in _cells(text)}


def _figures(text: str) -> dict[int, ranking.Figures]:
    """What the counted reviews of each application come to: exactly, for totals of one denominator are added as whole numbers."""
    given: dict[str, list[list[str]]] = defaultdict(list)
    for line in _cells(text):
        given[line[0]].append(line)
    return {int(application): _together(lines) for application, lines in given.items()}


def _together(lines: list[list[str]]) -> ranking.Figures:
    """Figures from lines of application, review, total as two numbers, in scope, suitable, when submitted."""
    below = [int(line[3]) for line in lines]
    common = below[0] if len(set(below)) == 1 else lcm(*below)
    totals = [int(line[2]) * (common // one) for line, one in zip(lines, below, strict=True)]
    return ranking.Figures(
        votes=len(lines),
        mean=Fraction(sum(totals), common * len(lines)),
        lowest=Fraction(min(totals), common),
        highest=Fraction(max(totals), common),
        in_scope_yes=sum(line[4] == "1" for line in lines),
        suitable_yes=sum(line[5] == "1" for line in lines),
    )
