"""The calendar of when money would arrive."""

from datetime import date
from typing import Any

from applications import expectations
from applications.reading import Reading
from design.words import pounds

COLUMNS = ["When", "What happens", {"label": "Money to you", "numeric": True}, {"label": "So far", "numeric": True}]


def example(definition: Any) -> dict[str, Any] | None:
    """For the largest grant, where the programme says which milestones it expects: spread evenly over the longest project."""
    plan = definition.form.question(definition.form.means.milestones)
    if not plan.expected:
        return None
    months = definition.award.project_months_at_most
    spread = [
        {"title": one.title, "percent": one.percent, "month": months * number // len(plan.expected)}
        for number, one in enumerate(plan.expected, start=1)
    ]
    grant = definition.funding.grant_max
    caption = f"A grant of {pounds(grant)}, its milestones spread over {months} months"
    return _table(definition, caption, grant, spread, None)


def of_plan(reading: Reading) -> dict[str, Any] | None:
    """For the plan as it is written so far."""
    means = reading.definition.form.means
    plan, grant = reading.counting.get(means.milestones), reading.counting.get(means.grant)
    if not plan or not grant:
        return None
    starts_on = reading.counting.get(means.starts_on)
    return _table(
        reading.definition,
        f"A grant of {pounds(grant)}, by your own plan",
        grant,
        plan,
        date.fromisoformat(starts_on) if starts_on else None,
        wants_advance=not means.advance or reading.counting.get(means.advance) is True,
    )


def _table(
    definition: Any, caption: str, grant: int, milestones: list[dict[str, Any]], starts_on: date | None, *, wants_advance: bool = True
) -> dict[str, Any]:
    lines = expectations.cash_flow(definition, grant_pence=grant, milestones=milestones, starts_on=starts_on, wants_advance=wants_advance)
    rows = [[line.when, line.what, pounds(line.pence), pounds(line.so_far)] for line in lines]
    return {"caption": caption, "columns": COLUMNS, "rows": rows, "in_arrears": definition.delivery.payment == "arrears"}
