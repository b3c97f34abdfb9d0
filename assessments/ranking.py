"""The arithmetic of scores: totals, means, flags, rank order, the budget line. Pure functions over whole numbers and fractions.

No float comes near: two applications whose means are equal are equal. Practice followed: the average of all assessors' totals is the
ranking; spread, outliers and split recommendations are flags for people, never corrections.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Protocol

HUNDRED = Fraction(100)


class Weighted(Protocol):
    """A criterion as a programme declares it."""

    @property
    def id(self) -> str: ...
    @property
    def weight(self) -> int: ...
    @property
    def maximum(self) -> int: ...


def weighted_total(marks: Mapping[str, int], criteria: Iterable[Weighted]) -> Fraction:
    """Σ weight × marks / maximum, out of exactly 100 whatever the weights add up to. Raises KeyError for a criterion without marks."""
    parts = [(Fraction(criterion.weight), Fraction(marks[criterion.id], criterion.maximum)) for criterion in criteria]
    whole = sum((weight for weight, _ in parts), Fraction(0))
    return HUNDRED * sum((weight * share for weight, share in parts), Fraction(0)) / whole


@dataclass(frozen=True)
class Triggers:
    """When the scores of one application are looked at by people; a programme may set its own."""

    spread: Fraction = Fraction(20)
    """Highest total less lowest, from here on."""
    outlier: Fraction = Fraction(15)
    """One total's distance from the mean of the others, beyond this."""
    question: Fraction = Fraction(4)
    """Marks for one criterion, from the mean of the others, from here on."""
    split: bool = True
    """Whether a split recommendation is looked at."""
    near_line: bool = False
    """Whether one score that decides on which side of the threshold the mean falls is looked at."""
    thin: bool = False
    """Whether an extreme total with little said for it is looked at."""


@dataclass(frozen=True)
class Vote:
    """One counted review: its total out of 100, its two answers, and its marks by criterion."""

    assessment: int
    total: Fraction
    in_scope: bool
    suitable: bool
    marks: Mapping[str, int]


@dataclass(frozen=True)
class Flag:
    """One thing about the scores that a person should look at. `assessment` where it is about one review."""

    trigger: str
    sentence: str
    assessment: int | None = None
    criterion: str = ""


@dataclass(frozen=True)
class Figures:
    """What the counted reviews of one application come to."""

    votes: int
    mean: Fraction
    lowest: Fraction
    highest: Fraction
    in_scope_yes: int
    suitable_yes: int

    @property
    def spread(self) -> Fraction:
        return self.highest - self.lowest

    @property
    def majority_recommends(self) -> bool:
        """More than half say yes to “in scope”, and more than half to “suitable for funding”."""
        return 2 * self.in_scope_yes > self.votes and 2 * self.suitable_yes > self.votes

    def meets(self, threshold: Fraction, *, majority_needed: bool = True) -> bool:
        """The quality threshold (percent), and the majority where it is needed."""
        return self.mean >= threshold and (self.majority_recommends or not majority_needed)


def mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def figures(votes: Sequence[Vote]) -> Figures | None:
    """The figures of one application; None when no review counts."""
    if not votes:
        return None
    totals = [vote.total for vote in votes]
    return Figures(
        votes=len(votes),
        mean=mean(totals),
        lowest=min(totals),
        highest=max(totals),
        in_scope_yes=sum(vote.in_scope for vote in votes),
        suitable_yes=sum(vote.suitable for vote in votes),
    )


def flags(votes: Sequence[Vote], criteria: Iterable[Weighted] = (), triggers: Triggers | None = None) -> list[Flag]:
    """What pulls a trigger: the spread, one total far from the others, a split recommendation, one criterion far from the others."""
    triggers = triggers or Triggers()
    if len(votes) < 2:
        return []
    found = []
    summary = figures(votes)
    if summary is not None and summary.spread >= triggers.spread:
        found.append(Flag("spread", f"The totals lie {one_decimal(summary.spread)} apart."))
    found += _outliers(votes, triggers.outlier)
    if triggers.split and _is_split(votes):
        found.append(Flag("split", "The assessors do not agree whether it is in scope or should be funded."))
    for criterion in criteria:
        found += _question_outliers(votes, criterion, triggers.question)
    return found


