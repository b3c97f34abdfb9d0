"""Allocation: what is missing is named, side constraints hold, a large programme with columns left out is still the best."""

import itertools

import numpy as np
import pytest
import scipy

from assessments.methods import BadInput, handing, placing, pricing
from assessments.methods.allocation import Problem, allocate
from assessments.methods.problems import read


def problem(score, *, demand, most, least=None, barred=None, **more) -> Problem:
    score = np.array(score, dtype=float)
    nobody = np.zeros(score.shape, dtype=bool)
    least = np.zeros(score.shape[1], dtype=int) if least is None else np.array(least)
    return Problem(score, nobody if barred is None else np.array(barred, dtype=bool), np.array(demand), least, np.array(most), **more)


def test_what_is_missing_is_named():
    found = allocate(problem([[5, 5], [5, 5]], demand=[2, 2], most=[2, 1]))
    assert len(found.pairs) == 3
    assert sum(missing for _, missing in found.shortfalls) == 1
    assert not found.is_feasible


def test_a_load_that_cannot_be_filled_is_named_and_costs_no_application_its_assessor():
    found = allocate(problem([[1, 9]], demand=[1], most=[1, 1], least=[1, 1]))
    assert len(found.pairs) == 1
    assert found.shortfalls == []
    assert [missing for _, missing in found.loads_not_met] == [1]


def test_shortfalls_come_before_any_score():
    """Whoever only one assessor can take gets that one, whatever another application would gain by it."""
    found = allocate(problem([[1000, 0], [0.001, 0]], demand=[1, 1], most=[1, 1], barred=[[0, 0], [0, 1]]))
    assert found.pairs == [(0, 1), (1, 0)]


def test_pins_are_kept_and_the_rest_is_the_best_around_them():
    found = allocate(problem([[9, 1, 5], [9, 8, 1]], demand=[1, 1], most=[1, 1, 1], pins=((0, 1),)))
    assert found.pairs == [(0, 1), (1, 0)]


def test_balance_spreads_the_load():
    score = [[1.0, 0.95]] * 4
    alone = problem(score, demand=[1] * 4, most=[4, 4])
    spread = problem(score, demand=[1] * 4, most=[4, 4], balance=0.1)
    assert [sum(j == k for _, j in allocate(one).pairs) for one in (alone, spread) for k in (0, 1)] == [4, 0, 2, 2]


def test_one_of_each_organisation_skills_and_newcomers():
    rng = np.random.default_rng(1)
    score = rng.random((6, 8)).round(2)
    found = allocate(
        problem(score, demand=[3] * 6, most=[4] * 8, organisations=("x", "x", "y", "y", "", "", "z", ""),
                skills=tuple(frozenset(words) for words in ("m", "", "m", "", "", "f", "", "f")), needs=(frozenset({"m", "f"}),) * 6,
                newcomers=frozenset({0, 5, 6}), newcomers_most=1)
    )  # fmt: skip
    assert found.is_feasible
    assert found.is_proven
    for application in range(6):
        people = {j for i, j in found.pairs if i == application}
        assert len(people & {0, 1}) <= 1 >= len(people & {2, 3})
        assert people & {0, 2}
        assert people & {5, 7}
        assert len(people & {0, 5, 6}) <= 1


def test_a_skill_that_nobody_has_is_named_and_the_places_are_filled():
    found = allocate(problem([[1, 2]], demand=[2], most=[1, 1], skills=(frozenset(), frozenset()), needs=(frozenset({"law"}),)))
    assert (found.pairs, found.skills_not_met, found.is_feasible) == ([(0, 0), (0, 1)], [(0, "law")], False)


def test_side_constraints_reach_the_optimum_of_trying_everything():
    rng = np.random.default_rng(7)
    score = rng.random((3, 4)).round(2)
    found = allocate(problem(score, demand=[2] * 3, most=[2] * 4, organisations=("x", "x", "y", "y")))
    teams = [(0, 2), (0, 3), (1, 2), (1, 3)]
    best = max(
        sum(score[i, j] for i, team in enumerate(choice) for j in team)
        for choice in itertools.product(teams, repeat=3)
        if max(np.bincount([j for team in choice for j in team], minlength=4)) <= 2
    )
    assert found.total == pytest.approx(best)


def test_pinned_pairs_stay_beyond_what_a_rule_allows():
    found = allocate(problem([[5, 5, 1]], demand=[2], most=[1] * 3, organisations=("x", "x", ""), pins=((0, 0), (0, 1))))
    assert (found.pairs, found.is_proven) == ([(0, 0), (0, 1)], True)


