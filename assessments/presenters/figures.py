"""Figures of a round's scores as charts, each with its sentence and its table, and the stored run as rows."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from accounts.models import Person
from assessments.methods.figures import FEW
from assessments.models import Assessment, Run
from assessments.ranking import one_decimal
from assessments.standings import Given
from design import charts

LONGEST = 30
"""Bars in a chart about single applications or assessors; the table has no more either, and says so."""
NUMBER = "numeric"


def _chart(
    title: str, summary: str, columns: list[Any], rows: Sequence[tuple[str, float]], *, across: bool = True, format: str = "d"
) -> dict:
    return {
        "svg": charts.bars(list(rows), horizontal=across, format=format),
        "title": title,
        "summary": summary,
        "columns": [columns[0], {"label": columns[1], NUMBER: True}],
        "rows": [[label, f"{value:.1f}" if isinstance(value, float) else value] for label, value in rows],
    }


def progress(reviews: Sequence[Given]) -> dict | None:
    """How many reviews stand where."""
    if not reviews:
        return None
    states = Counter(review.state for review in reviews)
    rows = [(state.label, states[state.value]) for state in Assessment.State if states[state.value]]
    done, live = states["submitted"], sum(states[state.value] for state in Assessment.LIVE)
    late = sum(review.is_late for review in reviews)
    said = "1 of 1 review is in" if done == live == 1 else f"{done:,} of {live:,} reviews are in"
    said += f"; {late:,} are past their date." if late else "; none is late."
    return _chart("Progress of the reviews", said, ["State", "Reviews"], rows)


def distribution(reviews: Sequence[Given]) -> dict | None:
    """Totals in steps of ten."""
    totals = [review.total for review in reviews if review.total]
    if not totals:
        return None
    steps = Counter(min(above // (below * 10), 9) for above, below in totals)
    rows = [(f"{step * 10}–{step * 10 + (10 if step == 9 else 9)}", steps[step]) for step in range(10)]
    by_denominator: Counter[int] = Counter()
    for above, below in totals:
        by_denominator[below] += above
    mean = sum((Fraction(above, below) for below, above in by_denominator.items()), Fraction(0)) / len(totals)
    said = f"{len(totals):,} totals count, {one_decimal(mean)} on average." if len(totals) > 1 else f"1 total counts, {one_decimal(mean)}."
    return _chart("Totals given", said, ["Total", "Reviews"], rows, across=False)


def spread(reviews: Sequence[Given], names: Mapping[int, str]) -> dict | None:
    """The applications whose totals lie farthest apart."""
    given = _by_application(reviews)
    apart = {key: max(totals)[0] - min(totals)[0] for key, totals in given.items() if len(totals) > 1}
    if not apart:
        return None
    widest = sorted(apart, key=lambda key: (-apart[key], names[key]))[:LONGEST]
    said = _widest(names[widest[0]], f"{apart[widest[0]]:.1f}", sum(math.isclose(one, apart[widest[0]]) for one in apart.values()))
    if len(apart) > LONGEST:
        said += f" The {LONGEST} widest of {len(apart):,} are shown."
    return _chart(
        "Spread by application", said, ["Application", "Highest less lowest"], [(names[key], apart[key]) for key in widest], format="~f"
    )


def _widest(name: str, most: str, equal: int) -> str:
    """Whose totals lie farthest apart; nobody is named alone for what several share."""
    if most == "0.0":
        return "No application’s totals lie apart."
    return f"{equal:,} applications share the widest spread, {most}." if equal > 1 else f"{name} has the widest spread, {most}."


def severity(reviews: Sequence[Given]) -> dict | None:
    """How each assessor's totals lie beside the other assessors' of the same applications, on average."""
    beside: dict[int, list[float]] = defaultdict(list)
    for given in _by_application(reviews).values():
        whole = sum(total for total, _ in given)
        for total, person in given if len(given) > 1 else ():
            beside[person].append(total - (whole - total) / (len(given) - 1))
    if not beside:
        return None
    mean = {person: sum(apart) / len(apart) for person, apart in beside.items()}
    most = sorted(sorted(mean), key=lambda person: -abs(mean[person]))[:LONGEST]
    names = dict(Person.objects.filter(pk__in=most).values_list("pk", "name"))
    farthest = sorted(most, key=lambda person: (mean[person], names[person]))
    said = _extremes(names[farthest[0]], mean[farthest[0]], names[farthest[-1]], mean[farthest[-1]])
    if len(mean) > LONGEST:
        said += f" The {LONGEST} farthest of {len(mean):,} are shown."
    rows = [(names[p], round(mean[p], 1) or 0.0) for p in farthest]
    return _chart("Assessors beside the others", said, ["Assessor", "From the others"], rows, format="~f")


def _extremes(lowest: str, low: float, highest: str, high: float) -> str:
    """Who marks lowest and who highest, where they differ from the others at all."""
    if round(low, 1) >= 0 and round(high, 1) <= 0:
        return "Nobody’s totals lie apart from the others’."
    parts = [f"{lowest} marks lowest, {-low:.1f} below the others on average"] if round(low, 1) < 0 else []
    parts += [f"{highest} marks highest, {high:.1f} above"] if round(high, 1) > 0 else []
    return "; ".join(parts) + "."


def _by_application(reviews: Sequence[Given]) -> dict[int, list[tuple[float, int]]]:
    """The totals that count with who gave them: floating point, for bars and not for decisions."""
    found: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for review in reviews:
        if review.total:
            found[review.application].append((review.total[0] / review.total[1], review.assessor))
    return found


FACT_COLUMNS = ["Figure", {"label": "Value", NUMBER: True}, "What it says"]
RANK_COLUMNS = [
    "Application", {"label": "Mean", NUMBER: True}, {"label": "Adjusted", NUMBER: True}, {"label": "Standard error", NUMBER: True},
]  # fmt: skip
EXPECTED_COLUMNS = [
    *RANK_COLUMNS, {"label": "Expected rank", NUMBER: True}, {"label": "50 %", NUMBER: True}, {"label": "90 %", NUMBER: True},
    {"label": "P(funded)", NUMBER: True}, "Group",
]  # fmt: skip


def is_few(run: Run) -> bool:
    """Whether expected rank, draw and alpha stay hidden."""
    return len(run.figures["applications"]) < FEW


def agreement(run: Run) -> list[list[str]]:
    """Reliability and variances as rows."""
    found = run.figures
    icc, variances, alpha = found["icc"], found["variances"], found["alpha"]["interval"]
    rows = []
    if icc:
        rows.append(["ICC, one review", f"{icc['single']:.2f}", "Share of the variance that lies between applications"])
        rows.append([f"ICC, mean of {icc['k']:.1f}", f"{icc['mean_of_k']:.2f}", "The same for the mean that the ranking uses"])
    if alpha is not None and not is_few(run):
        rows.append(["Krippendorff’s alpha", f"{alpha:.2f}", "1 is full agreement, 0 what chance would give"])
    if variances:
        for key, label, says in (
            ("application", "Applications", "How far applications differ (standard deviation)"),
            ("assessor", "Assessors", "How far assessors differ in severity (standard deviation)"),
            ("residual", "Noise", "What neither explains (standard deviation)"),
        ):
            rows.append([label, f"{variances[key] ** 0.5:.1f}", says])
    return rows


def ranked(run: Run, seen: set[str]) -> list[list[str]]:
    """The run's applications that the reader may see, in its order; by mean where expected ranks are hidden."""
    few = is_few(run)
    rows = [row for row in run.figures["applications"] if row["application"] in seen]
    if few:
        rows.sort(key=lambda row: (-row["mean"], row["application"]))
    return [_cells(row, few) for row in rows]


def _cells(row: dict[str, Any], few: bool) -> list[str]:
    own = [row["application"], f"{row['mean']:.1f}", _number(row["adjusted"]), _number(row["adjusted_se"])]
    if few:
        return own
    half, most = (f"{row[key][0]}–{row[key][1]}" for key in ("interval_50", "interval_90"))
    return [*own, f"{row['expected_rank']:.1f}", half, most, f"{row['p_funded']:.2f}", row["group"].capitalize()]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
