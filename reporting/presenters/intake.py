"""A round's intake against its money, as a page shows it."""

from typing import Any

from django.utils.timezone import localdate

from design import charts
from design.words import deadline_in_words, in_words, pounds, pounds_short
from reporting.intake import Intake

MONEY = {"numeric": True}
OUTLOOKS = ["If", {"label": "Applications", **MONEY}, {"label": "Asked for", **MONEY}, {"label": "Against the budget", **MONEY}]
DAYS = ["By the end of", {"label": "Applications", **MONEY}, {"label": "Asked for", **MONEY}]


def in_short(intake: Intake) -> str:
    """Where it stands, in a sentence."""
    now = intake.now
    sent = f"{now.sent} application{' asks' if now.sent == 1 else 's ask'} for {pounds(now.asked_pence)}"
    return (
        f"{sent} of {pounds(intake.budget_pence)}, {against(now.asked_pence, intake.budget_pence)}. Drafts being written: {intake.drafts}."
    )


def against(asked_pence: int, budget_pence: int) -> str:
    """`1.4 times the budget`."""
    return f"{asked_pence / budget_pence:.1f} times the budget" if budget_pence else "no budget"


def outlook_rows(intake: Intake) -> list[list[Any]]:
    return [[one.title, str(one.sent), pounds(one.asked_pence), against(one.asked_pence, intake.budget_pence)] for one in intake.outlooks]


def assumption(intake: Intake) -> str:
    """What the outlooks rest on."""
    basis = "the mean of what was asked for so far" if intake.now.sent else "halfway between the programme's smallest and largest grant"
    closes = deadline_in_words(intake.round.closes_at)
    return f"Each draft is counted with {pounds(intake.usual_ask_pence)}, {basis}. The round closes at {closes}."


def chart(intake: Intake) -> dict[str, Any] | None:
    """What was asked for, day by day, with the budget as a line and the outlooks at the deadline; nothing before anything came."""
    if not intake.days:
        return None
    return {
        "svg": charts.draw(_picture(intake)),
        "title": "Asked for, day by day",
        "summary": in_short(intake),
        "columns": DAYS,
        "rows": [[in_words(day.on), str(day.sent), pounds(day.asked_pence)] for day in intake.days],
    }


def _picture(intake: Intake) -> dict[str, Any]:
    begin = {"on": localdate(intake.round.opens_at).isoformat(), "value": 0}
    line = [begin, *({"on": day.on.isoformat(), "value": day.asked_pence / 100} for day in intake.days)]
    last = localdate(intake.round.closes_at).isoformat()
    points = [{"on": last, "value": one.asked_pence / 100} for one in intake.outlooks]
    budget = {"on": begin["on"], "value": intake.budget_pence / 100, "label": f"Budget {pounds_short(intake.budget_pence)}"}
    x = {"field": "on", "type": "temporal", "title": None, "axis": {"format": "%-d %b", "tickCount": 6, "grid": False}}
    y = {"field": "value", "type": "quantitative", "title": None, "axis": {"format": "~s", "tickCount": 5}}
    ink, accent = {"color": charts.INK}, {"color": charts.ACCENT}
    return {
        "layer": [
            _layer(line, accent | {"type": "line", "interpolate": "step-after", "strokeWidth": 3}, {"x": x, "y": y}),
            _layer([budget], ink | {"type": "rule", "strokeDash": [6, 4]}, {"y": y}),
            _layer(
                [budget], ink | {"type": "text", "align": "left", "dy": -8, "fontSize": 14}, {"x": x, "y": y, "text": {"field": "label"}}
            ),
            _layer(points, accent | {"type": "point", "filled": True, "size": 90}, {"x": x, "y": y}),
        ],
        "width": 560,
        "height": 240,
    }


def _layer(values: list[dict[str, Any]], mark: dict[str, Any], encoding: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}