def test_more_than_one_with_a_skill():
    skills = (frozenset(), frozenset(), frozenset({"law"}), frozenset({"law"}))
    found = allocate(problem([[9, 8, 2, 1]], demand=[3], most=[1] * 4, skills=skills, needs=(frozenset({"law"}),), at_least={"law": 2}))
    assert (found.pairs, found.skills_not_met) == ([(0, 0), (0, 2), (0, 3)], [])


@pytest.mark.parametrize("seed", range(4))
def test_limits_that_join_late_reach_what_trying_everything_reaches(seed):
    rng = np.random.default_rng(seed)
    score = rng.random((4, 6)).round(2)
    found = allocate(problem(score, demand=[2] * 4, most=[2] * 6, organisations=("x", "x", "x", "y", "y", "y"), newcomers=frozenset({0, 3}),
                             newcomers_most=1))  # fmt: skip
    teams = [(a, b) for a in (0, 1, 2) for b in (3, 4, 5) if (a, b) != (0, 3)]
    best = max(
        sum(score[i, j] for i, team in enumerate(choice) for j in team)
        for choice in itertools.product(teams, repeat=4)
        if max(np.bincount([j for team in choice for j in team], minlength=6)) <= 2
    )
    assert found.total == pytest.approx(best)
    assert found.is_proven


def test_a_large_programme_finds_the_pairs_it_first_left_out(monkeypatch):
    rng = np.random.default_rng(3)
    score = rng.random((30, 20)).round(3) + np.linspace(1, 0, 20)[None, :]
    whole = problem(score, demand=[2] * 30, most=[4] * 20, least=[1] * 20)
    expected = allocate(whole).total
    monkeypatch.setattr(placing, "LARGE", 10)
    monkeypatch.setattr(placing, "BEST", 3)
    assert allocate(whole).total == pytest.approx(expected, abs=1e-9)
    whole = problem(score, demand=[2] * 30, most=[4] * 20, least=[1] * 20, balance=0.01)
    assert allocate(whole).is_feasible


def test_a_large_programme_of_applications_that_are_alike_is_solved_as_a_small_one_is(monkeypatch):
    """All want the same few assessors, two of an employer among them: loads, not scores, decide."""
    score = np.tile(np.round(np.linspace(9, 1, 24), 1), (40, 1))
    whole = problem(score, demand=[2] * 40, most=[5] * 24, balance=0.3, organisations=tuple(f"o{j // 2}" for j in range(24)))
    expected = allocate(whole)
    monkeypatch.setattr(placing, "LARGE", 10)
    monkeypatch.setattr(placing, "BEST", 3)
    found = allocate(whole)

    def worth(pairs):
        return sum(score[pair] for pair in pairs) - sum(0.3 * n * (n - 1) / 2 for n in np.bincount([j for _, j in pairs]))

    assert found.is_proven
    assert worth(found.pairs) == pytest.approx(worth(expected.pairs), abs=1e-6)


def test_pairs_that_there_was_no_time_for_are_in_the_gap(monkeypatch):
    score = np.tile(np.round(np.linspace(9, 1, 24), 1), (40, 1))
    whole = problem(score, demand=[2] * 40, most=[5] * 24)
    best = allocate(whole).total
    monkeypatch.setattr(placing, "LARGE", 10)
    monkeypatch.setattr(placing, "BEST", 3)
    monkeypatch.setattr(pricing, "ROUNDS", 1)
    monkeypatch.setattr(placing.Programme, "_passed", lambda self: 0.6 * self.seconds)
    found = allocate(whole)
    assert not found.is_proven
    assert found.total < best
    assert found.total + found.gap >= best - 1e-9


def _mixed(**more) -> Problem:
    """Too few places, a skill that too few have, employers and newcomers."""
    rng = np.random.default_rng(4)
    skills = tuple(frozenset({"law"}) if person in (3, 8) else frozenset() for person in range(12))
    return problem(rng.random((14, 12)).round(2), demand=[3] * 14, most=[3] * 12, barred=rng.random((14, 12)) < 0.1, skills=skills,
                   needs=(frozenset({"law"}),) * 9 + (frozenset(),) * 5, organisations=tuple(f"o{person // 2}" for person in range(12)),
                   newcomers=frozenset({0, 5, 6, 11}), newcomers_most=1, **more)  # fmt: skip


