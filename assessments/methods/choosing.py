"""A selection scenario: what a budget funds by a rule, what other budgets would, what each limit costs, and who is passed over."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from assessments.methods.selection import Item, Limit, Selection, simulate


def work_out(inputs: Mapping[str, Any], *, on_progress: Callable[[float], None] = lambda share: None) -> dict[str, Any]:
    """The scenario as plain values. Applications that do not meet the threshold are not in question.

    Raises BadInput where what must be funded costs more than there is, or limits contradict each other.
    """
    settings = inputs["settings"]
    places = {one["reference"]: one["rank"] for one in inputs["items"]}
    items, threshold = [_item(one) for one in inputs["items"] if one["meets"]], Fraction(*inputs["threshold"])
    limits = [Limit(**limit) for limit in settings["limits"]]
    budget, rule = settings["budget_pence"], settings["rule"]
    found, others = simulate(items, budget, limits, threshold, rule=rule, on_progress=on_progress)
    funded = _names(found.funded)
    return {
        "funded": funded,
        "cost_pence": found.cost,
        "left_pence": found.left,
        "tied_at_line": _tied(found, places),
        "not_met": found.not_met,
        "leapfrogs": [[_name(one.name), [one.score.numerator, one.score.denominator], one.cause] for one in found.leapfrogs],
        "prices": [[limit, _share(price, found.value)] for limit, price in found.prices],
        "unproven_prices": found.unproven_prices,
        "is_proven": found.is_proven,
        "is_least": found.is_least,
        "scenarios": [
            {
                "percent": one.percent,
                "budget_pence": one.selection.budget,
                "funded": len(one.selection.funded),
                "entries": _names(one.entries),
                "exits": _names(one.exits),
                "is_proven": one.selection.is_proven,
            }
            for one in others
        ],
    }


def _item(one: Mapping[str, Any]) -> Item:
    """The rank goes before the name, so that equal scores stand in the order of the tie-break declared in advance."""
    return Item(
        f"{one['rank']:06d}|{one['reference']}",
        Fraction(*one["score"]),
        one["cost_pence"],
        tuple(sorted(one["labels"].items())),
        one["must"],
    )


def _share(price: Fraction | None, value: Fraction) -> float | None:
    return None if price is None else float(price / value) if value else 0.0


def _name(key: str) -> str:
    return key.partition("|")[2]


def _names(keys: list[str]) -> list[str]:
    return [_name(key) for key in keys]


def _tied(found: Selection, places: Mapping[str, int]) -> list[str]:
    """Those at the line whom neither score nor tie-break tells apart, where the line runs between them."""
    tied, funded = _names(found.tied_at_line), set(_names(found.funded))
    first_out = next((name for name in tied if name not in funded), None)
    if first_out is None:
        return []
    same = [name for name in tied if places[name] == places[first_out]]
    return same if any(name in funded for name in same) else []
