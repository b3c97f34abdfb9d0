"""Large portfolios: the programme relaxed, and those solved exactly whom its prices leave in doubt.

Prices λ ≥ 0 on the budget and the limits bound the value of every selection: L(λ) = λ·b + Σ max(0, worth − λ·use). An item whose worth lies
away from what it uses at these prices cannot be otherwise in any selection that is better than the best one known, once it lies farther
away than the bound lies above that one. What is left is the core (Balas and Zemel 1980), which grows until nothing outside it matters or
the time is up. The bound holds for any prices, so that the solver's rounding cannot make a proof of what is none.
"""

from __future__ import annotations  # SciPy loads its parts when they are first asked for: not for an annotation

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy

from assessments.methods import BadInput

FIRST = 400
GROWS = 4
SLACK = 1e-10
"""Of the bound: what its sums may be wrong by."""
LEAST_SECONDS = 0.5
BROKEN = 1e-9
"""By how much of its widest use a row is exceeded before it counts as broken."""
WIDE = 1_000
"""Of so many columns one: a row that is narrower is left out of the relaxation until it is broken. There may be one for every company."""
NOTHING_FITS = "What must be funded does not fit the limits that may not be exceeded."
NOTHING_FOUND = "No selection was found in the time allowed."


class OutOfTime(BadInput):
    """Nothing was found in the time allowed."""


Row = tuple[np.ndarray, np.ndarray, float]
"""Columns, what each uses, and how much there is."""


@dataclass(frozen=True)
class Table:
    """uses @ x ≤ there_is."""

    uses: Any
    there_is: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[Row], width: int) -> Table:
        lengths = [len(columns) for columns, _, _ in rows]
        data = np.concatenate([weights for _, weights, _ in rows]).astype(float)
        columns = np.concatenate([columns for columns, _, _ in rows])
        uses = scipy.sparse.csr_array((data, columns, np.concatenate([[0], np.cumsum(lengths)])), shape=(len(rows), width))
        return cls(uses, np.array([there_is for _, _, there_is in rows]))

    def and_at_most(self, row: np.ndarray, there_is: float) -> Table:
        both = scipy.sparse.csr_array(scipy.sparse.vstack([self.uses, scipy.sparse.csr_array(row[None, :])]))
        return Table(both, np.append(self.there_is, there_is))

    def only(self, columns: np.ndarray, rest: np.ndarray) -> Table:
        """For these columns, the others standing as in `rest`."""
        return Table(scipy.sparse.csc_array(self.uses)[:, columns], self.there_is - self.uses @ rest)


@dataclass(frozen=True)
class Purses:
    """What is counted in whole pence, the budget first: by row what each item costs, and how much there is. A set that is over by less
    than the solver's tolerance is over."""

    costs: Any
    there_is: np.ndarray

    @classmethod
    def of(cls, costs: np.ndarray, purses: Sequence[tuple[np.ndarray, int]]) -> Purses:
        """By purse, who is paid from it, and how much it holds."""
        members = [one for one, _ in purses]
        ends = np.concatenate([[0], np.cumsum([len(one) for one in members])])
        columns = np.concatenate(members)
        table = scipy.sparse.csr_array((costs[columns], columns, ends), shape=(len(purses), len(costs)), dtype=np.int64)
        return cls(table, np.array([there_is for _, there_is in purses], dtype=np.int64))

    def only(self, columns: np.ndarray, taken: np.ndarray) -> Purses:
        """For these items, with what those others leave that are taken."""
        return Purses(scipy.sparse.csc_array(self.costs)[:, columns].tocsr(), self.there_is - self.costs @ taken.astype(np.int64))

    def covers(self, taken: np.ndarray) -> list[np.ndarray]:
        """Of each purse that these exceed, the dearest that together do: no selection holds them all (cover inequalities)."""
        found = []
        for row in np.flatnonzero(self.costs @ taken.astype(np.int64) > self.there_is).tolist():
            part = slice(self.costs.indptr[row], self.costs.indptr[row + 1])
            columns, costs = self.costs.indices[part], self.costs.data[part]
            held = taken[columns]
            order = np.argsort(-costs[held], kind="stable")
            number = int(np.searchsorted(np.cumsum(costs[held][order]), self.there_is[row], side="right")) + 1
            found.append(columns[held][order][:number])
        return found


@dataclass(frozen=True)
class Found:
    """A selection, and how much better there could be one at most, as a share of its worth. `least` bounds what the price could come to."""

    x: np.ndarray
    gap: float
    least: float


def whole(price: np.ndarray, table: Table, lower: np.ndarray, upper: np.ndarray, purses: Purses, until: float) -> Found:
    """The cheapest x in whole numbers (columns beyond the items need not be whole), what it costs checked in pence.

    Raises BadInput where nothing keeps to the table, or nothing was found in time.
    """
    size = purses.costs.shape[1]
    kinds = np.concatenate([np.ones(size), np.zeros(len(price) - size)])
    while True:
        seconds = max(until - time.monotonic(), LEAST_SECONDS)
        result = scipy.optimize.milp(
            price,
            constraints=scipy.optimize.LinearConstraint(table.uses, np.full(len(table.there_is), -np.inf), table.there_is),
            bounds=scipy.optimize.Bounds(lower, upper),
            integrality=kinds,
            options={"mip_rel_gap": 0.0, "time_limit": seconds},
        )
        if result.x is None:
            if result.status == 2:
                raise BadInput(NOTHING_FITS)
            raise OutOfTime(NOTHING_FOUND)
        x = np.concatenate([np.round(result.x[:size]), result.x[size:]])
        covers = purses.covers(x[:size] > 0.5)
        if not covers:
            is_best = result.status == 0
            bound = float(price @ x) if is_best else float(result.mip_dual_bound)
            return Found(x, 0.0 if is_best else float(result.mip_gap), bound)
        if time.monotonic() >= until:
            raise OutOfTime(NOTHING_FOUND)
        for cover in covers:
            row = np.zeros(len(price))
            row[cover] = 1
            table = table.and_at_most(row, len(cover) - 1.0)


