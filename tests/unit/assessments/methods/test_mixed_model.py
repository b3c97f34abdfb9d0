"""The mixed model and what is worked out from it, against closed forms and dense algebra written out."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize

from assessments.methods import figures, mixed_model, reliability
from tests.unit.assessments.methods.tables import by_name, table

RAGGED = [[60, 70, None, None], [50, None, 65, 40], [80, 85, None, 70], [None, 55, 60, None], [40, 62, 58, 35], [90, None, None, 77]]


def dense(rows):
    """y, X, Z of applications, Z of assessors, in the rows' own order."""
    pairs = [(i, j, score) for i, row in enumerate(rows) for j, score in enumerate(row) if score is not None]
    y = np.array([float(score) for _, _, score in pairs])
    first, second = np.zeros((len(y), len(rows))), np.zeros((len(y), len(rows[0])))
    for line, (i, j, _) in enumerate(pairs):
        first[line, i] = second[line, j] = 1
    return y, np.ones((len(y), 1)), first, second


def reml(variances, y, x, first, second):
    """−2 log REML, without the constant, by the textbook's formula."""
    v = variances[0] * first @ first.T + variances[1] * second @ second.T + variances[2] * np.eye(len(y))
    inverse = np.linalg.inv(v)
    fixed = x.T @ inverse @ x
    left = inverse - inverse @ x @ np.linalg.solve(fixed, x.T @ inverse)
    return np.linalg.slogdet(v)[1] + np.linalg.slogdet(fixed)[1] + y @ left @ y


def test_a_whole_table_gives_the_mean_squares_estimates():
    rows = [[9, 2, 5, 8], [6, 3, 3, 2], [8, 4, 6, 9], [7, 1, 2, 6], [10, 5, 6, 9]]
    data = np.array(rows, dtype=float)
    n, k = data.shape
    between = k * data.mean(axis=1).var(ddof=1)
    judges = n * data.mean(axis=0).var(ddof=1)
    error = ((data - data.mean(axis=1, keepdims=True) - data.mean(axis=0) + data.mean()) ** 2).sum() / ((n - 1) * (k - 1))
    found = mixed_model.fit(table(rows)).variances
    assert found.application == pytest.approx((between - error) / k, rel=1e-8)
    assert found.assessor == pytest.approx((judges - error) / n, rel=1e-8)
    assert found.residual == pytest.approx(error, rel=1e-8)


@pytest.mark.parametrize("severity", [(0, 0, 0), (0, 1, -3)])
def test_where_assessors_differ_by_a_constant_alone_there_is_no_noise(severity):
    rows = [[good + harsh if (i + j) % 4 else None for j, harsh in enumerate(severity)] for i, good in enumerate((52, 60, 71, 43, 65))]
    votes = table(rows)
    fit = mixed_model.fit(votes)
    found = fit.variances
    assert (found.application, found.assessor) == pytest.approx((np.var((52, 60, 71, 43, 65), ddof=1), np.var(severity, ddof=1)))
    assert found.residual == 0
    level = np.mean(severity)
    assert by_name(votes, fit.adjusted) == pytest.approx({f"A{i}": good + level for i, good in enumerate((52, 60, 71, 43, 65))})
    assert fit.standard_errors == pytest.approx(np.sqrt(found.assessor / 3))
    assert figures.summarise(votes).icc.single == pytest.approx(found.application / (found.application + found.assessor))


def test_a_table_with_holes_reaches_the_optimum_of_the_likelihood():
    parts = dense(RAGGED)
    fit = mixed_model.fit(table(RAGGED))
    mine = (fit.variances.application, fit.variances.assessor, fit.variances.residual)
    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000}
    starts = ([5, 5, 3], [1, 1, 1], [6, 0, 4])
    tried = [optimize.minimize(lambda logs: reml(np.exp(logs), *parts), start, method="Nelder-Mead", options=options) for start in starts]
    best = min(tried, key=lambda one: one.fun)
    assert reml(mine, *parts) <= best.fun + 1e-8
    assert mine == pytest.approx(np.exp(best.x), rel=1e-3)


