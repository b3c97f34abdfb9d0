"""Those a portfolio chooses from, with all that searches among them go by: worked out once, for there may be many of both."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from assessments.methods import BadInput

if TYPE_CHECKING:
    from assessments.methods.selection import Item, Limit

COUNTED = 2**62
"""Pence that the solver's whole numbers hold, with room to add two of them."""


class Candidates:
    """The applications by number, in an order that the file's does not touch. Scores and worths are whole numbers of one `unit`."""

    def __init__(self, items: Sequence[Item], threshold: Fraction) -> None:
        check(items)
        if sum(item.cost for item in items) > COUNTED:
            raise BadInput(f"The costs add up to more than {COUNTED} pence, which is as far as a portfolio counts.")
        given = [item.value for item in items if item.value is not None]
        self.unit = math.lcm(threshold.denominator, *{one.denominator for one in (*(item.score for item in items), *given)})
        self.threshold = self._whole(threshold)
        known = sorted(((self._whole(item.score), item.cost, item.name, item) for item in items), key=lambda one: one[:3])
        self.items, self.score = [one[3] for one in known], [one[0] for one in known]
        self.exact = [self._worth(item, score) for item, score in zip(self.items, self.score, strict=True)]
        most = max(map(abs, self.exact), default=0) or 1
        self.worth = np.array([value / most * 10**6 for value in self.exact])  # the solver stops at a gap of 1e-6, whatever it is asked
        self.costs = np.array([item.cost for item in self.items], dtype=np.int64)
        self.musts = [number for number, item in enumerate(self.items) if item.must == "fund"]
        self.able = np.array(
            [
                item.must == "fund" or (item.must != "not" and score >= self.threshold)
                for item, score in zip(self.items, self.score, strict=True)
            ],
            dtype=bool,
        )
        self.ranked = sorted(range(len(self.items)), key=lambda number: (-self.score[number], self.items[number].name))
        self._find_kinds()
        self._find_labels()

    def _whole(self, number: Fraction) -> int:
        return number.numerator * (self.unit // number.denominator)

    def _worth(self, item: Item, score: int) -> int:
        return self._whole(item.value) if item.value is not None else (score - self.threshold) * item.cost

    def _find_kinds(self) -> None:
        """Those alike in everything that a portfolio goes by may stand for each other."""
        kinds: dict[tuple[Any, ...], list[int]] = {}
        for number in self.ranked:
            item = self.items[number]
            key = (self.score[number], item.cost, item.labels, item.must, item.value is None, self.exact[number])
            kinds.setdefault(key, []).append(number)
        self.kinds, self.kind = list(kinds.values()), [0] * len(self.items)
        for place, alike in enumerate(self.kinds):
            for number in alike:
                self.kind[number] = place

    def _find_labels(self) -> None:
        found: dict[str, dict[str, list[int]]] = {}
        for number, item in enumerate(self.items):
            for label, value in item.labels:
                found.setdefault(label, {}).setdefault(value, []).append(number)
        self.labels = {label: {value: np.array(found[label][value]) for value in sorted(found[label])} for label in found}

    def members(self, limit: Limit) -> np.ndarray:
        """Those with its label."""
        return self.labels.get(limit.label, {}).get(limit.value, np.zeros(0, dtype=np.int64))

    def values(self, label: str) -> list[str]:
        """All that a label says of somebody; those of whom it says nothing are not counted."""
        return [value for value in self.labels.get(label, {}) if value]

    def value(self, chosen: Iterable[int]) -> Fraction:
        return Fraction(sum(self.exact[number] for number in chosen), self.unit)

    def in_order(self, chosen: Iterable[int]) -> list[int]:
        taken = set(chosen)
        return [number for number in self.ranked if number in taken]

    def first_of_equals(self, chosen: Iterable[int]) -> list[int]:
        """As many of each kind as were chosen, the first of them: the solver takes any."""
        wanted = Counter(self.kind[number] for number in chosen)
        return [number for place, count in wanted.items() for number in self.kinds[place][:count]]

    def split_between(self, chosen: Iterable[int]) -> list[int]:
        """Those of a kind of which some are chosen and some are not."""
        taken = set(chosen)
        groups = (alike for alike in self.kinds if len(alike) > 1)
        return [number for alike in groups if taken.intersection(alike) and not taken.issuperset(alike) for number in alike]


def check(items: Sequence[Item]) -> None:
    """Raises BadInput for a name that is there twice and a cost below nought."""
    twice = [name for name, count in Counter(item.name for item in items).items() if count > 1]
    if twice:
        raise BadInput(f"{twice[0]} is there twice.")
    for item in items:
        if item.cost < 0:
            raise BadInput(f"{item.name} costs less than nought.")
