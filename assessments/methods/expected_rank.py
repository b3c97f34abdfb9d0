"""Expected ranks and what they say of the funding line: Heyard, Ott, Salanti and Egger (2022), Statistics and Public Policy 9.

y_ij = ȳ + θ_i + ν_j (+ γ_panel) + ε with ȳ the mean of the applications' means, plugged in; θ ~ N(0, τ²), ν ~ N(0, (0.1 range)²),
γ ~ N(0, σ_γ²), ε ~ N(0, s²); τ, σ_γ and s uniform up to 0.4 of the range of the scale. ER_i = 1 + Σ_k P(θ_k > θ_i): given the spreads
that were drawn these chances are known exactly, so that only the spreads' noise is left in them (Gelfand and Smith 1990).
"""

from __future__ import annotations  # SciPy loads its parts when they are first asked for: not for an annotation

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import scipy
from threadpoolctl import threadpool_limits

from assessments.methods import BadInput
from assessments.methods.mixed_model import Fit
from assessments.methods.votes import Floats, Integers, Votes

CHAINS = 4
KEPT = 10_000
BURN_IN = 1_000
BATCH = 250
SEVERITY = 0.10
MOST = 0.40
BLOCK = 32
"""Up to so many assessors and panels are drawn as one block; more are drawn in turn with the applications, twice an iteration."""
LARGE = 3_000
"""Beyond so many applications single draws are kept, not a count of each rank: a table of all ranks would outgrow the machine."""
CELLS = 60_000_000
"""So many ranks are kept of a large table: 1,800 draws of 33,000 applications."""
WORK, LEAST_SPREADS, MOST_SPREADS = 40_000_000, 100, 1_000
"""The chances are worked out for so many of the drawn spreads as this work allows; where it allows few, ranks are counted instead."""
FUND, RANDOM, NOT_FUND = "fund", "random selection", "not fund"


@dataclass(frozen=True)
class Ranks:
    """The posterior of the ranks, by application index: how often each application had each rank, as shares."""

    shares: Floats
    spreads: dict[str, float] = field(default_factory=dict)
    """Posterior means of the standard deviations."""
    r_hat: float = 1.0
    known: Floats | None = None
    """Expected ranks from chances; None where they are to be counted."""

    @property
    def expected(self) -> Floats:
        return self.shares @ np.arange(1, len(self.shares) + 1) if self.known is None else self.known

    @property
    def sucra(self) -> Floats:
        size = len(self.shares)
        return (size - self.expected) / (size - 1) if size > 1 else np.ones(size)

    def interval(self, percent: int) -> list[tuple[int, int]]:
        """The ranks between which this share of the posterior lies, as much of the rest on either side."""
        cumulated = np.cumsum(self.shares, axis=1)
        tail = (1 - percent / 100) / 2
        lower = (cumulated < tail - 1e-12).sum(axis=1) + 1
        upper = (cumulated < 1 - tail - 1e-12).sum(axis=1) + 1
        return list(zip(lower.tolist(), np.minimum(upper, len(self.shares)).tolist(), strict=True))

    def funded(self, places: int) -> Floats:
        """P(rank ≤ places)."""
        return self.shares[:, :places].sum(axis=1)


@dataclass(frozen=True)
class DrawnRanks(Ranks):
    """The same for many applications: `drawn` has a row an application and in it its rank in each draw that was kept, in rising order."""

    drawn: Integers = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    means: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def expected(self) -> Floats:
        return self.means

    @property
    def sucra(self) -> Floats:
        return (len(self.drawn) - self.expected) / (len(self.drawn) - 1)

    def interval(self, percent: int) -> list[tuple[int, int]]:
        number, tail = self.drawn.shape[1], (1 - percent / 100) / 2
        lower, upper = (max(int(np.ceil(share * number - 1e-9)) - 1, 0) for share in (tail, 1 - tail))
        return list(zip(self.drawn[:, lower].tolist(), self.drawn[:, upper].tolist(), strict=True))

    def funded(self, places: int) -> Floats:
        return np.asarray((self.drawn <= places).mean(axis=1))


