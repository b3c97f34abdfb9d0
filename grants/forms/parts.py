"""The page of one group of a draft, made from its model: one field for each key, whatever the group."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms
from pydantic import BaseModel, ValidationError

from accounts.models import Person
from design.fields import MemorableDateField
from design.looks import Choice, Look
from grants.definition import labels, loading, references, slots, surgery
from grants.definition.form import Meaning
from grants.definition.slots import Slot

Path = tuple[Any, ...]
FEW = 4
_FITS: dict[str, tuple[str, ...]] = {
    "title": ("text",),
    "summary": ("long_text",),
    "grant": ("money",),
    "costs": ("cost_table",),
    "milestones": ("milestone_plan",),
    "starts_on": ("date",),
    "ends_on": ("date",),
    "declaration": ("declaration",),
    "activity": ("choice",),
    "assistance": ("money",),
    "advance": ("yes_no",),
    "recovers_vat": ("yes_no",),
    "insolvent": ("yes_no",),
}
"""Which kinds of question can hold what the house must know."""
_TYPED = ("id", "slug", "code", "tie_break")
"""Short names that name nothing else of the document, or whose order counts: they are typed."""


class PartForm(forms.Form):
    """The keys of one group. It takes what is typed and gives what the document would say; the model itself says what is wrong with it."""

    based_on = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        model: type[BaseModel],
        document: Mapping[str, Any],
        path: Path,
        *args: Any,
        only: Iterable[str] = (),
        start: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """`only`: the keys to show, all of them by default. `start`: what a new item begins as; None for one that stands there already."""
        super().__init__(*args, **kwargs)
        self.model, self.document, self.path, self.start = model, document, path, start
        self.stored: dict[str, Any] = dict(start) if start is not None else dict(surgery.get(document, path) or {})
        wanted = list(only)
        self.slots = [slot for slot in slots.simple(model) if (not wanted or slot.name in wanted) and self._is_shown(slot)]
        for slot in self.slots:
            self.fields[slot.name] = _field(slot, self._choices(slot))
            self.initial[slot.name] = _shown(slot, self.stored.get(slot.name, slot.default))

    def _is_shown(self, slot: Slot) -> bool:
        """An id is typed only for something new; elsewhere it is renamed, in every place at once. A programme's short name never.

        Nor is asked which of several, where the document has none of them yet.
        """
        if _names_another(slot) and not slot.is_required and not self.stored.get(slot.name):
            return bool(self._choices(slot))
        return slot.name != "slug" and (slot.name != "id" or self.start is not None)

    def _choices(self, slot: Slot) -> list[tuple[str, str]]:
        if slot.kind in ("choice", "several"):
            return [(each, Choice(labels.value(each), hint=labels.meaning(each))) for each in slot.choices]
        if _names_another(slot):
            return _known(self.document, self.model, slot)
        return []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            self.model.model_validate(self.whole())
        except ValidationError as error:
            for each in error.errors(include_url=False):
                name = str(each["loc"][0]) if each["loc"] else ""
                self.add_error(name if name in self.fields else None, loading.sentence_of(each))
        return cleaned

    def changes(self) -> dict[str, Any]:
        """What each key would say, as the document writes it; None where it would not be written."""
        return {slot.name: self._raw(slot) for slot in self.slots}

    def whole(self) -> dict[str, Any]:
        """The group as it would stand there."""
        merged = {**self.stored, **self.changes()}
        return {name: merged[name] for name in self.model.model_fields if merged.get(name) is not None}

    def _raw(self, slot: Slot) -> Any:
        value = _written(slot, self.cleaned_data.get(slot.name), self.stored.get(slot.name))
        if slot.name == "id" and not value:
            value = _id_from(str(next(filter(None, (self.cleaned_data.get(key) for key in ("title", "label", "code"))), "")), self.document)
        is_default = value == slot.default or (value is None and not slot.is_required)
        return None if is_default and slot.name not in self.stored else value


class OwnerForm(forms.Form):
    """Who writes a section."""

    owner = forms.ChoiceField(label="Who writes this section?", required=False)
    says_optional = False

    def __init__(self, people: list[Person], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            ("", "Nobody in particular"),
            *((pk, person.name) for pk, person in self.people.items()),
        ]

    def chosen(self) -> Person | None:
        """The person, or None for nobody in particular."""
        return self.people.get(self.cleaned_data["owner"])


class KindForm(forms.Form):
    """Which kind of question to add."""

    kind = forms.ChoiceField(label="What kind of question is it?", widget=forms.RadioSelect)

    def __init__(self, kinds: Iterable[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, labels.value(kind)) for kind in kinds]  # type: ignore[attr-defined]


class RenameForm(forms.Form):
    """Another name for an id."""

    name = forms.CharField(label="New short name", help_text="Small letters, figures and underscores.", max_length=40)
    based_on = forms.CharField(widget=forms.HiddenInput, required=False)
    looks = {"name": Look(width=20)}


class TextForm(forms.Form):
    """One section of the document, or the whole, as text."""

    text = forms.CharField(
        label="The text", widget=forms.Textarea({"spellcheck": "false", "class": "code-area"}), required=False, strip=False
    )
    based_on = forms.CharField(widget=forms.HiddenInput, required=False)
    looks = {"text": Look(rows=24)}
    says_optional = False


def _names_another(slot: Slot) -> bool:
    return slot.kind in ("id", "names") and slot.name not in _TYPED


def _field(slot: Slot, choices: list[tuple[str, str]]) -> forms.Field:
    about: dict[str, Any] = {"label": slot.label, "help_text": slot.hint, "required": slot.is_required}
    match slot.kind:
        case "words" | "lines" | "expression":
            hint = slot.hint or ("One a line." if slot.kind == "lines" else "")
            area = forms.Textarea({"spellcheck": "false", "class": "code-area"} if slot.kind == "expression" else {})
            return _looking(forms.CharField(widget=area, **about | {"help_text": hint}), rows=2 if slot.kind == "expression" else 4)
        case "money":
            return _looking(forms.CharField(**about), prefix="£", width=10)
        case "percent":
            return _looking(forms.CharField(**about), suffix="%", width=4)
        case "number":
            return _looking(forms.CharField(**about), width=5)
        case "day":
            return MemorableDateField(**about)
        case "yes_no":
            return forms.BooleanField(**about | {"required": False})
        case "choice" | "several" | "names" | "id" if choices:
            return _choosing(slot, choices, about)
        case "names":
            return _looking(
                forms.CharField(widget=forms.Textarea(), **about | {"help_text": slot.hint or "Short names, one a line."}), rows=3
            )
        case "id":
            if slot.name != "id":
                return _looking(forms.CharField(**about), width=20)
            made = "Leave empty to have it made from the title."
            return _looking(forms.CharField(**about | {"label": "Short name", "help_text": made, "required": False}), width=20)
    return forms.CharField(**about)


def _choosing(slot: Slot, choices: list[tuple[str, str]], about: dict[str, Any]) -> forms.Field:
    if slot.kind in ("several", "names"):
        return _looking(forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **about), small=True)
    if slot.kind == "choice" and len(choices) <= FEW:
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **about | {"required": slot.is_required})
    empty = [] if slot.is_required else [("", "None")]
    return forms.ChoiceField(choices=[*empty, *choices], **about)


def _looking(field: forms.Field, **look: Any) -> forms.Field:
    field.look = Look(**look)  # type: ignore[attr-defined]
    return field


def _known(document: Mapping[str, Any], model: type[BaseModel], slot: Slot) -> list[tuple[str, str]]:
    """What an id may name here: questions of the fitting kind, indicators, kinds of activity or of cost."""
    if model is Meaning:
        kinds = _FITS[slot.name]
        return [(each["id"], each["label"]) for each in _questions(document) if each.get("kind") in kinds]
    places = {"reads": "questions", "hidden": "questions", "question": "choices", "asks": "indicators", "activities": "activities"}
    match places.get(slot.name, "categories"):
        case "questions":
            return [(each["id"], each["label"]) for each in _questions(document) if each.get("kind") != "declaration"]
        case "choices":
            return [(each["id"], each["label"]) for each in _questions(document) if each.get("kind") == "choice"]
        case "indicators":
            return [(each["id"], each["title"]) for each in document.get("indicators", [])]
        case "activities":
            return [(each["id"], each["title"]) for each in surgery.get(document, ("funding", "activities"), [])]
    return [(each["id"], each["title"]) for each in surgery.get(document, ("delivery", "cost_categories"), [])]


def _questions(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [question for section in surgery.get(document, ("form", "sections"), []) for question in section.get("questions", [])]


def _shown(slot: Slot, value: Any) -> Any:
    """A value of the document as its field shows it."""
    if value is None:
        return "" if slot.kind != "yes_no" else False
    if slot.kind in ("lines", "names") and slot.kind != "several":
        return value if slot.kind == "names" and slot.name != "tie_break" else "\n".join(map(str, value))
    if slot.kind == "money" and isinstance(value, str):
        return value.lstrip("£ ")
    if slot.kind == "day" and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value


def _written(slot: Slot, typed: Any, stored: Any) -> Any:
    """What was typed as the document writes it."""
    if slot.kind == "yes_no":
        return bool(typed)
    if slot.kind in ("lines", "names"):
        held = typed if isinstance(typed, list) else [line.strip() for line in str(typed or "").splitlines() if line.strip()]
        return _in_stored_order(held, stored) or (None if stored is None else [])
    if slot.kind == "several":
        return _in_stored_order(list(typed or []), stored)
    if typed in (None, ""):
        return None
    if slot.kind == "money":
        bare = str(typed).strip().lstrip("£").strip()
        return stored if isinstance(stored, str) and stored.lstrip("£ ") == bare else f"£{bare}"
    if slot.kind == "number":
        return int(typed) if re.fullmatch(r"\s*-?\d{1,18}\s*", str(typed)) else str(typed)
    if slot.kind == "percent":
        bare = str(typed).strip().rstrip("%").strip()
        found = float(bare) if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", bare) else bare
        return int(found) if isinstance(found, float) and found.is_integer() else found
    if slot.kind == "day":
        return typed.isoformat()
    if slot.kind in ("words", "expression", "line"):
        text = str(typed).replace("\r\n", "\n").strip()
        return stored if isinstance(stored, str) and stored.strip() == text else text
    return typed


def _in_stored_order(held: list[str], stored: Any) -> list[str]:
    """The same choices keep the order in which they were written."""
    return list(stored) if isinstance(stored, list) and sorted(map(str, stored)) == sorted(held) else held


def _id_from(title: str, document: Mapping[str, Any]) -> str:
    """A short name made of the title, not used by any other part."""
    taken = {id for _, id in references.all_ids_of(document)}
    bare = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:30].strip("_")
    bare = bare if bare[:1].isalpha() else f"item_{bare}".strip("_")
    found, number = bare, 2
    while found in taken:
        found, number = f"{bare}_{number}", number + 1
    return found
