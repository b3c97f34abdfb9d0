"""When money would arrive: parts add up to the whole, and what is kept back comes last."""

from datetime import date
from types import SimpleNamespace

import pytest

from applications.expectations import Odds, cash_flow

PLAN = [{"title": "Built", "percent": 33, "month": 2}, {"title": "Tested", "percent": 67, "month": 11}]


def definition(**delivery):
    terms = {"payment": "arrears", "retention_percent": 10, "advance_percent": None, "claim_window_days": 30, "milestone_basis": "costs"}
    return SimpleNamespace(delivery=SimpleNamespace(**terms | delivery))


@pytest.mark.parametrize(
    ("terms", "pence"),
    [
        ({}, [330_00, 570_00, 100_00]),
        ({"retention_percent": 0}, [330_00, 670_00]),
        ({"payment": "advance", "advance_percent": 40}, [400_00, 0, 500_00, 100_00]),
    ],
)
def test_every_penny_arrives_once(terms, pence):
    lines = cash_flow(definition(**terms), grant_pence=1_000_00, milestones=PLAN, starts_on=None)
    assert [line.pence for line in lines] == pence
    assert lines[-1].so_far == 1_000_00 == sum(pence)


def test_months_are_named_once_the_start_is_known():
    lines = cash_flow(definition(), grant_pence=999_99, milestones=PLAN[::-1], starts_on=date(2027, 3, 1))
    assert [line.when for line in lines] == ["April 2027", "January 2028", "After January 2028"]
    assert sum(line.pence for line in lines) == 999_99


def test_few_decisions_are_no_odds():
    assert "No earlier round" in str(Odds(rounds=1, decided=4, funded=1))
    assert str(Odds(rounds=2, decided=20, funded=3)) == "In the 2 earlier rounds, 3 of 20 applications that were decided were funded"
