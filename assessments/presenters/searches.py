"""A search for conflicts of interest as officers see it."""

from typing import Any

from assessments.models import Run
from design.words import moment_in_words


def stats(run: Run) -> list[dict[str, Any]]:
    """What was found, at a glance; nothing while it is under way."""
    if run.outcome is None:
        return []
    return [
        {"value": run.outcome["suggested"], "label": "Suggested by the records", "note": "each waits for a person, or was judged before"},
        {"value": run.outcome["confirmed"], "label": "Plain from the records", "note": "the application is closed to the person"},
    ]


def facts(run: Run) -> list[tuple[str, Any]]:
    """What was searched, for whom."""
    return [
        ("Applications", f"{len(run.inputs['applications']):,}"),
        ("People", f"{len(run.inputs['assessors']):,}"),
        ("Then", "An allocation plan" if run.inputs["plan"] else "Nothing further"),
        ("Asked for", f"{run.requested_by.name}, {moment_in_words(run.requested_at)}"),
    ]