def test_adjusted_scores_and_errors_are_those_of_the_whole_covariance(monkeypatch):
    y, x, first, second = dense(RAGGED)
    votes = table(RAGGED)
    fit = mixed_model.fit(votes)
    var = fit.variances
    v = var.application * first @ first.T + var.assessor * second @ second.T + var.residual * np.eye(len(y))
    inverse = np.linalg.inv(v)
    mean = np.linalg.solve(x.T @ inverse @ x, x.T @ inverse @ y)
    theta = var.application * first.T @ inverse @ (y - x @ mean)
    assert by_name(votes, fit.adjusted) == pytest.approx({f"A{i}": mean[0] + value for i, value in enumerate(theta)})
    effects = np.hstack([x, first, second])
    whole = effects.T @ effects + np.diag([0.0, *[var.residual / var.application] * 6, *[var.residual / var.assessor] * 4])
    errors = np.linalg.inv(whole) * var.residual
    of_sum = [errors[0, 0] + 2 * errors[0, 1 + i] + errors[1 + i, 1 + i] for i in range(6)]
    assert by_name(votes, fit.standard_errors) == pytest.approx({f"A{i}": value**0.5 for i, value in enumerate(of_sum)})
    with monkeypatch.context() as large:
        large.setattr(mixed_model, "MOST_WHOLE", 3)
        large.setattr(mixed_model, "ROWS", 4)
        found = mixed_model.fit(votes)
        assert found.covariance is None
        assert found.standard_errors == pytest.approx(fit.standard_errors)
        large.setattr(mixed_model, "MOST_LEFT", 3)
        assert mixed_model.fit(votes) is None
        assert "more than 3 assessors" in figures.summarise(votes).warnings[0]
    sideways = table([list(column) for column in zip(*RAGGED, strict=True)])
    assert mixed_model.fit(sideways).variances.assessor == pytest.approx(var.application, rel=1e-6)


def test_assessors_who_agree_but_for_noise_have_no_variance_at_all():
    rows = [[50, 52, 51], [60, 59, 61], [71, 70, 69], [40, 41, 42], [80, 78, 79]]
    assert mixed_model.fit(table(rows)).variances.assessor == 0
    assert not any("ICC" in said or "alpha " in said for said in figures.summarise(table(rows * 6)).warnings)


def test_applications_that_do_not_differ_all_get_the_mean_and_it_is_said():
    rows = [[40, 60, 50], [60, 50, 40], [50, 40, 60]]
    fit = mixed_model.fit(table(rows))
    assert fit.variances.application == 0
    assert fit.adjusted == pytest.approx([50, 50, 50])
    few, many = (figures.summarise(table(rows * times)).warnings for times in (1, 10))
    assert "poor measure here (ICC 0.00" in few[-1]
    assert [("ICC" in one, "alpha -0.4" in one) for one in many] == [(True, False), (False, True)]


def test_a_severe_assessor_is_allowed_for():
    rows = [[70, None, 50], [None, 72, 51], [70, 71, None], [60, 61, None], [60, None, 40], [None, 80, 62]]
    votes = table(rows)
    fit = mixed_model.fit(votes)
    assert fit.severity[votes.assessors.index("P2")] < -5
    raw, adjusted = by_name(votes, votes.means), by_name(votes, fit.adjusted)
    assert raw["A0"] < raw["A3"]
    assert adjusted["A0"] > adjusted["A3"]


@pytest.mark.parametrize(("rows", "found"), [([[50, 60]], None), ([[50, None], [None, 60]], None), ([[50, 50], [50, 50]], 0.0)])
def test_what_cannot_be_told_apart(rows, found):
    fit = mixed_model.fit(table(rows))
    assert (fit and fit.variances.application) == found


def test_assessors_of_one_application_each_are_noise():
    fit = mixed_model.fit(table([[50, 60, None, None], [None, None, 80, 90]]))
    assert (fit.variances.assessor, fit.variances.assessor_told) == (0, False)


def test_the_last_digits_of_linear_algebra_are_not_told():
    """They depend on where in memory a table lies."""
    fit = mixed_model.fit(table(RAGGED))
    other = replace(fit, adjusted=fit.adjusted + 3e-14, variances=replace(fit.variances, residual=fit.variances.residual + 3e-14))
    assert (other.adjusted != fit.adjusted).any()
    same = mixed_model._steady(other, mixed_model.DIGITS - 2)
    assert (same.variances, same.adjusted.tolist()) == (fit.variances, fit.adjusted.tolist())


def test_islands_are_counted():
    assert table([[50, 60, None], [55, 61, None], [None, None, 70]]).islands == 2
    assert table([[50, 60], [55, 61]]).islands == 1


def test_agreement_where_all_agree_and_where_nothing_varies():
    assert reliability.alpha([[1, 1], [2, 2], [3, 3]]) == 1
    assert reliability.alpha([[1, 1], [1, 1]]) is None
    assert reliability.alpha([[1], [2]]) is None
    assert reliability.shrout_fleiss([[1, 1], [1, 1]]) is None
    assert reliability.shrout_fleiss([[1, 2], [1]]) is None


def test_alpha_of_many_values_is_that_of_few():
    rng = np.random.default_rng(3)
    units = [list(rng.integers(0, 1000, size).astype(float)) for size in rng.integers(2, 5, 150)]
    held = [value for unit in units for value in unit]
    assert len(set(held)) > 200
    within = sum(2 * sum((a - b) ** 2 for k, a in enumerate(u) for b in u[:k]) / (len(u) - 1) for u in units)
    over_all = 2 * sum((a - b) ** 2 for k, a in enumerate(held) for b in held[:k]) / (len(held) - 1)
    assert reliability.alpha(units) == pytest.approx(1 - within / over_all)
