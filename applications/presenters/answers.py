"""Answers as people read them, from a draft or from a frozen paper."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from applications import facts, shapes
from design.words import in_words, pounds
from grants.definition import Definition

FEW_COLUMNS = 4
NUMERIC = ("number", "money", "percent")


@dataclass(frozen=True)
class Shown:
    """One answer: `kind` says how to draw it (`text`, `line`, `table`, `rows`, `files`, `none`)."""

    id: str
    label: str
    kind: str
    text: str = ""
    columns: list[Any] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    total: list[Any] | None = None
    files: list[Any] = field(default_factory=list)
    is_confidential: bool = False
    problem: str = ""


@dataclass(frozen=True)
class ShownSection:
    """A section with its answers."""

    id: str
    title: str
    answers: list[Shown]


def show(
    definition: Definition, question: Any, value: Any, *, files: Iterable[Any] = (), values: dict[str, Any] | None = None, **about: Any
) -> Shown:
    """One answer to one question; `files` are the documents attached to it, `values` the other answers."""
    if question.kind == "file":
        found = list(files)
        return Shown(question.id, question.label, "files" if found else "none", files=found, **about)
    if shapes.is_empty(value):
        return Shown(question.id, question.label, "none", **about)
    if question.kind == "cost_table":
        return _costs(definition, question, value, values or {}, **about)
    if question.kind == "milestone_plan":
        return _plan(question, value, **about)
    if question.kind == "group":
        return _group(question, value, **about)
    kind = "text" if question.kind == "long_text" else "line"
    return Shown(question.id, question.label, kind, text=in_a_line(question, value), **about)


def in_text(definition: Definition, question: Any, value: Any) -> str:
    """An answer as text to be compared with another: of a table every cell, so that no change of one goes unseen. "" for none."""
    if shapes.is_empty(value):
        return ""
    match question.kind:
        case "cost_table":
            titles = _kinds_of_cost(definition)
            return "\n".join(_cost_in_a_line(row, titles) for row in value)
        case "milestone_plan":
            return "\n\n".join(map(_milestone_in_lines, value))
        case _:
            return in_a_line(question, value)


def in_a_line(question: Any, value: Any) -> str:
    """An answer as text, to all but tables of costs and milestone plans."""
    match question.kind:
        case "money":
            return pounds(value)
        case "percent":
            return f"{value} %"
        case "number":
            return f"{value} {question.unit or ''}".strip()
        case "date":
            return in_words(date.fromisoformat(value))
        case "yes_no":
            return "Yes" if value else "No"
        case "choice":
            return _label(question, value)
        case "several":
            return "\n".join(_label(question, one) for one in value)
        case "declaration":
            return f"Signed by {value['name']}, {value['position']}" if value.get("agreed") else "Not signed"
        case "sic_codes":
            return ", ".join(value)
        case "calculated":
            return _calculated(question, value)
        case "group":
            return "\n\n".join(_row_in_lines(title, cells) for title, cells in rows_of(question, value))
        case _:
            return str(value)


def worked_out(question: Any, value: Any) -> str:
    """A calculated answer as pages say it, while people write too."""
    return "Not known yet" if value is None else in_a_line(question, value)


def _calculated(question: Any, value: Any) -> str:
    match question.shown_as:
        case "money":
            return pounds(value)
        case "percent":
            return f"{value} %"
        case "yes_no":
            return "Yes" if value else "No"
    return f"{value} {question.unit or ''}".strip()


def _kinds_of_cost(definition: Definition) -> dict[str, str]:
    """Their titles by id."""
    return {each.id: each.title for each in definition.delivery.cost_categories}


def _cost_in_a_line(row: dict[str, Any], titles: dict[str, str]) -> str:
    typed = row.get(shapes.TYPED, {})
    vat = typed.get("vat_pence") or (pounds(row["vat_pence"]) if row.get("vat_pence") else "")
    kind = titles.get(row["category"], "No kind chosen")
    return f"{kind}: {row['description']}, {typed.get('amount_pence') or pounds(row['amount_pence'])}{vat and f' and {vat} VAT'}"


def _milestone_in_lines(row: dict[str, Any]) -> str:
    typed = row.get(shapes.TYPED, {})
    month, percent = (typed.get(name) or row[name] or "?" for name in ("month", "percent"))
    said = [("Deliverable", row["deliverable"]), ("Measure of success", row["success"])]
    return _row_in_lines(f"{row['title']}: month {month}, {percent} %", [(label, text) for label, text in said if text])


def _row_in_lines(title: str, cells: list[tuple[str, str]]) -> str:
    return "\n".join([title, *(f"{label}: {said}" for label, said in cells)])


def rows_of(question: Any, rows: list[dict[str, Any]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each row of a group by its title, with what its questions were answered."""
    return [
        (
            shapes.row_title(question, number),
            [(cell.label, _in_its_cell(cell, row)) for cell in question.questions],
        )
        for number, row in enumerate(rows, start=1)
    ]


