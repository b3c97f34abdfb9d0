"""Expected ranks: what is drawn against the closed form, the line and its groups."""

from fractions import Fraction

import numpy as np
import pytest

from assessments.methods import expected_rank, mixed_model
from assessments.methods.expected_rank import FUND, NOT_FUND, RANDOM, Ranks, line, sample
from assessments.methods.votes import Vote, Votes
from tests.unit.assessments.methods.tables import by_name, table

SMALL = [[80, 70, None], [60, None, 55], [None, 45, 50], [90, 85, 88], [40, 30, None]]


def test_shares_add_up_and_better_scores_rank_higher():
    votes = table(SMALL)
    ranks = sample(votes, seed=1, kept=1000)
    assert ranks.shares.sum(axis=0) == pytest.approx(np.ones(5))
    assert ranks.shares.sum(axis=1) == pytest.approx(np.ones(5))
    found = by_name(votes, ranks.expected)
    assert sorted(found, key=found.get) == ["A3", "A0", "A1", "A2", "A4"]
    assert ranks.sucra.sum() == pytest.approx(2.5)
    assert ranks.r_hat < 1.1


def test_single_draws_of_a_large_table_say_what_the_count_of_all_ranks_says(monkeypatch):
    votes = table([*SMALL, SMALL[0]])
    whole = sample(votes, seed=1, kept=600)
    monkeypatch.setattr(expected_rank, "LARGE", 5)
    monkeypatch.setattr(expected_rank, "CELLS", 6 * 1000)
    found = sample(votes, seed=1, kept=600)
    assert found.drawn.shape == (6, 1000)
    assert found.expected.sum() == pytest.approx(21)
    assert found.expected == pytest.approx(whole.expected, abs=0.4)
    assert found.expected[0] == found.expected[[i for i in range(6) if votes.alike[i] == votes.alike[0]][-1]]
    assert found.funded(2) == pytest.approx(whole.funded(2), abs=0.12)
    assert np.abs(np.array(found.interval(90)) - np.array(whole.interval(90))).max() <= 1
    assert found.sucra.sum() == pytest.approx(3)


def test_the_same_seed_draws_the_same():
    votes = table(SMALL)
    assert (sample(votes, seed=5, kept=100).shares == sample(votes, seed=5, kept=100).shares).all()
    assert (sample(votes, seed=5, kept=100).shares != sample(votes, seed=6, kept=100).shares).any()


def test_one_block_and_turns_agree(monkeypatch):
    rng = np.random.default_rng(2)
    rows = [[float(rng.integers(30, 90)) if rng.random() < 0.6 else None for _ in range(8)] for _ in range(12)]
    votes = table([row for row in rows if any(row)])
    block = sample(votes, seed=1, kept=800).expected
    monkeypatch.setattr(expected_rank, "BLOCK", 0)
    assert sample(votes, seed=1, kept=800).expected == pytest.approx(block, abs=0.3)


def test_the_closed_form_is_near_what_is_drawn():
    rng = np.random.default_rng(4)
    good, severe = rng.normal(0, 12, 40), rng.normal(0, 4, 8)
    rows = [[round(60 + good[i] + severe[j] + rng.normal(0, 5)) if (i + j) % 3 else None for j in range(8)] for i in range(40)]
    votes = table([[None if score is None else min(max(score, 0), 100) for score in row] for row in rows])
    closed = expected_rank.preview(mixed_model.fit(votes))
    assert closed.sum() == pytest.approx(40 * 41 / 2)
    assert np.abs(closed - sample(votes, seed=1, kept=1500).expected).max() < 1


def test_a_generous_panel_does_not_lift_its_applications():
    rows = [("A", "p", 60), ("B", "p", 50), ("C", "p", 55), ("D", "q", 90), ("E", "q", 80), ("F", "q", 85)]
    given = [Vote(name, f"{panel}{k}", Fraction(score + k), panel) for name, panel, score in rows for k in range(4)]
    votes = Votes.of(given, (Fraction(0), Fraction(100)))
    apart, merged = sample(votes, seed=1, kept=600), sample(votes, seed=1, panels=True, kept=600)
    assert by_name(votes, merged.expected)["A"] < by_name(votes, apart.expected)["A"] - 0.2
    assert "panel" in merged.spreads


def test_ranks_that_are_certain_leave_nothing_to_draw():
    certain = Ranks(np.eye(4))
    found = line(certain, 2)
    assert found.groups == [FUND, RANDOM, NOT_FUND, NOT_FUND]
    assert (found.at, found.draw) == (2, 1)
    assert certain.interval(50) == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert certain.funded(2).tolist() == [1, 1, 0, 0]
    assert line(certain, 4).groups == [FUND] * 4


def test_never_more_are_funded_than_there_are_places_nor_fewer_come_into_question():
    rng = np.random.default_rng(1)
    for _ in range(60):
        size = int(rng.integers(2, 9))
        shares = sum(np.eye(size)[rng.permutation(size)] * weight for weight in rng.dirichlet([0.3] * 5))
        places = int(rng.integers(1, size))
        found = line(Ranks(shares), places, int(rng.choice([20, 50, 90])))
        assert found.groups.count(FUND) <= places <= size - found.groups.count(NOT_FUND)
        assert 0 <= found.draw <= found.groups.count(RANDOM)


def test_one_application_is_first():
    assert sample(table([[50, 60]]), seed=1).expected.tolist() == [1]


def test_chances_leave_less_noise_than_counting_and_mean_the_same():
    rng = np.random.default_rng(4)
    votes = table([[20 + 2 * i + int(rng.integers(0, 30)) if (i + j) % 3 else None for j in range(6)] for i in range(25)])
    drawn = [sample(votes, seed=seed, kept=600) for seed in (1, 2)]
    counted = [one.shares @ np.arange(1, 26) for one in drawn]
    assert np.abs(drawn[0].expected - counted[0]).max() < 0.5
    assert np.abs(drawn[0].expected - drawn[1].expected).max() < np.abs(counted[0] - counted[1]).max() / 2
    assert drawn[0].expected.sum() == pytest.approx(25 * 26 / 2, abs=1e-9)
