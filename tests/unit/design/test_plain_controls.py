"""Plain controls are drawn by templates of ours, without one more for each of their attributes, in Django's own words."""

import pytest
from django import forms
from django.forms.renderers import Jinja2

from design.forms import DesignRenderer

VALUES = ["", "two\nlines", "<script>\"&'", "12", None]
CHOICES = [("", "–"), ("12", "Twelve & more"), ("Sums", [("<script>\"&'", "<b>")])]
WIDGETS = [
    forms.HiddenInput(),
    forms.TextInput({"autocomplete": "off", "required": True, "disabled": False, "data-note": 'a "b" <c>'}),
    forms.Textarea({"rows": 4, "aria-describedby": "id_x-hint"}),
    forms.Select({"class": "govuk-select"}, choices=CHOICES),
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
def test_what_is_drawn_is_what_django_draws(widget: forms.Widget, value: str | None) -> None:
    ours, theirs = (widget.render("need", value, {"id": "id_need"}, renderer) for renderer in (DesignRenderer(), Jinja2()))
    assert ours.strip() == theirs.strip()
