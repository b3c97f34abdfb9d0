"""Who assesses what, exactly: the allocation with the highest total score that meets demand, loads and conflicts.

What is asked and what is answered stand here; how it is found, in `placing.py`.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from assessments.methods import BadInput
from assessments.methods.limiting import needs
from assessments.methods.placing import Placed, Programme
from assessments.methods.votes import Floats, Integers


@dataclass(frozen=True, eq=False)
class Problem:
    """Applications down, assessors across. `pins` are pairs that stay; the side constraints may be left out."""

    score: Floats
    barred: NDArray[np.bool_]
    demand: Integers
    least: Integers
    most: Integers
    pins: tuple[tuple[int, int], ...] = ()
    organisations: tuple[str, ...] = ()
    """Of each assessor: at most one of each organisation on an application. Empty text is nobody's."""
    skills: tuple[frozenset[str], ...] = ()
    needs: tuple[frozenset[str], ...] = ()
    """Of each application: at least one assessor with each of these skills."""
    newcomers: frozenset[int] = frozenset()
    newcomers_most: int | None = None
    """At most so many newcomers on an application."""
    balance: float = 0.0
    """What an assessor's second review costs beside the first, the third beside the second, and so on, in score."""
    at_least: Mapping[str, int] = field(default_factory=dict)
    """How many assessors with a skill an application needs, where it is more than one."""


@dataclass(frozen=True)
class Allocation:
    """Pairs in order of application; what is missing by application, assessor, and (application, skill); and how sure it is."""

    pairs: list[tuple[int, int]]
    total: float
    shortfalls: list[tuple[int, int]] = field(default_factory=list)
    loads_not_met: list[tuple[int, int]] = field(default_factory=list)
    skills_not_met: list[tuple[int, str]] = field(default_factory=list)
    is_proven: bool = True
    gap: float = 0.0
    """How much higher the best total could be at most."""

    @property
    def is_feasible(self) -> bool:
        return not (self.shortfalls or self.loads_not_met or self.skills_not_met)


def allocate(problem: Problem, *, seconds: float = 120.0) -> Allocation:
    """The best allocation. Raises BadInput where the problem contradicts itself (a pinned pair in conflict, least above most)."""
    _check(problem)
    unit = _unit(problem)
    found = Programme(replace(problem, score=problem.score * unit, balance=problem.balance * unit), seconds).solve()
    return _read(problem, found, unit)


def _unit(problem: Problem) -> float:
    """What brings the largest score near a thousand, whatever it counts: the solver's tolerances are absolute. A power of two, which
    changes no digit."""
    largest = float(np.abs(problem.score[~problem.barred]).max(initial=0.0))
    return 2.0 ** round(math.log2(1000 / largest)) if largest else 1.0


def _check(problem: Problem) -> None:
    applications, assessors = problem.score.shape
    for person in np.flatnonzero(problem.least > problem.most).tolist():
        raise BadInput(f"Assessor {person} must take at least {problem.least[person]} reviews but may take at most {problem.most[person]}.")
    for application, person in problem.pins:
        if not (0 <= application < applications and 0 <= person < assessors):
            raise BadInput(f"The pinned pair [{application}, {person}] names nobody.")
        if problem.barred[application, person]:
            raise BadInput(f"The pair [{application}, {person}] is pinned and in conflict.")
    if len(set(problem.pins)) != len(problem.pins):
        raise BadInput("A pair is pinned twice.")
    loads = np.bincount([person for _, person in problem.pins], minlength=assessors)
    for person in np.flatnonzero(loads > problem.most).tolist():
        raise BadInput(f"Assessor {person} has more pinned reviews ({loads[person]}) than they may take ({problem.most[person]}).")


def _read(problem: Problem, found: Placed, unit: float) -> Allocation:
    pairs, gap = found.pairs, found.gap / unit
    got = np.bincount([i for i, _ in pairs], minlength=len(found.demand))
    load = np.bincount([j for _, j in pairs], minlength=len(problem.most))
    brought = Counter((i, skill) for i, j in pairs for skill in (problem.skills[j] if problem.skills else ()))
    unmet = [need for need in needs(problem) if brought[need] < problem.at_least.get(need[1], 1)]
    total = math.fsum(float(problem.score[pair]) for pair in pairs)
    is_closed = gap * unit <= 1e-6 * max(1.0, abs(total) * unit)
    return Allocation(
        pairs,
        total,
        [(i, int(n)) for i, n in enumerate(found.demand - got) if n > 0],
        [(j, int(n)) for j, n in enumerate(problem.least - load) if n > 0],
        unmet,
        found.is_least and is_closed,
        0.0 if is_closed else gap,
    )
