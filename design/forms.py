"""Draws every Django form field in the design system's markup: hint, error, label size, classes, what describes what."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from django import forms
from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator
from django.forms.renderers import BaseRenderer
from django.template.backends.jinja2 import Jinja2
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

import design
from design.fields import MemorableDateInput
from design.looks import Look

_CLASSES = {
    "input": "govuk-input",
    "password": "govuk-input govuk-password-input__input govuk-js-password-input-input",
    "textarea": "govuk-textarea govuk-js-character-count",
    "select": "govuk-select",
    "radios": "govuk-radios__input",
    "checkboxes": "govuk-checkboxes__input",
    "checkbox": "govuk-checkboxes__input",
    "file": "govuk-file-upload",
    "date": "",
    "hidden": "",
}
_TAKES_ERROR_CLASS = {"input", "password", "textarea", "select", "file"}


ASKING = ("Describe ", "Explain ", "Give ", "List ", "Say ", "Tell ", "Write ")
"""How labels begin that say already what to do."""


NAMED = ("a ", "address line", "all ", "an ", "any ", "each ", "how ", "no ", "one ", "the ", "what ", "when ", "where ", "which ", "who ",
         "why ", "your ")  # fmt: skip
"""How labels begin that take no article."""
LIMITS: dict[type, str] = {MinValueValidator: "or more", MaxValueValidator: "or less"}
"""How sentences about numbers that are too small or too large end."""


class DesignedField(forms.BoundField):
    """A bound field that knows its kind, its look and the ids that describe it."""

    def __init__(self, form: forms.BaseForm, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        if field.required and field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
            field.error_messages["required"] = self._ask()
        field.validators = [
            self._in_words(one) if isinstance(one, BaseValidator) and type(one) in LIMITS else one for one in field.validators
        ]

    def _in_words(self, limit: BaseValidator) -> BaseValidator:
        """The same limit with a sentence that names the field, in place of Django's `Ensure this value is …`"""
        label = str(self.label)
        subject = f"“{label}”" if label.endswith("?") else label
        return type(limit)(limit.limit_value, message=f"{subject} must be %(limit_value)s {LIMITS[type(limit)]}")

    def _ask(self) -> str:
        """What to do about an empty field, in place of Django's `This field is required.`"""
        label = str(self.label).rstrip(":")
        if label.endswith("?"):
            return f"Answer “{label}”"
        if label.startswith(ASKING) and self.kind not in ("file", "checkbox"):
            return label
        thing = label if label[1:2].isupper() else label[:1].lower() + label[1:]
        if self.kind == "date" and thing.endswith((" on", " at")):
            verb = thing[:-3]
            return f"Enter when it {verb}" if verb.endswith("s") else f"Enter when it is {verb}"
        verbs = {"radios": "Choose", "select": "Choose", "checkboxes": "Choose", "file": "Choose a file:", "checkbox": "Tick the box:"}
        verb = verbs.get(self.kind, "Enter")
        has_article = verb[-1] == ":" or thing.startswith(NAMED)
        return f"{verb} {thing}" if has_article else f"{verb} the {thing}"

    @cached_property
    def look(self) -> Look:
        """How to draw it: the form's own word first, then the field's, then plain."""
        return getattr(self.form, "looks", {}).get(self.name) or getattr(self.field, "look", None) or Look()

    def drawn_as(self, **changes: Any) -> "DesignedField":
        """The same field with some of its look changed, for one page."""
        self.look = replace(self.look, **changes)
        return self

    @cached_property
    def kind(self) -> str:
        widget = self.field.widget
        if widget.is_hidden:
            return "hidden"
        kinds = (
            (MemorableDateInput, "date"),
            (forms.CheckboxSelectMultiple, "checkboxes"),
            (forms.RadioSelect, "radios"),
            (forms.Select, "select"),
            (forms.CheckboxInput, "checkbox"),
            (forms.FileInput, "file"),
            (forms.Textarea, "textarea"),
            (forms.PasswordInput, "password"),
        )
        return next((kind for widget_class, kind in kinds if isinstance(widget, widget_class)), "input")

    @property
    def is_group(self) -> bool:
        """Whether it is several controls below one legend."""
        return self.kind in {"radios", "checkboxes", "date"}

    @property
    def anchor(self) -> str:
        """The id of the control that the error summary leads to."""
        if self.kind in {"radios", "checkboxes", "date"}:
            return f"{self.auto_id}_0"
        return str(self.id_for_label or self.auto_id)

    @property
    def hint(self) -> str:
        return self.look.hint or str(self.help_text or "")

    @property
    def label_text(self) -> str:
        optional = (
            not self.field.required
            and self.kind != "checkbox"
            and self.look.says_optional
            and getattr(self.form, "says_optional", True)
            and not str(self.label).endswith("(optional)")
        )
        return f"{self.label} (optional)" if optional else str(self.label)

    @property
    def describers(self) -> str:
        """Ids for aria-describedby, in reading order."""
        ids = []
        if self.look.words:
            ids.append(f"{self.auto_id}-info")
        if self.hint:
            ids.append(f"{self.auto_id}-hint")
        if self.errors:
            ids.append(f"{self.auto_id}-error")
        return " ".join(ids)

    @property
    def current_file(self) -> str:
        """The name of the file that is kept unless another is chosen."""
        value = self.initial if self.kind == "file" else None
        return str(getattr(value, "name", "") or "")

    def as_field_group(self) -> SafeString:
        """A hidden field is its control alone."""
        return self.as_widget() if self.kind == "hidden" else super().as_field_group()

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        attrs = dict(attrs)
        if self.field.disabled:
            attrs["disabled"] = True
        if widget.is_hidden:
            return attrs
        attrs["placeholder"] = False  # a hint that vanishes on typing helps nobody
        if self.kind != "date":
            attrs["class"] = self._classes(widget)
        if self.describers and not self.is_group:
            attrs.setdefault("aria-describedby", self.describers)
        if self.look.rows and self.kind == "textarea":
            attrs["rows"] = self.look.rows
        if self.kind in {"radios", "checkboxes"}:
            attrs |= {"inline": self.look.inline, "small": self.look.small}
        return attrs

    def _classes(self, widget: forms.Widget) -> str:
        names = [_CLASSES[self.kind], str(widget.attrs.get("class", ""))]
        if self.errors and self.kind in _TAKES_ERROR_CLASS:
            names.append(f"govuk-{ {'file': 'file-upload', 'password': 'input'}.get(self.kind, self.kind) }--error")
        if self.look.width and self.kind == "input":
            fraction = isinstance(self.look.width, str)
            names.append(f"govuk-!-width-{self.look.width}" if fraction else f"govuk-input--width-{self.look.width}")
        return " ".join(name for name in names if name)


