"""Company numbers, postcodes, where they lie, and how large a company is."""

from datetime import date

import pytest

from grants import identifiers, places, sizes, subsidies
from grants.definition import parse
from tests.stages.grants import document


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1234567", "01234567"), ("123456", "00123456"), (" sc 123456 ", "SC123456"), ("NI12345", "NI012345"), ("oc-301234", "OC301234"),
        ("01234567\u200b", "01234567"), ("ip 12345 r", "IP12345R"), ("SP2123RS", "SP2123RS"), ("oe000123", "OE000123"),
        ("sc1234", "SC001234"), ("R123456", "R0123456"), ("br012345", "BR012345"), ("fc12345", "FC012345"),
    ],
)  # fmt: skip
def test_company_numbers_are_made_regular(typed, number):
    assert identifiers.company_number(typed) == number


@pytest.mark.parametrize("typed", ["", "12345", "123456789", "XX123456", "SC12345X", "１２３４５６７８", "<script>", "0" * 500])
def test_other_company_numbers_are_refused(typed):
    with pytest.raises(identifiers.NotACompanyNumber, match="8 digits"):
        identifiers.company_number(typed)


@pytest.mark.parametrize(
    ("typed", "postcode"),
    [("b152tt", "B15 2TT"), (" cv4  7al", "CV4 7AL"), ("SW1A 1AA", "SW1A 1AA"), ("w1a0ax", "W1A 0AX"), ("GIR 0AA", "GIR 0AA")],
)
def test_postcodes_are_made_regular(typed, postcode):
    assert identifiers.postcode(typed) == postcode


@pytest.mark.parametrize("typed", ["", "B15", "QQ1 1AA", "B15 2CT", "B15 2TTT", "12345", "B1٥ 2TT"])
def test_other_postcodes_are_refused(typed):
    with pytest.raises(identifiers.NotAPostcode, match="such as B15 2TT"):
        identifiers.postcode(typed)


@pytest.mark.parametrize(
    ("outcode", "area"),
    [
        ("B15", "in"),
        ("B79", "unsure"),
        ("CV1", "in"),
        ("CV13", "unsure"),
        ("SY13", "in"),
        ("SY14", "unsure"),
        ("SY16", "out"),
        ("DE13", "in"),
        ("DE6", "unsure"),
        ("DE1", "out"),
        ("BS1", "out"),
        ("WV10", "in"),
        ("W1A", "out"),
        ("LD7", "unsure"),
        ("LD1", "out"),
    ],
)
def test_diagcomm_knows_the_west_midlands_and_its_edge(outcode, area):
    assert parse(document()).area_of(outcode) == area


def test_no_area_means_anywhere():
    assert parse(document("demo-open")).area_of("AB10") == "in"
    assert places.lies("SW1A", within=["SW1"]) == "in"


@pytest.mark.parametrize("text", ["", "b", "B15 2TT", "SY13-SY1", "SY1-TF3", "ABC1", "1"])
def test_other_texts_name_no_outcodes(text):
    assert not places.is_pattern(text)


@pytest.mark.parametrize(
    ("turnover", "balance", "people", "size"),
    [
        (100_000_000, 50_000_000, 10, "micro"),
        (100_000_001, 50_000_000, 10, "micro"),
        (100_000_001, 50_000_001, 10, "small"),
        (1_500_000_000, 750_000_001, 50, "small"),
        (1_500_000_001, 750_000_001, 50, "medium"),
        (5_400_000_000, 2_700_000_000, 251, "medium"),
        (5_400_000_001, 2_700_000_001, 250, "large"),
    ],
)
def test_two_of_three_limits_make_a_size(turnover, balance, people, size):
    assert sizes.by_companies_act(sizes.Limits(turnover, balance, people), year_began_on=date(2026, 4, 6)) == size


def test_limits_rose_for_years_from_6_april_2025():
    figures = sizes.Limits(90_000_000, 45_000_000, 11)
    assert sizes.by_companies_act(figures, year_began_on=date(2025, 4, 5)) == "small"
    assert sizes.by_companies_act(figures, year_began_on=date(2025, 4, 6)) == "micro"


def test_the_european_rule_needs_the_headcount():
    assert sizes.by_eu(sizes.Limits(1, 1, 9)) == "micro"
    assert sizes.by_eu(sizes.Limits(1, 1, 10)) == "small"
    assert sizes.by_eu(sizes.Limits(1, 1, 250)) == "large"
    assert sizes.classify(sizes.Limits(1, 10**12, 9), rule_set="eu_2003_361", year_began_on=date(2026, 1, 1)) == "micro"


@pytest.mark.parametrize(
    ("on", "since"),
    [
        (date(2023, 3, 31), date(2020, 4, 1)),
        (date(2023, 6, 1), date(2021, 4, 1)),
        (date(2026, 4, 1), date(2024, 4, 1)),
        (date(2026, 3, 31), date(2023, 4, 1)),
    ],
)
def test_assistance_counts_from_april_two_financial_years_back(on, since):
    assert subsidies.window_start(on) == since
