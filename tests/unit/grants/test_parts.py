"""The builder's forms, sent as a browser sends them."""

from html.parser import HTMLParser

import pytest
from django.utils.datastructures import MultiValueDict

from grants.definition import slots, surgery, yaml_text
from grants.forms.parts import PartForm
from tests.stages.grants import document


class Sent(HTMLParser):
    """What a browser sends of a form that nobody has touched: of a list without a choice, its first."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.fields: MultiValueDict = MultiValueDict()
        self.open, self.text, self.options = "", "", []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        is_ticked = given.get("type") in ("radio", "checkbox")
        if tag == "input" and ("checked" in given or not is_ticked):
            self.fields.appendlist(given["name"], given.get("value", "on" if is_ticked else ""))
        if tag in ("textarea", "select"):
            self.open, self.text, self.options = given["name"], "", []
        if tag == "option":
            self.options.insert(0 if "selected" in given else len(self.options), given.get("value", ""))

    def handle_data(self, data):
        self.text += data

    def handle_endtag(self, tag):
        if tag in ("textarea", "select"):
            self.fields.appendlist(self.open, self.text.removeprefix("\n") if tag == "textarea" else self.options[0])


def parts(values, path=()):
    yield path
    for slot in slots.slots(slots.model_at(values, path)):
        held = surgery.get(values, (*path, slot.name))
        if slot.kind == "part" and held is not None:
            yield from parts(values, (*path, slot.name))
        for index in range(len(held or [])) if slot.kind == "parts" else ():
            yield from parts(values, (*path, slot.name, index))


@pytest.mark.parametrize("slug", ["devicomm"])
def test_a_form_that_nobody_touched_changes_nothing(slug):
    values = yaml_text.read(document(slug)).values
    for path in parts(values):
        model = slots.model_at(values, path)
        form = PartForm(model, values, path, Sent(str(PartForm(model, values, path))).fields)
        assert form.is_valid(), (path, dict(form.errors))
        stored = surgery.get(values, path) if path else values
        assert form.changes() == {slot.name: stored.get(slot.name) for slot in form.slots}, path