class DesignRenderer(BaseRenderer):
    """Our templates for fields and widgets before Django's, and our bound field: `settings.FORM_RENDERER`.

    Jinja templates, for a page may have dozens of fields: docs/adr/0072-fields-are-drawn-by-jinja.md.
    """

    bound_field_class = DesignedField
    form_template_name = "django/forms/form.html"
    field_template_name = "django/forms/field.html"
    formset_template_name = "django/forms/formset.html"

    @cached_property
    def engine(self) -> Jinja2:
        folders = [Path(module.__file__ or "").parent / "jinja2" for module in (design, forms)]
        return Jinja2({"NAME": "fields", "DIRS": folders, "APP_DIRS": False, "OPTIONS": {}})

    def get_template(self, template_name: str) -> Any:
        return self.engine.get_template(template_name)


def problems_of(*candidates: Any) -> list[tuple[str, str]]:
    """Every error of the given forms and formsets as (id to go to, sentence), in page order. Anything else is passed over.

    A sentence that stands for several fields, or of a form that is one row of several (`names_row`), begins with what it is about.
    """
    found = _all_problems(*candidates)
    counts = Counter(sentence for _, _, sentence, _ in found)
    return [
        (anchor, f"{name}: {_inside(sentence)}" if name and (is_row or counts[sentence] > 1) else sentence)
        for anchor, name, sentence, is_row in found
    ]


def _inside(sentence: str) -> str:
    """The sentence after a colon."""
    return sentence[0].lower() + sentence[1:] if sentence[1:2].islower() else sentence


Problem = tuple[str, str, str, bool]


def _all_problems(*candidates: Any) -> list[Problem]:
    """The id to go to, the field's name, the sentence, and whether the field is in a row of several."""
    found: list[Problem] = []
    for candidate in candidates:
        if isinstance(candidate, forms.BaseForm):
            found += _problems_of_form(candidate)
        elif isinstance(candidate, forms.BaseFormSet) and candidate.is_bound:
            found += [("main-content", "", str(sentence), False) for sentence in candidate.non_form_errors()]
            found += _all_problems(*candidate.forms)
        elif isinstance(candidate, (list, tuple)):
            found += _all_problems(*candidate)
    return found


def _problems_of_form(form: forms.BaseForm) -> list[Problem]:
    if not form.is_bound or not form.errors:
        return []
    first = getattr(form, "anchor", None) or next((field.anchor for field in form.visible_fields()), "main-content")
    found: list[Problem] = [(first, "", str(sentence), False) for sentence in form.non_field_errors()]
    row = getattr(form, "names_row", None)
    for field in form:
        name = ", ".join(filter(None, [row, str(field.label or "")]))
        anchor = first if field.is_hidden else field.anchor
        found += [(anchor, name, sentence, row is not None) for sentence in map(str, field.errors)]
    return found
