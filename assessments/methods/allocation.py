"""Who assesses what, exactly: the allocation with the highest total score that meets demand, loads and conflicts, by linear programming.

Without side constraints the matrix is totally unimodular, so the linear programme's vertex is whole and its optimum proven. Loads are
bounds on rows. Where not everything can be met, one that is missing costs more than all scores together could bring. Side constraints join
when a solution breaks them; where the vertex is then not whole, an integer programme takes over: first the least that can be missing, then,
with that number fixed, the best score.
"""

from __future__ import annotations  # SciPy loads its parts when they are first asked for: not for an annotation

import math
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from assessments.methods import BadInput
from assessments.methods.votes import Floats, Integers

BEST = 40
"""So many of the best assessors of each application go into a large programme at first; reduced costs say whether others are needed."""
LARGE = 200_000
ROUNDS = 80
"""So many times a large programme's prices are tried out before it is chosen which pairs go into it at first."""
Limit = tuple[str, int, str]
"""What a limit is about, the application, and the organisation if one."""


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
    found = _Programme(replace(problem, score=problem.score * unit, balance=problem.balance * unit), seconds).solve()
    total = math.fsum(float(problem.score[pair]) for pair in found.pairs)
    return replace(found, total=total, gap=found.gap / unit)


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


class _Programme:
    """Columns: pairs, shortfalls of applications, shortfalls of loads, shortfalls of skills, and steps of load where balance counts."""

    def __init__(self, problem: Problem, seconds: float) -> None:
        self.problem = problem
        self.seconds, self.started = seconds, time.monotonic()
        self.unseen = 0.0
        """How much the pairs that were left out could still bring at most, where there was no time to let them join."""
        pinned = np.bincount([application for application, _ in problem.pins], minlength=len(problem.demand))
        self.demand = np.maximum(problem.demand, pinned)
        self.open = ~problem.barred
        self.is_whole = False
        room = np.minimum(problem.most, self.open.sum(axis=0)).sum()
        self.is_short = bool(self.demand.sum() > room or (self.open.sum(axis=1) < self.demand).any())
        self.left_out = False
        self.broken: set[Limit] = set()
        """Limits that a solution broke, and that the programme has had since."""

    def solve(self) -> Allocation:
        """The linear programme first, with those limits only that its solution breaks: most never bind. Where its vertex is whole, that is
        the optimum; else the integer programme looks for it, with the linear one's value as the bound."""
        self._choose_columns()
        result = self._best()
        while self._add_missing(result) or self._add_broken(result):
            result = self._best()
        if not self._is_vertex_whole(result):
            self.bound, self.least_missing, self.is_whole = float(result.fun) - self.unseen, self._missing(result), True
            result = self._best()
            while self._add_broken(result):
                result = self._best()
        return self._read(result)

    def _choose_columns(self) -> None:
        """All pairs of a small problem; of a large one the best of each application, and the pinned ones."""
        problem = self.problem
        keep = self.open.copy()
        if keep.sum() > LARGE and keep.shape[1] > BEST:
            keep = self._promising()
            worth = np.where(self.open & (problem.least[None, :] > 0), problem.score, -np.inf)
            scarce = np.argpartition(-worth, min(BEST, len(worth) - 1), axis=0)[:BEST]
            np.put_along_axis(keep, scarce, True, axis=0)
            keep &= self.open
            self.left_out = True
        for application, person in problem.pins:
            keep[application, person] = True
        self._use(keep)

    def _promising(self) -> NDArray[np.bool_]:
        """Pairs that a good allocation of a large problem uses: each application takes its best by score less what an assessor's time is
        worth, which is learned from who has too much or too little (subgradient steps on the dual, Held and Karp 1971) and, for balance,
        from the load averaged so far; all that were taken in the latter half of the tries, and the best at the end."""
        problem, wanted = self.problem, min(int(max(self.demand.max(initial=1), 1)), self.problem.score.shape[1] - 1)
        score = np.where(self.open, problem.score, -np.inf).astype(np.float32)
        spread = float(np.ptp(problem.score[self.open])) or 1.0
        keep, load, dual = np.zeros_like(self.open), np.zeros(len(problem.most)), np.zeros(len(problem.most))
        for turn in range(ROUNDS):
            worth = score - (problem.balance * load + dual).astype(np.float32)
            best = np.argpartition(-worth, wanted, axis=1)[:, :wanted]
            if turn >= ROUNDS // 2:
                np.put_along_axis(keep, best, True, axis=1)
            now = np.bincount(best.ravel(), minlength=len(load)) * float(self.demand.mean()) / wanted
            load += (now - load) / (turn + 1)
            amiss = np.maximum(now - problem.most, 0) - np.maximum(problem.least - now, 0)
            slack = np.minimum(now - problem.most, 0) * (dual > 0) + np.maximum(now - problem.least, 0) * (dual < 0)
            step = spread / (2 * (1 + turn)) ** 0.75
            moved = dual + step * np.clip(np.where(amiss != 0, amiss, slack) / np.maximum(problem.most, 1), -1, 3)
            dual = np.where(amiss != 0, moved, np.where(dual > 0, np.maximum(moved, 0), np.minimum(moved, 0)))
        best = np.argpartition(-worth, BEST, axis=1)[:, :BEST]
        np.put_along_axis(keep, best, True, axis=1)
        return keep

    def _use(self, keep: NDArray[np.bool_]) -> None:
        self.keep = keep
        self.rows, self.columns = np.nonzero(keep)
        self._build()

    def _build(self) -> None:
        problem = self.problem
        pairs, (applications, assessors) = len(self.rows), problem.score.shape
        ones = np.ones(pairs)
        by_application = scipy.sparse.csr_array((ones, (self.rows, np.arange(pairs))), shape=(applications, pairs))
        by_assessor = scipy.sparse.csr_array((ones, (self.columns, np.arange(pairs))), shape=(assessors, pairs))
        side, low, high, self.skill_rows = _side_constraints(problem, self.rows, self.columns, self.broken)
        steps = self._steps()
        missing = scipy.sparse.csr_array((np.ones(len(self.skill_rows)), (self.skill_rows, range(len(self.skill_rows)))),
                                   shape=(len(low), len(self.skill_rows)))  # fmt: skip
        eye = scipy.sparse.eye_array
        blocks = [
            [by_application, eye(applications), None, None, None],
            [by_assessor, None, eye(assessors), None, None],
            [side, None, None, missing, None],
        ]
        low = np.concatenate([self.demand, problem.least, low])
        high = np.concatenate([self.demand, problem.most, high])
        if steps is not None:
            blocks.append([-by_assessor, None, None, None, steps[0]])
            low, high = np.concatenate([low, np.zeros(assessors)]), np.concatenate([high, np.zeros(assessors)])
        kept = blocks if len(side.indptr) > 1 else [row for row in blocks if row[0] is not side]
        self.matrix = scipy.sparse.csc_array(scipy.sparse.block_array([list(row[: 5 if steps else 4]) for row in kept]))
        self.low, self.high = low, high
        self.first_slack, self.slacks = pairs, applications + assessors + len(self.skill_rows)
        dearer = steps[1:] if steps else ()
        self.price = np.concatenate([-problem.score[self.rows, self.columns], np.zeros(self.slacks), *dearer])
        self.weights = np.concatenate([np.full(applications, 2.0), np.ones(self.slacks - applications)])
        apart = max(self.price.max(initial=0), 0) - min(self.price[:pairs].min(initial=0), 0)
        self.dear = 1 + float(self.demand.sum()) * float(apart)
        self.is_pinned = np.zeros(pairs)
        pins = set(problem.pins)
        if pins:
            self.is_pinned = np.array([(i, j) in pins for i, j in zip(self.rows.tolist(), self.columns.tolist(), strict=True)], dtype=float)

    def _steps(self) -> tuple[scipy.sparse.csr_array, Floats] | None:
        """One column for each review an assessor may take, each dearer than the one before: a convex cost keeps the optimum whole."""
        if not self.problem.balance:
            return None
        most = np.minimum(self.problem.most, len(self.demand))
        owner = np.repeat(np.arange(len(most)), most)
        number = np.concatenate([np.arange(count) for count in most]) if len(owner) else np.zeros(0)
        matrix = scipy.sparse.csr_array((np.ones(len(owner)), (owner, np.arange(len(owner)))), shape=(len(most), len(owner)))
        return matrix, self.problem.balance * number.astype(float)

    def _best(self) -> scipy.optimize.OptimizeResult:
        """The best with nothing missing; where there is none, the best with as little missing as can be, applications before loads."""
        if not self.is_short:
            result = self._run(self.price, 0.0)
            self.is_short = result.status == 2 and not self.left_out
            if result.status == 0 or (self.is_whole and result.x is not None):
                return result
        count = np.zeros(len(self.price))
        count[self.first_slack : self.first_slack + self.slacks] = self.weights
        if not self.is_whole:  # a price leaves the matrix what it was, and so its vertex whole; a row would not
            result = self._run(self.price + self.dear * count, math.inf)
            if result.status == 0:
                result.fun -= self.dear * self._missing(result)
                return result
        least = self._run(count, math.inf)
        if least.x is None:
            raise BadInput("No allocation was found in the time allowed.")
        result = self._run(self.price, float(math.ceil(least.fun - 1e-6)))
        if result.x is None:  # there was no time for the score: as little as can be is missing all the same
            result = least
            result.fun, result.mip_dual_bound = float(self.price @ least.x), -math.inf
        result.status = max(result.status, least.status)
        return result

    def _run(self, price: Floats, bound: float) -> scipy.optimize.OptimizeResult:
        upper = np.ones(len(price))
        slack = slice(self.first_slack, self.first_slack + self.slacks)
        upper[slack] = 0 if bound == 0 else np.inf
        lower = np.concatenate([self.is_pinned, np.zeros(len(price) - len(self.is_pinned))])
        matrix, low, high = self.matrix, self.low, self.high
        if 0 < bound < math.inf:
            row = np.zeros(len(price))
            row[slack] = self.weights
            matrix = scipy.sparse.csc_array(scipy.sparse.vstack([matrix, scipy.sparse.csr_array(row[None, :])]))
            low, high = np.append(low, -np.inf), np.append(high, bound)
        if self.is_whole:
            kinds = np.zeros(len(price))
            kinds[: self.first_slack] = 1
            options = {"time_limit": max(self.seconds - self._passed(), self.seconds / 4), "mip_rel_gap": 0.0}
            rows, bounds = scipy.optimize.LinearConstraint(matrix, low, high), scipy.optimize.Bounds(lower, upper)
            return scipy.optimize.milp(price, constraints=rows, bounds=bounds, integrality=kinds, options=options)
        same = low == high
        finite = ~same & np.isfinite(low) & (low > 0)
        above = ~same & np.isfinite(high)
        unequal = scipy.sparse.vstack([matrix.tocsr()[above], -matrix.tocsr()[finite]])
        limits = np.concatenate([high[above], -low[finite]])
        self.split = (same, above, finite)
        return scipy.optimize.linprog(
            price, unequal, limits, matrix.tocsr()[same], low[same], np.column_stack([lower, upper]), "highs-ds",
            options={"time_limit": self.seconds},
        )  # fmt: skip

    def _add_missing(self, result: scipy.optimize.OptimizeResult) -> bool:
        """Whether a pair that was left out would raise the total, by its reduced cost; such pairs join the programme. After half of the
        time they stay out: by weak duality they bring no more than the lowest reduced costs of each application, as many as it wants."""
        if not self.left_out:
            return False
        applications = len(self.demand)
        same, above, finite = self.split
        duals = np.zeros(len(same))
        duals[same] = result.eqlin.marginals
        marginals = result.ineqlin.marginals
        duals[above] += marginals[: int(above.sum())]
        duals[finite] -= marginals[int(above.sum()) :]
        reduced = -self.problem.score - duals[:applications, None] - duals[None, applications : applications + len(self.problem.most)]
        if self.problem.balance:
            reduced += duals[None, -len(self.problem.most) :]
        wanted = (reduced < -1e-9) & self.open & ~self.keep
        self.unseen = 0.0
        if not wanted.any():
            return False
        if self._passed() > self.seconds / 2:
            lowest = np.sort(np.where(wanted, reduced, 0.0), axis=1)
            self.unseen = -float(sum(row[:demand].sum() for row, demand in zip(lowest, self.demand, strict=True)))
            return False
        best = np.argpartition(np.where(wanted, reduced, np.inf), BEST, axis=1)[:, :BEST]
        joining = np.zeros_like(wanted)
        np.put_along_axis(joining, best, True, axis=1)
        self._use(self.keep | (joining & wanted))
        return True

    def _add_broken(self, result: scipy.optimize.OptimizeResult) -> bool:
        """Whether the solution has more of an organisation, or more newcomers, than may be; then all such limits join the programme. (One
        by one they take long where many pairs fit alike: solutions wander from one to the next.)"""
        taken = np.asarray(result.x)[: self.first_slack]
        together = _together(self.problem, self.rows, self.columns)
        found = {
            limit
            for limit, members in together.items()
            if limit not in self.broken
            and taken[members].sum() > _most(self.problem, limit, self.rows[members], self.columns[members]) + 1e-6
        }
        if found:
            self.broken |= together.keys()
            self._build()
        return bool(found)

    def _passed(self) -> float:
        return time.monotonic() - self.started

    def _is_vertex_whole(self, result: scipy.optimize.OptimizeResult) -> bool:
        taken = np.asarray(result.x)[: self.first_slack]
        return bool(np.abs(taken - np.round(taken)).max(initial=0) < 1e-6)

    def _missing(self, result: scipy.optimize.OptimizeResult) -> float:
        return float(self.weights @ np.asarray(result.x)[self.first_slack : self.first_slack + self.slacks])

    def _gap(self, result: scipy.optimize.OptimizeResult) -> float:
        """How much better a whole solution could be at most: by the search's own bound, or by the linear programme over all pairs."""
        best = getattr(result, "mip_dual_bound", None)
        bounds = [float(best)] if best is not None and math.isfinite(best) and not self.left_out else []
        if abs(self._missing(result) - self.least_missing) < 1e-6:
            bounds.append(self.bound)
        return max(0.0, float(result.fun) - max(bounds)) if bounds else math.inf

    def _read(self, result: scipy.optimize.OptimizeResult) -> Allocation:
        chosen = np.asarray(result.x)[: self.first_slack] > 0.5
        pairs = sorted(zip(self.rows[chosen].tolist(), self.columns[chosen].tolist(), strict=True))
        got = np.bincount([i for i, _ in pairs], minlength=len(self.demand))
        load = np.bincount([j for _, j in pairs], minlength=len(self.problem.most))
        brought = Counter((i, skill) for i, j in pairs for skill in (self.problem.skills[j] if self.problem.skills else ()))
        unmet = [need for need in _needs(self.problem) if brought[need] < self.problem.at_least.get(need[1], 1)]
        total = math.fsum(float(self.problem.score[i, j]) for i, j in pairs)
        gap = self._gap(result) if self.is_whole else self.unseen
        return Allocation(
            pairs,
            total,
            [(i, int(n)) for i, n in enumerate(self.demand - got) if n > 0],
            [(j, int(n)) for j, n in enumerate(self.problem.least - load) if n > 0],
            unmet,
            result.status == 0 and gap <= 1e-6 * max(1.0, abs(total)),
            gap if gap > 1e-6 * max(1.0, abs(total)) else 0.0,
        )


