"""The page of one section, built from the programme's form."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from applications import money, shapes
from applications.actions.answers import Typed
from applications.forms.fields import ASKED_HERE, ROWS, field_for, to_initial, to_stored
from applications.forms.groups import Group
from applications.forms.rows import Rows
from applications.models import Document
from applications.reading import Reading
from design.looks import Look


class AnswersForm(forms.Form):
    """The questions of a section that are not tables of rows."""

    def __init__(self, *args: Any, questions: list[Any], reading: Reading, **options: Any) -> None:
        super().__init__(*args, **options)
        for question in questions:
            answer = None if self.is_bound else reading.answers.get(question.id)
            if question.kind not in ROWS:
                self.fields[question.id] = field_for(question)
                if question.kind != "file" and not self.is_bound:
                    self.initial[question.id] = to_initial(question, reading.values.get(question.id))
                if question.kind == "sic_codes" and question.id not in reading.answers and (known := reading.application.company.sic_codes):
                    self.initial[question.id] = known[: question.at_most]
                    self.fields[question.id].help_text += " These are from your company's page. Change them where they are not right."
            if question.may_be_confidential:
                self.fields[_confidential(question)] = forms.BooleanField(
                    label="This answer is commercially confidential", required=False, initial=bool(answer and answer.is_confidential)
                )
                self.fields[_confidential(question)].look = Look(small=True)
            if question.kind != "file":
                self.fields[_revision(question)] = forms.IntegerField(
                    widget=forms.HiddenInput, required=False, min_value=0, initial=answer.revision if answer else 0
                )


class SectionPage:
    """One section with its fields, tables and files: unbound from what is stored, or bound to what was posted."""

    def __init__(
        self,
        reading: Reading,
        section_id: str,
        *,
        data: QueryDict | None = None,
        files: MultiValueDict | None = None,
        is_complete: bool = False,
    ) -> None:
        """`is_complete` insists on finished answers; otherwise what can be saved is good enough."""
        self.reading, self.definition, self.is_complete = reading, reading.definition, is_complete
        self.section = next(section for section in self.definition.form.sections if section.id == section_id)
        asked = self._asked(data)
        self.shown = [
            question
            for question in self.section.questions
            if (question.kind in ASKED_HERE and question.id in asked) or (question.kind == "calculated" and self._is_asked(question))
        ]
        self.questions = [question for question in self.shown if question.kind in ASKED_HERE]
        self.form = AnswersForm(data, files, questions=self.questions, reading=reading)
        self.tables = {
            question.id: rows_of(self.definition, question, stored=reading.values.get(question.id), data=data)
            for question in self.questions
            if question.kind in ROWS
        }

    def _is_asked(self, question: Any) -> bool:
        found = self.reading.section(self.section.id)
        return found is not None and question in found.questions

    def _asked(self, data: QueryDict | None) -> set[str]:
        """The questions that are asked as the answers stand; of a page that was posted, those that it asked, and the files asked now."""
        on_the_page = {question.id for question in self.section.questions if data is not None and _revision(question) in data}
        files = {question.id for question in self.section.questions if question.kind == "file"}
        if data is not None and not files:
            return on_the_page
        found = self.reading.section(self.section.id)
        asked = {question.id for question in found.questions} if found else set()
        return asked if data is None else on_the_page | files & asked

    @property
    def all_forms(self) -> list[forms.Form]:
        """Everything whose errors the summary lists."""
        return [self.form, *(form for table in self.tables.values() for form in (*table.forms, table.whole))]

    def parts(self) -> list[dict[str, Any]]:
        """What the template draws, question by question."""
        return [
            {"question": question, "is_calculated": True, "value": self.reading.values.get(question.id)}
            if question.kind == "calculated"
            else {
                "question": question,
                "field": self.form[question.id] if question.kind not in ROWS else None,
                "confidential": self.form[_confidential(question)] if question.may_be_confidential else None,
                "revision": self.form[_revision(question)] if question.kind != "file" else None,
                "table": self.tables.get(question.id),
                "saved": self.reading.answers.get(question.id),
                "documents": self.documents(question) if question.kind == "file" else [],
                "elsewhere": self.elsewhere(question) if question.kind == "file" else [],
                "room": question.kind == "file" and len(self.documents(question)) < question.at_most,
                "criteria": [criterion.title for criterion in self.definition.criteria if question.id in criterion.reads],
            }
            for question in self.shown
        ]

    def documents(self, question: Any) -> list[Document]:
        return self.reading.documents.get(question.id, [])

    def elsewhere(self, question: Any) -> list[Document]:
        """Files of other questions that may be opened and are not here already."""
        here = {document.sha256 for document in self.documents(question)}
        others = [one for id, found in self.reading.documents.items() if id != question.id for one in found]
        return list({one.sha256: one for one in others if one.sha256 not in here and not one.is_in_quarantine}.values())

    def is_valid(self) -> bool:
        """Whether every answer can be saved, and with `is_complete` also sent in."""
        shaped = [self.form.is_valid(), *(table.is_valid() for table in self.tables.values())]
        if not all(shaped):
            for table in self.tables.values():
                table.point_out(is_complete=self.is_complete)
        else:
            for question in self.questions:
                self._check(question)
            if self.is_complete and all(not form.errors for form in self.all_forms):
                self._check_money()
        return all(not form.errors for form in self.all_forms)

    def _check(self, question: Any) -> None:
        if question.kind == "file":
            if self.is_complete and question.required and not self.documents(question) and not self.upload(question):
                self.form.add_error(question.id, "Choose a file to upload")
            return
        value = self.value(question)
        table = self.tables.get(question.id)
        if table is not None and table.point_out(is_complete=self.is_complete):
            return
        numbers = table.numbers if table is not None else None
        problem = shapes.refusal(self.definition, question, value, numbers=numbers)
        if not problem and self.is_complete and (question.required or value is not None):
            problem = shapes.unfinished(self.definition, question, value, numbers=numbers)
            problem = _ask_for(question) if problem == shapes.NOT_ANSWERED else problem
        if problem and table is not None:
            table.accuse(problem)
        elif problem:
            self.form.add_error(question.id, problem)

    def _check_money(self) -> None:
        """What the check page would say of costs and grant, said where they are typed."""
        means = self.definition.form.means
        typed = {question.id: self.value(question) for question in self.questions if question.kind != "file"}
        reading = Reading(self.reading.application, at=self.reading.at, changed=typed)
        if means.costs in self.tables and (problem := money.costs_problem(reading)):
            self.tables[means.costs].accuse(problem)
        if means.grant in typed and means.costs in reading.counting and (problem := money.grant_problem(reading)):
            self.form.add_error(means.grant, problem)

    def take_revisions(self, saved: list[Any]) -> None:
        """Make the page say that it has read what was just saved from it, and that it is saved."""
        known = self.form.data.copy()
        self.reading = Reading(self.reading.application, at=self.reading.at)
        for answer in saved:
            known[f"{answer.question}-revision"] = str(answer.revision)
        self.form.data = known

    def sorted_out(self) -> tuple[dict[str, Typed], dict[str, str]]:
        """What can be saved of what was typed, and why the rest cannot yet, each by question: one bad answer keeps no other waiting."""
        self.form.is_valid()
        wrong = {question.id: found for question in self.questions if question.kind != "file" and (found := self._wrong(question))}
        never = {question for question, typed in self.typed().items() if typed.value is None and not typed.revision}
        return {question: typed for question, typed in self.typed().items() if question not in wrong and question not in never}, wrong

    def _wrong(self, question: Any) -> str:
        """Why an answer cannot be saved as it is typed; "" when it can."""
        table = self.tables.get(question.id)
        if table is not None:
            table.is_valid()
            table.point_out(is_complete=False)
            if lost := next((form for form in table.forms if not form.can_be_kept()), None):
                return f"{table.noun.capitalize()} {lost.number}: {next(iter(lost.errors.values()))[0]}"
        if question.id in self.form.errors:
            return str(self.form.errors[question.id][0])
        return shapes.refusal(self.definition, question, self.value(question), numbers=table.numbers if table is not None else None)

    def value(self, question: Any) -> Any:
        if question.id in self.tables:
            return self.tables[question.id].value()
        return to_stored(question, self.form.cleaned_data.get(question.id))

    def upload(self, question: Any) -> Any:
        return self.form.cleaned_data.get(question.id)

    def typed(self) -> dict[str, Typed]:
        """What was given, by question, for `answers.save_many`."""
        given = self.form.cleaned_data
        return {
            question.id: Typed(self.value(question), given.get(_revision(question)) or 0, bool(given.get(_confidential(question), False)))
            for question in self.questions
            if question.kind != "file"
        }

    def uploads(self) -> dict[str, list[Any]]:
        """The files that came along, by question."""
        return {question.id: self.upload(question) for question in self.questions if question.kind == "file" and self.upload(question)}


def rows_of(definition: Any, question: Any, *, stored: Any, data: QueryDict | None) -> Rows:
    """The rows of a cost table, a milestone plan or a group."""
    kind = Group if question.kind == "group" else Rows
    return kind(definition, question, stored=stored, data=data)


def _revision(question: Any) -> str:
    return f"{question.id}-revision"


def _confidential(question: Any) -> str:
    return f"{question.id}-confidential"


def _ask_for(question: Any) -> str:
    match question.kind:
        case "cost_table":
            return "Add at least one line of costs"
        case "milestone_plan":
            return "Add your milestones"
        case "group":
            return f"Add at least one {question.row}"
        case "date":
            return f"Enter a date for “{question.label}”"
        case "money":
            return f"Enter an amount, or 0, for “{question.label}”"
        case _:
            return f"Answer “{question.label}”"
