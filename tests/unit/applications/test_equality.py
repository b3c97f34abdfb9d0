"""Counts of people are told only where they tell of no person, not even by subtraction."""

from hypothesis import given
from hypothesis import strategies as st

from applications.equality import LEAST, publishable

counts = st.dictionaries(st.sampled_from("abcdefg"), st.integers(min_value=0, max_value=60), min_size=1)


def test_a_small_group_takes_the_next_one_along():
    assert publishable({"a": 47, "b": 15, "c": 3}) == {"a": 40, "b": None, "c": None}


def test_nothing_is_left_out_where_no_group_is_small():
    assert publishable({"a": 40, "b": 10}) == {"a": 40, "b": 10}


def test_ten_newcomers_are_not_told_by_subtraction():
    before, after = publishable({"a": 34, "b": 13}), publishable({"a": 35, "b": 22})
    assert (before, after) == ({"a": 30, "b": 10}, {"a": 30, "b": 20})


def test_two_empty_groups_do_not_hide_each_other():
    assert publishable({"a": 40, "b": 12, "c": 0, "d": 0}) == {"a": 40, "b": None, "c": None, "d": None}


@given(counts)
def test_what_is_left_out_cannot_be_worked_out_from_the_total(counts):
    told = publishable(counts)
    hidden = [counts[choice] for choice, count in told.items() if count is None]
    assert all(count is None or (count >= LEAST and count % LEAST == 0) for count in told.values())
    if hidden and any(count is not None for count in told.values()):
        assert len(hidden) >= 2
        assert sum(hidden) >= LEAST
