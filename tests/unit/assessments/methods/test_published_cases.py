"""The methods against published cases. Their folder is named by PUMPHOUSE_REFERENCE_DATA; each test says what it needs of it."""

import csv
import json
import os
from fractions import Fraction
from pathlib import Path

import pytest

from assessments.methods import allocation, draw, figures, mixed_model, problems, reading, reliability, selection
from assessments.methods.votes import Votes
from tests.unit.assessments.methods.tables import table

FOLDER = Path(os.environ.get("PUMPHOUSE_REFERENCE_DATA", "reference-data")) / "assessment"
CASES = FOLDER / "reference-cases.json"
pytestmark = pytest.mark.skipif(not CASES.is_file(), reason="PUMPHOUSE_REFERENCE_DATA names no folder with assessment/reference-cases.json")


@pytest.fixture(scope="module")
def cases() -> dict:
    return json.loads(CASES.read_text())


@pytest.fixture(scope="module")
def panel(cases) -> dict:
    given, _ = reading.votes((FOLDER / cases["er_mock_p1"]["votes"]).read_text())
    return figures.rank(Votes.of(given, (Fraction(1), Fraction(6))), places=cases["er_mock_p1"]["k"])


def test_expected_ranks(cases, panel):
    published = cases["er_mock_p1"]
    found = {row["application"]: row["expected_rank"] for row in panel["applications"]}
    assert found == pytest.approx(published["published_er"], abs=published["tolerance"])
    with (FOLDER / "expected-rank-panel-1.csv").open() as file:
        long_run = {row["proposal"]: row for row in csv.DictReader(file)}
    assert found == pytest.approx({name: float(row["er"]) for name, row in long_run.items()}, abs=0.1)
    for row in panel["applications"]:
        published_interval = [float(long_run[row["application"]][key]) for key in ("q05", "q95")]
        assert row["interval_90"] == pytest.approx(published_interval, abs=1)


def test_the_three_groups_and_the_number_to_draw(cases, panel):
    groups = {name: [r["application"] for r in panel["applications"] if r["group"] == name] for name in ("fund", "random selection")}
    assert sorted(groups["fund"]) == sorted(cases["er_mock_p1"]["published_accepted"])
    assert sorted(groups["random selection"]) == sorted(cases["er_mock_p1"]["published_random"])
    assert panel["draw"] == cases["er_mock_p1"]["draw"]


def test_intraclass_correlations(cases):
    case = cases["icc_shrout_fleiss"]
    votes = table(case["data"], (1, 10))
    six = reliability.shrout_fleiss(case["data"])
    assert six == pytest.approx({name: case[name] for name in six}, abs=1e-6)
    found = reliability.icc(mixed_model.fit(votes).variances, 4)
    assert (found.single, found.mean_of_k) == pytest.approx((case["ICC2"], case["ICC2k"]), abs=1e-6)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_krippendorffs_alpha(cases, level):
    case = cases["kripp_wikipedia"]
    units = [[value for value in unit if value is not None] for unit in zip(*case["data"], strict=True)]
    assert reliability.alpha(units, level) == pytest.approx(case[level], abs=1e-6)


def test_the_list_of_rfc_3797(cases):
    case = cases["rfc3797"]
    assert draw.rfc3797(case["key"], case["pool"], case["n"]) == case["expected"]


def test_the_knapsack(cases):
    case = cases["knapsack_p07"]
    items = [
        selection.Item(str(i), Fraction(profit, weight), weight)
        for i, (weight, profit) in enumerate(zip(case["weights"], case["profits"], strict=True))
    ]
    found = selection.portfolio(items, case["capacity"], explain=False)
    assert (found.value, found.cost, found.is_proven) == (case["optimum"], case["weight"], True)


def test_allocations(cases):
    for case in cases["assignment"]:
        found = allocation.allocate(problems.read(case))
        assert found.is_feasible is case["feasible"], case["name"]
        assert found.total == pytest.approx(case["optimal_total"], abs=1e-9), case["name"]
        assert sum(missing for _, missing in found.shortfalls) == case["shortfall_if_relaxed"], case["name"]
        assert found.is_proven
