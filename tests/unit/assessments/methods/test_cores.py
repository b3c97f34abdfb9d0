"""Large portfolios: the core that prices leave in doubt holds the same best as all of it, and a gap is never smaller than it is."""

from fractions import Fraction

import numpy as np
import pytest

from assessments.methods import BadInput, cores, solving
from assessments.methods.selection import Item, Limit, portfolio

LIMITS = [Limit("company", most=1), Limit("strand", "a", 8, 12), Limit("strand", "b", most=300, is_pence=True)]


def items(seed: int, size: int = 60) -> list[Item]:
    random = np.random.default_rng(seed)
    return [
        Item(
            f"i{n:02d}", Fraction(int(random.integers(40, 100))), int(random.integers(10, 60)),
            (("company", f"c{int(random.integers(size // 2))}"), ("strand", "abc"[int(random.integers(3))])),
            "fund" if n == 3 else "not" if n == 4 else "",
        )
        for n in range(size)
    ]  # fmt: skip


@pytest.mark.parametrize("limits", [[], LIMITS], ids=["budget", "limits"])
def test_a_core_holds_the_same_best_as_all_of_it(monkeypatch, limits):
    monkeypatch.setattr(cores, "FIRST", 6)
    for seed in range(3):
        whole = portfolio(items(seed), 700, limits, Fraction(50), explain=False)
        with monkeypatch.context() as small:
            small.setattr(solving, "WHOLE", 10)
            found = portfolio(items(seed), 700, limits, Fraction(50), explain=False)
        assert (found.value, found.gap, found.is_proven, found.not_met) == (whole.value, 0, True, whole.not_met)
        assert found.cost <= 700


def test_where_time_is_up_the_gap_covers_what_is_missing(monkeypatch):
    monkeypatch.setattr(cores, "LEAST_SECONDS", 60)  # the solver has its time: only the cores grow no further
    for limits in ([], LIMITS):
        best = portfolio(items(5), 700, limits, Fraction(50), explain=False)
        with monkeypatch.context() as small:
            small.setattr(solving, "WHOLE", 10)
            small.setattr(cores, "FIRST", 24)
            found = portfolio(items(5), 700, limits, Fraction(50), explain=False, seconds=0)
        assert found.cost <= 700
        assert found.value <= best.value <= found.value * (1 + Fraction(found.gap) + Fraction(1, 10**9))
        assert found.is_proven == (found.gap == 0)


def test_where_the_solver_finds_nothing_in_time_lists_do_and_the_gap_is_told(monkeypatch):
    best = portfolio(items(5), 700, LIMITS, Fraction(50), explain=False)

    def nothing(*given):
        raise cores.OutOfTime(cores.NOTHING_FOUND)

    monkeypatch.setattr(cores, "whole", nothing)
    monkeypatch.setattr(solving, "_chosen", nothing)
    found = portfolio(items(5), 700, LIMITS, Fraction(50), explain=False, seconds=0)
    assert (found.cost <= 700, found.not_met, found.is_proven) == (True, [], False)
    assert found.value <= best.value <= found.value * (1 + Fraction(found.gap))
    short = portfolio(items(5), 100, LIMITS, Fraction(50), explain=False, seconds=0)
    assert (short.is_proven, [one.partition(" (")[0] for one in short.not_met]) == (False, ["strand a: at least 8 and at most 12"])
    with pytest.raises(BadInput, match="which is as far as a portfolio counts"):
        portfolio([Item("big", Fraction(80), 2**63)], 2**64)
