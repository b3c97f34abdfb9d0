"""What to fund with a budget: down the list, or as a portfolio declared in advance. Money is whole pence.

The portfolio maximises Σ (score − threshold) × cost under the budget and the constraints: a plain sum of scores would buy cheap projects.
Minima are elastic: where they cannot all be met, as little as possible is missing, and it is said what.
"""

from __future__ import annotations  # SciPy loads its parts when they are first asked for: not for an annotation

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from assessments.methods import BadInput
from assessments.methods.candidates import Candidates, check
from assessments.methods.solving import Programme

SHARES = (-20, -10, -5, 5, 10, 20)
SECONDS = 60.0
"""So long a selection takes at most, with the prices of its limits; and so long other budgets do."""


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
    prices: list[tuple[str, Fraction | None]] = field(default_factory=list)
    """How much more value there would be without each constraint; None where there was no time left to look."""
    unproven_prices: list[str] = field(default_factory=list)
    """The constraints whose price is only what was found, if that: one of the two searches ran out of time."""
    is_proven: bool = True
    gap: float = 0.0
    """How much more value there could be at most, as a share of what there is, where that is not proven to be the most."""
    is_least: bool = True
    """Whether it is proven that no less could be missing from the minima."""

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
    _check_budget(budget)
    check(items)
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
    return Selection([item.name for item in funded], budget - left, budget, _worth(funded, threshold), tied_at_line=tied if is_tied else [])


def portfolio(
    items: Sequence[Item],
    budget: int,
    limits: Sequence[Limit] = (),
    threshold: Fraction = Fraction(0),
    *,
    explain: bool = True,
    seconds: float = SECONDS,
) -> Selection:
    """The most valuable set within the budget and the limits, its optimum proven or the gap told: half the `seconds` at the most go to
    finding it, the rest to what each limit costs. Raises BadInput where what must be funded costs more."""
    until = time.monotonic() + seconds
    return _portfolio(Candidates(items, threshold), budget, limits, until, explain=explain)


def scenarios(
    items: Sequence[Item],
    budget: int,
    limits: Sequence[Limit] = (),
    threshold: Fraction = Fraction(0),
    *,
    rule: str = "top-down",
    base: Selection | None = None,
    seconds: float = SECONDS,
) -> list[Scenario]:
    """The selection at budgets 5, 10 and 20 % lower and higher, beside the base (worked out where it is not given). What the time does not
    reach is left out, as is a budget that what must be funded does not fit."""
    until = time.monotonic() + seconds
    if rule == "top-down":
        return _scenarios(lambda amount, _: top_down(items, amount, threshold), budget, base, until)
    pool = Candidates(items, threshold)
    return _scenarios(lambda amount, by: _portfolio(pool, amount, limits, by, explain=False), budget, base, until)


def simulate(
    items: Sequence[Item],
    budget: int,
    limits: Sequence[Limit] = (),
    threshold: Fraction = Fraction(0),
    *,
    rule: str,
    seconds: float = 2 * SECONDS,
    on_progress: Callable[[float], None] = lambda share: None,
) -> tuple[Selection, list[Scenario]]:
    """The selection, and the same at other budgets, which have what it leaves of the time."""
    until = time.monotonic() + seconds
    if rule == "top-down":
        base = top_down(items, budget, threshold)
        return base, scenarios(items, budget, threshold=threshold, base=base, seconds=seconds)
    pool = Candidates(items, threshold)
    base = _portfolio(pool, budget, limits, _in_turn(until, 2), explain=True)
    on_progress(0.5)
    return base, _scenarios(lambda amount, by: _portfolio(pool, amount, limits, by, explain=False), budget, base, until)


def _in_turn(until: float, parts: int) -> float:
    """When the next of so many that are left must be done."""
    now = time.monotonic()
    return now + max(until - now, 0.0) / parts