@pytest.mark.parametrize("solver", ["linprog", "milp"])
@pytest.mark.parametrize("balance", [0.0, 0.05])
def test_where_the_solver_finds_nothing_in_time_lists_do_and_the_gap_is_told(monkeypatch, solver, balance):
    whole = _mixed(balance=balance)
    best = allocate(whole)
    assert (best.is_proven, sum(missing for _, missing in best.shortfalls), len(best.skills_not_met)) == (True, 6, 3)
    monkeypatch.setattr(scipy.optimize, solver, lambda *given, **more: scipy.optimize.OptimizeResult(x=None, status=1))
    found = allocate(whole)
    assert 6 <= sum(missing for _, missing in found.shortfalls) <= 8
    assert len(found.skills_not_met) <= 4
    assert np.bincount([j for _, j in found.pairs]).max() <= 3
    assert not any(whole.barred[pair] for pair in found.pairs)
    for people in ([j for i, j in found.pairs if i == application] for application in range(14)):
        assert len({person // 2 for person in people}) == len(people)
        assert len(set(people) & whole.newcomers) <= 1
    worth = [handing.worth_of(whole, one.pairs) for one in (found, best)]
    assert worth[1] <= worth[0] + found.gap + 1e-9


def test_a_large_programme_finds_those_with_a_skill_whom_no_application_would_choose(monkeypatch):
    score = np.tile(np.linspace(9, 1, 24), (20, 1))
    skills = (frozenset(),) * 20 + (frozenset({"law"}),) * 4
    whole = problem(score, demand=[2] * 20, most=[5] * 24, skills=skills, needs=(frozenset({"law"}),) * 20)
    expected = allocate(whole)
    monkeypatch.setattr(placing, "LARGE", 10)
    monkeypatch.setattr(placing, "BEST", 3)
    found = allocate(whole)
    assert (found.skills_not_met, found.is_proven, found.total) == ([], True, pytest.approx(expected.total))


@pytest.mark.parametrize("unit", [1e-12, 1e9])
def test_the_size_of_scores_does_not_matter(unit):
    found = allocate(problem(np.array([[1, 2], [3, 1.00001]]) * unit, demand=[1, 1], most=[1, 1]))
    assert (found.pairs, found.total) == ([(0, 1), (1, 0)], pytest.approx(5 * unit))


def test_one_number_may_stand_for_all():
    whole = read({"score": [[1, 2], [3, 4]], "demand": 2, "min_load": 1, "max_load": 2})
    assert [one.tolist() for one in (whole.demand, whole.least, whole.most)] == [[2, 2], [1, 1], [2, 2]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"score": [[1, 2], [3]]}, "Row 1 of “score” has 1 numbers"),
        ({"score": [[1, "x"], [3, 4]]}, "“score” [0][1] is not a number"),
        ({"score": None}, "“score” must be a list"),
        ({"conflict": [[0, 1]]}, "“conflict” is 1 by 2"),
        ({"demand": [1]}, "“demand” must be a list of 2"),
        ({"demand": [1, -1]}, "“demand” [1] must be a whole number"),
        ({"demand": None}, "“demand” is missing"),
        ({"min_load": [3, 0]}, "Assessor 0 must take at least 3"),
        ({"pins": [[0, 9]]}, "names nobody"),
        ({"pins": [[0]]}, "“pins” must be a list"),
        ({"pins": [[0, 1]], "conflict": [[0, 1], [0, 0]]}, "pinned and in conflict"),
        ({"pins": [[0, 1], [1, 1]], "max_load": [2, 1]}, "more pinned reviews"),
        ({"applications": 7}, "“applications” says 7"),
        ({"balance": "x"}, "“balance” must be a number"),
        ({"score": [[1, 10**400], [3, 4]]}, "“score” [0][1] is not a number up to"),
        ({"demand": [10**30, 1]}, "“demand” [0] must be a whole number"),
        ({"conflicts": [[1, 0], [0, 0]]}, "There is a key “conflicts”: is “conflict” meant?"),
        ({"skills": ["law", []]}, "“skills” [0] must be a list"),
    ],
)
def test_a_bad_document_is_refused_in_a_sentence(change, said):
    document = {"score": [[1, 2], [3, 4]], "demand": [1, 1], "min_load": [0, 0], "max_load": [2, 2], **change}
    with pytest.raises(BadInput, match="^" + ".*" + said.replace("[", r"\[").replace("]", r"\]")):
        allocate(read(document))
    with pytest.raises(BadInput):
        read([1])
