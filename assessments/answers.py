"""The answers of a frozen paper, ready to be read: what assessors and staff see is what was sent in, never what stands now."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from applications.models import Application, Document
from applications.presenters.answers import in_a_line, show
from design.words import in_words, pounds
from grants.definition import questions as kinds
from grants.definition.document import Definition


@dataclass(frozen=True)
class Paper:
    """The frozen paper of an application with the form it answered."""

    definition: Definition
    values: dict[str, Any]
    documents: dict[str, list[Document]]

    def answer(self, question_id: str) -> "Answer":
        """One answer as it is read. Raises KeyError for a question the form does not have."""
        question = self.definition.form.question(question_id)
        value = self.values.get(question_id)
        files = self.documents.get(question_id, [])
        return _drawn(question, value, files, self.definition, self.values)


@dataclass(frozen=True)
class Answer:
    """A question and its answer: paragraphs of text, or a table, or files."""

    question: str
    label: str
    text: str = ""
    columns: list[Any] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)
    files: list[Document] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.rows or self.files)


def paper_for_assessors(application: Application) -> Paper:
    """The paper without what the programme hides from assessors: it is taken out here, before any page is made of it."""
    paper = paper_of(application)
    stage = paper.definition.assessment
    hidden = set(stage.hidden) if stage else set()
    values = {name: value for name, value in paper.values.items() if name not in hidden}
    documents = {name: files for name, files in paper.documents.items() if name not in hidden}
    return Paper(paper.definition, values, documents)


def paper_of(application: Application) -> Paper:
    """Read the paper last sent in. Two queries."""
    frozen = application.current_paper()
    contents = json.loads(frozen.document) if frozen else {"answers": [], "documents": []}
    sent = {(one["question"], one["sha256"]) for one in contents["documents"]}
    documents: dict[str, list[Document]] = {}
    for document in application.documents.order_by("question", "pk"):
        if (document.question, document.sha256) in sent:
            documents.setdefault(document.question, []).append(document)
    values = {one["question"]: one["value"] for one in contents["answers"]}
    return Paper(application.version.definition, values, documents)


def _drawn(question: Any, value: Any, files: list[Document], definition: Definition, values: dict[str, Any]) -> Answer:
    plain = Answer(question.id, question.label, files=files)
    if value in (None, "", []):
        return plain
    if isinstance(question, kinds.CostTable):
        costs = show(definition, question, value, values=values)
        return Answer(question.id, question.label, columns=costs.columns, rows=[*costs.rows, ["In all", *(costs.total or [])[1:]]])
    if isinstance(question, kinds.MilestonePlan):
        rows = [
            [one["title"], one.get("deliverable", ""), one.get("success", ""), one.get("month", ""), f"{one['percent']}%"] for one in value
        ]
        heads = ["Milestone", "Deliverable", "How success shows", {"label": "Month", "numeric": True}, {"label": "Share", "numeric": True}]
        return Answer(question.id, question.label, columns=heads, rows=rows)
    if isinstance(question, kinds.Group):
        shown = show(definition, question, value)
        return Answer(question.id, question.label, columns=shown.columns, rows=shown.rows) if shown.columns else _in_lines(question, value)
    return Answer(question.id, question.label, text=_text(question, value), files=files)


def _in_lines(question: Any, value: Any) -> Answer:
    return Answer(question.id, question.label, text=in_a_line(question, value))


def _text(question: Any, value: Any) -> str:
    if isinstance(question, kinds.Money):
        return pounds(value)
    if isinstance(question, kinds.YesNo):
        return "Yes" if value else "No"
    if isinstance(question, kinds.Date):
        return in_words(date.fromisoformat(value))
    if isinstance(question, kinds.Percentage):
        return f"{value}%"
    if isinstance(question, (kinds.Choice, kinds.Several)):
        labels = {option.id: option.label for option in question.options}
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(one, str(one)) for one in chosen)
    if isinstance(question, kinds.Declaration):
        return "Agreed" if value and (value is True or value.get("agreed")) else "Not agreed"
    if isinstance(question, kinds.Number) and question.unit:
        return f"{value} {question.unit}"
    if isinstance(question, (kinds.SicCodes, kinds.Calculated)):
        return in_a_line(question, value)
    return str(value)
