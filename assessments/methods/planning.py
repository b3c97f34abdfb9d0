"""An allocation plan: from what is known of a round's applications and its pool to pairs with their reasons."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from assessments.methods import allocation
from assessments.methods.allocation import Problem
from assessments.methods.matching import Match

SECONDS = 60.0


def match_of(inputs: Mapping[str, Any]) -> Match:
    """The scores that a plan's inputs give; applications and assessors in the order of the inputs."""
    rows, columns = _places(inputs)
    met = [(rows[application], columns[person]) for application, person in inputs["met"] if application in rows and person in columns]
    return Match(inputs["applications"], inputs["assessors"], met)


def work_out(
    inputs: Mapping[str, Any], *, seconds: float = SECONDS, on_progress: Callable[[float], None] = lambda share: None
) -> dict[str, Any]:
    """The best pairs by the inputs' settings, as plain values: each with its score and the parts of it, and what is missing by name.

    Raises BadInput where the inputs contradict themselves.
    """
    match = match_of(inputs)
    on_progress(0.1)
    score = match.scores()
    on_progress(0.3)
    found = allocation.allocate(problem_of(inputs, score), seconds=seconds)
    on_progress(0.9)
    return _as_plain(inputs, match, score, found)


def problem_of(inputs: Mapping[str, Any], score: np.ndarray) -> Problem:
    """The programme that is solved."""
    rows, columns = _places(inputs)
    applications, assessors, settings = inputs["applications"], inputs["assessors"], inputs["settings"]
    barred = np.zeros(score.shape, dtype=bool)
    for application, person, _ in inputs["barred"]:
        if application in rows and person in columns:
            barred[rows[application], columns[person]] = True
    pins = tuple((rows[application], columns[person]) for application, person, _ in inputs["pins"])
    for pin in pins:
        barred[pin] = False
    pinned = Counter(person for _, person in pins)
    most = np.array([max(one["most"], pinned[j]) for j, one in enumerate(assessors)], dtype=int)
    skills = sorted({skill for one in applications for skill in one["needs"]})
    return Problem(
        score,
        barred,
        np.array([one["demand"] for one in applications], dtype=int),
        np.minimum(np.array([one["least"] for one in assessors], dtype=int), most),
        most,
        pins,
        tuple(one["organisation"] for one in assessors) if settings["one_per_organisation"] else (),
        tuple(frozenset(skills) & frozenset(one["topics"]) for one in assessors) if skills else (),
        tuple(frozenset(one["needs"]) for one in applications) if skills else (),
        frozenset(j for j, one in enumerate(assessors) if one["is_new"]),
        settings["newcomers_most"],
        float(settings["balance"]),
        {skill: max(one["needs"].get(skill, 1) for one in applications) for skill in skills},
    )


def with_room(inputs: Mapping[str, Any]) -> set[int]:
    """The assessors, by number, who may be asked for more than they hold."""
    held = Counter(person for _, person, _ in inputs["pins"])
    return {one["number"] for one in inputs["assessors"] if one["most"] > held[one["number"]]}


def _able(inputs: Mapping[str, Any]) -> dict[int, int]:
    """By application, how many may be asked for it: with room, not barred from it, and not on it already."""
    room, out = with_room(inputs), defaultdict(set)
    for application, person, _ in [*inputs["barred"], *inputs["pins"]]:
        out[application].add(person)
    return {one["number"]: len(room - out[one["number"]]) for one in inputs["applications"]}


def _places(inputs: Mapping[str, Any]) -> tuple[dict[int, int], dict[int, int]]:
    """Row by application number, column by assessor number."""
    rows = {one["number"]: index for index, one in enumerate(inputs["applications"])}
    return rows, {one["number"]: index for index, one in enumerate(inputs["assessors"])}


def _as_plain(inputs: Mapping[str, Any], match: Match, score: np.ndarray, found: allocation.Allocation) -> dict[str, Any]:
    applications, assessors = [one["number"] for one in inputs["applications"]], [one["number"] for one in inputs["assessors"]]
    origin = {(application, person): said for application, person, said in inputs["pins"]}
    able = _able(inputs)
    pairs = [
        {
            "application": applications[i],
            "assessor": assessors[j],
            "score": round(float(score[i, j]), 1),
            "parts": [[part, round(points, 1), said] for part, points, said in match.parts(i, j)],
            "pinned": origin.get((applications[i], assessors[j]), ""),
        }
        for i, j in found.pairs
    ]
    return {
        "pairs": pairs,
        "total": round(found.total, 4),
        "is_proven": found.is_proven,
        "gap": round(found.gap, 4) if np.isfinite(found.gap) else None,
        "shortfalls": [[applications[i], missing, able[applications[i]]] for i, missing in found.shortfalls],
        "loads_not_met": [[assessors[j], missing] for j, missing in found.loads_not_met],
        "skills_not_met": [[applications[i], skill] for i, skill in found.skills_not_met],
    }
