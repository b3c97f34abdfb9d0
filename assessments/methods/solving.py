"""One portfolio as a programme for the solver: columns, rows, what to begin with, and what to fall back to when the time ends."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from assessments.methods import cores
from assessments.methods.cores import Table
from assessments.methods.cores import whole as _chosen
from assessments.methods.filling import Bound, fill

if TYPE_CHECKING:
    from assessments.methods.selection import Item, Limit

WHOLE = 3_000
"""Up to so many are solved at once; of more, those that could change either way."""


class Programme:
    """Columns: the items, then one shortfall a minimum. Rows are scaled to one, and the answer is checked in whole pence."""

    def __init__(self, items: list[Item], budget: int, limits: list[Limit], worth: np.ndarray, seconds: float) -> None:
        self.items, self.budget, self.limits, self.worth = items, budget, limits, worth
        self.until = time.monotonic() + seconds
        self.minima = [limit for limit in limits if limit.least]
        self.costs = np.array([item.cost for item in items], dtype=np.int64)
        self.table = self._table()
        self.is_least = True

    def solve(self, is_good: list[bool]) -> tuple[list[Item], float]:
        """What is funded, and how much more value there could be at most, as a share of what there is."""
        slacks = len(self.minima)
        lower = np.array([1.0 if item.must == "fund" else 0.0 for item in self.items] + [0.0] * slacks)
        able = [good and item.must != "not" for item, good in zip(self.items, is_good, strict=True)]
        most = [limit.least / _scale(limit) for limit in self.minima]
        upper = np.concatenate([np.array(able, dtype=float), most])
        table, known = self.table, self._filled(able)
        if self.minima:
            missing = np.concatenate([np.zeros(len(self.items)), np.ones(slacks)])
            least = self._least(missing, lower, upper, known)
            table = table.and_at_most(missing, least + 1e-7)
            known = None if known is None or float(missing @ known) > least + 1e-7 else known
        found = self._best(np.concatenate([-self.worth, np.zeros(slacks)]), table, lower, upper, known)
        return [self.items[index] for index in np.flatnonzero(found.x[: len(self.items)] > 0.5)], (
            found.gap if self.is_least else max(found.gap, cores.SLACK)
        )

    def _best(self, price: np.ndarray, table: Table, lower: np.ndarray, upper: np.ndarray, known: np.ndarray | None) -> cores.Found:
        """Solved whole where they are not too many; where the time ends first, what is known already, with its gap."""
        if len(self.items) <= WHOLE:
            try:
                return _chosen(price, table, lower, upper, self.costs, self.budget, self.until)
            except cores.OutOfTime:
                if known is None:
                    raise
        return cores.solve(price, table, lower, upper, self.costs, self.budget, self.until, known)

    def _least(self, missing: np.ndarray, lower: np.ndarray, upper: np.ndarray, known: np.ndarray | None) -> float:
        """How much must be missing from the minima together."""
        if known is not None and not float(missing @ known):
            return 0.0
        try:
            halfway = time.monotonic() + (self.until - time.monotonic()) / 2
            return float(missing @ _chosen(missing, self.table, lower, upper, self.costs, self.budget, halfway).x)
        except cores.OutOfTime:
            if known is None:
                raise
            self.is_least = False
            return float(missing @ known)

    def _filled(self, able: list[bool]) -> np.ndarray | None:
        """What going down lists finds, as columns."""
        members = members_of(self.items, self.limits)
        bounds = [
            Bound(one, self.costs[one] if limit.is_pence else np.ones(len(one), dtype=np.int64), limit.least, limit.most)
            for limit, one in zip(self.limits, members, strict=True)
        ]
        musts = [index for index, item in enumerate(self.items) if item.must == "fund"]
        found = fill(self.worth, self.costs, np.array(able), musts, bounds, self.budget)
        if found is None:
            return None
        short = [amount / _scale(limit) for limit, amount in zip(self.limits, found.missing, strict=True) if limit.least]
        x = np.concatenate([np.zeros(len(self.items)), np.array(short, dtype=float)])
        x[found.taken] = 1
        return x

    def _table(self) -> Table:
        """The budget, each most and each least. A most that all together keep is left out: there may be one for every company."""
        size, slacks = len(self.items), len(self.minima)
        whole = float(max(self.budget, 1))
        rows = [(np.arange(size), self.costs / whole, self.budget / whole)]
        for limit, members in zip(self.limits, members_of(self.items, self.limits), strict=True):
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


def members_of(items: Sequence[Item], limits: Sequence[Limit]) -> list[np.ndarray]:
    """By limit the places of those with its label."""
    labels = {limit.label for limit in limits}
    places: dict[tuple[str, str], list[int]] = {}
    for index, item in enumerate(items):
        for label, value in item.labels:
            if label in labels:
                places.setdefault((label, value), []).append(index)
    return [np.array(places.get((limit.label, limit.value), []), dtype=np.int64) for limit in limits]
