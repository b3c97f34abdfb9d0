"""What holds of money whatever the amounts."""

from contextlib import suppress
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from grants.money import MOST_PENCE, NotMoney, format_pence, grant_due, parse_pounds, share_pence, split_pence

pence = st.integers(min_value=0, max_value=10**13)
percents = st.decimals(min_value=0, max_value=100, places=2)
weights = st.lists(st.integers(min_value=0, max_value=10_000), min_size=1, max_size=30).filter(any)


@given(pence)
def test_what_is_shown_reads_back_the_same(amount):
    assert parse_pounds(format_pence(amount)) == amount


@given(st.integers(min_value=-(10**13), max_value=10**13), weights)
def test_parts_always_add_up_to_the_whole(total, shares):
    parts = split_pence(total, shares)
    assert sum(parts) == total
    for part, share in zip(parts, shares, strict=True):
        assert abs(part * sum(shares) - total * share) < sum(shares)


@given(st.text(max_size=40))
def test_any_text_is_money_or_refused_never_a_crash(text):
    with suppress(NotMoney):
        assert 0 <= parse_pounds(text) <= MOST_PENCE


@given(pence, percents)
def test_a_share_is_within_half_a_penny(amount, percent):
    assert abs(Decimal(share_pence(amount, percent)) - Decimal(amount) * percent / 100) <= Decimal("0.5")


@given(claimed=pence, rate=percents, cost=pence, before=pence, milestone=pence, award=pence, retention=pence)
def test_grant_due_keeps_every_ceiling(claimed, rate, cost, before, milestone, award, retention):
    due = grant_due(
        claimed_pence=claimed,
        rate_percent=rate,
        accepted_cost_pence=cost,
        approved_before_pence=before,
        milestone_left_pence=milestone,
        award_pence=award,
        retention_pence=retention,
    )
    assert 0 <= due <= max(0, claimed)
    assert due == 0 or (due <= milestone and before + due <= award - retention and before + due <= share_pence(cost, rate))


@given(st.lists(st.tuples(pence, pence), min_size=1, max_size=12), percents, pence)
def test_a_series_of_claims_never_exceeds_the_award_nor_the_rate(claims, rate, award):
    approved = cost = 0
    for claimed, accepted in claims:
        cost += accepted
        approved += grant_due(
            claimed_pence=claimed,
            rate_percent=rate,
            accepted_cost_pence=cost,
            approved_before_pence=approved,
            milestone_left_pence=10**15,
            award_pence=award,
            retention_pence=0,
        )
    assert approved <= award
    assert approved <= share_pence(cost, rate)
