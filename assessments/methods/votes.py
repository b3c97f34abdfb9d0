"""Scores as a table: who scored which application with what, checked, and put in an order that does not depend on names or rows."""

from __future__ import annotations  # SciPy loads its parts when they are first asked for: not for an annotation

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from assessments.methods import BadInput

Integers = NDArray[np.intp]
Floats = NDArray[np.float64]
FARTHEST, FINEST = 10**12, 10**9
"""What floating point can tell apart with digits to spare."""


@dataclass(frozen=True)
class Vote:
    """One assessor's score of one application. `line` is where it stood, for sentences about it."""

    application: str
    assessor: str
    score: Fraction
    panel: str = ""
    line: int = 0


@dataclass(frozen=True, eq=False)
class Votes:
    """Votes by index. Applications and assessors are numbered by what they gave and got, so that other names number them alike."""

    applications: tuple[str, ...]
    assessors: tuple[str, ...]
    panels: tuple[str, ...]
    application: Integers
    assessor: Integers
    panel: Integers
    exact: tuple[Fraction, ...]
    scale: tuple[Fraction, Fraction]
    alike: Integers
    """The class of each application; those of one class got their scores in the same pattern, so they must get equal figures."""

    @classmethod
    def of(cls, votes: Iterable[Vote], scale: tuple[Fraction, Fraction]) -> Votes:
        """Check and number. Raises BadInput for no votes, a pair given twice, and a score outside the scale."""
        rows = list(votes)
        if not rows:
            raise BadInput("There is no score.")
        _check_scale(scale)
        _check(rows, scale)
        colours, people = _refine(rows)
        names = sorted({row.application for row in rows}, key=lambda name: (colours[name], name))
        assessors = sorted({row.assessor for row in rows}, key=lambda name: (people[name], name))
        panels = sorted({row.panel for row in rows})
        number = {name: index for index, name in enumerate(names)}
        person = {name: index for index, name in enumerate(assessors)}
        group = {name: index for index, name in enumerate(panels)}
        rows.sort(key=lambda row: (number[row.application], person[row.assessor]))
        return cls(
            tuple(names),
            tuple(assessors),
            tuple(panels),
            np.array([number[row.application] for row in rows]),
            np.array([person[row.assessor] for row in rows]),
            np.array([group[row.panel] for row in rows]),
            tuple(row.score for row in rows),
            scale,
            np.array([colours[name] for name in names]),
        )

    @cached_property
    def score(self) -> Floats:
        return np.array([float(score) for score in self.exact])

    @cached_property
    def means(self) -> list[Fraction]:
        """The exact mean of each application's scores."""
        sums = [Fraction(0)] * len(self.applications)
        for application, score in zip(self.application, self.exact, strict=True):
            sums[application] += score
        return [total / int(count) for total, count in zip(sums, self.counts, strict=True)]

    @cached_property
    def counts(self) -> Integers:
        """How many scores each application has."""
        return np.bincount(self.application, minlength=len(self.applications))

    @cached_property
    def loads(self) -> Integers:
        """How many scores each assessor gave."""
        return np.bincount(self.assessor, minlength=len(self.assessors))

    @property
    def range(self) -> float:
        return float(self.scale[1] - self.scale[0])

    def incidence(self) -> scipy.sparse.csr_array:
        """Applications by assessors: one where a score was given."""
        shape = (len(self.applications), len(self.assessors))
        return scipy.sparse.csr_array((np.ones(len(self.exact)), (self.application, self.assessor)), shape=shape)

    @cached_property
    def graph(self) -> scipy.sparse.csr_array:
        """Who scored what as edges: applications first, then assessors."""
        size = len(self.applications)
        whole = size + len(self.assessors)
        return scipy.sparse.csr_array((np.ones(len(self.exact)), (self.application, self.assessor + size)), shape=(whole, whole))

    @cached_property
    def components(self) -> Integers:
        """For each application, which island of the assessor–application graph it lies on."""
        return scipy.sparse.csgraph.connected_components(self.graph, directed=False)[1][: len(self.applications)]

    @property
    def islands(self) -> int:
        return len(set(self.components.tolist()))

    def by_application(self) -> list[list[float]]:
        """The scores of each application, in order."""
        found: list[list[float]] = [[] for _ in self.applications]
        for application, score in zip(self.application, self.score, strict=True):
            found[application].append(float(score))
        return found


def _check_scale(scale: tuple[Fraction, Fraction]) -> None:
    if scale[0] >= scale[1]:
        raise BadInput(f"The scale must rise: {_plain(scale[0])} is not below {_plain(scale[1])}.")
    far = max(Fraction(1), abs(scale[0]), abs(scale[1]))
    if far > FARTHEST or (scale[1] - scale[0]) * FINEST < far:
        raise BadInput("The scale is too large or too narrow to work with: use one such as 0 to 100.")


def _check(rows: Sequence[Vote], scale: tuple[Fraction, Fraction]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        place = f"Line {row.line}: " if row.line else ""
        if not scale[0] <= row.score <= scale[1]:
            outside = f"{_plain(row.score)} lies outside the scale of {_plain(scale[0])} to {_plain(scale[1])}"
            raise BadInput(f"{place}the score {outside} (application {row.application}, assessor {row.assessor}).")
        before = seen.setdefault((row.application, row.assessor), row.line)
        if (row.application, row.assessor) in seen and before != row.line:
            raise BadInput(f"{place}assessor {row.assessor} has scored application {row.application} already, on line {before}.")
    if len(seen) != len(rows):
        raise BadInput("An assessor has scored the same application twice.")


def _refine(rows: Sequence[Vote]) -> tuple[dict[str, int], dict[str, int]]:
    """Colour applications and assessors by their scores, then by their neighbours' colours, until no colour splits (Weisfeiler and Leman).

    Scores count by their order alone, so that adding a constant to all of them colours everything alike.
    """
    order = {score: index for index, score in enumerate(sorted({row.score for row in rows}))}
    level = [order[row.score] for row in rows]
    applications = dict.fromkeys((row.application for row in rows), 0)
    assessors = dict.fromkeys((row.assessor for row in rows), 0)
    grouped: dict[str, list[Any]] = {}
    for row, score in zip(rows, level, strict=True):
        grouped.setdefault(row.panel, []).append(score)
    panels = _colours(grouped)
    known = (0, 0)
    told: dict[str, list[Any]]
    gave: dict[str, list[Any]]
    while True:
        told, gave = {}, {}
        for row, score in zip(rows, level, strict=True):
            told.setdefault(row.application, []).append((score, assessors[row.assessor], panels[row.panel]))
            gave.setdefault(row.assessor, []).append((score, applications[row.application], panels[row.panel]))
        applications, assessors = _colours(told, applications), _colours(gave, assessors)
        now = (len(set(applications.values())), len(set(assessors.values())))
        if now == known:
            return applications, assessors
        known = now


def _colours(signs: dict[str, list[Any]], before: dict[str, int] | None = None) -> dict[str, int]:
    whole = {name: ((before or {}).get(name, 0), tuple(sorted(parts))) for name, parts in signs.items()}
    order = {sign: index for index, sign in enumerate(sorted(set(whole.values())))}
    return {name: order[sign] for name, sign in whole.items()}


def _plain(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"
