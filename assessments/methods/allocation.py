"""Who assesses what, exactly: the allocation with the highest total score that meets demand, loads and conflicts, by linear programming.

Without side constraints the matrix is totally unimodular, so the linear programme's vertex is whole and its optimum proven. Loads are
bounds on rows. What cannot be met is found by a first programme that makes shortfalls as few as they can be; the second, with that number
fixed, looks for the best score: no price stands in for “first of all”. With side constraints both are integer programmes.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from assessments.methods import BadInput
from assessments.methods.votes import Floats, Integers

BEST = 40
"""So many of the best assessors of each application go into a large programme at first; reduced costs say whether others are needed."""
LARGE = 200_000


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

    @property
    def has_side_constraints(self) -> bool:
        return bool(any(self.organisations) or any(self.needs) or (self.newcomers and self.newcomers_most is not None))


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
    return _Programme(problem, seconds).solve()


def read(document: object) -> Problem:
    """A problem from a JSON document: `score`, `conflict`, `demand`, `min_load`, `max_load`, and by choice `pins`, `balance`,
    `organisation`, `skills`, `needs`, `newcomers`, `max_newcomers`. Raises BadInput with a sentence."""
    if not isinstance(document, Mapping):
        raise BadInput("The file must hold one JSON object.")
    score = _matrix(document, "score")
    shape = score.shape
    for key, size in (("applications", shape[0]), ("assessors", shape[1])):
        if document.get(key, size) != size:
            raise BadInput(f"“{key}” says {document[key]}, but “score” has {size}.")
    barred = _matrix(document, "conflict", shape) > 0 if document.get("conflict") is not None else np.zeros(shape, dtype=bool)
    pins = document.get("pins") or []
    if not isinstance(pins, list) or not all(isinstance(pin, list) and len(pin) == 2 and all(map(_is_whole, pin)) for pin in pins):
        raise BadInput("“pins” must be a list of [application, assessor] pairs.")
    balance = document.get("balance", 0)
    if isinstance(balance, bool) or not isinstance(balance, int | float) or not 0 <= balance < math.inf:
        raise BadInput("“balance” must be a number from 0.")
    newcomers = document.get("max_newcomers")
    if newcomers is not None and not _is_whole(newcomers):
        raise BadInput("“max_newcomers” must be a whole number from 0.")
    flags = _numbers(document, "newcomers", shape[1], 0) if document.get("newcomers") is not None else np.zeros(shape[1], dtype=int)
    return Problem(
        score,
        barred,
        _numbers(document, "demand", shape[0]),
        _numbers(document, "min_load", shape[1], 0),
        _numbers(document, "max_load", shape[1], shape[0]),
        tuple((int(pin[0]), int(pin[1])) for pin in pins),
        tuple(str(name or "") for name in _listed(document, "organisation", shape[1])),
        tuple(_words(document, "skills", shape[1])),
        tuple(_words(document, "needs", shape[0])),
        frozenset(np.flatnonzero(flags).tolist()),
        newcomers,
        float(balance),
    )


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
        self.seconds = seconds
        pinned = np.bincount([application for application, _ in problem.pins], minlength=len(problem.demand))
        self.demand = np.maximum(problem.demand, pinned)
        self.open = ~problem.barred
        self.is_whole = problem.has_side_constraints
        self.left_out = False

    def solve(self) -> Allocation:
        self._choose_columns()
        while True:
            result = self._best()
            if self.is_whole or not self._add_missing(result):
                break
        return self._read(result)

    def _choose_columns(self) -> None:
        """All pairs of a small problem; of a large one the best of each application, and the pinned ones."""
        problem = self.problem
        keep = self.open.copy()
        if keep.sum() > LARGE and keep.shape[1] > BEST:
            worth = np.where(self.open, problem.score, -np.inf)
            best = np.argpartition(-worth, BEST, axis=1)[:, :BEST]
            keep = np.zeros_like(self.open)
            np.put_along_axis(keep, best, True, axis=1)
            worth = np.where(self.open & (problem.least[None, :] > 0), problem.score, -np.inf)
            scarce = np.argpartition(-worth, min(BEST, len(worth) - 1), axis=0)[:BEST]
            np.put_along_axis(keep, scarce, True, axis=0)
            keep &= self.open
            self.left_out = True
        for application, person in problem.pins:
            keep[application, person] = True
        self._use(keep)

    def _use(self, keep: NDArray[np.bool_]) -> None:
        self.keep = keep
        self.rows, self.columns = np.nonzero(keep)
        self._build()

    def _build(self) -> None:
        problem = self.problem
        pairs, (applications, assessors) = len(self.rows), problem.score.shape
        ones = np.ones(pairs)
        by_application = sparse.csr_array((ones, (self.rows, np.arange(pairs))), shape=(applications, pairs))
        by_assessor = sparse.csr_array((ones, (self.columns, np.arange(pairs))), shape=(assessors, pairs))
        side, low, high, self.skill_rows = _side_constraints(problem, self.rows, self.columns)
        steps = self._steps()
        missing = sparse.csr_array((np.ones(len(self.skill_rows)), (self.skill_rows, range(len(self.skill_rows)))),
                                   shape=(len(low), len(self.skill_rows)))  # fmt: skip
        eye = sparse.eye_array
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
        self.matrix = sparse.csc_array(sparse.block_array([list(row[: 5 if steps else 4]) for row in kept]))
        self.low, self.high = low, high
        self.first_slack, self.slacks = pairs, applications + assessors + len(self.skill_rows)
        dearer = steps[1:] if steps else ()
        self.price = np.concatenate([-problem.score[self.rows, self.columns], np.zeros(self.slacks), *dearer])
        self.is_pinned = np.zeros(pairs)
        pins = set(problem.pins)
        if pins:
            self.is_pinned = np.array([(i, j) in pins for i, j in zip(self.rows.tolist(), self.columns.tolist(), strict=True)], dtype=float)

    def _steps(self) -> tuple[sparse.csr_array, Floats] | None:
        """One column for each review an assessor may take, each dearer than the one before: a convex cost keeps the optimum whole."""
        if not self.problem.balance:
            return None
        most = np.minimum(self.problem.most, len(self.demand))
        owner = np.repeat(np.arange(len(most)), most)
        number = np.concatenate([np.arange(count) for count in most]) if len(owner) else np.zeros(0)
        matrix = sparse.csr_array((np.ones(len(owner)), (owner, np.arange(len(owner)))), shape=(len(most), len(owner)))
        return matrix, self.problem.balance * number.astype(float)

    def _best(self) -> optimize.OptimizeResult:
        """The best with nothing missing; where there is none, the best with as little missing as can be, applications before loads."""
        result = self._run(self.price, 0.0)
        if result.status == 0:
            return result
        applications = len(self.demand)
        self.weights = np.concatenate([np.full(applications, 2.0), np.ones(self.slacks - applications)])
        count = np.zeros(len(self.price))
        count[self.first_slack : self.first_slack + self.slacks] = self.weights
        least = self._run(count, math.inf)
        result = self._run(self.price, float(round(least.fun))) if least.x is not None else least
        if result.x is None:
            raise BadInput("No allocation was found in the time allowed.")
        return result

    def _run(self, price: Floats, bound: float) -> optimize.OptimizeResult:
        upper = np.ones(len(price))
        slack = slice(self.first_slack, self.first_slack + self.slacks)
        upper[slack] = 0 if bound == 0 else np.inf
        lower = np.concatenate([self.is_pinned, np.zeros(len(price) - len(self.is_pinned))])
        matrix, low, high = self.matrix, self.low, self.high
        if 0 < bound < math.inf:
            row = np.zeros(len(price))
            row[slack] = self.weights
            matrix = sparse.csc_array(sparse.vstack([matrix, sparse.csr_array(row[None, :])]))
            low, high = np.append(low, -np.inf), np.append(high, bound)
        if self.is_whole:
            kinds = np.zeros(len(price))
            kinds[: self.first_slack] = 1
            options = {"time_limit": self.seconds, "mip_rel_gap": 0.0}
            rows = optimize.LinearConstraint(matrix, low, high)
            return optimize.milp(price, constraints=rows, bounds=optimize.Bounds(lower, upper), integrality=kinds, options=options)
        same = low == high
        finite = ~same & np.isfinite(low) & (low > 0)
        above = ~same & np.isfinite(high)
        unequal = sparse.vstack([matrix.tocsr()[above], -matrix.tocsr()[finite]])
        limits = np.concatenate([high[above], -low[finite]])
        self.split = (same, above, finite)
        return optimize.linprog(
            price, unequal, limits, matrix.tocsr()[same], low[same], np.column_stack([lower, upper]), "highs-ds",
            options={"time_limit": self.seconds},
        )  # fmt: skip

    def _add_missing(self, result: optimize.OptimizeResult) -> bool:
        """Whether a pair that was left out would raise the total, by its reduced cost; such pairs join the programme."""
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
        if not wanted.any():
            return False
        self._use(self.keep | wanted)
        return True

    def _read(self, result: optimize.OptimizeResult) -> Allocation:
        chosen = np.asarray(result.x)[: self.first_slack] > 0.5
        pairs = sorted(zip(self.rows[chosen].tolist(), self.columns[chosen].tolist(), strict=True))
        got = np.bincount([i for i, _ in pairs], minlength=len(self.demand))
        load = np.bincount([j for _, j in pairs], minlength=len(self.problem.most))
        brought = Counter((i, skill) for i, j in pairs for skill in (self.problem.skills[j] if self.problem.skills else ()))
        unmet = [need for need in _needs(self.problem) if brought[need] < self.problem.at_least.get(need[1], 1)]
        total = math.fsum(float(self.problem.score[i, j]) for i, j in pairs)
        gap = 0.0
        if self.is_whole:
            best = getattr(result, "mip_dual_bound", None)
            gap = max(0.0, float(result.fun) - float(best)) if best is not None else math.inf
            if self.left_out:
                gap = max(gap, self._whole_bound() + float(result.fun))
        return Allocation(
            pairs,
            total,
            [(i, int(n)) for i, n in enumerate(self.demand - got) if n > 0],
            [(j, int(n)) for j, n in enumerate(self.problem.least - load) if n > 0],
            unmet,
            result.status == 0 and gap <= 1e-6 * max(1.0, abs(total)),
            gap if gap > 1e-6 * max(1.0, abs(total)) else 0.0,
        )

    def _whole_bound(self) -> float:
        """An upper bound from all pairs without the side constraints."""
        plain = Problem(self.problem.score, self.problem.barred, self.demand, self.problem.least, self.problem.most, self.problem.pins,
                        balance=self.problem.balance)  # fmt: skip
        programme = _Programme(plain, self.seconds)
        programme._choose_columns()
        while True:
            result = programme._best()
            if not programme._add_missing(result):
                return -float(result.fun)


def _needs(problem: Problem) -> list[tuple[int, str]]:
    return [(application, skill) for application, wanted in enumerate(problem.needs) for skill in sorted(wanted)]


def _side_constraints(problem: Problem, rows: Integers, columns: Integers) -> tuple[sparse.csr_array, Floats, Floats, list[int]]:
    """Rows for organisations, newcomers and skills; the numbers of those rows that are skills, which may fall short."""
    entries: list[tuple[int, int]] = []
    low: list[float] = []
    high: list[float] = []
    together: dict[tuple[int, str], list[int]] = {}
    fresh: dict[int, list[int]] = {}
    able: dict[tuple[int, str], list[int]] = {need: [] for need in _needs(problem)}
    for column, (application, person) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        if problem.organisations and problem.organisations[person]:
            together.setdefault((application, problem.organisations[person]), []).append(column)
        if problem.newcomers_most is not None and person in problem.newcomers:
            fresh.setdefault(application, []).append(column)
        for skill in problem.skills[person] & problem.needs[application] if problem.skills and problem.needs else ():
            able[application, skill].append(column)
    limits = [(members, 1) for members in together.values()] + [(members, problem.newcomers_most or 0) for members in fresh.values()]
    pins, pairs = set(problem.pins), list(zip(rows.tolist(), columns.tolist(), strict=True))
    for members, usual in limits:
        most = max(usual, sum(pairs[column] in pins for column in members)) if pins else usual
        if len(members) > most:
            entries += [(len(low), column) for column in members]
            low.append(-np.inf)
            high.append(float(most))
    skill_rows = []
    for (_, skill), members in able.items():
        skill_rows.append(len(low))
        entries += [(len(low), column) for column in members]
        low.append(float(problem.at_least.get(skill, 1)))
        high.append(np.inf)
    at = np.array(entries, dtype=int).reshape(-1, 2)
    matrix = sparse.csr_array((np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(len(low), len(rows)))
    return matrix, np.array(low), np.array(high), skill_rows


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _matrix(document: Mapping, key: str, shape: tuple[int, ...] | None = None) -> Floats:
    rows = document.get(key)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) and row for row in rows):
        raise BadInput(f"“{key}” must be a list with a row for each application, and in it a number for each assessor.")
    for number, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise BadInput(f"Row {number} of “{key}” has {len(row)} numbers, row 0 has {len(rows[0])}.")
        for column, value in enumerate(row):
            if not isinstance(value, int | float) or not math.isfinite(value):
                raise BadInput(f"“{key}” [{number}][{column}] is not a number: {value!r}.")
    found = np.array(rows, dtype=float)
    if shape is not None and found.shape != shape:
        raise BadInput(f"“{key}” is {found.shape[0]} by {found.shape[1]}, “score” is {shape[0]} by {shape[1]}.")
    return found


def _listed(document: Mapping, key: str, size: int) -> Sequence:
    values = document.get(key)
    if values is None:
        return ()
    if not isinstance(values, list) or len(values) != size:
        raise BadInput(f"“{key}” must be a list of {size}.")
    return values


def _numbers(document: Mapping, key: str, size: int, default: int | None = None) -> Integers:
    if document.get(key) is None and default is not None:
        return np.full(size, default)
    if document.get(key) is None:
        raise BadInput(f"“{key}” is missing.")
    values = _listed(document, key, size)
    for index, value in enumerate(values):
        if not (_is_whole(value) or isinstance(value, bool)):
            raise BadInput(f"“{key}” [{index}] must be a whole number from 0, not {value!r}.")
    return np.array(values, dtype=int)


def _words(document: Mapping, key: str, size: int) -> list[frozenset[str]]:
    values = _listed(document, key, size)
    for index, value in enumerate(values):
        if not isinstance(value, list):
            raise BadInput(f"“{key}” [{index}] must be a list of words.")
    return [frozenset(map(str, value)) for value in values]