@dataclass(frozen=True)
class Line:
    """What a rank interval says of the funding line. `draw` is how many of the middle group there is room for."""

    at: float
    groups: list[str]
    draw: int


def line(ranks: Ranks, places: int, percent: int = 50) -> Line:
    """Three groups about the expected rank of the last application that has a place.

    *Fund* where the interval ends above the line, *random selection* where it covers it, *not fund* below. Never more are funded outright
    than there are places, and never do fewer than that come into question: the ones nearest the line change to the middle group.
    """
    expected = ranks.expected
    size = len(expected)
    if places >= size:
        return Line(float(expected.max()), [FUND] * size, 0)
    order = np.argsort(expected, kind="stable").tolist()
    at = float(expected[order[places - 1]])
    groups = [FUND if high < at else NOT_FUND if low > at else RANDOM for low, high in ranks.interval(percent)]
    last_first = iter([index for index in reversed(order) if groups[index] == FUND])
    while groups.count(FUND) > places:
        last = next(index for index in last_first if groups[index] == FUND)
        groups = [RANDOM if group == FUND and expected[i] >= expected[last] - 1e-12 else group for i, group in enumerate(groups)]
    best_first = [index for index in order if groups[index] == NOT_FUND]
    for index in best_first[: max(places - (size - len(best_first)), 0)]:
        groups[index] = RANDOM
    return Line(at, groups, places - groups.count(FUND))


def preview(fit: Fit) -> Floats:
    """Expected ranks in closed form from the mixed model's estimates: ER_i = 1 + Σ Φ((m_k − m_i)/√(V_ii + V_kk − 2V_ik)). No panels."""
    if fit.covariance is None:
        raise BadInput("The closed form is for fewer applications.")
    own = np.diag(fit.covariance)
    apart = fit.adjusted[None, :] - fit.adjusted[:, None]
    spread = np.sqrt(np.maximum(own[:, None] + own[None, :] - 2 * fit.covariance, 0))
    flat = spread <= 1e-9 * (1 + np.abs(apart))
    chance = np.where(flat, 0.5 * (1 + np.sign(np.round(apart, 12))), scipy.special.ndtr(apart / np.where(flat, 1, spread)))
    return 1 + chance.sum(axis=1) - 0.5


