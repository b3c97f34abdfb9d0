"""What assessors' time is worth: prices say which pairs a large programme needs, and what no allocation exceeds."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assessments.methods.votes import Floats, Integers

if TYPE_CHECKING:
    from assessments.methods.allocation import Problem

ROUNDS = 80
"""So many times a large programme's prices are tried out before it is chosen which pairs go into it at first."""
TURNS = 200
"""So many times prices are tried out for the bound, if there is the time."""
LEAST_TURNS = 10


def promising(problem: Problem, demand: Integers, best_of: int) -> tuple[NDArray[np.bool_], Floats]:
    """Pairs that a good allocation of a large problem uses: each application takes its best by score less what an assessor's time is
    worth, which is learned from who has too much or too little (subgradient steps on the dual, Held and Karp 1971) and, for balance,
    from the load averaged so far; all that were taken in the latter half of the tries, and the best at the end. And those prices."""
    wanted, is_open = min(int(max(demand.max(initial=1), 1)), problem.score.shape[1] - 1), ~problem.barred
    score = np.where(is_open, problem.score, -np.inf).astype(np.float32)
    spread = float(np.ptp(problem.score[is_open])) or 1.0
    keep, load, dual = np.zeros_like(is_open), np.zeros(len(problem.most)), np.zeros(len(problem.most))
    for turn in range(ROUNDS):
        worth = score - (problem.balance * load + dual).astype(np.float32)
        best = np.argpartition(-worth, wanted, axis=1)[:, :wanted]
        if turn >= ROUNDS // 2:
            np.put_along_axis(keep, best, True, axis=1)
        now = np.bincount(best.ravel(), minlength=len(load)) * float(demand.mean()) / wanted
        load += (now - load) / (turn + 1)
        amiss = np.maximum(now - problem.most, 0) - np.maximum(problem.least - now, 0)
        slack = np.minimum(now - problem.most, 0) * (dual > 0) + np.maximum(now - problem.least, 0) * (dual < 0)
        step = spread / (2 * (1 + turn)) ** 0.75
        moved = dual + step * np.clip(np.where(amiss != 0, amiss, slack) / np.maximum(problem.most, 1), -1, 3)
        dual = np.where(amiss != 0, moved, np.where(dual > 0, np.maximum(moved, 0), np.minimum(moved, 0)))
    best = np.argpartition(-worth, best_of, axis=1)[:, :best_of]
    np.put_along_axis(keep, best, True, axis=1)
    return keep, dual


def ceiling(problem: Problem, demand: Integers, found: float, until: float) -> tuple[float, Floats]:
    """What no allocation's score less its balance cost exceeds, whatever it leaves missing, and the prices of assessors' time that show it.

    For any prices λ ≥ 0 it is Σ over applications of their best scores above λ, plus what the assessors' room costs at λ. They are learned
    by steps towards what is found already (Polyak 1969).
    """
    score = np.where(problem.barred, -np.inf, problem.score)
    prices, best, shown = np.zeros(len(problem.most)), math.inf, np.zeros(len(problem.most))
    pace, since = 1.0, 0
    for turn in range(TURNS):
        if turn >= LEAST_TURNS and time.monotonic() > until:
            break
        value, load = _taken_at(score - prices, demand)
        room, cost = _offered_at(prices, problem)
        if value + cost < best - 1e-12:
            best, shown, since = value + cost, prices, 0
        else:
            since += 1
        away = np.where((load < room) & (prices <= 0), 0, load - room)
        if not away.any() or best <= found:
            break
        if since >= 5:
            pace, since, prices = pace / 2, 0, shown
            continue
        prices = np.maximum(0, prices + pace * (value + cost - found) / float(away @ away) * away)
    return best * (1 + 1e-12) if best > 0 else best, shown


def _taken_at(worth: Floats, demand: Integers) -> tuple[float, Integers]:
    """The sum of what each application has most of, above nothing, and by assessor how often they are taken."""
    wanted = int(min(demand.max(initial=0), worth.shape[1]))
    some = 0 < wanted < worth.shape[1]
    best = np.argpartition(-worth, wanted - 1, axis=1)[:, :wanted] if some else np.argsort(-worth, axis=1)[:, :wanted]
    values = np.take_along_axis(worth, best, axis=1)
    down = np.argsort(-values, axis=1)
    best, values = np.take_along_axis(best, down, axis=1), np.take_along_axis(values, down, axis=1)
    taken = (values > 0) & (np.arange(wanted) < demand[:, None])
    return math.fsum(values[taken].tolist()), np.bincount(best[taken], minlength=worth.shape[1])


def _offered_at(prices: Floats, problem: Problem) -> tuple[Integers, float]:
    """How many reviews each assessor would take at these prices, each dearer than the one before by the balance, and what they get."""
    room = problem.most
    if problem.balance:
        room = np.minimum(np.floor(np.minimum(prices / problem.balance, room)).astype(int) + 1, problem.most)
    return room, float((prices * room - problem.balance * room * (room - 1) / 2).sum())
