"""An allocation by going down lists: never the best for sure, but at once, and within every load and limit.

What the exact method falls back to where the time ends before it has found anything, and what it has to beat where it searches.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from assessments.methods.limiting import needs
from assessments.methods.votes import Floats, Integers

if TYPE_CHECKING:
    from assessments.methods.allocation import Problem

Pairs = list[tuple[int, int]]


def hand_out(problem: Problem, demand: Integers, rows: Integers, columns: Integers, liking: Floats, until: float = math.inf) -> Pairs:
    """Pinned pairs; then down the list of these pairs, the most liked first: for skills, the scarcest first, for loads that fall short,
    and for the rest. Last, whoever still lacks somebody gets them from an application that can have another instead."""
    handing = _Handing(problem, demand.tolist())
    order = np.argsort(-liking, kind="stable")
    rows, columns = rows[order], columns[order]
    for skill in sorted({skill for _, skill in needs(problem)}, key=handing.room_of):
        able = np.array([skill in known for known in problem.skills], dtype=bool)
        wanted = np.array([skill in known for known in problem.needs], dtype=bool)
        some = able[columns] & wanted[rows] if len(able) else np.zeros(len(rows), dtype=bool)
        handing.go_down(zip(rows[some].tolist(), columns[some].tolist(), strict=True), skill=skill)
        for i in np.flatnonzero(wanted).tolist():
            while handing.lacks_skill(i, skill) and handing.exchange(i, np.flatnonzero(able), until):
                pass
    some = problem.least[columns] > 0
    handing.go_down(zip(rows[some].tolist(), columns[some].tolist(), strict=True), is_for_load=True)
    handing.go_down(zip(rows.tolist(), columns.tolist(), strict=True))
    handing.fill_up()
    for i in range(len(demand)):
        while handing.exchange(i, np.arange(len(problem.most)), until):
            pass
    return sorted((i, j) for i, people in enumerate(handing.people) for j in people)


class _Handing:
    """Who has whom so far; one more only where demand, load and limits leave room."""

    def __init__(self, problem: Problem, demand: list[int]) -> None:
        self.problem, self.lacks, self.room = problem, list(demand), problem.most.tolist()
        self.people: list[set[int]] = [set() for _ in demand]
        self.held: list[set[int]] = [set() for _ in self.room]
        self.pins = set(problem.pins)
        for i, j in problem.pins:
            self._give(i, j)

    def room_of(self, skill: str) -> tuple[int, str]:
        return sum(room for room, known in zip(self.room, self.problem.skills, strict=True) if skill in known), skill

    def lacks_skill(self, application: int, skill: str) -> bool:
        known = self.problem.skills
        return sum(skill in known[j] for j in self.people[application]) < self.problem.at_least.get(skill, 1)

    def go_down(self, pairs: Iterable[tuple[int, int]], *, skill: str = "", is_for_load: bool = False) -> None:
        least = self.problem.least
        for i, j in pairs:
            if self.lacks[i] <= 0 or self.room[j] <= 0 or (is_for_load and len(self.held[j]) >= least[j]):
                continue
            if (not skill or self.lacks_skill(i, skill)) and self._may(i, j):
                self._give(i, j)

    def fill_up(self) -> None:
        """For those whose own list is at its end, all who have room."""
        for i in [i for i, lack in enumerate(self.lacks) if lack > 0]:
            free = np.flatnonzero((np.array(self.room) > 0) & ~self.problem.barred[i])
            self.go_down((i, j) for j in free[np.argsort(-self.problem.score[i, free], kind="stable")].tolist())

    def exchange(self, i: int, among: Integers, until: float) -> bool:
        """Whether it could take one of these, who has no room, from an application that can have somebody else with room instead."""
        if self.lacks[i] <= 0 or time.monotonic() >= until:
            return False
        free = np.flatnonzero(np.array(self.room) > 0)
        if not len(free):
            return False
        for j in among[~self.problem.barred[i, among]].tolist():
            if not self._may(i, j):
                continue
            if self.room[j] > 0:
                self._give(i, j)
                return True
            for other in self.held[j]:
                comes = -1 if (other, j) in self.pins else self._instead(other, j, free)
                if comes >= 0:
                    self._take(other, j)
                    self._give(other, comes)
                    self._give(i, j)
                    return True
        return False

    def _instead(self, application: int, leaves: int, free: Integers) -> int:
        """Whom of these the application can have for the one who leaves; −1 for nobody."""
        able = free[~self.problem.barred[application, free]].tolist()
        return next((k for k in able if self._may(application, k, without=leaves) and self._keeps_skills(application, leaves, k)), -1)

    def _keeps_skills(self, application: int, leaves: int, comes: int) -> bool:
        known = self.problem.skills
        if not known or not self.problem.needs:
            return True
        lost = (known[leaves] - known[comes]) & self.problem.needs[application]
        return all(sum(skill in known[j] for j in self.people[application]) > self.problem.at_least.get(skill, 1) for skill in lost)

    def _may(self, i: int, j: int, without: int = -1) -> bool:
        problem, people = self.problem, self.people[i]
        if j in people or problem.barred[i, j]:
            return False
        name = problem.organisations[j] if problem.organisations else ""
        if name and any(problem.organisations[k] == name for k in people if k != without):
            return False
        if problem.newcomers_most is None or j not in problem.newcomers:
            return True
        return len((people - {without}) & problem.newcomers) < problem.newcomers_most

    def _give(self, i: int, j: int) -> None:
        self.people[i].add(j)
        self.held[j].add(i)
        self.lacks[i] -= 1
        self.room[j] -= 1

    def _take(self, i: int, j: int) -> None:
        self.people[i].remove(j)
        self.held[j].remove(i)
        self.lacks[i] += 1
        self.room[j] += 1


def missing_of(problem: Problem, demand: Integers, pairs: Pairs) -> int:
    """How much is missing: a place of an application counts twice, a place of a load and a skill once."""
    got = np.bincount([i for i, _ in pairs], minlength=len(demand))
    load = np.bincount([j for _, j in pairs], minlength=len(problem.most))
    brought: dict[tuple[int, str], int] = {}
    for i, j in pairs if problem.needs and problem.skills else ():
        for skill in problem.needs[i] & problem.skills[j]:
            brought[i, skill] = brought.get((i, skill), 0) + 1
    unmet = sum(max(problem.at_least.get(need[1], 1) - brought.get(need, 0), 0) for need in needs(problem))
    return int(2 * np.maximum(demand - got, 0).sum() + np.maximum(problem.least - load, 0).sum() + unmet)


def least_missing(problem: Problem, demand: Integers) -> int:
    """So much is missing from every allocation, counted by applications, assessors and skills one by one and all together."""
    is_open = ~problem.barred
    room = np.minimum(problem.most, is_open.sum(axis=0))
    places = max(int(np.maximum(demand - is_open.sum(axis=1), 0).sum()), int(demand.sum() - room.sum()), 0)
    loads = max(int(np.maximum(problem.least - is_open.sum(axis=0), 0).sum()), int(problem.least.sum() - demand.sum()), 0)
    skills = 0
    for skill in {skill for _, skill in needs(problem)}:
        able = np.array([skill in known for known in problem.skills], dtype=bool)
        wanted = np.array([skill in known for known in problem.needs], dtype=bool)
        least = problem.at_least.get(skill, 1)
        there = is_open[np.ix_(wanted, able)] if len(able) else np.zeros((int(wanted.sum()), 0), dtype=bool)
        offered = int(np.minimum(problem.most[able], there.sum(axis=0)).sum()) if len(able) else 0
        skills += max(int(np.maximum(least - there.sum(axis=1), 0).sum()), int(least * wanted.sum()) - offered, 0)
    return 2 * places + loads + skills


def worth_of(problem: Problem, pairs: Pairs) -> float:
    """The scores together, less what the balance costs."""
    load = np.bincount([j for _, j in pairs], minlength=len(problem.most))
    return math.fsum(float(problem.score[pair]) for pair in pairs) - problem.balance * float((load * (load - 1) / 2).sum())
