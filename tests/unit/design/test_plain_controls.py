"""Plain controls are drawn without a template, in Django's own words."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from design.forms import DesignRenderer

VALUES = ["", "two\nlines", "<script>\"&'", "12"]
WIDGETS = [
    forms.HiddenInput(),
    forms.TextInput({"autocomplete": "off", "required": True, "disabled": False, "data-note": 'a "b" <c>'}),
    forms.Textarea({"rows": 4, "aria-describedby": "id_x-hint"}),
]


@pytest.mark.parametrize("value", [*VALUES, None])
@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
def test_what_is_drawn_is_what_django_draws(widget: forms.Widget, value: str | None) -> None:
    ours, theirs = (widget.render("need", value, {"id": "id_need"}, renderer) for renderer in (DesignRenderer(), DjangoTemplates()))
    assert ours.strip() == theirs.strip()
