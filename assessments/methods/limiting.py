"""What an allocation keeps to beside demand and loads: one of each organisation, so many newcomers, and the skills that are needed."""

from __future__ import annotations  # SciPy loads its parts when they are first asked for: not for an annotation

from typing import TYPE_CHECKING

import numpy as np
import scipy

from assessments.methods.votes import Floats, Integers

if TYPE_CHECKING:
    from assessments.methods.allocation import Problem

Limit = tuple[str, int, str]
"""What a limit is about, the application, and the organisation if one."""


def needs(problem: Problem) -> list[tuple[int, str]]:
    return [(application, skill) for application, wanted in enumerate(problem.needs) for skill in sorted(wanted)]


def together(problem: Problem, rows: Integers, columns: Integers) -> dict[Limit, list[int]]:
    """Columns under one limit: of one organisation, or newcomers, on one application. What cannot be broken is left out."""
    found: dict[Limit, list[int]] = {}
    newcomers = problem.newcomers if problem.newcomers_most is not None else frozenset()
    if not (any(problem.organisations) or newcomers):
        return found
    for column, (application, person) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        if problem.organisations and problem.organisations[person]:
            found.setdefault(("organisation", application, problem.organisations[person]), []).append(column)
        if person in newcomers:
            found.setdefault(("newcomers", application, ""), []).append(column)
    return {limit: members for limit, members in found.items() if len(members) > usual(problem, limit)}


def usual(problem: Problem, limit: Limit) -> int:
    return 1 if limit[0] == "organisation" else problem.newcomers_most or 0


def most(problem: Problem, limit: Limit, rows: Integers, columns: Integers) -> int:
    """How many of these pairs there may be: pinned ones stay, even where they are more than the rule allows."""
    pins = set(problem.pins)
    pinned = sum(pair in pins for pair in zip(rows.tolist(), columns.tolist(), strict=True)) if pins else 0
    return max(usual(problem, limit), pinned)


def side_constraints(
    problem: Problem, rows: Integers, columns: Integers, broken: set[Limit]
) -> tuple[scipy.sparse.csr_array, Floats, Floats, list[int]]:
    """Rows for the limits in use and for skills; the numbers of those rows that are skills, which may fall short."""
    entries: list[tuple[int, int]] = []
    low: list[float] = []
    high: list[float] = []
    able: dict[tuple[int, str], list[int]] = {need: [] for need in needs(problem)}
    for column, (application, person) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)) if able else ():
        for skill in problem.skills[person] & problem.needs[application] if problem.skills else ():
            able[application, skill].append(column)
    for limit, members in together(problem, rows, columns).items() if broken else ():
        if limit in broken:
            entries += [(len(low), column) for column in members]
            low.append(-np.inf)
            high.append(float(most(problem, limit, rows[members], columns[members])))
    skill_rows = []
    for (_, skill), members in able.items():
        skill_rows.append(len(low))
        entries += [(len(low), column) for column in members]
        low.append(float(problem.at_least.get(skill, 1)))
        high.append(np.inf)
    at = np.array(entries, dtype=int).reshape(-1, 2)
    matrix = scipy.sparse.csr_array((np.ones(len(at)), (at[:, 0], at[:, 1])), shape=(len(low), len(rows)))
    return matrix, np.array(low), np.array(high), skill_rows
