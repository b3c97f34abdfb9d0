"""Rows of the same questions: a group that is asked again for each of several."""

from dataclasses import replace
from typing import Any

from applications import shapes
from applications.forms.fields import field_for, to_initial, to_stored
from applications.forms.rows import Row, Rows


class GroupRow(Row):
    """One row: each of the group's questions once."""

    fixed = None

    def __init__(self, *args: Any, question: Any, number: int, stored: dict[str, Any] | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.question, self.number = question, number
        self.names_row = shapes.row_title(question, number)
        for cell in question.questions:
            self.fields[cell.id] = field_for(cell)
            self.fields[cell.id].look = replace(self.fields[cell.id].look, label_size="")
            typed = (stored or {}).get(shapes.TYPED, {})
            self.initial[cell.id] = typed.get(cell.id) or to_initial(cell, (stored or {}).get(cell.id))

    def row(self) -> dict[str, Any]:
        """The row as it is stored."""
        return self.with_typed({cell.id: to_stored(cell, self.cleaned_data.get(cell.id)) for cell in self.question.questions})

    @property
    def is_empty(self) -> bool:
        return all(shapes.is_empty(value) for value in self.row().values())


class Group(Rows):
    """All rows of a group, from what is stored or from what was posted."""

    forms: list[GroupRow]
    is_costs = False
    is_fixed = False
    is_group = True

    @property
    def noun(self) -> str:
        return str(self.question.row)

    def _expected(self) -> list[dict[str, Any]]:
        return []

    def _least(self) -> int:
        return max(len(self.stored), self.question.at_least)

    def _form(self, index: int) -> GroupRow:
        stored = self.stored[index] if index < len(self.stored) else None
        return GroupRow(self.data, prefix=f"{self.question.id}-{index}", question=self.question, number=index + 1, stored=stored)

    def value(self) -> list[dict[str, Any]] | None:
        """The rows that have something in them, as they are stored."""
        return [form.row() for form in self.forms if not form.is_empty] or None

    def _is_empty(self, form: GroupRow) -> bool:
        return form.is_empty

    def point_out(self, *, is_complete: bool) -> bool:
        """Say what is wrong at the very question where it is; whether anything was."""
        for form in self.forms:
            for cell in self.question.questions if not form.is_empty else ():
                value = to_stored(cell, form.cleaned_data.get(cell.id))
                problem = shapes.refusal(self.definition, cell, value)
                if not problem and is_complete and (cell.required or value is not None):
                    problem = shapes.unfinished(self.definition, cell, value)
                if problem:
                    form.add_error(cell.id, "Enter an answer" if problem == shapes.NOT_ANSWERED else problem)
        return any(form.errors for form in self.forms)