def _needs(problem: Problem) -> list[tuple[int, str]]:
    return [(application, skill) for application, wanted in enumerate(problem.needs) for skill in sorted(wanted)]


def _together(problem: Problem, rows: Integers, columns: Integers) -> dict[Limit, list[int]]:
    """Columns under one limit: of one organisation, or newcomers, on one application. What cannot be broken is left out."""
    found: dict[Limit, list[int]] = {}
    newcomers = problem.newcomers if problem.newcomers_most is not None else frozenset()
    if not (any(problem.organisations) or newcomers):
        return found
    for column, (application, person) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        if problem.organisations and problem.organisations[person]:
            found.setdefault(("organisation", application, problem.organisations[person]), []).append(column)
        if person in newcomers:
            found.setdefault(("newcomers", application, ""), []).append(column)
    return {limit: members for limit, members in found.items() if len(members) > _usual(problem, limit)}


def _usual(problem: Problem, limit: Limit) -> int:
    return 1 if limit[0] == "organisation" else problem.newcomers_most or 0


def _most(problem: Problem, limit: Limit, rows: Integers, columns: Integers) -> int:
    """How many of these pairs there may be: pinned ones stay, even where they are more than the rule allows."""
    pins = set(problem.pins)
    pinned = sum(pair in pins for pair in zip(rows.tolist(), columns.tolist(), strict=True)) if pins else 0
    return max(_usual(problem, limit), pinned)


