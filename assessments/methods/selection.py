"""What to fund with a budget: down the list, or as a portfolio declared in advance. Money is whole pence.

The portfolio maximises Σ (score − threshold) × cost under the budget and the constraints: a plain sum of scores would buy cheap projects.
Minima are elastic: where they cannot all be met, as little as possible is missing, and it is said what.
"""

from __future__ import annotations  # SciPy loads its parts when they are first asked for: not for an annotation

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from assessments.methods import BadInput
from assessments.methods.solving import Programme, members_of

SHARES = (-20, -10, -5, 5, 10, 20)
COUNTED = 2**62
"""Pence that the solver's whole numbers hold, with room to add two of them."""


@dataclass(frozen=True)
class Item:
    """One application: its score and what it costs. `labels` are what constraints speak of (strand, place, size, company …)."""

    name: str
    score: Fraction
    cost: int
    labels: tuple[tuple[str, str], ...] = ()
    must: str = ""
    """“fund”, “not” or nothing."""
    value: Fraction | None = None
    """What it is worth, where that is not (score − threshold) × cost."""

    def label(self, name: str) -> str:
        return dict(self.labels).get(name, "")


@dataclass(frozen=True)
class Limit:
    """A bound on how many are funded with this label, or on the pence they get. Without a value: for each value of the label."""

    label: str
    value: str = ""
    least: int = 0
    most: int | None = None
    is_pence: bool = False
    is_percent: bool = False
    """Of the budget: then `least` and `most` are shares."""
    shown: str = ""
    """How sentences name the label, where that is not its own word."""

    def bounds(self, budget: int) -> Limit:
        """The same in pence, where it is a share of the budget: never more than a most, never less than a least."""
        if not self.is_percent:
            return self
        most = None if self.most is None else budget * self.most // 100
        return replace(self, least=-(-budget * self.least // 100), most=most, is_pence=True, is_percent=False)

    def __str__(self) -> str:
        kind = self.shown or self.label.replace("_", " ")
        what = f"{kind} {self.value}" if self.value else f"each {kind}"
        unit = " % of the money" if self.is_percent else " pence" if self.is_pence else ""
        bounds = [f"at least {self.least}{unit}"] if self.least else []
        bounds += [f"at most {self.most}{unit}"] if self.most is not None else []
        return f"{what}: {' and '.join(bounds)}"


@dataclass(frozen=True)
class Leapfrog:
    """An application that is passed over for one with a lower score, and why."""

    name: str
    score: Fraction
    cause: str


@dataclass(frozen=True)
class Selection:
    """What is funded, in order of score; what is left; and what could not be had."""

    funded: list[str]
    cost: int
    budget: int
    value: Fraction = Fraction(0)
    not_met: list[str] = field(default_factory=list)
    tied_at_line: list[str] = field(default_factory=list)
    leapfrogs: list[Leapfrog] = field(default_factory=list)
    prices: list[tuple[str, Fraction]] = field(default_factory=list)
    """How much more value there would be without each constraint."""
    unproven_prices: list[str] = field(default_factory=list)
    """The constraints whose price is only what was found: one of the two searches ran out of time."""
    is_proven: bool = True
    gap: float = 0.0
    """How much more value there could be at most, as a share of what there is, where that is not proven to be the most."""

    @property
    def left(self) -> int:
        return self.budget - self.cost


@dataclass(frozen=True)
class Scenario:
    """The same with another budget: who comes in and who drops out beside the base."""

    percent: int
    selection: Selection
    entries: list[str]
    exits: list[str]


def in_order(items: Iterable[Item]) -> list[Item]:
    """By score, highest first; the name only makes the list the same each time."""
    return sorted(items, key=lambda item: (-item.score, item.name))


def top_down(items: Sequence[Item], budget: int, threshold: Fraction = Fraction(0)) -> Selection:
    """Down the list, each whole, until the next does not fit. Equal scores at the line are named: the list cannot choose.

    Raises BadInput where something must be funded, which the order of the list leaves no room for.
    """
    _check(items, budget)
    if forced := next((item.name for item in items if item.must == "fund"), None):
        raise BadInput(f"{forced} must be funded: only a portfolio can promise that.")
    good = [item for item in in_order(items) if item.score >= threshold and item.must != "not"]
    funded: list[Item] = []
    left = budget
    stopped: Item | None = None
    for item in good:
        if item.cost > left:
            stopped = item
            break
        funded.append(item)
        left -= item.cost
    tied = [item.name for item in good if stopped and item.score == stopped.score] if stopped else []
    is_tied = stopped is not None and any(item.score == stopped.score for item in funded)
    return Selection([item.name for item in funded], budget - left, budget, _value(funded, threshold), tied_at_line=tied if is_tied else [])


def portfolio(
    items: Sequence[Item],
    budget: int,
    limits: Sequence[Limit] = (),
    threshold: Fraction = Fraction(0),
    *,
    explain: bool = True,
    seconds: float = 60,
) -> Selection:
    """The most valuable set within the budget and the limits, its optimum proven or the gap told: half the `seconds` at the most go to
    finding it, half to what each limit costs. Raises BadInput where what must be funded costs more."""
    _check(items, budget)
    if sum(item.cost for item in items) > COUNTED:
        raise BadInput(f"The costs add up to more than {COUNTED} pence, which is as far as a portfolio counts.")
    musts = [item for item in items if item.must == "fund"]
    if sum(item.cost for item in musts) > budget:
        raise BadInput(f"What must be funded costs {sum(item.cost for item in musts)} pence, more than the budget of {budget}.")
    chosen, not_met, gap = _solve(items, budget, limits, threshold, seconds / 2)
    value = _value(chosen, threshold)
    prices: list[tuple[str, Fraction]] = []
    unproven: list[str] = []
    taken = {item.name for item in chosen}
    causes: dict[str, list[str]] = {}
    if explain:
        for index, limit in enumerate(limits):
            others = [other for place, other in enumerate(limits) if place != index]
            freed, _, doubt = _solve(items, budget, others, threshold, seconds / 2 / len(limits))
            unproven += [str(limit)] if gap or doubt else []
            prices.append((str(limit), max(_value(freed, threshold) - value, Fraction(0))))
            for item in freed:
                if item.name not in taken:
                    causes.setdefault(item.name, []).append(str(limit))
    funded = in_order(chosen)
    return Selection(
        [item.name for item in funded],
        sum(item.cost for item in chosen),
        budget,
        value,
        not_met,
        _split_between(items, taken),
        leapfrogs=_leapfrogs(items, chosen, causes, threshold, budget),
        prices=prices,
        unproven_prices=unproven,
        is_proven=gap == 0,
        gap=gap,
    )


def scenarios(
    items: Sequence[Item],
    budget: int,
    limits: Sequence[Limit] = (),
    threshold: Fraction = Fraction(0),
    *,
    rule: str = "top-down",
    base: Selection | None = None,
    seconds: float = 60,
) -> list[Scenario]:
    """The selection at budgets 5, 10 and 20 % lower and higher, beside the base (worked out where it is not given)."""

    def at(amount: int) -> Selection:
        if rule == "top-down":
            return top_down(items, amount, threshold)
        return portfolio(items, amount, limits, threshold, explain=False, seconds=2 * seconds / len(SHARES))

    base, found = base or at(budget), []
    before = set(base.funded)
    for percent in SHARES:
        try:
            other = at(budget * (100 + percent) // 100)
        except BadInput:
            continue
        after = set(other.funded)
        entries, exits = [name for name in other.funded if name not in before], [name for name in base.funded if name not in after]
        found.append(Scenario(percent, other, entries, exits))
    return found


def _check(items: Sequence[Item], budget: int) -> None:
    if budget < 0:
        raise BadInput("The budget is below nought.")
    twice = [name for name, count in Counter(item.name for item in items).items() if count > 1]
    if twice:
        raise BadInput(f"{twice[0]} is there twice.")
    for item in items:
        if item.cost < 0:
            raise BadInput(f"{item.name} costs less than nought.")


def _worth(item: Item, threshold: Fraction) -> Fraction:
    return item.value if item.value is not None else (item.score - threshold) * item.cost


def _value(items: Iterable[Item], threshold: Fraction) -> Fraction:
    return sum((_worth(item, threshold) for item in items), Fraction(0))


def _spread_out(items: Sequence[Item], limits: Iterable[Limit]) -> list[Limit]:
    """A limit on each value of a label becomes one for every value there is; those without a value of the label are not counted."""
    found = []
    for limit in limits:
        values = [limit.value] if limit.value else sorted({item.label(limit.label) for item in items} - {""})
        found += [replace(limit, value=value) for value in values]
    return found


def _solve(
    items: Sequence[Item], budget: int, limits: Sequence[Limit], threshold: Fraction, seconds: float
) -> tuple[list[Item], list[str], float]:
    if not items:
        return [], [f"{limit} (0)" for limit in limits if limit.least], 0.0
    able = sorted(items, key=lambda item: (item.score, item.cost, item.name))
    exact = [_worth(item, threshold) for item in able]
    most = max(map(abs, exact)) or 1
    worth = np.array([float(value / most * 10**6) for value in exact])  # the solver stops at a gap of 1e-6, whatever it is asked
    each = _spread_out(able, limits)
    bounds = [limit.bounds(budget) for limit in each]
    programme = Programme(able, budget, bounds, worth, seconds)
    chosen, gap = programme.solve([item.score >= threshold or item.must == "fund" for item in able])
    chosen = _first_of_equals(able, chosen)
    return chosen, _not_met(chosen, each, bounds), gap


def _not_met(chosen: Sequence[Item], limits: Sequence[Limit], bounds: Sequence[Limit]) -> list[str]:
    """The minima that what is chosen falls short of, with what there is."""
    found = []
    for limit, bound, members in zip(limits, bounds, members_of(chosen, bounds), strict=True):
        if bound.least:
            got = sum(chosen[index].cost if bound.is_pence else 1 for index in members)
            if got < bound.least:
                found.append(f"{limit} ({_pounds(got) if bound.is_pence else got})")
    return found


def _kind(item: Item) -> tuple[Any, ...]:
    """Everything that a portfolio goes by: items of one kind may stand for each other."""
    return item.score, item.cost, item.labels, item.must, item.value


def _kinds(items: Iterable[Item]) -> dict[tuple[Any, ...], list[Item]]:
    found: dict[tuple[Any, ...], list[Item]] = {}
    for item in in_order(items):
        found.setdefault(_kind(item), []).append(item)
    return found


def _first_of_equals(items: Iterable[Item], chosen: Iterable[Item]) -> list[Item]:
    """As many of each kind as were chosen, the first of them: the solver takes any."""
    wanted = Counter(map(_kind, chosen))
    return [item for kind, alike in _kinds(items).items() for item in alike[: wanted[kind]]]


def _split_between(items: Iterable[Item], taken: set[str]) -> list[str]:
    """Those of a kind of which some are funded and some are not."""
    groups = ([item.name for item in alike] for alike in _kinds(items).values())
    return [name for names in groups if taken.intersection(names) and not taken.issuperset(names) for name in names]


def _pounds(pence: int) -> str:
    return f"£{pence // 100:,}" + (f".{pence % 100:02d}" if pence % 100 else "")


def _leapfrogs(
    items: Sequence[Item], chosen: Sequence[Item], causes: dict[str, list[str]], threshold: Fraction, budget: int
) -> list[Leapfrog]:
    if not chosen:
        return []
    taken = {item.name for item in chosen}
    lowest = min(item.score for item in chosen)
    left = budget - sum(item.cost for item in chosen)
    found = []
    for item in in_order(items):
        if item.name in taken or item.score <= lowest or item.score < threshold:
            continue
        if item.must == "not":
            cause = "It must not be funded."
        elif item.name in causes:
            cause = f"It would be funded without the limit on {'; '.join(causes[item.name])}."
        elif item.cost > left:
            cause = f"It costs {_pounds(item.cost)} and {_pounds(left)} is left; making room for it would lose more value than it brings."
        else:
            cause = "The limits together keep it out."
        found.append(Leapfrog(item.name, item.score, cause))
    return found
