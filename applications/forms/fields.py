"""One form field for each kind of question, and the way between what a field cleans to and what is stored."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from design.fields import MemorableDateField, PoundsField, WordsField
from design.looks import Choice, Look
from grants import identifiers
from grants.forms.codes import RegularField, SicCodesField

YES_NO = [("yes", "Yes"), ("no", "No")]
MANY_OPTIONS = 12


class OneLineField(forms.CharField):
    """Text on one line: line breaks that came with a paste become spaces."""

    def to_python(self, value: Any) -> str:
        return " ".join((super().to_python(value) or "").split())


class ParagraphsField(WordsField):
    """Longer text with its line breaks as they were typed. Its limit is checked with the answer, not here."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")

    def validate(self, value: str) -> None:
        forms.CharField.validate(self, value)


class PlainNumberField(forms.CharField):
    """A number as people type it, commas allowed. Cleans to an int, or with decimals to text such as "12.50"."""

    def __init__(self, *, decimals: int = 0, most: int = 10**15, **options: Any) -> None:
        self.decimals, self.most = decimals, most
        super().__init__(widget=forms.TextInput({"inputmode": "decimal" if decimals else "numeric", "autocomplete": "off"}), **options)

    def clean(self, value: Any) -> Any:
        typed = str(super().clean(value) or "").replace(",", "").replace(" ", "").removesuffix("%")
        if not typed:
            return None
        try:
            number = Decimal(typed)
        except ArithmeticError:
            raise ValidationError("Enter a number in figures, like 12", code="invalid") from None
        if not number.is_finite() or abs(number) > 10**15:
            raise ValidationError("Enter a number in figures, like 12", code="invalid")
        if self.decimals:
            return f"{number:f}"
        if number != number.to_integral_value():
            raise ValidationError("Enter a whole number, like 12", code="invalid")
        if self.most < 10**15 and not 1 <= number <= self.most:
            raise ValidationError(f"Enter a whole number from 1 to {self.most}", code="out_of_range")
        return int(number)


def field_for(question: Any) -> forms.Field:
    """The field that asks this question. It never insists: whether an answer may be left out is the form's own check."""
    options: dict[str, Any] = {"label": question.label, "help_text": _hint(question), "required": False}
    field = _MAKERS[question.kind](question, options)
    look = getattr(field, "look", None) or Look()
    field.look = replace(look, says_optional=not question.required, label_size="m")
    return field


def _hint(question: Any) -> str:
    return f"{question.hint or ''}{' We publish this.' if question.published else ''}".strip()


def _text(question: Any, options: dict[str, Any]) -> forms.Field:
    field = OneLineField(**options)
    field.look = Look(width="full" if question.max_characters > 60 else 30)
    return field


def _long_text(question: Any, options: dict[str, Any]) -> forms.Field:
    return ParagraphsField(max_words=question.max_words, rows=min(16, max(4, question.max_words // 18)), **options)


def _number(question: Any, options: dict[str, Any]) -> forms.Field:
    field = PlainNumberField(decimals=question.decimals, **options)
    field.look = Look(width=5, suffix=question.unit or "")
    return field


def _percent(question: Any, options: dict[str, Any]) -> forms.Field:
    field = PlainNumberField(decimals=4, **options)
    field.look = Look(width=4, suffix="%")
    return field


def _choice(question: Any, options: dict[str, Any]) -> forms.Field:
    choices = [(option.id, Choice(option.label, hint=option.hint or "")) for option in question.options]
    if len(choices) > MANY_OPTIONS:
        return forms.ChoiceField(choices=[("", "Choose one"), *choices], **options)
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **options)


def _several(question: Any, options: dict[str, Any]) -> forms.Field:
    choices = [(option.id, Choice(option.label, hint=option.hint or "")) for option in question.options]
    return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **options)


def _yes_no(question: Any, options: dict[str, Any]) -> forms.Field:
    field = forms.ChoiceField(choices=YES_NO, widget=forms.RadioSelect, **options)
    field.look = Look(inline=True)
    return field


class FilesInput(forms.FileInput):
    """A file input that may take several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, as a list."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(FilesField, self).clean(one, initial) for one in data or []]


def _file(question: Any, options: dict[str, Any]) -> forms.Field:
    endings = ",".join(f".{kind}" for kind in question.types)
    return FilesField(widget=FilesInput({"accept": endings, "multiple": question.at_most > 1}), allow_empty_file=True, **options)


_MAKERS: dict[str, Callable[[Any, dict[str, Any]], forms.Field]] = {
    "text": _text,
    "long_text": _long_text,
    "number": _number,
    "money": lambda question, options: PoundsField(**options),
    "percent": _percent,
    "date": lambda question, options: MemorableDateField(**options),
    "yes_no": _yes_no,
    "choice": _choice,
    "several": _several,
    "company_number": lambda question, options: RegularField(regular=identifiers.company_number, **options),
    "postcode": lambda question, options: RegularField(regular=identifiers.postcode, **options),
    "sic_codes": lambda question, options: SicCodesField(at_most=question.at_most, **options),
    "file": _file,
}
ROWS = ("cost_table", "milestone_plan", "group")
ASKED_HERE = frozenset({*_MAKERS, *ROWS})
"""Kinds that a section's page asks. The declaration is signed where the application is checked and sent."""


def to_stored(question: Any, cleaned: Any) -> Any:
    """What is stored for what a field cleaned to; None where nothing was given."""
    if cleaned in (None, "", []):
        return None
    match question.kind:
        case "date":
            return cleaned.isoformat() if isinstance(cleaned, date) else cleaned
        case "yes_no":
            return cleaned == "yes"
        case _:
            return cleaned


def to_initial(question: Any, stored: Any) -> Any:
    """What a field shows for what is stored."""
    if stored is None:
        return None
    match question.kind:
        case "date":
            return date.fromisoformat(stored)
        case "yes_no":
            return "yes" if stored else "no"
        case _:
            return stored