def _side_constraints(
    problem: Problem, rows: Integers, columns: Integers, broken: set[Limit]
) -> tuple[scipy.sparse.csr_array, Floats, Floats, list[int]]:
    """Rows for the limits in use and for skills; the numbers of those rows that are skills, which may fall short."""
    entries: list[tuple[int, int]] = []
    low: list[float] = []
    high: list[float] = []
    able: dict[tuple[int, str], list[int]] = {need: [] for need in _needs(problem)}
    for column, (application, person) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)) if able else ():
        for skill in problem.skills[person] & problem.needs[application] if problem.skills else ():
            able[application, skill].append(column)
    for limit, members in _together(problem, rows, columns).items() if broken else ():
        if limit in broken:
            entries += [(len(low), column) for column in members]
            low.append(-np.inf)
            high.append(float(_most(problem, limit, rows[members], columns[members])))
    skill_rows = []
    for (_, skill), members in able.items():
        skill_rows.append(len(low))
        entries += [(len(low), column) for column in members]
        low.append(float(problem.at_least.get(skill, 1)))
        high.append(np.inf)
    at = np.array(entries, dtype=int).reshape(-1, 2)
    matrix = scipy.sparse.csr_array((np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(len(low), len(rows)))
    return matrix, np.array(low), np.array(high), skill_rows
