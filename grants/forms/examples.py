"""The form of an example company for the rule tester: what every rule needs to know, rows of repeating groups included."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.utils import ErrorDict

from design.fields import PoundsField
from design.looks import Look
from grants import precheck
from grants.definition import Definition
from grants.forms.programmes import PreCheckForm, YesNoField, own_field

ROWS_AT_FIRST = 2


@dataclass(frozen=True)
class Table:
    """The rows of one question, as the page draws them."""

    question: Any
    rows: list[list[forms.BoundField]]
    count: forms.BoundField
    can_grow: bool

    @property
    def noun(self) -> str:
        """What one row is called."""
        return {"cost_table": "line", "milestone_plan": "milestone"}.get(self.question.kind) or str(self.question.row)


class ExampleForm(PreCheckForm):
    """An example company: a name, what is asked of anybody, what only we know, and some rows of what is asked again and again.

    With a button `more` it is only drawn again with another row: nothing typed is lost, and nothing is checked yet.
    """

    every = True
    name = forms.CharField(label="What do you call this example?", max_length=80)

    def __init__(self, definition: Definition, *args: Any, **kwargs: Any) -> None:
        super().__init__(definition, *args, **kwargs)
        self.definition, self.more = definition, self.data.get("more", "")
        for name, field in _ours().items():
            if name in precheck.asks(definition, every=True):
                self.fields[name] = field
        self.asked = list(self.fields)
        self.questions = precheck.rows_asked(definition)
        for question in self.questions:
            self.fields[f"rows_{question.id}"] = forms.IntegerField(
                widget=forms.HiddenInput, required=False, initial=self._count(question), disabled=True
            )
            for number in range(self._count(question)):
                for id, field in _cells(definition, question):
                    self.fields[f"{question.id}__{number}__{id}"] = field

    def _count(self, question: Any) -> int:
        posted = str(self.data.get(f"rows_{question.id}", ""))
        count = int(posted) if posted.isdecimal() and len(posted) < 3 else ROWS_AT_FIRST
        return max(1, min(count + (self.more == question.id), _most(question)))

    def full_clean(self) -> None:
        if not self.more:
            super().full_clean()
            return
        self._errors, self.cleaned_data = ErrorDict(renderer=self.renderer), {}

    def plain(self) -> list[forms.BoundField]:
        """The questions that are asked once."""
        return [self[name] for name in self.asked]

    def tables(self) -> list[Table]:
        """The questions that are asked again for each row."""
        return [
            Table(
                question,
                [[self[f"{question.id}__{number}__{id}"] for id, _ in _cells(self.definition, question)] for number in range(count)],
                self[f"rows_{question.id}"],
                can_grow=count < _most(question),
            )
            for question in self.questions
            for count in [self._count(question)]
        ]

    def given(self) -> dict[str, Any]:
        """What was given, by the names that `grants.precheck` uses; a row with nothing in it is none."""
        typed = self.cleaned_data
        once = {name.replace("answers__", "answers."): typed.get(name) for name in self.asked if name != "name"}
        rows = {f"answers.{question.id}": [row for row in self._rows(question) if row] for question in self.questions}
        return {name: None if value in ("", []) else value for name, value in (once | rows).items()}

    def _rows(self, question: Any) -> Iterator[dict[str, Any]]:
        for number in range(self._count(question)):
            cells = {id: self.cleaned_data.get(f"{question.id}__{number}__{id}") for id, _ in _cells(self.definition, question)}
            yield {id: value for id, value in cells.items() if value not in (None, "", [])}


def _ours() -> dict[str, forms.Field]:
    """What only we know of a company that applies."""
    return {
        "overdue_reports": _count("How many reports of earlier awards are overdue?"),
        "tries": _count("How often was this project sent in before?"),
        "is_confirmed": YesNoField(label="Has the company confirmed in writing what assistance it has received?", required=False),
    }


def _count(label: str, **about: Any) -> forms.IntegerField:
    field = forms.IntegerField(label=label, required=False, **{"min_value": 0} | about)
    field.look = Look(width=5)  # type: ignore[attr-defined]
    return field


def _most(question: Any) -> int:
    return int(question.max_lines if question.kind == "cost_table" else question.at_most)


def _cells(definition: Definition, question: Any) -> list[tuple[str, forms.Field]]:
    """What one row asks: the group's own questions, or what rules can read of a line or a milestone."""
    if question.kind == "group":
        return [(cell.id, own_field(cell)) for cell in question.questions]
    if question.kind == "cost_table":
        categories = [("", "Choose one"), *((each.id, each.title) for each in definition.delivery.cost_categories)]
        return [
            ("category", forms.ChoiceField(label="Kind of cost", choices=categories, required=False)),
            ("description", forms.CharField(label="What it is for", required=False)),
            ("amount_pence", PoundsField(label="Amount", required=False)),
        ]
    return [
        ("title", forms.CharField(label="Milestone", required=False)),
        ("deliverable", forms.CharField(label="What will be delivered", required=False)),
        ("success", forms.CharField(label="How anybody can see that it succeeded", required=False)),
        ("month", _count("Month of the project", min_value=1)),
        ("percent", _count("Share of the grant, in percent", max_value=100)),
    ]