def _in_its_cell(cell: Any, row: dict[str, Any]) -> str:
    typed = row.get(shapes.TYPED, {}).get(cell.id, "")
    return str(typed) if shapes.is_empty(row.get(cell.id)) else in_a_line(cell, row[cell.id])


def _label(question: Any, id: str) -> str:
    return next((option.label for option in question.options if option.id == id), id)


def _costs(definition: Definition, question: Any, lines: list[dict[str, Any]], values: dict[str, Any], **about: Any) -> Shown:
    """Net, VAT and what of it counts, where the programme looks at VAT; else the amount."""
    titles = _kinds_of_cost(definition)
    with_vat = facts.vat_counts(definition, values)
    named = [[titles.get(line["category"], "Not chosen"), line["description"]] for line in lines]
    amounts = [[line["amount_pence"] or 0] for line in lines]
    heads = ["Amount"]
    if definition.delivery.vat == "irrecoverable":
        amounts = [[line["amount_pence"] or 0, line.get("vat_pence") or 0, facts.line_pence(line, with_vat=with_vat)] for line in lines]
        heads = ["Without VAT", "VAT", "Counts"]
    rows = [[*names, *map(pounds, row)] for names, row in zip(named, amounts, strict=True)]
    total = ["Total", "", *(pounds(sum(column)) for column in zip(*amounts, strict=True))]
    columns = ["Kind of cost", "What it is for", *({"label": head, "numeric": True} for head in heads)]
    return Shown(question.id, question.label, "table", columns=columns, rows=rows, total=total, **about)


def _group(question: Any, rows: list[dict[str, Any]], **about: Any) -> Shown:
    """A table where its rows are short; else each row for itself."""
    if len(question.questions) > FEW_COLUMNS or any(cell.kind == "long_text" for cell in question.questions):
        return Shown(question.id, question.label, "rows", rows=[list(row) for row in rows_of(question, rows)], **about)
    columns = [{"label": cell.label, "numeric": True} if cell.kind in NUMERIC else cell.label for cell in question.questions]
    shown = [[said or "–" for _, said in cells] for _, cells in rows_of(question, rows)]
    return Shown(question.id, question.label, "table", columns=columns, rows=shown, **about)


def _plan(question: Any, rows: list[dict[str, Any]], **about: Any) -> Shown:
    columns = ["Milestone", "Deliverable", "Measure of success", {"label": "Month", "numeric": True}, {"label": "Share", "numeric": True}]
    shown = [[row["title"], row["deliverable"], row["success"], row["month"] or "–", f"{row['percent'] or 0} %"] for row in rows]
    total = ["Total", "", "", "", f"{sum(row['percent'] or 0 for row in rows)} %"]
    return Shown(question.id, question.label, "table", columns=columns, rows=shown, total=total, **about)


def of_draft(reading: Any) -> list[ShownSection]:
    """What is asked and answered so far, each answer with what is missing from it."""
    return [
        ShownSection(
            found.section.id,
            found.section.title,
            [
                show(
                    reading.definition,
                    question,
                    reading.values.get(question.id),
                    files=reading.documents.get(question.id, []),
                    values=reading.values,
                    is_confidential=bool((answer := reading.answers.get(question.id)) and answer.is_confidential),
                    problem=reading.problem(question),
                )
                for question in found.questions
                if question.kind != "declaration"
            ],
        )
        for found in reading.asked
        if any(question.kind != "declaration" for question in found.questions)
    ]


def of_paper(definition: Definition, paper: Any, documents: Iterable[Any] = ()) -> list[ShownSection]:
    """What was sent in. `documents` are rows whose bytes may be offered; only those the paper names are shown."""
    frozen = json.loads(paper.document)
    given = {answer["question"]: answer for answer in frozen["answers"]}
    values = {id: answer["value"] for id, answer in given.items()}
    by_hash = {(document.question, document.sha256): document for document in documents}
    sections = []
    for section in definition.form.sections:
        shown = []
        for question in section.questions:
            answer = given.get(question.id, {})
            files = [
                by_hash[(named["question"], named["sha256"])]
                for named in frozen["documents"]
                if named["question"] == question.id and (named["question"], named["sha256"]) in by_hash
            ]
            if answer or files:
                shown.append(
                    show(
                        definition,
                        question,
                        answer.get("value"),
                        files=files,
                        values=values,
                        is_confidential=answer.get("is_confidential", False),
                    )
                )
        if shown:
            sections.append(ShownSection(section.id, section.title, shown))
    return sections
