"""Selection scenarios as pages show them: the ranking with the line as a picture and a table, other budgets, prices, who is passed over."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.urls import reverse

from assessments.actions import selections
from assessments.methods.figures import FEW
from assessments.models import Run
from assessments.ranking import one_decimal
from design import charts
from design.words import moment_in_words, pounds

NUMBER = "numeric"
LONGEST = 40
"""Bars in a picture; the table has them all."""
IN, OUT, BELOW, EQUAL = "Funded", "Not funded", "Below the threshold", "Equal at the line"
SCENARIO_COLUMNS = ["Worked out", "Rule", {"label": "Budget", NUMBER: True}, {"label": "Funded", NUMBER: True}, "Evidence"]
LINE_COLUMNS = [
    "Application", {"label": "Rank", NUMBER: True}, {"label": "Mean", NUMBER: True}, {"label": "Asked for", NUMBER: True},
    {"label": "So far", NUMBER: True}, "Selected",
]  # fmt: skip
BUDGET_COLUMNS = ["Budget", {"label": "Amount", NUMBER: True}, {"label": "Funded", NUMBER: True}, "Come in", "Drop out"]
PRICE_COLUMNS = ["Limit", {"label": "Value gained without it", NUMBER: True}]
LEAPFROG_COLUMNS = ["Passed over", {"label": "Mean", NUMBER: True}, "Why"]
HIDDEN = "One you have an interest in"


def scenario_rows(runs: Iterable[Run]) -> list[list[Any]]:
    """The scenarios of a round, the last first."""
    return [
        [
            {
                "text": moment_in_words(one.finished_at)
                if one.finished_at
                else "Failed"
                if one.failure
                else f"Under way, {one.progress} %",
                "href": reverse("assessments:scenario", args=[one.round.reference, one.pk]),
                "hint": one.requested_by.name,
            },
            rule(one),
            pounds(one.inputs["settings"]["budget_pence"]),
            len(one.outcome["funded"]) if one.outcome else "",
            f"Frozen {moment_in_words(one.frozen_at)}" if one.frozen_at else "",
        ]
        for one in runs
    ]


def rule(run: Run) -> str:
    return "Portfolio" if run.inputs["settings"]["rule"] == "portfolio" else "In the order of scores"


def settings(run: Run, seen: Mapping[str, str]) -> list[tuple[str, Any]]:
    """What was asked, and what is frozen."""
    asked = run.inputs["settings"]
    facts = [
        ("Rule", rule(run)),
        ("Budget", pounds(asked["budget_pence"])),
        ("Asked for", f"{run.requested_by}, {moment_in_words(run.requested_at)}"),
    ]
    facts += [("Limit", limit_in_words(limit)) for limit in asked["limits"]]
    facts += [
        (label, _names(asked[key], seen)) for key, label in (("must", "Must be funded"), ("must_not", "Must not be funded")) if asked[key]
    ]
    facts.append(("Method and inputs", f"{run.method_version}, {run.inputs_sha256[:16]}"))
    if run.frozen_at:
        facts += [("Frozen", f"{run.frozen_by}, {moment_in_words(run.frozen_at)}: {run.frozen_reason}"), ("Evidence", run.evidence_sha256)]
    return facts


def limit_in_words(limit: Mapping[str, Any]) -> str:
    what = limit.get("shown") or {**selections.LABELS, "company": "company"}[limit["label"]]
    which = f"{what} “{limit['value']}”" if limit.get("value") else f"each {what}"
    unit = " % of the money" if limit.get("is_percent") else ""
    bounds = [f"at least {limit['least']}{unit}"] if limit.get("least") else []
    bounds += [f"at most {limit['most']}{unit}"] if limit.get("most") is not None else []
    return f"{which[0].upper()}{which[1:]}: {' and '.join(bounds)}"


def status(item: Mapping[str, Any], funded: Collection[str], equals: Collection[str]) -> str:
    """What is to be said of one application: of equals that the line runs between, nothing but that."""
    if item["reference"] in equals:
        return EQUAL
    if item["reference"] in funded:
        return IN
    return OUT if item["meets"] else BELOW


def line_rows(run: Run, seen: Mapping[str, str]) -> list[dict[str, Any]]:
    """The ranking with what is selected marked; `seen` is the address by reference of what the reader may see."""
    funded, equals, spent = set(run.figures["funded"]), set(run.figures["tied_at_line"]), 0
    rows = []
    for item in run.inputs["items"]:
        said = status(item, funded, equals)
        spent += item["cost_pence"] if said == IN else 0
        name = item["reference"]
        head = {"text": name, "href": seen[name]} if name in seen else HIDDEN
        cells = [
            head,
            item["rank"],
            one_decimal(Fraction(*item["score"])),
            pounds(item["cost_pence"]),
            pounds(spent) if said == IN else "",
            said,
        ]
        rows.append({"cells": cells, "is_marked": said == IN})
    return rows


def picture(items: Sequence[tuple[str, float, str]], threshold: float, *, line_after: str = "") -> str:
    """Means in the order given: funded filled, others pale, the threshold as a dashed line, and the budget's line below `line_after`."""
    shades = {IN: charts.ACCENT, EQUAL: "#5b8d99", OUT: "#b4c5ca", BELOW: "#e6ecee"}
    if EQUAL not in {said for *_, said in items[:LONGEST]}:
        del shades[EQUAL]
    values = [{"name": name, "mean": mean, "is": said} for name, mean, said in items[:LONGEST]]
    order = [name for name, *_ in items[:LONGEST]]
    return charts.draw(
        {
            "data": {"values": values},
            "width": charts.ALONG,
            "height": {"step": 22},
            "layer": [
                {
                    "mark": {"type": "bar", "cornerRadiusEnd": 2, "stroke": "#41565d", "strokeWidth": 0.5},
                    "encoding": {
                        "y": {"field": "name", "type": "nominal", "sort": order, "title": None, "axis": {"labelLimit": charts.LABEL}},
                        "x": {"field": "mean", "type": "quantitative", "title": None, "scale": {"domain": [0, 100]}},
                        "color": {
                            "field": "is", "type": "nominal", "title": None,
                            "scale": {"domain": list(shades), "range": list(shades.values())},
                            "legend": {"orient": "top", "labelFontSize": 15, "labelLimit": 240},
                        },
                    },
                },
                {"mark": {"type": "rule", "color": "#41565d", "strokeDash": [5, 4]}, "encoding": {"x": {"datum": threshold}}},
                *_budget_line(line_after, order),
            ],
        }
    )  # fmt: skip


