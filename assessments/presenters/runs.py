"""What was worked out for a round and kept: what it was worked out from, by whom, and what came of it."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from assessments import ordering
from assessments.models import Run
from assessments.ordering import Row
from assessments.ranking import one_decimal
from design.words import moment_in_words, pounds
from grants.models import Round

COLUMNS = ["Run", "What", "Worked out", "Asked for by", "Method", "Seed", "Inputs (SHA-256)"]
PAGES = {
    Run.Kind.RANKING: "run", Run.Kind.FIGURES: "run", Run.Kind.PLAN: "plan", Run.Kind.SELECTION: "scenario", Run.Kind.SEARCH: "search",
}  # fmt: skip


def rows(found: Iterable[Run], round: Round) -> list[list[Any]]:
    """One row for each."""
    return [
        [
            {"text": f"Run {one.pk}", "href": reverse(f"assessments:{PAGES[Run.Kind(one.kind)]}", args=[round.reference, one.pk])},
            {"text": one.get_kind_display(), "hint": "Frozen as evidence" if one.frozen_at else ""},
            moment_in_words(one.finished_at),
            one.requested_by.name,
            one.method_version,
            one.seed if one.kind == Run.Kind.FIGURES else "None",
            one.inputs_sha256[:16],
        ]
        for one in found
    ]


def facts(run: Run) -> list[tuple[str, str]]:
    """What it was worked out from, when and by whom."""
    found = [
        ("Run", f"{run.pk}: {run.get_kind_display().lower()}"),
        ("Worked out", moment_in_words(run.finished_at)),
        ("Asked for by", run.requested_by.name),
        ("Method", f"Version {run.method_version}"),
        ("Seed", str(run.seed) if run.kind == Run.Kind.FIGURES else "None: nothing is drawn"),
        ("SHA-256 of the inputs", run.inputs_sha256),
    ]
    if run.kind == Run.Kind.RANKING:
        count, reviews = len(run.figures["places"]), ordering.reviews(run.inputs)
        rests = f"{reviews:,} {'review' if reviews == 1 else 'reviews'} of {count:,} {'application' if count == 1 else 'applications'}"
        found += [("Rests on", rests), ("Budget", pounds(run.inputs["budget_pence"])), ("Left over", pounds(run.figures["left_pence"]))]
    else:
        found.append(("Rests on", f"{len(run.inputs['votes']):,} reviews; {run.inputs['places']:,} can be funded by rank order"))
    return found


RANKED_COLUMNS = [
    "Application", {"label": "Rank then", "numeric": True}, {"label": "Rank now", "numeric": True}, {"label": "Mean then", "numeric": True},
    {"label": "Reviews", "numeric": True}, {"label": "Spread", "numeric": True}, {"label": "Recommended", "numeric": True}, "Threshold",
]  # fmt: skip


def ranked(run: Run, shown: Sequence[Row], now: Sequence[Row], round: Round) -> list[dict[str, Any]]:
    """These rows of a kept ranking beside the ranks as they are now, marked where the budget reached."""
    names, ranks = ordering.names(run.inputs), {row[0]: _rank(row) for row in now}
    return [{"cells": _cells(row, names[row[0]], ranks, round), "is_marked": ordering.is_above(row)} for row in shown]


def _cells(row: Row, name: str, ranks: dict[int, str], round: Round) -> list[Any]:
    place = ordering.place_of(row)
    told = place.figures
    return [
        {"text": name, "href": reverse("assessments:application", args=[round.reference, name])},
        _rank(row),
        ranks.get(place.application, "Not ranked"),
        one_decimal(told.mean),
        told.votes,
        one_decimal(told.spread),
        f"{told.suitable_yes} of {told.votes}",
        "Met" if place.meets_threshold else "Not met",
    ]


def _rank(row: Row) -> str:
    return f"{row[1]}=" if row[2] else str(row[1])
