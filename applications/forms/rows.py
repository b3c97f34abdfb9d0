"""Cost tables and milestone plans: rows of small forms that grow by a button, without JavaScript."""

from typing import Any

from django import forms
from django.http import QueryDict

from accounts.refusals import Refused
from applications import shapes
from applications.forms.fields import OneLineField, ParagraphsField, PlainNumberField
from design.fields import PoundsField
from design.looks import Look
from grants.definition import Definition

MORE_ROWS = 2


class Row(forms.Form):
    """One of several rows. What cannot be read of it is kept as it was typed, so that nothing else has to wait for it."""

    def as_typed(self) -> dict[str, str]:
        """By field, what stands where a number belongs and is none; nothing of a field that people cannot type into."""
        typed = {name: str(self.data.get(self.add_prefix(name)) or "")[: shapes.LINE] for name in self.errors if name in self.fields}
        return {name: text for name, text in typed.items() if text and isinstance(self.fields[name].widget, forms.TextInput)}

    def can_be_kept(self) -> bool:
        """Whether every cell can be stored, be it as it was typed."""
        return set(self.errors) <= set(self.as_typed())

    def with_typed(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row as it is stored, with what was typed and cannot be read."""
        typed = self.as_typed()
        return row | dict.fromkeys(typed) | {shapes.TYPED: typed} if typed else row


class Whole(forms.Form):
    """What is wrong with all rows together; the error summary leads to where they are added up."""

    def __init__(self, anchor: str) -> None:
        super().__init__({})
        self.anchor = anchor


class CostRow(Row):
    """One line of a cost table."""

    looks = {"category": Look(hide_label=True, says_optional=False), "description": Look(hide_label=True, says_optional=False)}

    category = forms.ChoiceField(label="Kind of cost", required=False)
    description = OneLineField(label="What it is for", required=False)
    amount_pence = PoundsField(label="Amount", required=False)
    vat_pence = PoundsField(label="VAT", required=False)

    def __init__(self, *args: Any, categories: list[Any], number: int, asks_vat: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.number, self.names_row = number, ""
        if not asks_vat:
            del self.fields["vat_pence"]
        self.fields["category"].choices = [("", "Choose one")] + [
            (each.id, each.title + ("" if each.is_eligible else " (not paid for)")) for each in categories
        ]
        for name in {"amount_pence", "vat_pence"} & set(self.fields):
            self.fields[name].look = Look(prefix="£", width=10, hide_label=True, says_optional=False)
        for name in self.fields:
            self.fields[name].label = f"{self.fields[name].label}, line {number}"

    def row(self) -> dict[str, Any]:
        """The line as it is stored."""
        given = self.cleaned_data
        row = {
            "category": given.get("category") or "",
            "description": given.get("description") or "",
            "amount_pence": given.get("amount_pence"),
            **({"vat_pence": given.get("vat_pence")} if "vat_pence" in self.fields else {}),
        }
        return self.with_typed(row)


class MilestoneRow(Row):
    """One milestone. Where the programme fixes the plan, its title and share are shown, not asked."""

    looks = {
        "title": Look(width="full", says_optional=False),
        "deliverable": Look(rows=3, says_optional=False),
        "success": Look(rows=3, says_optional=False),
        "month": Look(width=3, says_optional=False),
        "percent": Look(width=3, suffix="%", says_optional=False),
    }

    title = OneLineField(label="Milestone", required=False)
    deliverable = ParagraphsField(label="What you will deliver", max_words=200, required=False)
    success = ParagraphsField(
        label="How anybody can see that it succeeded", help_text="A figure or a document, not an intention", max_words=200, required=False
    )
    month = PlainNumberField(label="Month of the project in which it is done", help_text="1 is the first month", most=120, required=False)
    percent = PlainNumberField(label="Share of the grant", most=100, required=False)

    def __init__(self, *args: Any, number: int, fixed: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.number, self.fixed, self.names_row = number, fixed, f"Milestone {number}"
        if fixed is not None:
            del self.fields["title"], self.fields["percent"]

    def row(self) -> dict[str, Any]:
        """The milestone as it is stored."""
        given = self.cleaned_data
        row = {
            "title": self.fixed.title if self.fixed else given.get("title") or "",
            "deliverable": given.get("deliverable") or "",
            "success": given.get("success") or "",
            "month": given.get("month"),
            "percent": self.fixed.percent if self.fixed else given.get("percent"),
        }
        return self.with_typed(row)


class Rows:
    """All rows of one question, from what is stored or from what was posted."""

    def __init__(self, definition: Definition, question: Any, *, stored: list[dict[str, Any]] | None, data: QueryDict | None) -> None:
        self.definition, self.question, self.data = definition, question, data
        self.stored = stored if stored is not None else self._expected()
        self.whole, self.pasted = Whole(f"id_{question.id}-whole"), ""
        self.forms = [self._form(index) for index in range(self._count())]

    @property
    def is_costs(self) -> bool:
        return self.question.kind == "cost_table"

    @property
    def asks_vat(self) -> bool:
        """Whether each cost's VAT is asked beside it."""
        return self.is_costs and self.definition.delivery.vat == "irrecoverable"

    @property
    def total_vat_pence(self) -> int:
        """The VAT of the lines on the page."""
        return sum(row.get("vat_pence") or 0 for row in self._on_page())

    @property
    def is_fixed(self) -> bool:
        return not self.is_costs and self.question.is_fixed

    is_group = False

    @property
    def noun(self) -> str:
        """What one row is called."""
        return "line" if self.is_costs else "milestone"

    @property
    def at_most(self) -> int:
        return self.question.max_lines if self.is_costs else self.question.at_most

    @property
    def can_grow(self) -> bool:
        return not self.is_fixed and len(self.forms) < self.at_most

    @property
    def total_pence(self) -> int:
        """What the lines on the page add up to, as far as they are amounts."""
        return sum(row.get("amount_pence") or 0 for row in self._on_page())

    @property
    def total_percent(self) -> int:
        return sum(row.get("percent") or 0 for row in self._on_page())

    def _on_page(self) -> list[dict[str, Any]]:
        if self.data is None:
            return self.stored
        return [form.cleaned_data for form in self.forms if not form.errors or form.cleaned_data]

    @property
    def notes(self) -> list[str]:
        """What the programme says of each kind of cost: guidance, caps and flat rates."""
        if not self.is_costs:
            return []
        titles = {each.id: each.title for each in self.definition.delivery.cost_categories}
        found = []
        for each in shapes.categories(self.definition, self.question):
            limits = [each.guidance or ""]
            limits += [f"At most {each.cap_percent:f} % of your eligible costs."] if each.cap_percent is not None else []
            limits += [f"At most {each.flat_rate.percent:f} % of “{titles[each.flat_rate.of]}”."] if each.flat_rate else []
            limits += [] if each.is_eligible else ["We do not pay for this."]
            if said := " ".join(limit for limit in limits if limit):
                found.append(f"{each.title}: {said}")
        return found

    def _expected(self) -> list[dict[str, Any]]:
        if self.is_costs:
            return []
        return [
            {"title": each.title, "deliverable": each.deliverable or "", "success": "", "month": None, "percent": each.percent}
            for each in self.question.expected
        ]

    def _count(self) -> int:
        if self.is_fixed:
            return len(self.question.expected)
        if self.data is not None:
            posted = self.data.get(f"{self.question.id}-count", "0")
            return min(int(posted) if posted.isdecimal() and len(posted) < 4 else 0, self.at_most)
        return min(self._least(), self.at_most)

    def _least(self) -> int:
        """How many rows a page begins with: what is stored and room for one more."""
        return max(len(self.stored) + (1 if self.stored else 0), 3 if self.is_costs else 1)

    def _form(self, index: int) -> Any:
        prefix, number = f"{self.question.id}-{index}", index + 1
        initial = as_it_was_typed(self.stored[index]) if index < len(self.stored) else None
        if self.is_costs:
            categories = shapes.categories(self.definition, self.question)
            return CostRow(self.data, prefix=prefix, initial=initial, number=number, categories=categories, asks_vat=self.asks_vat)
        fixed = self.question.expected[index] if self.is_fixed else None
        return MilestoneRow(self.data, prefix=prefix, initial=initial, number=number, fixed=fixed)

    def is_valid(self) -> bool:
        checked = [form.is_valid() for form in self.forms]
        return all(checked)

    def value(self) -> list[dict[str, Any]] | None:
        """The rows that have something in them, as they are stored."""
        rows = [form.row() for form in self.forms]
        if self.is_fixed:
            return rows if any(row["deliverable"] or row["success"] or row["month"] or shapes.TYPED in row for row in rows) else None
        return [row for row in rows if any(row.values())] or None

    @property
    def numbers(self) -> list[int] | None:
        """What the page calls the rows of `value`, empty ones between them counted too; None where they are as they are stored."""
        return None if self.data is None or self.is_fixed else [form.number for form in self.forms if not self._is_empty(form)]

    def unread(self) -> str:
        """Where on the page something was typed that is no number, in a sentence; "" where all can be read."""
        if self.data is None:
            return shapes.unread(self.question, self.stored)
        self.is_valid()
        return shapes.unread(self.question, self.value(), numbers=self.numbers)

    def _is_empty(self, form: Any) -> bool:
        return not any(form.row().values())

    def point_out(self, *, is_complete: bool) -> bool:
        """Say what a row lacks at the very field that lacks it, where answers are to be complete; whether any does."""
        for form in self.forms if is_complete else ():
            if any(form.row().values()):
                for name, field in form.fields.items():
                    if name in shapes.NEEDED and not form.cleaned_data.get(name) and name not in form.errors:
                        form.add_error(name, f"{'Choose' if isinstance(field, forms.ChoiceField) else 'Enter'} the {shapes.NEEDED[name]}")
        return any(form.errors for form in self.forms)

    def accuse(self, sentence: str) -> None:
        """Say what is wrong with the whole table where its rows are added up."""
        self.whole.add_error(None, sentence)


def as_it_was_typed(row: dict[str, Any]) -> dict[str, Any]:
    """A stored row as its fields show it."""
    return row | row.get(shapes.TYPED, {})


def with_other_rows(data: QueryDict) -> QueryDict | None:
    """The posted data with a row more or fewer, where a button for that was pressed; None where another was."""
    if "add_row" in data:
        return grown(data, str(data["add_row"]))
    if "remove_row" not in data:
        return None
    question, _, index = str(data["remove_row"]).partition(":")
    return shrunk(data, question, int(index) if index.isdecimal() and len(index) < 4 else -1)


def grown(data: QueryDict, question: str) -> QueryDict:
    """The posted data with another row of a question."""
    more = data.copy()
    count = more.get(f"{question}-count", "0")
    more[f"{question}-count"] = str((int(count) if count.isdecimal() and len(count) < 4 else 0) + 1)
    return more


def filled(data: QueryDict, question: Any, lines: list[dict[str, str]], *, categories: list[Any]) -> QueryDict:
    """The posted data with lines from a spreadsheet after those that have something in them.

    A kind of cost that the programme does not have goes into the description, so that nothing of the sheet is lost.
    Raises Refused where there is no room for them all.
    """
    id, count = question.id, data.get(f"{question.id}-count", "0")
    names = ("category", "description", "amount_pence", "vat_pence")
    rows = range(int(count) if count.isdecimal() and len(count) < 4 else 0)
    typed = ({name: data.get(f"{id}-{index}-{name}", "") for name in names} for index in rows)
    standing = [row for row in typed if any(row.values())]
    for line in lines:
        kind, description = line.get("category", ""), line.get("description", "")
        category = _named(kind, categories)
        words = description if category or not kind else f"{kind}: {description}".removesuffix(": ")
        amounts = {"amount_pence": line.get("amount", ""), "vat_pence": line.get("vat", "")}
        standing.append({"category": category, "description": words, **amounts})
    if len(standing) > question.max_lines:
        over = len(standing) - question.max_lines
        raise Refused(f"There is room for {question.max_lines} lines. These are {over} too many.", code="lines_too_many", field="paste")
    more = data.copy()
    for index, row in enumerate(standing):
        for name in names:
            more[f"{id}-{index}-{name}"] = row[name]
    more[f"{id}-count"] = str(len(standing))
    return more


def _named(kind: str, categories: list[Any]) -> str:
    """The kind of cost that a sheet names, also where it writes more or less of its title; "" where that could be several."""
    words = " ".join(kind.lower().split())
    exactly = [each.id for each in categories if words in (each.id.lower(), each.title.lower())]
    titles = {each.id: each.title.lower() for each in categories}
    nearly = [id for id, title in titles.items() if len(words) > 3 and (title.startswith(words) or words.startswith(title))]
    return next((found[0] for found in (exactly, nearly) if len(found) == 1), "")


def shrunk(data: QueryDict, question: str, index: int) -> QueryDict:
    """The posted data without one row of a question; the rows after it move up."""
    count = data.get(f"{question}-count", "0")
    rows = int(count) if count.isdecimal() and len(count) < 4 else 0
    if not 0 <= index < rows:
        return data
    less = data.copy()
    for number in range(index, rows):
        for key in [key for key in less if key.startswith(f"{question}-{number}-")]:
            name = key.removeprefix(f"{question}-{number}-")
            after = f"{question}-{number + 1}-{name}"
            if number + 1 < rows and after in less:
                less.setlist(key, less.getlist(after))
            else:
                del less[key]
    less[f"{question}-count"] = str(rows - 1)
    return less