def _budget_line(after: str, order: Sequence[str]) -> list[dict[str, Any]]:
    if after not in order:
        return []
    where = {"datum": after, "type": "nominal", "bandPosition": 1}
    return [{"mark": {"type": "rule", "color": charts.INK, "strokeWidth": 2.5}, "encoding": {"y": where}}]


def chart_of(run: Run, seen: Mapping[str, str]) -> dict[str, Any]:
    """The picture of a scenario and its sentence."""
    funded, equals = set(run.figures["funded"]), set(run.figures["tied_at_line"])
    shown = [
        (
            item["reference"] if item["reference"] in seen else f"{HIDDEN} ({item['rank']})",
            float(Fraction(*item["score"])),
            status(item, funded, equals),
        )
        for item in run.inputs["items"]
    ]
    spent, left = pounds(run.figures["cost_pence"]), pounds(run.figures["left_pence"])
    said = f"{len(funded)} of {len(shown)} are funded with {spent}; {left} is left over."
    if equals:
        places = len(funded & equals)
        said += f" {places} of them {'has' if places == 1 else 'have'} still to be chosen from {len(equals)} equals."
    if len(shown) > LONGEST:
        said += f" The picture shows the first {LONGEST}."
    return {"svg": picture(shown, float(Fraction(*run.inputs["threshold"]))), "title": "Who is funded", "summary": said}


def budget_rows(run: Run, seen: Mapping[str, str]) -> list[list[Any]]:
    """The same with less and with more money."""
    base = [["As it is", pounds(run.inputs["settings"]["budget_pence"]), len(run.figures["funded"]), "", ""]]
    rows = [
        [
            {
                "text": f"{one['percent']:+d} %".replace("-", "−"),
                "hint": "" if one.get("is_proven", True) else "Not proven to be the best",
            },
            pounds(one["budget_pence"]),
            one["funded"],
            _names(one["entries"], seen),
            _names(one["exits"], seen),
        ]
        for one in run.figures["scenarios"]
    ]
    lower = sum(one["percent"] < 0 for one in run.figures["scenarios"])
    return [*rows[:lower], *base, *rows[lower:]]


def _names(references: Iterable[str], seen: Mapping[str, str]) -> str:
    return ", ".join(name if name in seen else HIDDEN.lower() for name in references) or "Nobody"


def price_rows(run: Run) -> list[list[str]]:
    """What each limit costs, as a share of the value of what is selected."""
    unproven = run.figures.get("unproven_prices", ())
    return [
        [limit, "No time was left to look" if share is None else f"{share:.1%}{', not proven' if limit in unproven else ''}"]
        for limit, share in run.figures["prices"]
    ]


def leapfrog_rows(run: Run, seen: Mapping[str, str]) -> list[list[str]]:
    """Who is passed over for one with a lower score, and why."""
    return [[name if name in seen else HIDDEN, one_decimal(Fraction(*score)), cause] for name, score, cause in run.figures["leapfrogs"]]


def remarks(run: Run, seen: Mapping[str, str]) -> list[str]:
    """What has to be said beside the picture."""
    found = run.figures
    unsure = "" if found.get("is_least", True) else " The time allowed ran out before it was proven that no less could be missing."
    said = [f"Could not be met: {limit}.{unsure}" for limit in found["not_met"]]
    if found["tied_at_line"]:
        said.append(f"The line runs between equals: {_names(found['tied_at_line'], seen)}. Neither score nor tie-break tells them apart.")
        if selections.draws_at_line(run.round) and len(run.inputs["items"]) >= FEW:
            said.append("The programme draws between them. Who of them comes in or drops out below is an example, not the outcome.")
        else:
            said.append(
                "The programme declared nothing that chooses between them, so that “Propose all” leaves them out: whoever proposes "
                "chooses, and says why. Who of them comes in or drops out below goes by reference, which is no merit."
            )
    if not found["is_proven"]:
        said.append("The time allowed ran out before it was proven that no better selection exists.")
    return said