def _is_split(votes: Sequence[Vote]) -> bool:
    return len({vote.suitable for vote in votes}) > 1 or len({vote.in_scope for vote in votes}) > 1


def _outliers(votes: Sequence[Vote], above: Fraction) -> list[Flag]:
    """The total farthest from the mean of the others, where that is too far (both of two that are equally far)."""
    found = []
    for vote, distance, others in _farthest([(vote, vote.total) for vote in votes]):
        if distance > above:
            sentence = f"This total lies {one_decimal(distance)} from the mean of the others, {one_decimal(others)}."
            found.append(Flag("outlier", sentence, vote.assessment))
    return found


def _question_outliers(votes: Sequence[Vote], criterion: Weighted, distance: Fraction) -> list[Flag]:
    marked = [(vote, Fraction(vote.marks[criterion.id])) for vote in votes if criterion.id in vote.marks]
    found = []
    for vote, away, others in _farthest(marked):
        if away >= distance:
            sentence = f"{vote.marks[criterion.id]} of {criterion.maximum} here; the others gave {one_decimal(others)} on average."
            found.append(Flag("question", sentence, vote.assessment, criterion.id))
    return found


def _farthest(marked: Sequence[tuple[Vote, Fraction]]) -> list[tuple[Vote, Fraction, Fraction]]:
    """(vote, distance, mean of the others) of whoever lies farthest from the others: one false value also draws the others' distances up,
    and only the farthest is worth a person's look."""
    if len(marked) < 2:
        return []
    away = []
    for vote, value in marked:
        others = mean([other for another, other in marked if another is not vote])
        away.append((vote, abs(value - others), others))
    most = max(distance for _, distance, _ in away)
    return [one for one in away if one[1] == most]


@dataclass(frozen=True)
class Placed:
    """One application's place. Equal means share a rank; `key` is what was ranked."""

    key: int
    rank: int
    is_tied: bool
    figures: Figures


def rank(by_key: Mapping[int, Figures], tie_break: Mapping[int, tuple[Fraction, ...]] | None = None) -> list[Placed]:
    """Highest mean first; equal means by `tie_break` (mean marks on the criteria named in advance, higher first). Those still equal
    share the rank (1, 2, 2, 4) and are listed in the order of their keys, which decides nothing."""
    means = _whole({key: (by_key[key].mean, *(tie_break or {}).get(key, ())) for key in by_key})
    order = sorted(sorted(by_key), key=lambda key: means[key], reverse=True)
    placed: list[Placed] = []
    for index, key in enumerate(order):
        like_before = index > 0 and means[order[index - 1]] == means[key]
        like_next = index + 1 < len(order) and means[order[index + 1]] == means[key]
        placed.append(Placed(key, placed[-1].rank if like_before else index + 1, like_before or like_next, by_key[key]))
    return placed


def _whole(by_key: Mapping[int, tuple[Fraction, ...]]) -> dict[int, tuple[int, ...]]:
    """The same numbers times one common denominator for each place: whole numbers sort ten times as fast as fractions."""
    common = [lcm(*(value.denominator for value in column)) for column in zip(*by_key.values(), strict=True)]
    return {
        key: tuple(value.numerator * (times // value.denominator) for value, times in zip(values, common, strict=True))
        for key, values in by_key.items()
    }


def budget_line(asked: Iterable[tuple[int, int]], left_pence: int) -> tuple[list[int], int]:
    """Down the list in order, funding each whole until the next does not fit; (keys above the line, pence left). No leapfrogs."""
    above: list[int] = []
    for key, pence in asked:
        if pence > left_pence:
            break
        above.append(key)
        left_pence -= pence
    return above, left_pence


def equals_at_line(ranked: Sequence[tuple[int, int]], above: Sequence[int]) -> frozenset[int]:
    """Of (key, rank) in order: those of the rank that the line runs through. Empty where the line runs between two ranks."""
    reached = set(above)
    stopped = next((rank for key, rank in ranked if key not in reached), None)
    same = frozenset(key for key, rank in ranked if rank == stopped)
    return same if same & reached else frozenset()


def one_decimal(value: Fraction) -> str:
    """For people: rounded half up to one place, without going through a float."""
    tenths = (abs(value) * 10 + Fraction(1, 2)) // 1
    sign = "-" if value < 0 and tenths else ""
    return f"{sign}{tenths // 10}.{tenths % 10}"
