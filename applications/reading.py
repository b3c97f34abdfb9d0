"""One application read against its form: which questions are asked, what was answered, what is missing."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from django.db import models

from applications import facts, shapes
from audit.composed import Composed, Given
from grants import calculated
from grants.definition import Definition
from grants.rules.evaluation import holds

if TYPE_CHECKING:
    from applications.models import Answer, Application, Document


@dataclass(frozen=True)
class Missing:
    """One thing that stands between an application and its submission."""

    section: str
    section_title: str
    question: str
    label: str
    sentence: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass
class Asked:
    """A section with the questions that are asked in it, as the answers stand."""

    section: Any
    questions: list[Any] = field(default_factory=list)


class Reading:
    """The application's answers, read once. `given` are all that were given, `values` these and what is worked out from them, `counting`
    those to questions that are asked."""

    def __init__(self, application: "Application", *, at: datetime, changed: dict[str, Any] | None = None) -> None:
        """`changed` are values to read in place of the stored ones (what was typed but not saved)."""
        self.application = application
        self.definition: Definition = application.version.definition
        self.at = at
        self.changed = changed or {}
        self.counting: dict[str, Any] = {}

    @cached_property
    def answers(self) -> "dict[str, Answer]":
        """What stands, by question."""
        return {answer.question: answer for answer in _answers().all(application=self.application.pk)}

    @cached_property
    def given(self) -> dict[str, Any]:
        """What was answered, by question."""
        return {question: answer.value for question, answer in self.answers.items()} | self.changed

    @property
    def values(self) -> dict[str, Any]:
        """The same with what is worked out from it, which goes hand in hand with working out what is asked."""
        if any(question.kind == "calculated" for question in self.definition.form.questions()):
            _ = self.asked
        return self.given

    @cached_property
    def documents(self) -> "dict[str, list[Document]]":
        """Attached files by question."""
        found: dict[str, list[Document]] = {}
        for document in _documents().all(application=self.application.pk):
            found.setdefault(document.question, []).append(document)
        return found

    @cached_property
    def asked(self) -> list[Asked]:
        """The sections and questions that are asked. Conditions read earlier answers only; answers to what is not asked do not count."""
        seen: dict[str, Any] = {}
        sections = self.definition.form.sections
        conditional = any(section.when or any(each.when or each.kind == "calculated" for each in section.questions) for section in sections)
        known = facts.of_application(self.application, self.given, at=self.at) if conditional else {}
        found_sections = []
        for section in self.definition.form.sections:
            if self.application.is_expression and section.asked_in != "expression_of_interest":
                continue
            found = Asked(section)
            if not section.when or holds(section.when, known | {"answers": seen}):
                for question in section.questions:
                    if question.when and not holds(question.when, known | {"answers": seen}):
                        continue
                    found.questions.append(question)
                    if question.kind == "calculated":
                        self.given[question.id] = calculated.value(question, known | {"answers": seen})
                    self._count(question, seen)
            if found.questions:
                found_sections.append(found)
        return found_sections

    def _count(self, question: Any, seen: dict[str, Any]) -> None:
        if question.kind == "file":
            seen[question.id] = [document.name for document in self.documents.get(question.id, [])]
            return
        value = self.given.get(question.id)
        if not shapes.is_empty(value):
            self.counting[question.id] = value
            seen[question.id] = facts.as_answer(question, value)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Everything that rules see, `answers` included."""
        asked = self.asked
        known = facts.of_application(self.application, self.counting, at=self.at)
        answers = {
            question.id: [document.name for document in self.documents.get(question.id, [])]
            if question.kind == "file"
            else facts.as_answer(question, self.counting.get(question.id))
            for found in asked
            for question in found.questions
        }
        return known | {"answers": answers}

    def section(self, id: str) -> Asked | None:
        """The asked section with this id, if it is one."""
        return next((found for found in self.asked if found.section.id == id), None)

    def problem(self, question: Any) -> str:
        """What is wrong with or missing from one answer; "" when it can be sent in."""
        if question.kind == "calculated":
            return ""
        if question.kind == "file":
            return "No file added yet" if question.required and not self.documents.get(question.id) else ""
        value = self.values.get(question.id)
        if shapes.is_empty(value) and not question.required:
            return ""
        return shapes.refusal(self.definition, question, value) or shapes.unfinished(self.definition, question, value)

    def missing(self, *, with_declaration: bool = False) -> list[Missing]:
        """Everything that is missing, in the order in which it is asked; the declaration is signed last and asked for only on request."""
        return [
            Missing(found.section.id, found.section.title, question.id, question.label, problem)
            for found in self.asked
            for question in found.questions
            if (with_declaration or question.kind != "declaration") and (problem := self.problem(question))
        ]

    def status(self, found: Asked) -> str:
        """`completed`, `started` or `not_started`."""
        questions = [question for question in found.questions if question.kind not in ("declaration", "calculated")]
        if not any(self.problem(question) for question in questions):
            return "completed"
        begun = any(self.documents.get(q.id) if q.kind == "file" else not shapes.is_empty(self.values.get(q.id)) for q in questions)
        return "started" if begun else "not_started"


def read(application: "Application", *, at: datetime) -> Reading:
    """The same Reading for all who ask of one record at one moment: every guard and the body of a step, every part of a page."""
    kept: Reading | None = application.__dict__.get("_reading")
    if kept is None or kept.at != at:
        kept = application.__dict__["_reading"] = Reading(application, at=at)
    return kept


@cache
def _answers() -> "Composed[Answer]":
    """What stands in one application, and who wrote it."""
    from applications.models import Answer

    return Composed(lambda: Answer.objects.select_related("saved_by").filter(application=Given("application", models.BigIntegerField())))


@cache
def _documents() -> "Composed[Document]":
    """The files of one application."""
    from applications.models import Document

    return Composed(lambda: Document.objects.kept().filter(application=Given("application", models.BigIntegerField())).order_by("pk"))
