"""Scores with the assessors' severity taken out: y_ij = μ + θ_i + ν_j + ε, variances by REML, effects by Henderson's equations.

REML is profiled over the residual variance and searched over λ = σ²/σ²_residual of applications and of assessors, each bounded below by
nought, where the optimum often lies; a search over logarithms would stop short of it. Patterson and Thompson (1971), Henderson (1975).
One thread of linear algebra is used: for matrices of this size more of them only wait for each other on a busy machine.
"""

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np
import scipy
from threadpoolctl import threadpool_limits

from assessments.methods.votes import Floats, Votes

SMALL = 20_000
"""Tables of up to so many cells are worked on whole; larger ones by what is in them."""
MOST_WHOLE = 5_000
"""Of up to so many applications the covariance is worked out whole; of more only what standard errors need."""
MOST_LEFT = 3_000
"""With more assessors (or applications, whichever are fewer) than this the equations cannot be solved within minutes."""
ROWS = 2_000
GRID = (0.05, 0.5, 0.9)
MOST = 1 - 1e-7
SMALLEST = 1e-9
DIGITS = 10
"""So many digits of the scale's width are told: linear algebra gives later ones by where in memory a table happens to lie."""


@dataclass(frozen=True)
class Variances:
    """What scores vary by. An effect that the data cannot tell from the residual is nought and not `told`."""

    application: float
    assessor: float
    residual: float
    assessor_told: bool = True


@dataclass(frozen=True)
class Fit:
    """The mixed model's figures, by application index. Standard errors are those of μ + θ, the variances taken as known."""

    variances: Variances
    mean: float
    adjusted: Floats
    standard_errors: Floats
    severity: Floats
    """ν of each assessor: above nought is generous."""
    covariance: Floats | None
    """Prediction error covariance of θ; None for more than `MOST_WHOLE` applications."""


@dataclass(frozen=True, eq=False)
class _Point:
    """The model solved at one pair of λ. `value` is −2 log REML but for a constant."""

    ratios: tuple[float, float]
    """λ of what was eliminated and of what was not."""
    value: float
    residual: float
    pivots: Floats
    scale: Floats
    factor: Floats
    within: Floats
    solved: Floats

    @cached_property
    def inverse(self) -> Floats:
        """Of the equations that are left: μ first, then the effects not eliminated."""
        lower, _ = scipy.linalg.lapack.dpotri(self.factor, lower=1)
        return np.tril(lower) + np.tril(lower, -1).T


def fit(votes: Votes) -> Fit | None:
    """Fit the model. None where nothing can be told apart (a single application, or no application with two scores), or there are too many
    assessors to solve it for."""
    if is_too_large(votes):
        return None
    if len(votes.applications) < 2 or votes.counts.max() < 2:
        return None
    model = _Model(votes)
    if model.total <= 1e-20 * max(1.0, float(np.abs(votes.score).max()) ** 2):
        return _all_equal(votes)
    if exact := _without_noise(votes):
        return exact
    tells = len(votes.assessors) > 1 and bool(votes.loads.max() > 1)
    with threadpool_limits(1, "blas"):
        return _steady(_fitted(model, _search(model, tells), tells), DIGITS - math.ceil(math.log10(votes.range)))


def is_too_large(votes: Votes) -> bool:
    """Whether there are too many assessors and applications both."""
    return min(len(votes.applications), len(votes.assessors)) > MOST_LEFT


