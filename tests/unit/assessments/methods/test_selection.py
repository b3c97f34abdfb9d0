"""Selection: down the list, the portfolio against trying everything, and what is said of it."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest

from assessments.methods import BadInput, selection, solving
from assessments.methods.cores import Found
from assessments.methods.selection import Item, Limit, portfolio, scenarios, simulate, top_down
from assessments.methods.solving import Programme


def item(name: str, score: int, cost: int, must: str = "", **labels: str) -> Item:
    return Item(name, Fraction(score), cost, tuple(labels.items()), must)


FIVE = [
    item("a", 90, 50, strand="x"),
    item("b", 85, 60, strand="x"),
    item("c", 80, 30, strand="y"),
    item("d", 75, 30, strand="y"),
    item("e", 60, 5),
]


def test_down_the_list_stops_at_the_first_that_does_not_fit():
    found = top_down(FIVE, 100)
    assert (found.funded, found.left, found.tied_at_line) == (["a"], 50, [])
    assert top_down(FIVE, 1000, Fraction(70)).funded == ["a", "b", "c", "d"]
    assert top_down([item("a", 90, 50, "not"), item("b", 80, 50)], 50).funded == ["b"]


def test_equal_scores_at_the_line_are_named():
    assert top_down([item("a", 90, 50), item("b", 80, 30), item("c", 80, 30)], 80).tied_at_line == ["b", "c"]
    assert top_down([item("a", 90, 50), item("b", 80, 60), item("c", 80, 30)], 80).tied_at_line == []


def test_the_portfolio_is_the_best_of_all_sets():
    rng = np.random.default_rng(5)
    for _ in range(6):
        items = [item(f"i{k}", int(rng.integers(50, 100)), int(rng.integers(1, 10**8)), strand="xyz"[k % 3]) for k in range(9)]
        budget = sum(one.cost for one in items) // 2
        limits = [Limit("strand", "x", least=1), Limit("strand", most=2)]
        sets = [
            chosen
            for size in range(10)
            for chosen in combinations([one for one in items if one.score >= 60], size)
            if sum(one.cost for one in chosen) <= budget and all(sum(dict(one.labels)["strand"] == s for one in chosen) <= 2 for s in "xyz")
        ]
        met = [chosen for chosen in sets if any(dict(one.labels)["strand"] == "x" for one in chosen)] or sets
        best = max(sum((one.score - 60) * one.cost for one in chosen) for chosen in met)
        assert portfolio(items, budget, limits, Fraction(60), explain=False).value == best


def test_a_portfolio_is_never_over_budget_by_a_penny():
    items = [item(f"i{k}", 80, 10**9 + k) for k in range(4)]
    assert portfolio(items, 2 * 10**9 + 1, explain=False).cost == 2 * 10**9 + 1
    assert portfolio(items, 2 * 10**9, explain=False).cost <= 2 * 10**9
    capped = [item(f"x{k}", 80, 10**9 + k, strand="x") for k in range(1, 4)]
    assert portfolio(capped, 10**11, [Limit("strand", "x", most=2 * 10**9, is_pence=True)], explain=False).cost <= 2 * 10**9


def test_of_items_that_are_alike_the_first_are_funded_and_all_are_named():
    found = portfolio([item(name, 80, 30, strand="x") for name in "dbca"] + [item("e", 80, 30, strand="y")], 100)
    assert (found.funded, found.tied_at_line) == (["a", "b", "e"], ["a", "b", "c", "d"])
    assert portfolio([item("a", 80, 30), item("b", 80, 31)], 31).tied_at_line == []


def test_what_must_be_funded_is_and_what_must_not_is_not():
    items = [item("a", 90, 50, "not"), item("b", 80, 50), item("c", 40, 50, "fund")]
    found = portfolio(items, 100, threshold=Fraction(50))
    assert sorted(found.funded) == ["b", "c"]
    assert [(one.name, one.cause) for one in found.leapfrogs] == [("a", "It must not be funded.")]
    with pytest.raises(BadInput, match="must be funded costs 50 pence"):
        portfolio(items, 40)
    with pytest.raises(BadInput, match="does not fit the limits"):
        portfolio([item("a", 90, 5, "fund", k="v")], 100, [Limit("k", "v", most=0)])


def test_minima_that_cannot_be_met_are_named_and_the_rest_is_best():
    found = portfolio(FIVE, 110, [Limit("strand", "y", least=3)])
    assert found.not_met == ["strand y: at least 3 (2)"]
    assert {"c", "d"} <= set(found.funded)


def test_what_no_selection_could_have_is_known_without_a_search(monkeypatch):
    def never(*given):
        raise AssertionError("searched for the least that can be missing")

    monkeypatch.setattr(Programme, "_best", lambda self, price, table, lower, upper, known: Found(known, 0.0, 0.0))
    monkeypatch.setattr(solving, "_chosen", never)
    items = [item(f"i{k}", 80, 10, company=f"c{k // 3}", strand="x") for k in range(9)]
    for limits, got in (([], 9), ([Limit("company", most=1)], 3), ([Limit("company", most=2)], 6)):
        found = portfolio(items, 100, [Limit("strand", "x", least=20), *limits], explain=False)
        assert (found.not_met, found.is_least) == ([f"strand x: at least 20 ({got})"], True)
    assert portfolio(items, 45, [Limit("strand", "x", least=20)], explain=False).not_met == ["strand x: at least 20 (4)"]


def test_a_leapfrog_says_which_limit_caused_it_and_the_limit_has_its_price():
    found = portfolio(FIVE, 140, [Limit("strand", "x", most=1)])
    assert "a" not in found.funded
    assert [(one.name, one.cause) for one in found.leapfrogs] == [("a", "It would be funded without the limit on strand x: at most 1.")]
    ((limit, price),) = found.prices
    free = portfolio(FIVE, 140)
    assert (limit, price) == ("strand x: at most 1", free.value - found.value)
    assert price > 0
    assert found.unproven_prices == []


def test_a_price_that_was_not_looked_for_to_the_end_is_not_passed_off_as_proven(monkeypatch):
    search = selection._search
    monkeypatch.setattr(
        selection, "_search", lambda pool, budget, limits, until: replace(search(pool, budget, limits, until), gap=0.0 if limits else 0.1)
    )
    found = portfolio(FIVE, 140, [Limit("strand", "x", most=1)])
    assert (found.is_proven, found.unproven_prices) == (True, ["strand x: at most 1"])


def test_a_whole_run_ends_by_one_clock_and_says_what_it_did_not_come_to(monkeypatch):
    passed, search = [0.0], selection._search

    def in_a_second(*given):
        passed[0] += 1
        return search(*given)

    monkeypatch.setattr(selection, "time", SimpleNamespace(monotonic=lambda: passed[0]))
    monkeypatch.setattr(selection, "_search", in_a_second)
    limits = [Limit("strand", "x", most=1), Limit("strand", "y", most=1)]
    found, others = simulate(FIVE, 140, limits, rule="portfolio", seconds=3)
    assert [price is None for _, price in found.prices] == [False, True]
    assert found.unproven_prices == ["strand y: at most 1"]
    assert [one.percent for one in others] == [-20]


def test_other_budgets_show_who_comes_and_goes():
    found = {one.percent: one for one in scenarios(FIVE, 110)}
    assert set(found) == {-20, -10, -5, 5, 10, 20}
    assert (found[-5].exits, found[-5].entries) == (["b"], [])
    assert found[20].entries == []
    assert {one.percent: one.entries for one in scenarios(FIVE, 110, rule="portfolio")}.keys() == found.keys()


@pytest.mark.parametrize(("items", "budget"), [([item("a", 1, 1), item("a", 2, 2)], 5), ([item("a", 1, -1)], 5), ([item("a", 1, 1)], -1)])
def test_nonsense_is_refused(items, budget):
    for rule in (top_down, portfolio):
        with pytest.raises(BadInput):
            rule(items, budget)


def test_a_share_of_the_money_goes_with_the_budget_and_is_priced():
    items = [Item(f"n{number}", Fraction(90 - number), 100, (("place", "north"),)) for number in range(4)]
    items += [Item(f"s{number}", Fraction(75 - number), 100, (("place", "south"),)) for number in range(4)]
    half = Limit("place", "north", most=50, is_percent=True)
    found = portfolio(items, 400, [half, Limit("place", most=3)], Fraction(70))
    assert found.funded == ["n0", "n1", "s0", "s1"]
    assert [limit for limit, _ in found.prices] == ["place north: at most 50 % of the money", "each place: at most 3"]
    assert found.prices[0][1] > 0
    assert found.prices[1][1] == 0
    assert "limit on place north" in found.leapfrogs[0].cause
    assert portfolio(items, 800, [half], Fraction(70)).funded == ["n0", "n1", "n2", "n3", "s0", "s1", "s2", "s3"]


def test_a_share_that_cannot_be_had_is_said_in_pounds():
    items = [Item("a", Fraction(80), 100_00, (("size", "micro"),)), Item("b", Fraction(90), 300_00, (("size", "small"),))]
    found = portfolio(items, 400_00, [Limit("size", "micro", least=50, is_percent=True)], Fraction(70))
    assert found.not_met == ["size micro: at least 50 % of the money (£100)"]
