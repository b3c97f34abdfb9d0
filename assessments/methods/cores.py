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
class Found:
    """A selection, and how much better there could be one at most, as a share of its worth. `least` bounds what the price could come to."""

    x: np.ndarray
    gap: float
    least: float


def whole(price: np.ndarray, table: Table, lower: np.ndarray, upper: np.ndarray, costs: np.ndarray, budget: int, until: float) -> Found:
    """The cheapest x in whole numbers (columns beyond `costs` need not be whole), its cost in pence checked against the budget.

    Raises BadInput where nothing keeps to the table, or nothing was found in time.
    """
    size = len(costs)
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
                raise BadInput("What must be funded does not fit the limits that may not be exceeded.")
            raise OutOfTime(NOTHING_FOUND)
        x = np.concatenate([np.round(result.x[:size]), result.x[size:]])
        if int(costs[x[:size] > 0.5].sum()) <= budget:
            is_best = result.status == 0
            bound = float(price @ x) if is_best else float(result.mip_dual_bound)
            return Found(x, 0.0 if is_best else float(result.mip_gap), bound)
        table = table.and_at_most(_cover(x, costs, budget, len(price)), len(_dearest(x, costs, budget)) - 1.0)


def _dearest(x: np.ndarray, costs: np.ndarray, budget: int) -> np.ndarray:
    """The dearest of those taken that together cost more than there is."""
    taken = np.flatnonzero(x[: len(costs)] > 0.5)
    taken = taken[np.argsort(-costs[taken], kind="stable")]
    return taken[: int(np.searchsorted(np.cumsum(costs[taken]), budget, side="right")) + 1]


def _cover(x: np.ndarray, costs: np.ndarray, budget: int, width: int) -> np.ndarray:
    """A set over budget by less than the solver's tolerance is cut off, with all that holds its dearest items: a cover inequality."""
    row = np.zeros(width)
    row[_dearest(x, costs, budget)] = 1
    return row


def solve(
    price: np.ndarray, table: Table, lower: np.ndarray, upper: np.ndarray, costs: np.ndarray, budget: int, until: float,
    start: np.ndarray | None = None,
) -> Found:  # fmt: skip
    """The same for many: the relaxation, then cores that grow. Always ends near `until`, with the gap that is left; never with less than
    the `start`, which keeps to the table."""
    size = len(costs)
    relaxed, prices = _relaxed(price, table, lower, upper, until)
    away = price + table.uses.T @ prices  # below nought: worth more than what it uses
    bound = float(np.minimum(away * lower, away * upper).sum() - prices @ table.there_is)
    rest = np.where(away < 0, upper, lower)
    free = np.flatnonzero((np.abs(away[:size]) <= 0) | (np.abs(relaxed[:size] - rest[:size]) > 1e-9))
    order = np.argsort(np.where(upper[:size] > lower[:size], np.abs(away[:size]), np.inf), kind="stable")
    near = np.abs(away[:size])[order]
    wanted, least = FIRST, bound
    best = None if start is None else Found(start, np.inf, bound)
    while True:
        core = np.union1d(free, order[:wanted])
        found = _on(core, price, table, lower, upper, rest, costs, budget, until)
        best = _better(price, found, best)
        is_late = time.monotonic() >= until
        if best is not None:
            value = float(price @ best.x)
            outside = np.abs(away[:size])[np.setdiff1d(order[wanted : wanted + 1 + len(free)], core)]
            beyond = bound + (float(outside.min()) if len(outside) else np.inf)
            if found is not None:
                least = max(least, min(found.least, beyond))
                if found.gap == 0 and beyond >= value + SLACK * abs(bound):
                    return Found(best.x, 0.0, value)
            if is_late or wanted >= size:
                return Found(best.x, max(value - least, SLACK * abs(bound)) / max(abs(value), 1e-12), least)
            needed = int(np.searchsorted(near, value - least + SLACK * abs(bound), side="right")) + 1
            wanted = min(max(needed, wanted + FIRST), wanted * GROWS, size)
        elif is_late or wanted >= size:
            raise OutOfTime(NOTHING_FOUND)
        else:
            wanted = min(wanted * GROWS, size)


def _better(price: np.ndarray, one: Found | None, other: Found | None) -> Found | None:
    if one is None or other is None:
        return one or other
    return one if price @ one.x < price @ other.x else other


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
        if not broken.any():
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
    core: np.ndarray, price: np.ndarray, table: Table, lower: np.ndarray, upper: np.ndarray, rest: np.ndarray, costs: np.ndarray,
    budget: int, until: float,
) -> Found | None:  # fmt: skip
    """The best with everything outside the core as in `rest`; None where that leaves nothing that keeps to the table."""
    size = len(costs)
    columns = np.concatenate([core, np.arange(size, len(price))])
    fixed = rest.copy()
    fixed[columns] = 0
    left = budget - int(costs[fixed[:size] > 0.5].sum())
    try:
        found = whole(price[columns], table.only(columns, fixed), lower[columns], upper[columns], costs[core], left, until)
    except BadInput:
        return None
    x = fixed.copy()
    x[columns] = found.x
    return Found(x, found.gap, found.least + float(price @ fixed))