class _Model:
    """The equations of one table. The larger of the two groups of effects is eliminated, as its block is diagonal."""

    def __init__(self, votes: Votes) -> None:
        self.votes = votes
        incidence = votes.incidence()
        self.size = len(votes.exact)
        self.centre = float(votes.score.mean())
        y = votes.score - self.centre
        self.total = float(y @ y)
        self.applications_inside = len(votes.applications) >= len(votes.assessors)
        sums = (
            np.bincount(votes.application, y, minlength=len(votes.applications)),
            np.bincount(votes.assessor, y, minlength=len(votes.assessors)),
        )
        counts = (votes.counts.astype(float), votes.loads.astype(float))
        inside, outside = (0, 1) if self.applications_inside else (1, 0)
        cross = incidence if self.applications_inside else incidence.T
        self.inner_counts, self.outer_counts = counts[inside], counts[outside]
        self.inner_sums, self.outer_sums = sums[inside], sums[outside]
        self.sum = float(y.sum())
        links = scipy.sparse.csr_array(scipy.sparse.hstack([scipy.sparse.csr_array(self.inner_counts[:, None]), cross]))
        self.links = links.toarray() if links.shape[0] * links.shape[1] <= SMALL else links

    def at(self, application: float, assessor: float) -> _Point:
        """Solve at these λ."""
        inner, outer = (application, assessor) if self.applications_inside else (assessor, application)
        root = np.sqrt(outer)
        pivots = 1 + inner * self.inner_counts
        scale = np.concatenate([[1.0], np.full(len(self.outer_counts), root)])
        schur = self._own_block(outer) - scale[:, None] * self._joined(inner / pivots) * scale[None, :]
        factor = scipy.linalg.cholesky(schur, lower=True, check_finite=False)
        right = np.concatenate([[self.sum], root * self.outer_sums]) - scale * (self.links.T @ (inner / pivots * self.inner_sums))
        solved = scipy.linalg.cho_solve((factor, True), right, check_finite=False)
        within = np.sqrt(inner) * (self.inner_sums - self.links @ (scale * solved)) / pivots
        explained = np.sqrt(inner) * float(self.inner_sums @ within) + self.sum * solved[0] + root * float(self.outer_sums @ solved[1:])
        residual = max(self.total - explained, 1e-14 * self.total) / (self.size - 1)
        determinant = float(np.log(pivots).sum() + 2 * np.log(np.diag(factor)).sum())
        value = (self.size - 1) * float(np.log(residual)) + determinant
        return _Point((inner, outer), value, residual, pivots, scale, factor, within, solved)

    def slopes(self, point: _Point) -> tuple[float, float]:
        """By λ of applications and of assessors: tr(P Z Z′) − |Z′P y|² / σ², the traces from Henderson's inverse."""
        inner, outer = point.ratios
        joined = self._joined(inner / point.pivots**2)
        lost = float((1 / point.pivots).sum() + point.scale @ (joined * point.inverse) @ point.scale)
        first = self._slope(inner, lost, point.within, point.residual)
        second = self._slope(outer, float(np.diag(point.inverse)[1:].sum()), point.solved[1:], point.residual)
        return (first, second) if self.applications_inside else (second, first)

    def effects(self, point: _Point) -> tuple[Floats, Floats]:
        """θ and ν."""
        inner, outer = point.ratios
        found = (np.sqrt(inner) * point.within, np.sqrt(outer) * point.solved[1:])
        return found if self.applications_inside else found[::-1]

    def errors(self, point: _Point) -> tuple[Floats, Floats, Floats | None]:
        """Prediction error variance of θ, its covariance with μ, and the whole covariance of θ where it is not too large; all in units of
        the residual variance."""
        inner, outer = point.ratios
        if not self.applications_inside:
            whole = outer * point.inverse[1:, 1:]
            return np.diag(whole), np.sqrt(outer) * point.inverse[0, 1:], whole
        share = inner / point.pivots
        if len(share) > MOST_WHOLE:
            return self._variances(point, share)
        reach = np.asarray(self.links @ (point.scale[:, None] * point.inverse))
        covariance = share[:, None] * np.asarray(self.links @ (reach * point.scale[None, :]).T) * share[None, :]
        covariance[np.diag_indices_from(covariance)] += share
        return np.diag(covariance), -share * reach[:, 0], covariance

    def _variances(self, point: _Point, share: Floats) -> tuple[Floats, Floats, None]:
        """The diagonal alone, some rows at a time."""
        told = point.scale[:, None] * point.inverse
        within, across = np.empty(len(share)), np.empty(len(share))
        for start in range(0, len(share), ROWS):
            part = slice(start, start + ROWS)
            links = scipy.sparse.csr_array(self.links[part])
            reach = np.asarray(links @ told)
            within[part] = np.asarray(links.multiply(reach * point.scale).sum(axis=1)).ravel()
            across[part] = reach[:, 0]
        return share + share**2 * within, -share * across, None

    def _joined(self, weights: Floats) -> Floats:
        """links′ · weights · links."""
        if isinstance(self.links, np.ndarray):
            return (self.links * weights[:, None]).T @ self.links
        heavy = np.repeat(weights, np.diff(self.links.indptr)) * self.links.data
        weighted = scipy.sparse.csr_array((heavy, self.links.indices, self.links.indptr), shape=self.links.shape)
        return (self.links.T @ weighted).toarray()

    def _slope(self, ratio: float, lost: float, effects: Floats, residual: float) -> float:
        return ((len(effects) - lost) - float(effects @ effects) / residual) / ratio if ratio > 0 else 0.0

    def _own_block(self, outer: float) -> Floats:
        block = np.diag(np.concatenate([[float(self.size)], 1 + outer * self.outer_counts]))
        block[0, 1:] = block[1:, 0] = np.sqrt(outer) * self.outer_counts
        return block


