"""What holds of the methods of assessment whatever the scores, names and sizes."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import cycle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.methods import allocation, draw, expected_rank, mixed_model, selection
from assessments.methods.votes import Vote, Votes

FEW = settings(max_examples=8)
SCALE = (Fraction(0), Fraction(20))


@st.composite
def ballots(draw_value) -> list[tuple[int, int, int]]:
    """(application, assessor, score), each application scored at least once, some twice, scores from 3 to 13."""
    applications, assessors = draw_value(st.integers(2, 6)), draw_value(st.integers(2, 4))
    found = []
    for application in range(applications):
        people = draw_value(st.sets(st.integers(0, assessors - 1), min_size=1, max_size=assessors))
        found += [(application, person, draw_value(st.integers(3, 13))) for person in sorted(people)]
    return found


def votes(rows, *, names=lambda index: f"a{index}", people=lambda index: f"p{index}", plus: int = 0) -> Votes:
    return Votes.of([Vote(names(i), people(j), Fraction(score + plus)) for i, j, score in rows], SCALE)


def figures(table: Votes) -> dict[str, tuple]:
    """Expected rank, adjusted score and mean by application."""
    fit = mixed_model.fit(table)
    ranks = expected_rank.sample(table, seed=3, kept=40).expected
    adjusted = fit.adjusted if fit else [0.0] * len(ranks)
    return {name: (float(ranks[i]), float(adjusted[i]), table.means[i]) for i, name in enumerate(table.applications)}


@FEW
@given(ballots(), st.randoms(use_true_random=False))
def test_relabelling_and_reordering_change_nothing(rows, random):
    plain = figures(votes(rows))
    shuffled = random.sample(rows, len(rows))
    assert figures(votes(shuffled)) == plain
    marks = random.sample("zyxwvutsrq", 10)
    renamed = figures(votes(shuffled, names=lambda index: marks[index], people=lambda index: f"q{9 - index}"))
    for index in {i for i, _, _ in rows}:
        assert renamed[marks[index]] == pytest.approx(plain[f"a{index}"], rel=1e-6, abs=1e-6)


@FEW
@given(ballots(), st.integers(-3, 7))
def test_a_constant_added_to_all_scores_leaves_ranks_alone(rows, plus):
    plain, moved = votes(rows), votes(rows, plus=plus)
    assert moved.applications == plain.applications
    assert [mean - plus for mean in moved.means] == plain.means
    drawn = [expected_rank.sample(table, seed=3, kept=40).expected for table in (plain, moved)]
    assert drawn[1] == pytest.approx(drawn[0], abs=0.05)


@FEW
@given(ballots())
def test_expected_ranks_add_up_and_equal_votes_give_equal_ranks(rows):
    size = len({i for i, _, _ in rows})
    twin = rows + [(size, j, score) for i, j, score in rows if i == 0]
    found = figures(votes(twin))
    assert sum(rank for rank, _, _ in found.values()) == pytest.approx((size + 1) * (size + 2) / 2)
    assert found["a0"] == found[f"a{size}"]


@settings(max_examples=30)
@given(ballots(), st.data())
def test_raising_one_score_never_worsens_that_applications_raw_rank(rows, data):
    index = data.draw(st.integers(0, len(rows) - 1))
    raised = [*rows]
    raised[index] = (*rows[index][:2], rows[index][2] + data.draw(st.integers(1, 5)))

    def place(table: Votes) -> int:
        means = dict(zip(table.applications, table.means, strict=True))
        return sum(mean > means[f"a{rows[index][0]}"] for mean in means.values())

    assert place(votes(raised)) <= place(votes(rows))


@st.composite
def problems(draw_value) -> allocation.Problem:
    applications, assessors = draw_value(st.integers(1, 5)), draw_value(st.integers(1, 5))

    def numbers(low, high, size):
        return draw_value(st.lists(st.integers(low, high), min_size=size, max_size=size))

    shape = (applications, assessors)
    score = np.array(numbers(-20, 100, applications * assessors), dtype=float).reshape(shape)
    barred = np.array(numbers(0, 3, applications * assessors)).reshape(shape) == 0
    least = np.array(numbers(0, 2, assessors))
    return allocation.Problem(score, barred, np.array(numbers(0, 3, applications)), least, least + np.array(numbers(0, 3, assessors)))


@settings(max_examples=30)
@given(problems())
def test_conflicts_are_kept_out_and_no_swap_improves(problem):
    found = allocation.allocate(problem)
    pairs = set(found.pairs)
    assert not any(problem.barred[pair] for pair in pairs)
    loads = [sum(j == person for _, j in pairs) for person in range(len(problem.most))]
    assert all(load <= most for load, most in zip(loads, problem.most, strict=True))
    missing = dict(found.shortfalls)
    for application, wanted in enumerate(problem.demand):
        assert sum(i == application for i, _ in pairs) + missing.get(application, 0) == wanted
    for i, j in pairs:
        for k in range(len(problem.most)):
            if (i, k) not in pairs and not problem.barred[i, k] and loads[k] < problem.most[k] and loads[j] > problem.least[j]:
                assert problem.score[i, k] <= problem.score[i, j]
        for p, q in pairs:
            if (i, q) not in pairs and (p, j) not in pairs and not problem.barred[i, q] and not problem.barred[p, j]:
                assert problem.score[i, q] + problem.score[p, j] <= problem.score[i, j] + problem.score[p, q]


references = st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), min_size=2, max_size=8, unique=True)


@settings(max_examples=30)
@given(references, st.text(min_size=1, max_size=20).filter(str.strip), st.randoms(use_true_random=False))
def test_the_draw_does_not_depend_on_list_order_or_on_other_tickets(names, public, random):
    frozen = "0" * 64
    tickets = {one.reference: one.ticket for one in draw.draw(names, frozen=frozen, public=public)}
    shuffled = draw.draw(random.sample(names, len(names)), frozen=frozen, public=public)
    assert [(one.reference, one.ticket) for one in shuffled] == list(tickets.items())
    alone = draw.draw(names[1:], frozen=frozen, public=public)
    assert [one.reference for one in alone] == [name for name in tickets if name != names[0]]
    assert all(tickets[one.reference] == one.ticket for one in alone)


items = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 50)), min_size=1, max_size=7)


@FEW
@given(items, st.integers(0, 150), st.integers(0, 60))
def test_no_exchange_improves_a_portfolio_and_it_is_never_worth_less_than_the_list(given_items, budget, threshold):
    whole = [selection.Item(f"i{k}", Fraction(score), cost) for k, (score, cost) in enumerate(given_items)]
    found = selection.portfolio(whole, budget, threshold=Fraction(threshold), explain=False)
    assert found.cost <= budget
    assert found.value >= selection.top_down(whole, budget, Fraction(threshold)).value
    by_name = {item.name: item for item in whole}
    for name in set(by_name) - set(found.funded):
        item = by_name[name]
        worth = (item.score - threshold) * item.cost
        assert worth <= 0 or item.cost > found.left
        for other in found.funded:
            if found.left + by_name[other].cost >= item.cost:
                assert worth <= (by_name[other].score - threshold) * by_name[other].cost


ROWS = [(0, 0, 4), (0, 1, 9), (1, 0, 6), (1, 2, 12), (2, 1, 5), (2, 2, 10)]


def _by_name(rows) -> tuple[dict[str, int], dict[str, int]]:
    return tuple(
        {name: place for place, name in enumerate(sorted(set(names)))} for names in zip(*((r[0], r[1]) for r in rows), strict=True)
    )


def _squared(table: Votes) -> Votes:
    rows = zip(table.application.tolist(), table.assessor.tolist(), table.exact, strict=True)
    return Votes.of([Vote(f"a{i}", f"p{j}", min(score * score / 10, Fraction(20))) for i, j, score in rows], SCALE)


class _Backwards:
    """The other way round, where Hypothesis would have shuffled."""

    def sample(self, things: Sequence, size: int) -> list:
        return list(reversed(things))[:size]


class _Chosen:
    """What Hypothesis would have drawn."""

    def __init__(self, *values: int) -> None:
        self.values = cycle(values)

    def draw(self, strategy: object) -> int:
        return next(self.values)


def _greedy(problem: allocation.Problem) -> allocation.Allocation:
    """First come, first served."""
    left, pairs = [int(most) for most in problem.most], []
    for i, wanted in enumerate(problem.demand):
        for j in [j for j in range(len(left)) if left[j] > 0 and not problem.barred[i, j]][:wanted]:
            left[j] -= 1
            pairs.append((i, j))
    return allocation.Allocation(pairs, 0.0, [])


def _ticket_by_place(names, *, frozen: str, public: str, secret: str = "") -> list[draw.Ticket]:
    return [draw.Ticket(place, name, f"{place:064x}") for place, name in enumerate(names, start=1)]


def _whole_scores(votes: Votes) -> list[Fraction]:
    """The distance from the middle: a better score may bring it down."""
    given: dict[int, list[Fraction]] = {}
    for application, score in zip(votes.application, votes.exact, strict=True):
        given.setdefault(int(application), []).append(score)
    return [abs(sum(given[i], Fraction(0)) / len(given[i]) - 8) for i in range(len(votes.applications))]


def _with_all_open(problem: allocation.Problem) -> allocation.Allocation:
    barred = np.zeros_like(problem.barred)
    return ALLOCATE(allocation.Problem(problem.score, barred, problem.demand, problem.least, problem.most))


ALLOCATE = allocation.allocate
SAMPLE = expected_rank.sample
BARRED = allocation.Problem(np.array([[9.0, 1.0]]), np.array([[True, False]]), np.array([1]), np.array([0, 0]), np.array([1, 1]))
SWAP = allocation.Problem(np.array([[1.0, 9.0], [9.0, 1.0]]), np.zeros((2, 2), bool), np.array([1, 1]), np.array([0, 0]), np.array([1, 1]))
BROKEN = {
    "names decide": (
        test_relabelling_and_reordering_change_nothing, "assessments.methods.votes._refine",
        lambda rows: _by_name([(row.application, row.assessor) for row in rows]), (ROWS, _Backwards()),
    ),
    "the level of the scores decides": (
        test_a_constant_added_to_all_scores_leaves_ranks_alone, "assessments.methods.expected_rank.sample",
        lambda table, **more: SAMPLE(_squared(table), **more),
        (ROWS, 6),
    ),
    "twins are drawn apart": (
        test_expected_ranks_add_up_and_equal_votes_give_equal_ranks, "assessments.methods.expected_rank._alike",
        lambda found, classes: found + 0.001 * (np.arange(len(found)) - (len(found) - 1) / 2)[:, None], (ROWS,),
    ),
    "a rank is counted twice": (
        test_expected_ranks_add_up_and_equal_votes_give_equal_ranks, "assessments.methods.expected_rank._alike",
        lambda shares, classes: shares * 1.01, (ROWS,),
    ),
    "the middle is best": (
        test_raising_one_score_never_worsens_that_applications_raw_rank, "assessments.methods.votes.Votes.means",
        property(_whole_scores), ([(0, 0, 3), (1, 0, 4)], _Chosen(0, 5)),
    ),
    "conflicts are open": (
        test_conflicts_are_kept_out_and_no_swap_improves, "assessments.methods.allocation.allocate", _with_all_open, (BARRED,),
    ),
    "first come, first served": (
        test_conflicts_are_kept_out_and_no_swap_improves, "assessments.methods.allocation.allocate", _greedy, (SWAP,),
    ),
    "the list's order decides the draw": (
        test_the_draw_does_not_depend_on_list_order_or_on_other_tickets, "assessments.methods.draw.draw", _ticket_by_place,
        (["a", "b", "c"], "x", _Backwards()),
    ),
    "cheap ones first": (
        test_no_exchange_improves_a_portfolio_and_it_is_never_worth_less_than_the_list, "assessments.methods.candidates.Candidates._worth",
        lambda self, item, score: score - self.threshold, ([(100, 6), (90, 10)], 10, 0),
    ),
}  # fmt: skip


@pytest.mark.once
@pytest.mark.parametrize("broken", list(BROKEN))
def test_each_property_fails_where_its_method_is_broken(monkeypatch, broken):
    holds, name, instead, example = BROKEN[broken]
    holds.hypothesis.inner_test(*example)
    monkeypatch.setattr(name, instead)
    with pytest.raises(AssertionError):
        holds.hypothesis.inner_test(*example)
