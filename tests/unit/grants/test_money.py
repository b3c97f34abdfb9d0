"""Money is whole pence: read with care, shown plainly, split without losing a penny."""

import pytest

from grants.money import NotMoney, format_pence, grant_due, parse_pounds, rate_percent, share_pence, split_pence


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("12500", 1_250_000),
        ("£12,500", 1_250_000),
        (" 12 500 ", 1_250_000),
        ("12,500.5", 1_250_050),
        ("0.01", 1),
        ("£0", 0),
        ("1,000,000.99", 100_000_099),
    ],
)
def test_reads_what_people_type(typed, pence):
    assert parse_pounds(typed) == pence


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Enter an amount"),
        ("   ", "Enter an amount"),
        ("£", "Enter an amount"),
        ("-5", "must not be negative"),
        ("−5", "must not be negative"),
        ("1,25.00", "commas only between thousands"),
        ("12,5", "commas only between thousands"),
        ("1.2.3", "commas only between thousands"),
        ("12.345", "two digits after the point"),
        ("ten pounds", "not an amount"),
        ("1e5", "not an amount"),
        ("0x10", "not an amount"),
        ("١٢", "not an amount"),
        ("nan", "not an amount"),
        ("9" * 40, "too large"),
        ("x" * 500, "…"),
    ],
)
def test_refuses_nonsense_with_a_sentence(typed, says):
    with pytest.raises(NotMoney, match=says):
        parse_pounds(typed)


@pytest.mark.parametrize(("pence", "shown"), [(0, "£0"), (1_250_000, "£12,500"), (1_250_050, "£12,500.50"), (-301, "−£3.01"), (5, "£0.05")])
def test_shows_pence(pence, shown):
    assert format_pence(pence) == shown


def test_splits_by_weights_with_the_odd_pennies_to_who_lost_most():
    assert split_pence(100, [1, 1, 1]) == [34, 33, 33]
    assert split_pence(1_000_001, [30, 40, 30]) == [300_000, 400_001, 300_000]
    assert split_pence(-100, [1, 1, 1]) == [-34, -33, -33]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_refuses_weights_that_cannot_split(weights):
    with pytest.raises(ValueError, match="Weights"):
        split_pence(100, weights)


def test_shares_are_rounded_half_up_once():
    assert share_pence(1, 50) == 1
    assert share_pence(101, 50) == 51
    assert share_pence(33_333, 70) == 23_333


def test_a_penny_above_the_rate_shows():
    assert rate_percent(700_000, 1_000_000) == 70
    assert rate_percent(700_001, 1_000_000) > 70
    assert rate_percent(0, 0) == 0
    assert rate_percent(1, 0) == 100


class TestGrantDue:
    """The worked example: award £20,000 at 70 %, a milestone of £6,000, 10 % held back."""

    CALM = {
        "claimed_pence": 600_000,
        "rate_percent": 70,
        "accepted_cost_pence": 1_000_000,
        "approved_before_pence": 0,
        "milestone_left_pence": 600_000,
        "award_pence": 2_000_000,
        "retention_pence": 200_000,
    }

    def due(self, **changes):
        return grant_due(**(self.CALM | changes))

    def test_what_is_claimed_when_nothing_else_binds(self):
        assert self.due() == 600_000

    def test_the_rate_binds(self):
        assert self.due(accepted_cost_pence=500_000) == 350_000

    def test_the_milestone_binds(self):
        assert self.due(milestone_left_pence=123_456) == 123_456

    def test_the_award_less_retention_binds(self):
        assert self.due(approved_before_pence=1_500_000, accepted_cost_pence=9_000_000) == 300_000

    def test_never_below_nothing(self):
        assert self.due(approved_before_pence=1_900_000) == 0

    def test_pennies_lost_in_one_claim_come_back_in_the_next(self):
        first = self.due(claimed_pence=10**9, milestone_left_pence=10**9, award_pence=10**9, retention_pence=0, accepted_cost_pence=1)
        second = self.due(
            claimed_pence=10**9,
            milestone_left_pence=10**9,
            award_pence=10**9,
            retention_pence=0,
            accepted_cost_pence=2,
            approved_before_pence=first,
        )
        assert (first, second) == (1, 0)