def sample(votes: Votes, *, seed: int, panels: bool = False, kept: int = KEPT, on_progress: Callable[[float], None] | None = None) -> Ranks:
    """Draw from the posterior by block Gibbs sampling: four chains, PCG64 seeded with `seed`, the first thousand draws discarded."""
    if len(votes.applications) == 1:
        return Ranks(np.ones((1, 1)))
    is_large = len(votes.applications) > LARGE
    with threadpool_limits(1, "blas"):
        sampler = _Sampler(votes, panels, np.random.Generator(np.random.PCG64(seed)))
        if is_large:
            drawn = _Drawn(len(votes.applications))
            spreads, r_hat = sampler.run(max(kept * LARGE // len(votes.applications), min(kept, BURN_IN)), drawn.keep, on_progress)
            return DrawnRanks(np.zeros((0, 0)), spreads, r_hat, None, *drawn.pooled(votes.alike))
        table = _Table(len(votes.applications))
        spreads, r_hat = sampler.run(kept, table.keep, on_progress)
        known = sampler.expected()
    if known is not None:
        known = _alike(known[:, None], votes.alike)[:, 0]
    return Ranks(_alike(table.shares, votes.alike), spreads, r_hat, known)


class _Table:
    """How often each application had each rank."""

    def __init__(self, size: int) -> None:
        self.size, self.draws = size, 0
        self.counts = np.zeros(size * size)

    def keep(self, drawn: Floats, expected: int) -> None:
        order = np.argsort(-drawn, axis=1)
        self.counts += np.bincount((order * self.size + np.arange(self.size)).ravel(), minlength=len(self.counts))
        self.draws += len(drawn)

    @property
    def shares(self) -> Floats:
        return self.counts.reshape(self.size, self.size) / self.draws


class _Drawn:
    """The ranks of some of the draws, evenly over all of them."""

    def __init__(self, size: int) -> None:
        self.size, self.seen, self.kept = size, 0, 0
        self.parts: list[Integers] = []

    def keep(self, drawn: Floats, expected: int) -> None:
        most = CELLS // self.size
        for row in drawn:
            self.seen += 1
            if self.seen * min(most, expected) // expected > self.kept:
                self.kept += 1
                ranks: Integers = np.empty(self.size, dtype=np.int32)
                ranks[np.argsort(-row)] = np.arange(1, self.size + 1)
                self.parts.append(ranks)

    def pooled(self, classes: Integers) -> tuple[Integers, Floats]:
        """A row an application, its ranks in rising order; and their means. Those with the same scores share both."""
        drawn = np.stack(self.parts, axis=1)
        self.parts.clear()
        means = drawn.mean(axis=1)
        means = (np.bincount(classes, means) / np.maximum(np.bincount(classes), 1))[classes]
        order = np.argsort(classes, kind="stable")
        for members in np.split(order, np.flatnonzero(np.diff(classes[order])) + 1):
            pool = np.sort(drawn[members], axis=None)
            drawn[members] = pool[len(members) // 2 :: len(members)]
        return drawn, means


def _alike(shares: Floats, classes: Integers) -> Floats:
    """Applications with the same scores get the same figures: what differs between them is the noise of drawing."""
    sums = np.zeros((int(classes.max()) + 1, shares.shape[1]))
    np.add.at(sums, classes, shares)
    counts = np.bincount(classes, minlength=len(sums))
    return (sums / np.maximum(counts, 1)[:, None])[classes]


class _Sampler:
    """The state of all chains at once: each array has a row a chain."""

    def __init__(self, votes: Votes, panels: bool, random: np.random.Generator) -> None:
        self.random = random
        self.size, self.people = len(votes.applications), len(votes.assessors)
        self.groups = len(votes.panels) if panels and len(votes.panels) > 1 else 0
        self.y = votes.score - float(sum(votes.means, start=votes.means[0] * 0)) / self.size
        self.severity = SEVERITY * votes.range
        self.most = MOST * votes.range
        self.links = self._links(votes)
        self.counts = votes.counts.astype(float)
        self.sums = np.bincount(votes.application, self.y, minlength=self.size)
        rows = np.arange(len(self.y))
        people = scipy.sparse.csr_array((np.ones(len(rows)), (rows, votes.assessor)), shape=(len(rows), self.people))
        parts = [people]
        if self.groups:
            parts.append(scipy.sparse.csr_array((np.ones(len(rows)), (rows, votes.panel)), shape=(len(rows), self.groups)))
        effects = scipy.sparse.csr_array(scipy.sparse.hstack(parts))
        self.effect_sums = effects.T @ self.y
        self.is_block = effects.shape[1] <= BLOCK
        self.own_counts = np.bincount(effects.indices, minlength=effects.shape[1]).astype(float)
        self.own = (effects.T @ effects).toarray() if self.is_block or self.groups else np.zeros((0, 0))
        self._prepare()
        width = effects.shape[1]
        self.theta = np.zeros((CHAINS, self.size))
        self.effects = np.zeros((CHAINS, width))
        start = self.most * np.array([0.1, 0.25, 0.5, 0.8])
        self.tau2, self.s2, self.gamma2 = start**2, start[::-1] ** 2, start**2
        self.whole, self.traces = (effects.T @ effects).toarray() if self._spreads_to_take() else self.own, np.zeros((0, 3))

    def _links(self, votes: Votes) -> scipy.sparse.csr_array:
        """How often each effect stands in each application's scores."""
        ones = np.ones(len(votes.exact))
        parts = [scipy.sparse.csr_array((ones, (votes.application, votes.assessor)), shape=(self.size, self.people))]
        if self.groups:
            parts.append(scipy.sparse.csr_array((ones, (votes.application, votes.panel)), shape=(self.size, self.groups)))
        return scipy.sparse.csr_array(scipy.sparse.hstack(parts))

    def _prepare(self) -> None:
        """Sums over the applications with equally many scores: a draw of the block then costs nothing by application."""
        self.levels, self.level = np.unique(self.counts, return_inverse=True)
        if not self.is_block:
            self.backwards = scipy.sparse.csr_array(self.links.T)
            return
        dense = self.links.toarray()
        self.dense = dense
        width = dense.shape[1]
        self.joined = np.stack([dense[self.level == k].T @ dense[self.level == k] for k in range(len(self.levels))]).reshape(-1, width**2)
        self.met = np.stack([dense[self.level == k].T @ self.sums[self.level == k] for k in range(len(self.levels))])

    def run(
        self, kept: int, keep: Callable[[Floats, int], None], on_progress: Callable[[float], None] | None
    ) -> tuple[dict[str, float], float]:
        """Hand every draw of θ to `keep`, with how many there will be; posterior mean spreads, and the largest split R̂ of the spreads."""
        traces = []
        batch = max(min(BATCH, BATCH * LARGE // self.size), 10)
        burn_in = min(BURN_IN, max(kept // 2, 1))
        done = -burn_in
        while done < kept:
            length = min(batch, (0 if done < 0 else kept) - done)
            drawn, trace = self._batch(length)
            if done >= 0:
                keep(drawn.reshape(-1, self.size), kept * CHAINS)
                traces.append(trace)
                if on_progress:
                    on_progress((done + length) / kept)
            done += length
        spreads = np.sqrt(np.concatenate(traces))
        self.traces = np.square(spreads).transpose(0, 2, 1).reshape(-1, 3)
        names = ["application", "residual", *(["panel"] if self.groups else [])]
        means = {name: round(float(spreads[:, index].mean()), 9) for index, name in enumerate(names)}
        r_hat = round(max(_split_r_hat(spreads[:, index]) for index in range(len(names))), 9)
        return means, r_hat

    def _spreads_to_take(self) -> int:
        """Of how many of the drawn spreads the chances are worked out."""
        number = WORK // (self.size**2 + self.size * self.links.shape[1] + self.links.shape[1] ** 2)
        return min(number, MOST_SPREADS) if number >= LEAST_SPREADS else 0

    def expected(self) -> Floats | None:
        """Expected ranks: the mean over the drawn spreads, evenly taken, of what they are given these, θ and the effects integrated out."""
        number = min(self._spreads_to_take(), len(self.traces))
        if not number:
            return None
        links, found = self.links.toarray(), np.zeros(self.size)
        for tau2, s2, gamma2 in self.traces[np.linspace(0, len(self.traces) - 1, number).astype(int)]:
            own = 1 / (self.counts / s2 + 1 / tau2)
            reach = links * (own / s2)[:, None]
            prior = np.full(links.shape[1], 1 / self.severity**2)
            prior[self.people :] = 1 / gamma2 if self.groups else 0
            factor = scipy.linalg.cho_factor(self.whole / s2 - links.T @ reach / s2 + np.diag(prior), lower=True, check_finite=False)
            effects = scipy.linalg.cho_solve(factor, (self.effect_sums - reach.T @ self.sums) / s2, check_finite=False)
            mean = own / s2 * (self.sums - links @ effects)
            half = scipy.linalg.solve_triangular(factor[0], reach.T, lower=True, check_finite=False)
            covariance = half.T @ half
            variance = own + np.diag(covariance)
            apart = np.maximum(variance[:, None] + variance[None, :] - 2 * covariance, 1e-300)
            found += scipy.special.ndtr((mean[None, :] - mean[:, None]) / np.sqrt(apart)).sum(axis=1) + 0.5
        return found / number

    def _batch(self, length: int) -> tuple[Floats, Floats]:
        width = self.effects.shape[1]
        sweeps = 1 if self.is_block else 2
        noise = self.random.standard_normal((length, sweeps, CHAINS, width + self.size))
        chance = self.random.random((length, 3, CHAINS))
        drawn = np.empty((length, CHAINS, self.size))
        trace = np.empty((length, 3, CHAINS))
        for step in range(length):
            for sweep in range(sweeps):
                self._effects(noise[step, sweep, :, :width])
                reached = self._applications(noise[step, sweep, :, width:])
            self._spreads(chance[step], reached)
            drawn[step], trace[step] = self.theta, (self.tau2, self.s2, self.gamma2)
        return drawn, trace

    def _effects(self, noise: Floats) -> None:
        """Assessors and panels given the spreads alone (the applications integrated out), or in turn given the applications."""
        prior = np.full(self.effects.shape, 1 / self.severity**2)
        if self.groups:
            prior[:, self.people :] = 1 / self.gamma2[:, None]
        s2 = self.s2[:, None]
        if self.is_block:
            width = self.effects.shape[1]
            weight = 1 / (self.levels / s2 + 1 / self.tau2[:, None]) / s2**2
            precision = self.own / s2[:, :, None] - (weight @ self.joined).reshape(CHAINS, width, width)
            precision[:, np.arange(width), np.arange(width)] += prior
            right = self.effect_sums / s2 - weight @ self.met
            factor = np.linalg.cholesky(precision)
            half = np.linalg.solve(factor, right[:, :, None]) + noise[:, :, None]
            self.effects = np.linalg.solve(factor.transpose(0, 2, 1), half)[:, :, 0]
            return
        left = self.effect_sums - (self.backwards @ self.theta.T).T
        for part in (slice(0, self.people), slice(self.people, None)) if self.groups else (slice(None),):
            others = left - self.effects @ self.own + self.effects * self.own_counts if self.groups else left
            spread = 1 / (self.own_counts[part] / s2 + prior[:, part])
            self.effects[:, part] = spread * others[:, part] / s2 + np.sqrt(spread) * noise[:, part]

    def _applications(self, noise: Floats) -> Floats:
        """θ given the rest; returns what the effects add to each application's sum of scores."""
        reached = self.effects @ self.dense.T if self.is_block else (self.links @ self.effects.T).T
        spread = 1 / (self.counts / self.s2[:, None] + 1 / self.tau2[:, None])
        self.theta = spread * (self.sums - reached) / self.s2[:, None] + np.sqrt(spread) * noise
        return reached

    def _spreads(self, chance: Floats, reached: Floats) -> None:
        """Variances given the rest: inverse gamma, cut off where the uniform prior of the standard deviation ends."""
        self.tau2 = _truncated(self.size, np.square(self.theta).sum(axis=1), self.most, chance[0])
        fitted = np.square(self.theta) @ self.counts + 2 * (self.theta * reached).sum(axis=1)
        fitted += self.effects_own() - 2 * (self.theta @ self.sums + self.effects @ self.effect_sums)
        left = np.maximum(float(self.y @ self.y) + fitted, 1e-12 * self.most**2)
        self.s2 = _truncated(len(self.y), left, self.most, chance[1])
        if self.groups:
            self.gamma2 = _truncated(self.groups, np.square(self.effects[:, self.people :]).sum(axis=1), self.most, chance[2])

    def effects_own(self) -> Floats:
        """Σ over scores of (ν + γ)²."""
        if self.groups:
            return ((self.effects @ self.own) * self.effects).sum(axis=1)
        return np.square(self.effects) @ self.own_counts


def _truncated(number: int, squares: Floats, most: float, chance: Floats) -> Floats:
    """A variance whose standard deviation is uniform up to `most`, given the sum of so many squares: by the inverse distribution."""
    shape = (number - 1) / 2
    rate = np.maximum(squares, 1e-12 * most**2) / 2
    above = scipy.special.gammaincc(shape, rate / most**2)
    precision = scipy.special.gammainccinv(shape, chance * above) / rate
    usable = (above > 1e-290) & np.isfinite(precision) & (precision > 0)
    return 1 / np.where(usable, np.maximum(precision, 1 / most**2), 1 / most**2)


def _split_r_hat(trace: Floats) -> float:
    """Gelman and Rubin's R̂ over the halves of the chains; 1 where all is mixed."""
    half = len(trace) // 2
    if half < 2:
        return 1.0
    chains = np.concatenate([trace[:half], trace[half : 2 * half]], axis=1)
    within = float(chains.var(axis=0, ddof=1).mean())
    between = float(chains.mean(axis=0).var(ddof=1))
    return float(np.sqrt((half - 1) / half + between / within)) if within > 0 else 1.0