def _search(model: _Model, tells: bool) -> tuple[float, float]:
    """The best λ of several starts; values on the boundary are tried for themselves."""
    starts = [(a, b) for a in GRID for b in (GRID if tells else (0.0,))]
    ranked = sorted(starts, key=lambda start: model.at(*_ratios(start)).value)
    tries = [_descend(model, start, tells) for start in (ranked[:1] if model.size > 1000 else ranked[:3])]
    best = _polish(model, min(tries, key=lambda one: model.at(*one).value), tells)
    if min(best[0], best[1] if tells else 1.0) > 0.01:
        return best
    edges = [(0.0, 0.0), (0.0, best[1]), (best[0], 0.0), (0.0, _along(model, 1)), (_along(model, 0), 0.0)]
    for edge in edges if tells else edges[:1]:
        if model.at(*edge).value <= model.at(*best).value + 1e-10 * model.size:
            best = edge
    return best


def _ratios(shares: tuple[float, float]) -> tuple[float, float]:
    return shares[0] / (1 - shares[0]), shares[1] / (1 - shares[1])


def _descend(model: _Model, start: tuple[float, float], tells: bool) -> tuple[float, float]:
    """Bounded quasi-Newton over shares λ/(1 + λ), which are linear near nought and bounded above."""

    def value_and_slope(shares: Floats) -> tuple[float, Floats]:
        ratios = _ratios((max(float(shares[0]), SMALLEST), max(float(shares[1]), SMALLEST) if tells else 0.0))
        point = model.at(*ratios)
        turned = [slope * (1 + ratio) ** 2 if ratio else 0.0 for slope, ratio in zip(model.slopes(point), ratios, strict=True)]
        return point.value, np.array(turned)

    bounds = [(0.0, MOST), (0.0, MOST if tells else 0.0)]
    found = scipy.optimize.minimize(
        value_and_slope, np.array(start), jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-10, "gtol": 1e-7}
    )
    return _ratios((float(found.x[0]), float(found.x[1])))


def _along(model: _Model, which: int) -> float:
    """The best λ of one effect with the other's at nought."""

    def value(share: float) -> float:
        ratio = share / (1 - share)
        return model.at(*((ratio, 0.0) if which == 0 else (0.0, ratio))).value

    found = scipy.optimize.minimize_scalar(value, bounds=(0.0, MOST), method="bounded", options={"xatol": 1e-9})
    return float(found.x / (1 - found.x))


def _polish(model: _Model, ratios: tuple[float, float], tells: bool) -> tuple[float, float]:
    """Newton's steps on what lies inside the bounds: the search stops early, published cases are held to many digits."""
    free = [index for index in (0, 1) if SMALLEST * 10 < ratios[index] < 1e6 and (index == 0 or tells)]

    def slope(at: tuple[float, ...]) -> Floats:
        return np.array(model.slopes(model.at(*at)))[free]

    here = slope(ratios) if free else np.zeros(0)
    for _ in range(6):
        if not free or np.abs(here * np.array(ratios)[free]).max() < 1e-9 * model.size:
            break
        curvature = np.empty((len(free), len(free)))
        for column, index in enumerate(free):
            ahead = list(ratios)
            ahead[index] += 1e-6 * ratios[index]
            curvature[:, column] = (slope(tuple(ahead)) - here) / (ahead[index] - ratios[index])
        moved = list(ratios)
        for index, step in zip(free, np.linalg.lstsq(curvature, here, rcond=None)[0], strict=True):
            moved[index] -= float(step)
        if min(moved[index] for index in free) <= 0:
            break
        there = slope(tuple(moved))
        if np.abs(there).max() >= np.abs(here).max():
            break
        ratios, here = (moved[0], moved[1]), there
    return ratios


