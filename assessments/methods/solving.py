"""One portfolio as a programme for the solver: columns, rows, what to begin with, and what to fall back to when the time ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from assessments.methods import BadInput, cores
from assessments.methods.cores import Table
from assessments.methods.cores import whole as _chosen
from assessments.methods.filling import Bound, fill

if TYPE_CHECKING:
    from assessments.methods.candidates import Candidates
    from assessments.methods.selection import Limit

WHOLE = 3_000
"""Up to so many are solved at once; of more, those that could change either way."""


SEARCHED = 20_000
"""Of more candidates the solver does not look for the least that can be missing: it no longer looks at the clock."""


class Programme:
    """Columns: the candidates, then one shortfall a minimum. Rows are scaled to one, and the answer is checked in whole pence."""

    def __init__(self, pool: Candidates, budget: int, limits: list[Limit], until: float) -> None:
        self.pool, self.budget, self.limits, self.until = pool, budget, limits, until
        self.size, self.costs = len(pool.items), pool.costs
        self.minima = [limit for limit in limits if limit.least]
        self.members = [pool.members(limit) for limit in limits]
        self.table = self._table()
        capped = [(one, limit.most) for limit, one in zip(limits, self.members, strict=True) if limit.is_pence and limit.most is not None]
        self.purses = cores.Purses.of(self.costs, [(np.arange(self.size), budget), *capped])
        self.is_least = True
        """Whether it is proven that no less could be missing from the minima."""

    def solve(self) -> tuple[list[int], float]:
        """What is funded, and how much more value there could be at most, as a share of what there is."""
        slacks = len(self.minima)
        lower = np.zeros(self.size + slacks)
        lower[self.pool.musts] = 1
        upper = np.concatenate([self.pool.able.astype(float), [limit.least / _scale(limit) for limit in self.minima]])
        table, known = self.table, self._filled(self.pool.musts)
        if self.minima:
            missing = np.concatenate([np.zeros(self.size), np.ones(slacks)])
            known = self._least(missing, lower, upper, known)
            table = table.and_at_most(missing, float(missing @ known) + 1e-7)
        found = self._best(np.concatenate([-self.pool.worth, np.zeros(slacks)]), table, lower, upper, known)
        return np.flatnonzero(found.x[: self.size] > 0.5).tolist(), found.gap if self.is_least else max(found.gap, cores.SLACK)

    def _best(self, price: np.ndarray, table: Table, lower: np.ndarray, upper: np.ndarray, known: np.ndarray) -> cores.Found:
        """Solved whole where they are not too many; where the time ends first, what is known already, with its gap."""
        if self.size <= WHOLE:
            try:
                return _chosen(price, table, lower, upper, self.purses, self.until)
            except cores.OutOfTime:
                pass
        return cores.solve(price, table, lower, upper, self.purses, self.until, known)

    def _least(self, missing: np.ndarray, lower: np.ndarray, upper: np.ndarray, known: np.ndarray) -> np.ndarray:
        """A selection from which as little as can be is missing: what lists find, unless the solver finds one that misses less."""
        if float(missing @ known) <= self._unavoidable() + 1e-9:
            return known
        try:
            if self.size > SEARCHED:
                raise cores.OutOfTime(cores.NOTHING_FOUND)
            halfway = time.monotonic() + (self.until - time.monotonic()) / 2
            found = _chosen(missing, self.table, lower, upper, self.purses, halfway)
        except cores.OutOfTime:
            self.is_least = False
            return known
        self.is_least = found.gap == 0
        if float(missing @ found.x) >= float(missing @ known) - 1e-9:
            return known
        return self._filled(np.flatnonzero(found.x[: self.size] > 0.5).tolist())

    def _unavoidable(self) -> float:
        """So much is missing from every selection: of each minimum what the whole budget could not buy for it alone, or the limits on how
        many of each value of one label would not let through."""
        found, caps = 0.0, self._caps()
        for limit, members in zip(self.limits, self.members, strict=True):
            if limit.least:
                able = members[self.pool.able[members]]
                costs = np.sort(self.costs[able])
                most = int(costs.sum())
                if limit.is_pence:
                    most = min(most, self.budget)
                else:
                    most = int(np.searchsorted(np.cumsum(costs), self.budget, side="right"))
                    for place, room in caps:
                        most = min(most, int(np.minimum(np.bincount(place[able], minlength=len(room)), room).sum()))
                most = most if limit.most is None else min(most, limit.most)
                found += max(limit.least - most, 0) / _scale(limit)
        return found

    def _caps(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """By label that limits how many there may be: under which of its limits each candidate stands, and how many each lets through."""
        found: dict[str, tuple[np.ndarray, list[int]]] = {}
        for limit, members in zip(self.limits, self.members, strict=True):
            if limit.most is not None and not limit.is_pence:
                place, room = found.setdefault(limit.label, (np.zeros(self.size, dtype=np.int64), [self.size]))
                place[members] = len(room)
                room.append(limit.most)
        return [(place, np.array(room)) for place, room in found.values()]

    def _filled(self, musts: list[int]) -> np.ndarray:
        """What going down lists finds beside what must be taken, as columns."""
        bounds = [
            Bound(one, self.costs[one] if limit.is_pence else np.ones(len(one), dtype=np.int64), limit.least, limit.most)
            for limit, one in zip(self.limits, self.members, strict=True)
        ]
        found = fill(self.pool.worth, self.costs, self.pool.able, musts, bounds, self.budget)
        if found is None:
            raise BadInput(cores.NOTHING_FITS)
        short = [amount / _scale(limit) for limit, amount in zip(self.limits, found.missing, strict=True) if limit.least]
        x = np.concatenate([np.zeros(self.size), np.array(short, dtype=float)])
        x[found.taken] = 1
        return x

    def _table(self) -> Table:
        """The budget, each most and each least. A most that all together keep is left out: there may be one for every company."""
        size, slacks = self.size, len(self.minima)
        whole = float(max(self.budget, 1))
        rows = [(np.arange(size), self.costs / whole, self.budget / whole)]
        for limit, members in zip(self.limits, self.members, strict=True):
            scale = _scale(limit)
            weights = self.costs[members] / scale if limit.is_pence else np.ones(len(members))
            if limit.most is not None and weights.sum() > limit.most / scale:
                rows.append((members, weights, limit.most / scale))
            if limit.least:
                columns = np.append(members, size + self.minima.index(limit))
                rows.append((columns, np.append(-weights, -1.0), -limit.least / scale))
        return Table.of(rows, size + slacks)


def _scale(limit: Limit) -> float:
    return float(max(limit.least, limit.most or 0, 1)) if limit.is_pence else 1.0
