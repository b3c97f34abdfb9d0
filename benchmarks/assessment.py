"""How long the methods of assessment take, without a database: allocation, figures, expected ranks, selection."""

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import _bench  # noqa: F401 -- puts the project on the path
import numpy as np

from assessments.methods import allocation, expected_rank, figures, selection
from assessments.methods.votes import Vote, Votes

SCALE = (Fraction(0), Fraction(100))


def votes(applications: int, assessors: int, each: int) -> Votes:
    """Scores with effects of applications and assessors, and noise."""
    random = np.random.default_rng(1)
    good, severe = random.normal(0, 8, applications), random.normal(0, 5, assessors)
    given = []
    for i in range(applications):
        for j in random.choice(assessors, each, replace=False).tolist():
            score = min(100, max(0, round(60 + good[i] + severe[j] + random.normal(0, 6))))
            given.append(Vote(f"A{i}", f"P{j}", Fraction(score)))
    return Votes.of(given, SCALE)


def problem(applications: int, assessors: int, **more: Any) -> allocation.Problem:
    random = np.random.default_rng(1)
    shape = (applications, assessors)
    load = applications * 3 // assessors
    return allocation.Problem(
        random.random(shape).round(3), random.random(shape) < 0.02, np.full(applications, 3), np.full(assessors, load // 2),
        np.full(assessors, load + 5), **more,
    )  # fmt: skip


def short(applications: int, assessors: int) -> allocation.Problem:
    """Nobody has room for two of the reviews that would be theirs."""
    load = applications * 3 // assessors
    return replace(problem(applications, assessors), least=np.zeros(assessors, dtype=int), most=np.full(assessors, load - 2))


def alike(applications: int, assessors: int) -> allocation.Problem:
    """Applications of a dozen kinds, assessors of as many: most pairs fit as well as many others, and loads decide."""
    random = np.random.default_rng(1)
    kinds = np.round(100 * random.random((12, 12)), 1)
    score = kinds[np.arange(applications) % 12][:, np.arange(assessors) % 12]
    whole, load = np.full(applications, 3), applications * 3 // assessors
    return allocation.Problem(
        score, np.zeros(score.shape, dtype=bool), whole, np.zeros(assessors, dtype=int), np.full(assessors, 4 * load),
        organisations=tuple(f"o{j // 3}" for j in range(assessors)), balance=1.0,
    )  # fmt: skip


def items(number: int) -> list[selection.Item]:
    random = np.random.default_rng(1)
    return [
        selection.Item(f"A{i}", Fraction(int(score), 10), int(random.integers(2_000_000, 30_000_000)), (("strand", "abc"[i % 3]),))
        for i, score in enumerate(random.integers(500, 950, number))
    ]  # fmt: skip


def main() -> None:
    limits = [selection.Limit("strand", "a", least=10)]
    cases: list[tuple[str, float, Callable[[], Any]]] = [
        ("Allocation, 500 × 100", 2, lambda: allocation.allocate(problem(500, 100))),
        ("Allocation with 200 places too few, 500 × 100", 10, lambda: allocation.allocate(short(500, 100))),
        ("Allocation, 5,000 × 1,000", 60, lambda: allocation.allocate(problem(5000, 1000))),
        ("Allocation with 2,000 places too few, 5,000 × 1,000", 60, lambda: allocation.allocate(short(5000, 1000))),
        ("Allocation with organisations, 500 × 100", 60,
         lambda: allocation.allocate(problem(500, 100, organisations=tuple(f"o{j // 3}" for j in range(100))))),
        ("Allocation of much alike, with organisations and balance, 3,000 × 1,000", 60, lambda: allocation.allocate(alike(3000, 1000))),
        ("Figures, 500 applications × 3", 1, lambda: figures.summarise(votes(500, 80, 3))),
        ("Figures, 2,000 applications, 6,000 reviews", 10, lambda: figures.summarise(votes(2000, 400, 3))),
        ("Expected ranks, 500 applications × 3", 10, lambda: expected_rank.sample(votes(500, 80, 3), seed=1)),
        ("Portfolio of 300 with a minimum", 10, lambda: selection.portfolio(items(300), 1_000_000_000, limits, Fraction(70))),
    ]  # fmt: skip
    slow = []
    for name, limit, run in cases:
        start = time.perf_counter()
        run()
        took = time.perf_counter() - start
        print(f"{name:72} {took:7.2f} s   (at most {limit:g} s)")
        if took > limit:
            slow.append(name)
    if slow:
        raise SystemExit(f"Too slow: {', '.join(slow)}")


if __name__ == "__main__":
    main()
