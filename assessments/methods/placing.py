"""An allocation as a programme for the solver: columns, rows, what joins them on the way, and what to fall back to when the time ends.

Without side constraints the matrix is totally unimodular, so the linear programme's vertex is whole and its optimum proven. Loads are
bounds on rows. Where not everything can be met, one that is missing costs more than any pair could bring and, where that does not leave the
least missing, more than all together. Side constraints join when a solution breaks them; where the vertex is then not whole, an integer
programme takes over, without the pairs that the linear one's prices rule out. Where the time ends first, what going down lists finds
stands, with its gap.
"""

from __future__ import annotations  # SciPy loads its parts when they are first asked for: not for an annotation

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy
from numpy.typing import NDArray

from assessments.methods.handing import Pairs, hand_out, least_missing, missing_of, worth_of
from assessments.methods.limiting import Limit, most, needs, side_constraints, together
from assessments.methods.pricing import ceiling, promising
from assessments.methods.votes import Floats, Integers

if TYPE_CHECKING:
    from assessments.methods.allocation import Problem

FOR_LISTS = 0.25
"""This share of the time is kept for going down lists and for the bound beside them, should the linear programme not be done."""
UNSTOPPED = 0.1
"""This share of the time is kept for what does not look at the clock."""
BEST = 40
"""So many of the best assessors of each application go into a large programme at first; reduced costs say whether others are needed."""
LARGE = 200_000


@dataclass(frozen=True)
class Placed:
    """The pairs, how much higher the best could be at most, whether as little as can be is missing, and how many each application wants."""

    pairs: Pairs
    gap: float
    is_least: bool
    demand: Integers