def _fitted(model: _Model, ratios: tuple[float, float], tells: bool) -> Fit:
    point = model.at(*ratios)
    variances = Variances(float(ratios[0] * point.residual), float(ratios[1] * point.residual), float(point.residual), tells)
    own, with_mean, covariance = model.errors(point)
    mean = model.centre + float(point.solved[0])
    variance = point.residual * (own + 2 * with_mean + point.inverse[0, 0])
    applications, assessors = model.effects(point)
    errors = np.sqrt(np.maximum(variance, 0))
    return Fit(variances, mean, mean + applications, errors, assessors, None if covariance is None else point.residual * covariance)


def _steady(fit: Fit, decimals: int) -> Fit:
    """The same, so that the same scores give the same figures to the last digit."""
    told = fit.variances
    application, assessor, residual = (round(value, decimals) for value in (told.application, told.assessor, told.residual))
    return replace(
        fit,
        variances=Variances(application, assessor, residual, told.assessor_told),
        mean=round(fit.mean, decimals),
        adjusted=np.round(fit.adjusted, decimals),
        standard_errors=np.round(fit.standard_errors, decimals),
        severity=np.round(fit.severity, decimals),
    )


def _without_noise(votes: Votes) -> Fit | None:
    """Where every score is exactly its application's plus its assessor's part, though it could have been otherwise: the likelihood grows
    without end as the noise goes to nought, and in that limit the variances are those of the parts. None where there is noise."""
    sizes = len(votes.applications), len(votes.assessors)
    if votes.islands > 1 or len(votes.exact) < sum(sizes):
        return None
    theta, nu = _parts(votes)
    pairs = zip(votes.application.tolist(), votes.assessor.tolist(), votes.exact, strict=True)
    if any(theta[i] + nu[j] != score for i, j, score in pairs):
        return None
    levels = sum(theta) / sizes[0], sum(nu) / sizes[1]
    own, severity = (np.array([float(value - level) for value in part]) for part, level in zip((theta, nu), levels, strict=True))
    spread = [float(part.var(ddof=1)) if len(part) > 1 else 0.0 for part in (own, severity)]
    mean = float(sum(levels))
    covariance = np.full((sizes[0], sizes[0]), spread[0] / sizes[0]) if sizes[0] <= MOST_WHOLE else None
    errors = np.full(sizes[0], math.sqrt(spread[1] / sizes[1]))
    return Fit(Variances(spread[0], spread[1], 0.0), mean, mean + own, errors, severity, covariance)


def _parts(votes: Votes) -> tuple[list[Fraction], list[Fraction]]:
    """What each application's and each assessor's part would be, going from one to the next from the first application on."""
    size = len(votes.applications)
    order, before = scipy.sparse.csgraph.breadth_first_order(votes.graph, 0, directed=False)
    told = dict(zip(zip(votes.application.tolist(), (votes.assessor + size).tolist(), strict=True), votes.exact, strict=True))
    parts = [Fraction(0)] * (size + len(votes.assessors))
    for node in order[1:].tolist():
        known = int(before[node])
        parts[node] = told[min(node, known), max(node, known)] - parts[known]
    return parts[:size], parts[size:]


def _all_equal(votes: Votes) -> Fit:
    """Every score is the same: nothing varies."""
    size = len(votes.applications)
    nought = np.zeros(size)
    same = float(votes.score[0])
    return Fit(
        Variances(0.0, 0.0, 0.0),
        same,
        np.full(size, same),
        nought,
        np.zeros(len(votes.assessors)),
        np.zeros((size, size)) if size <= MOST_WHOLE else None,
    )
