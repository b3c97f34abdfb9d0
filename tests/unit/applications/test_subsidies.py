"""Worked examples of Minimal Financial Assistance: what counts, in which window, and whether there is room. No database."""

from datetime import date

import pytest

from applications.subsidies import Given, counted_pence, room_pence

POUND = 100


def given(*sums: tuple[int, date]) -> list[Given]:
    return [Given("A council", pounds * POUND, on) for pounds, on in sums]


@pytest.mark.parametrize(
    ("sums", "on", "counted"),
    [
        ([(250_000, date(2021, 3, 31)), (60_000, date(2023, 3, 31))], date(2023, 3, 31), 310_000),
        ([(250_000, date(2021, 3, 31)), (60_000, date(2023, 3, 31))], date(2023, 4, 1), 60_000),
        ([(100_000, date(2024, 4, 1))], date(2027, 3, 31), 100_000),
        ([(100_000, date(2024, 3, 31))], date(2026, 4, 1), 0),
        ([(100_000, date(2024, 3, 31))], date(2026, 3, 31), 100_000),
        ([(100_000, date(2026, 6, 2))], date(2026, 6, 1), 0),
        ([(100_000, date(2026, 6, 1))], date(2026, 6, 1), 100_000),
        ([], date(2026, 6, 1), 0),
    ],
    ids=["published example", "a day later", "first day", "day before it", "three years", "tomorrow", "today", "nothing"],
)
def test_what_counts_on_a_day(sums, on, counted):
    assert counted_pence(given(*sums), on) == counted * POUND


@pytest.mark.parametrize(
    ("received", "asked", "fits"),
    [
        (310_000, 5_000, True),  # exactly £315,000: "does not exceed"
        (310_000, 5_001, False),
        (250_000, 60_000, True),
        (250_000, 70_000, False),
        (315_000, 1, False),
        (0, 315_000, True),
        (400_000, 1, False),
    ],
)
def test_the_limit_is_inclusive(received, asked, fits):
    assert (asked * POUND <= room_pence(received * POUND, date(2026, 6, 1))) is fits