class Programme:
    """Columns: pairs, shortfalls of applications, shortfalls of loads, shortfalls of skills, and steps of load where balance counts."""

    def __init__(self, problem: Problem, seconds: float) -> None:
        self.problem = problem
        self.seconds, self.started = seconds * (1 - UNSTOPPED), time.monotonic()
        self.unseen = 0.0
        """How much the pairs that were left out could still bring at most, where there was no time to let them join."""
        pinned = np.bincount([application for application, _ in problem.pins], minlength=len(problem.demand))
        self.demand = np.maximum(problem.demand, pinned)
        self.open = ~problem.barred
        self.is_whole = False
        self.floor = least_missing(problem, self.demand)
        self.is_short = self.floor > 0
        self.is_least = True
        """Whether as little as can be is missing."""
        self.known: Pairs = []
        self.before: tuple[scipy.optimize.OptimizeResult, NDArray[np.bool_], float] | None = None
        """The linear programme's solution before others joined it, its pairs, and what the others could bring."""
        self.ruled_out, self.ruled_in = np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)
        """Pairs that the linear programme's prices show to be in no better solution than the known one, and in every."""
        self.left_out = False
        self.broken: set[Limit] = set()
        """Limits that a solution broke, and that the programme has had since."""

    def solve(self) -> Placed:
        """The linear programme first, with those limits only that its solution breaks: most never bind. Where its vertex is whole, that is
        the optimum; else the integer programme looks for it, with the linear one's value as the bound."""
        self._choose_columns()
        result = self._best()
        while result is not None and (self._add_missing(result) or self._add_broken(result)):
            result = self._best()
        is_done = result is not None
        if result is None and self.before is not None:
            result, keep, self.unseen = self.before
            self._use(keep)
        if result is None:
            return self._by_lists()
        self.bound, self.least_missing = float(result.fun) - self.unseen, self._missing(result)
        if is_done and self._is_vertex_whole(result):
            return self._placed(self._pairs_of(result), self.unseen)
        return self._search(result)

    def _search(self, relaxed: scipy.optimize.OptimizeResult) -> Placed:
        """In whole numbers. What lists find beside the linear programme's solution is what there is to beat."""
        taken = np.asarray(relaxed.x)[: self.first_slack]
        self._keep(hand_out(self.problem, self.demand, self.rows, self.columns, 1e6 * taken - self.price[: self.first_slack], self._soon()))
        self._rule_out(relaxed)
        self.is_whole = True
        result = self._best() if self._passed() < (1 - FOR_LISTS) * self.seconds else None
        while result is not None and self._add_broken(result):
            result = self._best()
        if result is None:
            self.is_least &= missing_of(self.problem, self.demand, self.known) <= max(self.floor, self.least_missing + 1e-6)
            return self._placed(self.known, self._gap(self.known))
        self._keep(self._pairs_of(result))
        shown = result.fun if result.status == 0 else getattr(result, "mip_dual_bound", None)
        bound = float(shown) if shown is not None and math.isfinite(shown) and not self.left_out else -math.inf
        return self._placed(self.known, self._gap(self.known, bound))

    def _rule_out(self, relaxed: scipy.optimize.OptimizeResult) -> None:
        """A pair whose reduced cost is larger than the known one is away from the bound is as the linear programme has it, or the known one
        is the best (reduced-cost fixing). Only where both miss equally much: a missing place has a price of its own there."""
        if missing_of(self.problem, self.demand, self.known) > self.least_missing + 1e-6:
            return
        away = -worth_of(self.problem, self.known) - self.bound + 1e-6 * max(1.0, abs(self.bound))
        self.ruled_out = (relaxed.lower.marginals[: self.first_slack] > away) & (self.is_pinned == 0)
        self.ruled_in = -relaxed.upper.marginals[: self.first_slack] > away

    def _by_lists(self) -> Placed:
        """Where the linear programme is not done in time: down the lists, by score less the prices of time that the bound comes with."""
        score = self.problem.score[self.rows, self.columns]
        self._keep(hand_out(self.problem, self.demand, self.rows, self.columns, score - self.prices[self.columns], self._soon()))
        above, prices = ceiling(self.problem, self.demand, worth_of(self.problem, self.known), self._soon())
        self._keep(hand_out(self.problem, self.demand, self.rows, self.columns, score - prices[self.columns], self._soon()))
        self.is_least = missing_of(self.problem, self.demand, self.known) <= self.floor
        return self._placed(self.known, above - worth_of(self.problem, self.known))

    def _keep(self, pairs: Pairs) -> None:
        """The better of these and those known: who misses less, then who is worth more."""

        def rank(one: Pairs) -> tuple[int, float]:
            return missing_of(self.problem, self.demand, one), -worth_of(self.problem, one)

        self.known = min(pairs, self.known, key=rank) if self.known else pairs

    def _choose_columns(self) -> None:
        """All pairs of a small problem; of a large one the best of each application, and the pinned ones."""
        problem = self.problem
        self.prices = np.zeros(len(problem.most))
        keep = self.open.copy()
        if keep.sum() > LARGE and keep.shape[1] > BEST:
            keep, self.prices = promising(problem, self.demand, BEST)
            worth = np.where(self.open & (problem.least[None, :] > 0), problem.score, -np.inf)
            scarce = np.argpartition(-worth, min(BEST, len(worth) - 1), axis=0)[:BEST]
            np.put_along_axis(keep, scarce, True, axis=0)
            for able, wanted, _ in self._skills():
                best = able[np.argsort(self.prices[able] - problem.score[np.ix_(wanted, able)], axis=1, kind="stable")[:, :BEST]]
                keep[wanted[:, None], best] = True
            keep &= self.open
            self.left_out = True
        for application, person in problem.pins:
            keep[application, person] = True
        self._use(keep)

    def _skills(self) -> list[tuple[Integers, Integers, list[int]]]:
        """By skill, the assessors who have it, the applications that need it, and the places of these needs among all."""
        asked = needs(self.problem)
        found: list[tuple[Integers, Integers, list[int]]] = []
        for skill in sorted({skill for _, skill in asked}):
            able = np.flatnonzero([skill in known for known in self.problem.skills])
            places = [place for place, need in enumerate(asked) if need[1] == skill]
            found.append((able, np.array([asked[place][0] for place in places]), places))
        return found

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
        side, low, high, self.skill_rows = side_constraints(problem, self.rows, self.columns, self.broken)
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
        self.dear, self.dearer = 1 + float(apart), 1 + float(self.demand.sum()) * float(apart)
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

    def _best(self) -> scipy.optimize.OptimizeResult | None:
        """The best with nothing missing; where there is none, the best with as little missing as can be, applications before loads. None
        where nothing is found in time."""
        if not self.is_short:
            result = self._run(self.price, 0.0)
            self.is_short = result.status == 2 and (self.is_whole or not self.left_out)
            if result.status == 0 or (self.is_whole and result.x is not None):
                return result
            if not (self.is_short or self.left_out):
                return None
        count = np.zeros(len(self.price))
        count[self.first_slack : self.first_slack + self.slacks] = self.weights
        return self._best_whole(count) if self.is_whole else self._best_priced(count)

    def _best_priced(self, count: Floats) -> scipy.optimize.OptimizeResult | None:
        """A price leaves the matrix what it was, and so its vertex whole; a row would not. A low price is enough where it leaves no more
        missing than must be: then no other misses as little and is worth more."""
        best = None
        for dear in (self.dear, self.dearer):
            result = self._run(self.price + dear * count, math.inf)
            if result.status != 0:
                self.is_least = False
                break
            best = result
            best.fun -= dear * self._missing(result)
            if self._missing(result) <= self.floor + 1e-6:
                break
        return best

    def _best_whole(self, count: Floats) -> scipy.optimize.OptimizeResult | None:
        """First the least that can be missing, unless what is known misses no more than the linear programme; then, with that, the best."""
        fewest, status = float(missing_of(self.problem, self.demand, self.known)), 0
        if fewest > self.least_missing + 1e-6 or not self.is_least:
            least = self._run(count, math.inf)
            status = least.status
            fewest = fewest if least.x is None else min(fewest, float(math.ceil(least.fun - 1e-6)))
            self.is_least = fewest <= self.floor or (status == 0 and not self.left_out)
        result = self._run(self.price, fewest)
        result.status = max(result.status, status)
        return None if result.x is None else result

    def _run(self, price: Floats, bound: float) -> scipy.optimize.OptimizeResult:
        upper = np.ones(len(price))
        slack = slice(self.first_slack, self.first_slack + self.slacks)
        upper[slack] = 0 if bound == 0 else np.inf
        lower = np.concatenate([self.is_pinned, np.zeros(len(price) - len(self.is_pinned))])
        if len(self.ruled_out):
            upper[: self.first_slack][self.ruled_out] = 0
            lower[: self.first_slack][self.ruled_in] = 1
        matrix, low, high = self.matrix, self.low, self.high
        if 0 < bound < math.inf:
            row = np.zeros(len(price))
            row[slack] = self.weights
            matrix = scipy.sparse.csc_array(scipy.sparse.vstack([matrix, scipy.sparse.csr_array(row[None, :])]))
            low, high = np.append(low, -np.inf), np.append(high, bound)
        if self.is_whole:
            kinds = np.zeros(len(price))
            kinds[: self.first_slack] = 1
            options = {"time_limit": max((self.seconds - self._passed()) * (0.5 if bound == math.inf else 0.9), 0.1), "mip_rel_gap": 0.0}
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
            options={"time_limit": max((1 - FOR_LISTS) * self.seconds - self._passed(), 0.1)},
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
        first = applications + len(self.problem.most)
        for able, wanting, places in self._skills():
            reduced[np.ix_(wanting, able)] -= duals[first + np.array(self.skill_rows)[places]][:, None]
        wanted = (reduced < -1e-9) & self.open & ~self.keep
        lowest = np.sort(np.where(wanted, reduced, 0.0), axis=1)
        self.unseen = -float(sum(row[:demand].sum() for row, demand in zip(lowest, self.demand, strict=True)))
        if not wanted.any() or self._passed() > self.seconds / 2:
            return False
        self.before = result, self.keep, self.unseen
        best = np.argpartition(np.where(wanted, reduced, np.inf), BEST, axis=1)[:, :BEST]
        joining = np.zeros_like(wanted)
        np.put_along_axis(joining, best, True, axis=1)
        self._use(self.keep | (joining & wanted))
        return True

    def _add_broken(self, result: scipy.optimize.OptimizeResult) -> bool:
        """Whether the solution has more of an organisation, or more newcomers, than may be; then all such limits join the programme. (One
        by one they take long where many pairs fit alike: solutions wander from one to the next.)"""
        taken = np.asarray(result.x)[: self.first_slack]
        limited = together(self.problem, self.rows, self.columns)
        found = {
            limit
            for limit, members in limited.items()
            if limit not in self.broken
            and taken[members].sum() > most(self.problem, limit, self.rows[members], self.columns[members]) + 1e-6
        }
        if found:
            self.broken |= limited.keys()
            self._build()
        return bool(found)

    def _soon(self) -> float:
        """When half of what is left of the time is gone."""
        return time.monotonic() + (self.seconds - self._passed()) / 2

    def _passed(self) -> float:
        return time.monotonic() - self.started

    def _is_vertex_whole(self, result: scipy.optimize.OptimizeResult) -> bool:
        taken = np.asarray(result.x)[: self.first_slack]
        return bool(np.abs(taken - np.round(taken)).max(initial=0) < 1e-6)

    def _missing(self, result: scipy.optimize.OptimizeResult) -> float:
        return float(self.weights @ np.asarray(result.x)[self.first_slack : self.first_slack + self.slacks])

    def _gap(self, pairs: Pairs, bound: float = -math.inf) -> float:
        """How much better a whole solution could be at most: by the search's own bound, by the linear programme over all pairs, or, where
        more is missing than there, by what no allocation exceeds."""
        worth, missing = worth_of(self.problem, pairs), missing_of(self.problem, self.demand, pairs)
        if missing <= self.least_missing + 1e-6:
            bound = max(bound, self.bound)
        above = -bound if math.isfinite(bound) else ceiling(self.problem, self.demand, worth, self._soon())[0]
        return max(0.0, above - worth)

    def _pairs_of(self, result: scipy.optimize.OptimizeResult) -> Pairs:
        chosen = np.asarray(result.x)[: self.first_slack] > 0.5
        return sorted(zip(self.rows[chosen].tolist(), self.columns[chosen].tolist(), strict=True))

    def _placed(self, pairs: Pairs, gap: float) -> Placed:
        return Placed(pairs, gap, self.is_least, self.demand)
