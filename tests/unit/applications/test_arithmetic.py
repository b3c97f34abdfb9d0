"""Windows, months, regions and references, without a database."""

import csv
from datetime import date
from pathlib import Path

import pytest

from applications import samples
from applications.facts import months_begun
from applications.references import ALPHABET
from applications.regions import region_of
from applications.subsidies import limit_pence, window_start

SHARED = Path(__file__).parents[4] / "shared" / "data"
OUTCODES = SHARED / "uk-outcodes" / "uk-outcodes.csv"


@pytest.mark.parametrize(
    ("on", "since"),
    [
        (date(2023, 3, 31), date(2020, 4, 1)),
        (date(2023, 4, 1), date(2021, 4, 1)),
        (date(2023, 6, 1), date(2021, 4, 1)),
        (date(2026, 1, 1), date(2023, 4, 1)),
    ],
)
def test_the_window_of_minimal_financial_assistance(on, since):
    """The elapsed part of the financial year and the two before it (Subsidy Control Act 2022 s.36(2))."""
    assert window_start(on) == since
    assert limit_pence(on) == 31_500_000


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2027, 3, 1), date(2027, 5, 31), 3),
        (date(2027, 3, 1), date(2027, 3, 1), 1),
        (date(2027, 3, 15), date(2027, 4, 14), 1),
        (date(2027, 3, 15), date(2027, 4, 15), 2),
        (date(2027, 3, 1), date(2028, 2, 29), 12),
        (date(2027, 3, 1), date(2028, 3, 1), 13),
    ],
)
def test_begun_months_count(first, last, months):
    assert months_begun(first, last) == months


@pytest.mark.parametrize(
    ("postcode", "name", "basis"),
    [
        ("B15 2TT", "West Midlands", "outcode"),
        ("SW1A 1AA", "London", "outcode"),
        ("SY1 1AA", "West Midlands", "outcode"),
        ("SY23 3AH", "Wales", "outcode"),
        ("DE14 1AA", "West Midlands", "outcode"),
        ("CV13 0AA", "East Midlands", "straddles"),
        ("B79 7AA", "West Midlands", "straddles"),
        ("XX1 1AA", "", "unknown"),
    ],
)
def test_the_region_of_a_postcode(postcode, name, basis):
    region = region_of(postcode)
    assert (region.name, region.basis) == (name, basis)


@pytest.mark.skipif(not OUTCODES.exists(), reason="the published outcodes are not on this machine")
def test_the_west_midlands_are_those_of_the_published_outcodes():
    with OUTCODES.open() as file:
        published = {row["postcode"]: row["uk_region"] == "West Midlands" for row in csv.DictReader(file)}
    wrong = [code for code, is_there in published.items() if (region_of(f"{code} 1AA").name == "West Midlands") != is_there]
    assert wrong == []


def test_references_hold_nothing_that_is_misread():
    assert not set(ALPHABET) & set("AEIOU01L")


def test_the_sample_pdf_is_one():
    assert samples.pdf("Plan (draft)").startswith(b"%PDF-1.4")
    assert samples.pdf("Plan (draft)").rstrip().endswith(b"%%EOF")


def test_costs_cover_the_grant_at_the_rate():
    for rate in (70, 50, 33, 100):
        cost = samples.at_least_for(2_500_000, rate)
        assert cost * rate >= 2_500_000 * 100
        assert (cost - 100) * rate < 2_500_000 * 100
