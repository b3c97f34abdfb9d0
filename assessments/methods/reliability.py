"""How far assessors agree: intraclass correlations and Krippendorff's alpha."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from assessments.methods.mixed_model import Variances

MANY = 200
"""Beyond so many different values no table of their pairs is made."""
Number = float


@dataclass(frozen=True)
class Icc:
    """Absolute agreement: of one score, and of the mean of `k`. Where every assessor scored all: ICC(2,1) and ICC(2,k)."""

    single: float
    mean_of_k: float
    k: float


def icc(variances: Variances, k: float) -> Icc | None:
    """Share of the variance that lies between applications; the assessors' severity counts as error. None where nothing varies."""
    error = variances.assessor + variances.residual
    whole = variances.application + error
    if whole <= 0:
        return None
    return Icc(variances.application / whole, variances.application / (variances.application + error / k), k)


def shrout_fleiss(rows: Sequence[Sequence[Number]]) -> dict[str, float] | None:
    """The six coefficients of Shrout and Fleiss (1979) by mean squares, for a whole table: targets down, judges across.

    None where the table has holes, fewer than two rows or columns, or no variance.
    """
    n, k = len(rows), len(rows[0]) if rows else 0
    if n < 2 or k < 2 or any(len(row) != k for row in rows):
        return None
    grand = sum(map(sum, rows)) / (n * k)
    between = k * sum((sum(row) / k - grand) ** 2 for row in rows) / (n - 1)
    judges = n * sum((sum(row[j] for row in rows) / n - grand) ** 2 for j in range(k))
    total = sum((value - grand) ** 2 for row in rows for value in row)
    within = (total - between * (n - 1)) / (n * (k - 1))
    error = (total - between * (n - 1) - judges) / ((n - 1) * (k - 1))
    judges /= k - 1
    parts = {
        "ICC1": (between - within, between + (k - 1) * within),
        "ICC2": (between - error, between + (k - 1) * error + k * (judges - error) / n),
        "ICC3": (between - error, between + (k - 1) * error),
        "ICC1k": (between - within, between),
        "ICC2k": (between - error, between + (judges - error) / n),
        "ICC3k": (between - error, between),
    }
    return {name: above / below for name, (above, below) in parts.items()} if all(below for _, below in parts.values()) else None


def alpha(units: Iterable[Sequence[Number]], level: str = "interval") -> float | None:
    """Krippendorff's α = 1 − D_o/D_e over the scores of each unit, whatever is missing; units with one score say nothing.

    `level` is nominal, ordinal, interval or ratio. None where no unit has two scores or all scores are equal.
    """
    paired = [list(unit) for unit in units if len(unit) > 1]
    margins: Counter[Number] = Counter(value for unit in paired for value in unit)
    whole = margins.total()
    if len(margins) < 2:
        return None
    distance = _distance(level, margins)
    if len(margins) > MANY:
        return _of_many(paired, level, margins)
    far = {pair: distance(*pair) for pair in combinations(sorted(margins), 2)}
    observed = 0.0
    for unit in paired:
        held = sorted(Counter(unit).items())
        observed += 2 * sum(m * n * far[a, b] for (a, m), (b, n) in combinations(held, 2)) / (len(unit) - 1)
    expected = 2 * sum(margins[a] * margins[b] * apart for (a, b), apart in far.items()) / (whole - 1)
    return 1 - observed / expected if expected else None


def _of_many(paired: list[list[Number]], level: str, margins: Counter[Number]) -> float:
    """The same where there are too many values for a table of all their pairs."""
    whole = margins.total()
    if level == "interval":
        return _interval(paired, whole)
    if level == "ordinal":
        places = _middles(margins)
        return _interval([[places[value] for value in unit] for unit in paired], whole)
    if level == "nominal":
        unlike = sum((len(unit) ** 2 - sum(n * n for n in Counter(unit).values())) / (len(unit) - 1) for unit in paired)
        return 1 - unlike * (whole - 1) / (whole**2 - sum(n * n for n in margins.values()))
    distance = _distance(level, margins)
    observed = sum(2 * sum(distance(a, b) for a, b in combinations(unit, 2)) / (len(unit) - 1) for unit in paired)
    values, counts = np.array(list(margins)), np.array(list(margins.values()), dtype=float)
    expected = 0.0
    for value, count in zip(values, counts, strict=True):
        both = values + value
        expected += count * float(counts @ np.square(np.divide(values - value, both, out=np.zeros_like(both), where=both != 0)))
    return 1 - observed * (whole - 1) / expected


def _interval(paired: list[list[Number]], whole: int) -> float:
    """With squared distances, Σ over pairs comes from sums alone: no table of all values is needed."""
    centre = sum(map(sum, paired)) / whole
    observed = 0.0
    for unit in paired:
        here = sum(unit) / len(unit)
        observed += 2 * len(unit) * sum((value - here) ** 2 for value in unit) / (len(unit) - 1)
    expected = 2 * whole * sum((value - centre) ** 2 for unit in paired for value in unit) / (whole - 1)
    return 1 - observed / expected


def _distance(level: str, margins: Counter[Number]) -> Callable[[Number, Number], float]:
    """Squared distance between two values at a level of measurement (Krippendorff 2011)."""
    if level == "nominal":
        return lambda a, b: 1.0
    if level == "interval":
        return lambda a, b: (a - b) ** 2
    if level == "ratio":
        return lambda a, b: ((a - b) / (a + b)) ** 2 if a + b else 0.0
    if level != "ordinal":
        raise ValueError(f"{level} is not a level of measurement")
    middle = _middles(margins)
    return lambda a, b: (middle[a] - middle[b]) ** 2


def _middles(margins: Counter[Number]) -> dict[Number, float]:
    """Of each value, how many scores lie below it and half of those on it."""
    middle, below = {}, 0.0
    for value in sorted(margins):
        middle[value] = below + margins[value] / 2
        below += margins[value]
    return middle