def _scenarios(at: Callable[[int, float], Selection], budget: int, base: Selection | None, until: float) -> list[Scenario]:
    base, found = base or at(budget, _in_turn(until, len(SHARES) + 1)), []
    before = set(base.funded)
    for place, percent in enumerate(SHARES):
        if place and time.monotonic() >= until:
            break
        try:
            other = at(budget * (100 + percent) // 100, _in_turn(until, len(SHARES) - place))
        except BadInput:
            continue
        after = set(other.funded)
        entries, exits = [name for name in other.funded if name not in before], [name for name in base.funded if name not in after]
        found.append(Scenario(percent, other, entries, exits))
    return found


@dataclass(frozen=True)
class _Found:
    """What one search chose, the minima it falls short of, its gap, and whether no less can be missing."""

    chosen: list[int]
    not_met: list[str]
    gap: float
    is_least: bool


def _portfolio(pool: Candidates, budget: int, limits: Sequence[Limit], until: float, *, explain: bool) -> Selection:
    found = _search(pool, budget, limits, _in_turn(until, 2 if explain and limits else 1))
    funded = pool.in_order(found.chosen)
    selection = Selection(
        [pool.items[number].name for number in funded],
        int(pool.costs[funded].sum()),
        budget,
        pool.value(funded),
        found.not_met,
        [pool.items[number].name for number in pool.split_between(funded)],
        is_proven=found.gap == 0,
        gap=found.gap,
        is_least=found.is_least,
    )
    if not explain:
        return selection
    prices, unproven, causes = _prices(pool, budget, limits, found, until)
    is_sure = selection.is_proven and not unproven
    leapfrogs = _leapfrogs(pool, funded, causes, selection.left, is_sure=is_sure)
    return replace(selection, prices=prices, unproven_prices=unproven, leapfrogs=leapfrogs)


def _search(pool: Candidates, budget: int, limits: Sequence[Limit], until: float) -> _Found:
    _check_budget(budget)
    forced = int(pool.costs[pool.musts].sum())
    if forced > budget:
        raise BadInput(f"What must be funded costs {forced} pence, more than the budget of {budget}.")
    each = [replace(limit, value=value) for limit in limits for value in ([limit.value] if limit.value else pool.values(limit.label))]
    if not pool.items:
        return _Found([], [f"{limit} (0)" for limit in each if limit.least], 0.0, True)
    bounds = [limit.bounds(budget) for limit in each]
    programme = Programme(pool, budget, bounds, until)
    chosen, gap = programme.solve()
    chosen = pool.first_of_equals(chosen)
    return _Found(chosen, _not_met(pool, chosen, each, bounds), gap, programme.is_least)


def _prices(
    pool: Candidates, budget: int, limits: Sequence[Limit], found: _Found, until: float
) -> tuple[list[tuple[str, Fraction | None]], list[str], dict[int, list[str]]]:
    """What each limit costs, which of these prices are not proven, and of applications the limits without which they would be funded."""
    value, taken = pool.value(found.chosen), set(found.chosen)
    prices: list[tuple[str, Fraction | None]] = []
    unproven: list[str] = []
    causes: dict[int, list[str]] = {}
    for place, limit in enumerate(limits):
        if time.monotonic() >= until:
            prices.append((str(limit), None))
            unproven.append(str(limit))
            continue
        others = [other for other in limits if other is not limit]
        freed = _search(pool, budget, others, _in_turn(until, len(limits) - place))
        unproven += [str(limit)] if found.gap or freed.gap else []
        prices.append((str(limit), max(pool.value(freed.chosen) - value, Fraction(0))))
        for number in freed.chosen:
            if number not in taken:
                causes.setdefault(number, []).append(str(limit))
    return prices, unproven, causes


def _check_budget(budget: int) -> None:
    if budget < 0:
        raise BadInput("The budget is below nought.")


def _worth(items: Iterable[Item], threshold: Fraction) -> Fraction:
    return sum((item.value if item.value is not None else (item.score - threshold) * item.cost for item in items), Fraction(0))


def _not_met(pool: Candidates, chosen: Sequence[int], limits: Sequence[Limit], bounds: Sequence[Limit]) -> list[str]:
    """The minima that what is chosen falls short of, with what there is."""
    taken, found = np.zeros(len(pool.items), dtype=bool), []
    taken[chosen] = True
    for limit, bound in zip(limits, bounds, strict=True):
        if bound.least:
            members = pool.members(bound)
            members = members[taken[members]]
            got = int(pool.costs[members].sum()) if bound.is_pence else len(members)
            if got < bound.least:
                found.append(f"{limit} ({_pounds(got) if bound.is_pence else got})")
    return found


def _pounds(pence: int) -> str:
    return f"£{pence // 100:,}" + (f".{pence % 100:02d}" if pence % 100 else "")


def _leapfrogs(pool: Candidates, funded: Sequence[int], causes: dict[int, list[str]], left: int, *, is_sure: bool) -> list[Leapfrog]:
    """`is_sure`: whether the selection and the prices of all limits are proven."""
    if not funded:
        return []
    taken, lowest, found = set(funded), pool.score[funded[-1]], []
    for number in pool.ranked:
        item, score = pool.items[number], pool.score[number]
        if score <= lowest or score < pool.threshold:
            break
        if number in taken:
            continue
        costs_more = f"It costs {_pounds(item.cost)} and {_pounds(left)} is left"
        if item.must == "not":
            cause = "It must not be funded."
        elif number in causes:
            cause = f"It would be funded without the limit on {'; '.join(causes[number])}."
        elif item.cost > left:
            cause = f"{costs_more}; making room for it would lose more value than it brings." if is_sure else f"{costs_more}."
        else:
            cause = "The limits together keep it out." if is_sure else "Why was not found in the time allowed."
        found.append(Leapfrog(item.name, item.score, cause))
    return found
