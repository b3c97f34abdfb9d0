"""A portfolio by going down lists: never the best for sure, but at once, and within the budget and every limit that may not be exceeded.

What the exact methods begin with, and what they fall back to where the time ends before they have found anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Bound:
    """One limit: whom it speaks of, what each of them takes of it, at least how much and at most."""

    members: np.ndarray
    weights: np.ndarray
    least: int
    most: int | None


@dataclass(frozen=True)
class Filled:
    """The places of those taken, and by bound what is missing from its least."""

    taken: np.ndarray
    missing: list[int]


def fill(
    worth: np.ndarray, costs: np.ndarray, able: np.ndarray, musts: Sequence[int], bounds: Sequence[Bound], budget: int
) -> Filled | None:
    """First what must be funded, then down each minimum's own list, the scarcest first, then down the whole list while money is left: once
    by the worth for each pound, once by the cost. The one that misses less, then the one worth more; None where the musts do not fit."""
    by_density, by_cost = np.argsort(-worth / np.maximum(costs, 1), kind="stable"), np.argsort(costs, kind="stable")
    tried = [_down(first, by_density, worth, costs, able, musts, bounds, budget) for first in (by_density, by_cost)]
    found = [one for one in tried if one is not None]
    return min(found, key=lambda one: (sum(one.missing), -float(worth[one.taken].sum())), default=None)


def _down(
    first: np.ndarray, then: np.ndarray, worth: np.ndarray, costs: np.ndarray, able: np.ndarray, musts: Sequence[int],
    bounds: Sequence[Bound], budget: int,
) -> Filled | None:  # fmt: skip
    taking = _Taking(costs, bounds, budget)
    if not all(taking.take(place) for place in musts):
        return None
    place_in = np.empty(len(first), dtype=np.int64)
    place_in[first] = np.arange(len(first))
    for index in sorted((i for i, bound in enumerate(bounds) if bound.least), key=lambda i: len(bounds[i].members)):
        bound = bounds[index]
        for place in bound.members[np.argsort(place_in[bound.members], kind="stable")].tolist():
            if taking.got[index] >= bound.least:
                break
            if able[place]:
                taking.take(place)
    for place in then[able[then] & (worth[then] > 0)].tolist():
        taking.take(place)
    missing = [max(bound.least - got, 0) for bound, got in zip(bounds, taking.got, strict=True)]
    return Filled(np.array(sorted(taking.taken), dtype=np.int64), missing)


class _Taking:
    """What is taken so far; one more only where it fits."""

    def __init__(self, costs: np.ndarray, bounds: Sequence[Bound], budget: int) -> None:
        self.costs, self.bounds, self.left = costs.tolist(), bounds, budget
        self.got, self.taken = [0] * len(bounds), set[int]()
        self.of: list[list[tuple[int, int]]] = [[] for _ in self.costs]
        for index, bound in enumerate(bounds):
            for place, weight in zip(bound.members.tolist(), bound.weights.tolist(), strict=True):
                self.of[place].append((index, weight))

    def take(self, place: int) -> bool:
        if place in self.taken:
            return True
        cost, uses = self.costs[place], self.of[place]
        if cost > self.left or any(self._is_full(index, weight) for index, weight in uses):
            return False
        self.left -= cost
        self.taken.add(place)
        for index, weight in uses:
            self.got[index] += weight
        return True

    def _is_full(self, index: int, weight: int) -> bool:
        most = self.bounds[index].most
        return most is not None and self.got[index] + weight > most
