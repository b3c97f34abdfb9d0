"""The arithmetic of scores, against worked examples and against what must hold on any input."""

from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments import ordering, ranking
from assessments.ranking import Figures, Triggers, Vote


@dataclass(frozen=True)
class Criterion:
    id: str
    weight: int
    maximum: int = 10


DIAGCOMM = [
    Criterion("need", 20), Criterion("innovation", 20), Criterion("delivery", 20),
    Criterion("adoption", 15), Criterion("value", 15), Criterion("net_zero", 10),
]  # fmt: skip


def vote(number: int, total: Fraction | int, *, suitable: bool = True, in_scope: bool = True, **marks: int) -> Vote:
    return Vote(number, Fraction(total), in_scope, suitable, marks)


def votes(*totals: int) -> list[Vote]:
    return [vote(number, total) for number, total in enumerate(totals)]


def triggers(found: list[ranking.Flag]) -> list[str]:
    return [flag.trigger for flag in found]


def test_full_marks_are_exactly_a_hundred():
    assert ranking.weighted_total({c.id: 10 for c in DIAGCOMM}, DIAGCOMM) == 100


def test_a_worked_total():
    marks = {"need": 8, "innovation": 7, "delivery": 6, "adoption": 9, "value": 5, "net_zero": 10}
    # 16 + 14 + 12 + 13.5 + 7.5 + 10
    assert ranking.weighted_total(marks, DIAGCOMM) == 73


def test_a_total_that_no_decimal_holds_is_exact():
    thirds = [Criterion("a", 1, 3), Criterion("b", 2, 7)]
    assert ranking.weighted_total({"a": 1, "b": 3}, thirds) == Fraction(100) * (Fraction(1, 3) + Fraction(6, 7)) / 3


def test_a_criterion_without_marks_is_an_error_not_a_nought():
    with pytest.raises(KeyError):
        ranking.weighted_total({"need": 8}, DIAGCOMM)


def test_mean_and_spread():
    figures = ranking.figures(votes(70, 75, 81))
    assert figures is not None
    assert (figures.mean, figures.spread) == (Fraction(226, 3), 11)
    assert ranking.figures([]) is None


@pytest.mark.parametrize(("totals", "is_flagged"), [((70, 80, 89), False), ((70, 80, 90), True), ((70, 70, 70), False)])
def test_spread_is_flagged_from_twenty(totals, is_flagged):
    assert ("spread" in triggers(ranking.flags(votes(*totals)))) is is_flagged


def test_an_outlier_lies_more_than_fifteen_from_the_mean_of_the_others():
    assert triggers(ranking.flags(votes(80, 80, 65))) == []
    flags = ranking.flags(votes(80, 80, 64))
    assert triggers(flags) == ["outlier"]
    assert flags[0].assessment == 2


def test_one_false_total_does_not_flag_those_it_is_far_from():
    assert [flag.assessment for flag in ranking.flags(votes(80, 80, 40)) if flag.trigger == "outlier"] == [2]
    assert [flag.assessment for flag in ranking.flags(votes(60, 80)) if flag.trigger == "outlier"] == [0, 1]


@pytest.mark.parametrize("answers", [{"suitable": False}, {"in_scope": False}])
def test_a_split_recommendation_is_flagged(answers):
    assert triggers(ranking.flags([vote(1, 75), vote(2, 75), vote(3, 75, **answers)])) == ["split"]
    assert ranking.flags([vote(1, 75, **answers), vote(2, 75, **answers)]) == []


def test_one_criterion_far_from_the_others_is_flagged():
    need = [Criterion("need", 100)]
    assert ranking.flags([vote(1, 75, need=8), vote(2, 75, need=8), vote(3, 75, need=5)], need) == []
    flags = ranking.flags([vote(1, 75, need=8), vote(2, 75, need=8), vote(3, 75, need=4)], need)
    assert [(flag.trigger, flag.assessment, flag.criterion) for flag in flags] == [("question", 3, "need")]


def test_a_programme_may_set_its_own_triggers():
    wide = Triggers(spread=Fraction(50), outlier=Fraction(50), question=Fraction(9), split=False)
    assert ranking.flags([vote(1, 40), vote(2, 80, suitable=False)], [], wide) == []


def test_one_review_alone_shows_nothing():
    assert ranking.flags(votes(20)) == []


@pytest.mark.parametrize(
    ("totals", "yes", "meets"),
    [((70, 70, 70), 2, True), ((69, 70, 70), 3, False), ((90, 90, 90), 1, False), ((90, 90), 1, False), ((100, 40), 2, True)],
)
def test_threshold_and_majority_are_both_needed(totals, yes, meets):
    counted = [vote(number, total, suitable=number < yes) for number, total in enumerate(totals)]
    assert ranking.figures(counted).meets(Fraction(70)) is meets