def solve(price: np.ndarray, table: Table, lower: np.ndarray, upper: np.ndarray, purses: Purses, until: float, start: np.ndarray) -> Found:
    """The same for many: the relaxation, then cores that grow. Always ends near `until`, with the gap that is left; never with less than
    the `start`, which keeps to the table."""
    size = purses.costs.shape[1]
    relaxed, prices = _relaxed(price, table, lower, upper, until)
    away = price + table.uses.T @ prices  # below nought: worth more than what it uses
    bound = float(np.minimum(away * lower, away * upper).sum() - prices @ table.there_is)
    rest = np.where(away < 0, upper, lower)
    free = np.flatnonzero((np.abs(away[:size]) <= 0) | (np.abs(relaxed[:size] - rest[:size]) > 1e-9))
    order = np.argsort(np.where(upper[:size] > lower[:size], np.abs(away[:size]), np.inf), kind="stable")
    near = np.abs(away[:size])[order]
    wanted, least, best = FIRST, bound, start
    while True:
        core = np.union1d(free, order[:wanted])
        found = _on(core, price, table, lower, upper, rest, purses, until)
        if found is not None and price @ found.x < price @ best:
            best = found.x
        is_late, value = time.monotonic() >= until, float(price @ best)
        outside = np.abs(away[:size])[np.setdiff1d(order[wanted : wanted + 1 + len(free)], core)]
        beyond = bound + (float(outside.min()) if len(outside) else np.inf)
        if found is not None:
            least = max(least, min(found.least, beyond))
            if found.gap == 0 and beyond >= value + SLACK * abs(bound):
                return Found(best, 0.0, value)
        if is_late or wanted >= size:
            return Found(best, max(value - least, SLACK * abs(bound)) / max(abs(value), 1e-12), least)
        needed = int(np.searchsorted(near, value - least + SLACK * abs(bound), side="right")) + 1
        wanted = min(max(needed, wanted + FIRST), wanted * GROWS, size)


def _relaxed(price: np.ndarray, table: Table, lower: np.ndarray, upper: np.ndarray, until: float) -> tuple[np.ndarray, np.ndarray]:
    """The best in parts of items, and the prices of the rows. Where no limit stands beside the budget, or the solver is not done in time,
    by the worth for each pound alone."""
    if len(table.there_is) == 1:
        return _by_density(price, table, lower, upper)
    scale = float(np.abs(price).max()) or 1.0  # the solver gives up on large numbers
    widest = np.maximum(abs(table.uses).max(axis=1).toarray().ravel(), 1e-12)
    uses, there_is = scipy.sparse.csr_array(scipy.sparse.diags_array(1 / widest) @ table.uses), table.there_is / widest
    asked = (np.diff(uses.indptr) * WIDE >= len(price)) | (there_is < 0)
    while True:
        rows = np.flatnonzero(asked)
        found = scipy.optimize.linprog(
            price / scale,
            A_ub=uses[rows],
            b_ub=there_is[rows],
            bounds=np.column_stack([lower, upper]),
            method="highs",
            options={"presolve": False, "time_limit": max(until - time.monotonic(), LEAST_SECONDS)},
        )
        if found.x is None or found.status != 0:
            return _by_density(price, table, lower, upper)
        broken = (uses @ found.x - there_is > BROKEN) & ~asked
        if not broken.any() or time.monotonic() >= until:  # prices bound every selection, whatever rows they are of
            prices = np.zeros(len(there_is))
            prices[rows] = np.maximum(-found.ineqlin.marginals, 0) * scale / widest[rows]
            return found.x, prices
        asked |= broken


def _by_density(price: np.ndarray, table: Table, lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Down the list of worth for each pound until the budget is used up (Dantzig 1957); the limits cost nothing."""
    use, left = table.uses[[0]].toarray().ravel(), float(table.there_is[0])
    x, prices = lower.copy(), np.zeros(len(table.there_is))
    x[(use <= 0) & (price < 0)] = upper[(use <= 0) & (price < 0)]
    open_still = np.flatnonzero((use > 0) & (price < 0) & (upper > lower))
    order = open_still[np.argsort(price[open_still] / use[open_still], kind="stable")]
    used = np.cumsum((upper - lower)[order] * use[order])
    fits = int(np.searchsorted(used, left - float(use @ lower), side="right"))
    x[order[:fits]] = upper[order[:fits]]
    if fits < len(order):
        prices[0] = -price[order[fits]] / use[order[fits]]
        x[order[fits]] = (lower[order[fits]] + upper[order[fits]]) / 2
    return x, prices


def _on(
    core: np.ndarray, price: np.ndarray, table: Table, lower: np.ndarray, upper: np.ndarray, rest: np.ndarray, purses: Purses, until: float
) -> Found | None:
    """The best with everything outside the core as in `rest`; None where that leaves nothing that keeps to the table."""
    size = purses.costs.shape[1]
    columns = np.concatenate([core, np.arange(size, len(price))])
    fixed = rest.copy()
    fixed[columns] = 0
    left = purses.only(core, fixed[:size] > 0.5)
    try:
        found = whole(price[columns], table.only(columns, fixed), lower[columns], upper[columns], left, until)
    except BadInput:
        return None
    x = fixed.copy()
    x[columns] = found.x
    return Found(x, found.gap, found.least + float(price @ fixed))
