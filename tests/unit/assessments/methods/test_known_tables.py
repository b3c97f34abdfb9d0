"""Tables whose figures others have published, small enough to stand here: no folder is needed for them."""

from fractions import Fraction

import pytest

from assessments.methods import draw, mixed_model, reliability, selection
from assessments.methods.votes import Vote, Votes
from tests.unit.assessments.methods.tables import table

DYESTUFF = {
    "A": (1545, 1440, 1440, 1520, 1580), "B": (1540, 1555, 1490, 1560, 1495), "C": (1595, 1550, 1605, 1510, 1560),
    "D": (1445, 1440, 1595, 1465, 1545), "E": (1595, 1630, 1515, 1635, 1625), "F": (1520, 1455, 1450, 1480, 1445),
}  # fmt: skip
"""Davies and Goldsmith (1972), table 6.3: grams of dye from five preparations of each of six batches."""
TWELVE = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
"""Krippendorff (2011), example C: four observers, twelve units, a full stop where nothing was said."""
ANXIETY = (
    "332", "361", "344", "464", "523", "542", "221", "346", "531", "231", "221", "632", "133", "533", "221", "221", "113", "233", "432",
    "342",
)  # fmt: skip
"""Three raters of the anxiety of twenty people: the table that comes with the R package irr."""


def test_batches_of_dyestuff():
    given = [Vote(batch, f"{batch}{k}", Fraction(grams)) for batch, row in DYESTUFF.items() for k, grams in enumerate(row)]
    fit = mixed_model.fit(Votes.of(given, (Fraction(1000), Fraction(2000))))
    assert (fit.variances.application, fit.variances.residual) == pytest.approx((1764.05, 2451.25))
    assert fit.mean == pytest.approx(1527.5)


def test_alpha_of_twelve_units():
    units = [[float(row[unit]) for row in TWELVE if row[unit] != "."] for unit in range(12)]
    found = {level: reliability.alpha(units, level) for level in ("nominal", "ordinal", "interval", "ratio")}
    assert found == pytest.approx({"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}, abs=5e-4)


def test_agreement_on_anxiety():
    rows = [[int(mark) for mark in row] for row in ANXIETY]
    six = reliability.shrout_fleiss(rows)
    assert (six["ICC1"], six["ICC2"], six["ICC3"]) == pytest.approx((0.175, 0.198, 0.216), abs=5e-4)
    assert reliability.icc(mixed_model.fit(table(rows)).variances, 3).single == pytest.approx(six["ICC2"], abs=1e-7)


def test_the_nominating_committee_of_2022():
    key = "7.8.11.18.28.40.48./15.16.21.31.36.65./8.12.13.17.21.26.35.42./1.5.10.13.14.16.21.25.27./"
    assert draw.rfc3797(key, 267, 10) == [171, 245, 68, 190, 70, 126, 110, 128, 138, 173]


@pytest.mark.parametrize(
    ("capacity", "weights", "profits", "best"),
    [
        (165, (23, 31, 29, 44, 53, 38, 63, 85, 89, 82), (92, 57, 49, 68, 60, 43, 67, 84, 87, 72), 309),
        (170, (41, 50, 49, 59, 55, 57, 60), (442, 525, 511, 593, 546, 564, 617), 1735),
        (
            6_404_180,
            (382745, 799601, 909247, 729069, 467902, 44328, 34610, 698150, 823460, 903959, 853665, 551830, 610856, 670702, 488960, 951111,
             323046, 446298, 931161, 31385, 496951, 264724, 224916, 169684),
            (825594, 1677009, 1676628, 1523970, 943972, 97426, 69666, 1296457, 1679693, 1902996, 1844992, 1049289, 1252836, 1319836, 953277,
             2067538, 675367, 853655, 1826027, 65731, 901489, 577243, 466257, 369261),
            13_549_094,
        ),
    ],
)  # fmt: skip
def test_knapsacks_with_a_known_best(capacity, weights, profits, best):
    pairs = zip(weights, profits, strict=True)
    items = [selection.Item(str(k), Fraction(profit, weight), weight) for k, (weight, profit) in enumerate(pairs)]
    found = selection.portfolio(items, capacity, explain=False)
    assert (found.value, found.is_proven) == (best, True)
