"""Published cases that the foundation's figures can be held against. Their folder is named by PUMPHOUSE_REFERENCE_DATA.

Expected rank, ICC, alpha, the draw and exact allocation come with the capability that computes them; here it is the raw mean and its rank.
"""

import csv
import json
import os
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pytest

from assessments import ranking
from assessments.ranking import Vote

FOLDER = Path(os.environ.get("PUMPHOUSE_REFERENCE_DATA", "reference-data"))
CASES = FOLDER / "assessment" / "reference-cases.json"
pytestmark = pytest.mark.skipif(not CASES.is_file(), reason="PUMPHOUSE_REFERENCE_DATA names no folder with assessment/reference-cases.json")


@pytest.fixture
def cases() -> dict:
    return json.loads(CASES.read_text())


def test_the_mock_panel_keeps_its_published_order(cases):
    """With one vote per assessor the published expected ranks follow the mean votes, but where the posterior swaps near ties."""
    published = cases["er_mock_p1"]
    rows: dict[str, list[Fraction]] = defaultdict(list)
    with (CASES.parent / published["votes"]).open() as file:
        for row in csv.DictReader(file):
            rows[row["application"]].append(Fraction(row["score"]))
    figures = {
        int(name.lstrip("#")): ranking.figures([Vote(i, score, True, True, {}) for i, score in enumerate(scores)])
        for name, scores in rows.items()
    }
    placed = ranking.rank(figures)
    assert len(placed) == len(published["published_er"])
    best = {one.key for one in placed[: published["k"]]}
    expected = sorted(published["published_er"], key=published["published_er"].get)[: published["k"]]
    assert best == {int(name.lstrip("#")) for name in expected}
    for one in placed:
        for other in placed:
            if one.figures.mean - other.figures.mean > Fraction(1, 10):
                assert published["published_er"][f"#{one.key}"] < published["published_er"][f"#{other.key}"]


def test_row_means_of_the_shrout_and_fleiss_table(cases):
    """Six targets by four judges: means 6, 3, 6.5, 4, 7.5 and 4.75 give the ranks 3, 6, 2, 5, 1, 4."""
    rows = cases["icc_shrout_fleiss"]["data"]
    figures = {i: ranking.figures([Vote(j, Fraction(x), True, True, {}) for j, x in enumerate(row)]) for i, row in enumerate(rows)}
    assert [figures[i].mean for i in range(6)] == [6, 3, Fraction(13, 2), 4, Fraction(15, 2), Fraction(19, 4)]
    assert {one.key: one.rank for one in ranking.rank(figures)} == {0: 3, 1: 6, 2: 2, 3: 5, 4: 1, 5: 4}