def test_equal_means_share_a_rank_and_the_next_is_left_out():
    placed = ranking.rank(
        {1: ranking.figures(votes(70)), 2: ranking.figures(votes(80)), 3: ranking.figures(votes(70)), 4: ranking.figures(votes(60))}
    )
    assert [(one.key, one.rank, one.is_tied) for one in placed] == [(2, 1, False), (1, 2, True), (3, 2, True), (4, 4, False)]


def test_ties_are_broken_by_the_criteria_named_in_advance():
    tied = {1: ranking.figures(votes(70)), 2: ranking.figures(votes(70))}
    placed = ranking.rank(tied, {1: (Fraction(7), Fraction(9)), 2: (Fraction(8), Fraction(1))})
    assert [(one.key, one.rank) for one in placed] == [(2, 1), (1, 2)]


def test_the_budget_line_stops_at_the_first_that_does_not_fit():
    assert ranking.budget_line([(1, 40), (2, 50), (3, 20), (4, 5)], 100) == ([1, 2], 10)
    assert ranking.budget_line([], 100) == ([], 100)


def test_whom_the_budget_line_runs_between_are_its_equals():
    ranked = [(1, 1), (2, 2), (3, 2), (4, 4)]
    found = [ranking.equals_at_line(ranked, above) for above in ([1, 2], [1], [1, 2, 3], [1, 2, 3, 4], [])]
    assert found == [{2, 3}, set(), set(), set(), set()]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Fraction(226, 3), "75.3"),
        (Fraction(149, 20), "7.5"),
        (Fraction(0), "0.0"),
        (Fraction(-5, 2), "-2.5"),
        (Fraction(100), "100.0"),
    ],
)
def test_one_decimal_rounds_half_up(value, words):
    assert ranking.one_decimal(value) == words


SIXTIETHS = st.integers(0, 6_000).map(lambda sixtieths: Fraction(sixtieths, 60))
TOTALS = st.lists(st.lists(SIXTIETHS, min_size=1, max_size=5), min_size=1, max_size=12)


def ranked(panel: list[list[Fraction]]) -> dict[int, int]:
    figures: dict[int, Figures] = {key: ranking.figures([vote(i, t) for i, t in enumerate(totals)]) for key, totals in enumerate(panel)}
    return {one.key: one.rank for one in ranking.rank(figures)}


@given(TOTALS, st.randoms(use_true_random=False))
def test_relabelling_changes_nothing(panel, chance):
    order = list(range(len(panel)))
    chance.shuffle(order)
    shuffled = ranked([panel[index] for index in order])
    plain = ranked(panel)
    assert {index: shuffled[place] for place, index in enumerate(order)} == plain


@given(TOTALS, SIXTIETHS)
def test_a_constant_added_to_all_leaves_ranks_alone(panel, constant):
    assert ranked([[total + constant for total in totals] for totals in panel]) == ranked(panel)


@given(TOTALS, st.data())
def test_raising_one_score_never_worsens_that_rank(panel, data):
    key = data.draw(st.integers(0, len(panel) - 1))
    raised = [list(totals) for totals in panel]
    raised[key][0] += data.draw(SIXTIETHS)
    assert ranked(raised)[key] <= ranked(panel)[key]


@given(st.fractions(0, 100), st.integers(1, 12))
def test_equal_votes_share_the_first_rank(total, n):
    assert set(ranked([[total]] * n).values()) == {1}


@given(st.dictionaries(st.sampled_from([c.id for c in DIAGCOMM]), st.integers(0, 10), min_size=6, max_size=6))
def test_totals_lie_between_nothing_and_a_hundred(marks):
    assert 0 <= ranking.weighted_total(marks, DIAGCOMM) <= 100


def test_a_round_adds_up_to_what_its_votes_say_one_by_one():
    totals = [Fraction(175, 3), Fraction(200, 3), Fraction(71)]
    one_by_one = ranking.figures([Vote(n, total, n != 1, n == 1, {}) for n, total in enumerate(totals)])
    reviews = "7,0,175,3,1,0,then\n7,1,200,3,0,1,then\n7,2,71,1,1,0,then\n8,3,99,1,1,1,then"
    rule = {"threshold": [60, 1], "majority_needed": False, "tie_break": ["need"]}
    inputs = {"rule": rule, "budget_pence": 100, "applications": "7,A,60\n8,B,70\n9,C,10", "reviews": reviews}
    best, second = (ordering.place_of(row) for row in ordering.work_out(inputs, {})["places"])
    assert (second.application, second.figures, second.meets_threshold, second.is_above) == (7, one_by_one, True, False)
    assert (best.application, best.rank, best.is_above, ordering.work_out(inputs, {})["left_pence"]) == (8, 1, True, 30)
    low = ordering.work_out(inputs, {}, too_low=lambda application: application == 8)
    assert [ordering.is_above(row) for row in low["places"]] == [False, True]
