"""Dates, spans and money in words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from design import words


@pytest.mark.parametrize(
    ("pence", "said"),
    [(0, "£0"), (5, "£0.05"), (123_456, "£1,234.56"), (3_000_000, "£30,000"), (-500, "−£5"), (-1, "−£0.01"), (None, "–")],
)
def test_pounds_say_odd_pence_only_where_there_are_some(pence, said):
    assert words.pounds(pence) == said


def test_columns_of_figures_always_have_both_decimals():
    assert [words.pounds_exact(pence) for pence in (100, 105, -100)] == ["£1.00", "£1.05", "−£1.00"]


@pytest.mark.parametrize(
    ("pence", "said"), [(90_000, "£900"), (34_012_300, "£340k"), (125_000_000, "£1.25m"), (100_000_000, "£1m"), (60_000_000_00, "£60m")]
)
def test_cards_round(pence, said):
    assert words.pounds_short(pence) == said


def test_a_deadline_is_exact_in_uk_time_and_names_its_zone():
    assert words.deadline_in_words(datetime(2027, 3, 3, 12, tzinfo=UTC)) == "midday on Wednesday 3 March 2027 (GMT)"
    assert words.deadline_in_words(datetime(2027, 7, 1, 16, 30, tzinfo=UTC)) == "5:30pm on Thursday 1 July 2027 (BST)"
    assert words.deadline_in_words(datetime(2027, 6, 30, 23, tzinfo=UTC)) == "midnight on Thursday 1 July 2027 (BST)"


def test_a_datetime_near_midnight_falls_on_the_uk_day():
    assert words.in_words(datetime(2027, 6, 30, 23, 30, tzinfo=UTC)) == "1 July 2027"
    assert words.in_words(date(2027, 6, 30)) == "30 June 2027"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=20), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=2, minutes=5), "2 hours and 5 minutes"),
        (timedelta(days=1, hours=3, minutes=9), "1 day and 3 hours"),
        (timedelta(days=12), "12 days"),
        (timedelta(days=30), "30 days"),
    ],
)
def test_spans_say_the_units_that_matter(span, said):
    assert words.how_long(span) == said


def test_from_now_says_which_side_of_now():
    now = datetime(2027, 3, 3, tzinfo=UTC)
    assert words.from_now(now + timedelta(days=4), now=now) == "in 4 days"
    assert words.from_now(now - timedelta(hours=2), now=now) == "2 hours ago"
