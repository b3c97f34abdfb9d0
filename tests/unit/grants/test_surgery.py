"""The text of a document changed at one place: it says exactly what is meant, and the layout stays wherever it can."""

import copy
import difflib

import pytest

from grants.definition import outline, slots, surgery, yaml_text
from grants.definition.document import Definition
from tests.stages.grants import document

EVERY = ("diagcomm", "devicomm", "datacomm", "digicomm", "starter")


def values(text: str):
    return yaml_text.read(text).values


def lines_changed(before: str, after: str) -> int:
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return sum(line[:1] in "+-" and line[:3] not in ("+++", "---") for line in found)


@pytest.mark.parametrize("slug", EVERY)
def test_changes_say_what_is_meant_and_touch_only_their_lines(slug):
    text = document(slug)
    said = values(text)
    questions = ("form", "sections", 0, "questions")
    cases = [
        (surgery.put(text, ("funding", "grant_max"), "£99,000"), ("funding", "grant_max"), "£99,000", 2),
        (surgery.put(text, ("criteria", 1, "weight"), 33), ("criteria", 1, "weight"), 33, 2),
        (surgery.put(text, ("stages",), said["stages"][1:]), ("stages",), said["stages"][1:], 2),
        (surgery.put(text, (*questions, 1, "hint"), "Yes: “no”"), (*questions, 1, "hint"), "Yes: “no”", 3),
    ]
    for after, path, value, most in cases:
        wanted = copy.deepcopy(said)
        surgery.get(wanted, path[:-1])[path[-1]] = value
        assert values(after) == wanted
        assert lines_changed(text, after) <= most, path


def test_an_item_moves_with_its_comments():
    text = "rules:\n  # first\n  - id: a\n    x: 1 # why\n  - id: b\n  # about c\n  - {id: c}\nlast: 1\n"
    moved = surgery.move(text, ("rules", 0), by=1)
    assert [item["id"] for item in values(moved)["rules"]] == ["b", "a", "c"]
    assert "x: 1 # why" in moved
    assert surgery.move(moved, ("rules", 1), by=-1) == text
    assert surgery.move(text, ("rules", 0), by=-1) == text, "nothing is before the first"


def test_items_come_and_go():
    text = document()
    path = ("form", "sections", 0, "questions")
    added = surgery.insert(text, (*path, 1), {"id": "zz", "kind": "text", "label": "Why: “this”?"})
    assert surgery.get(values(added), (*path, 1))["id"] == "zz"
    assert lines_changed(text, added) == 3
    assert surgery.drop(added, (*path, 1)) == text
    at_end = surgery.insert(text, (*path, 99), {"id": "zz", "kind": "text", "label": "x"})
    assert surgery.get(values(at_end), path)[-1]["id"] == "zz"


def test_what_others_lean_on_is_written_out_rather_than_changed_for_them_too():
    text = "criteria:\n  - id: a\n    bands: &b\n      - {low: 0, high: 9}\n  - id: b\n    bands: *b\n# the end\nlast: 1\n"
    changed = surgery.put(text, ("criteria", 0, "bands", 0, "high"), 5)
    assert [item["bands"][0]["high"] for item in values(changed)["criteria"]] == [5, 9]
    moved = surgery.move(text, ("criteria", 0), by=1)
    assert [item["id"] for item in values(moved)["criteria"]] == ["b", "a"]
    assert moved.endswith("# the end\nlast: 1\n"), "only the section that must be is written anew"


def test_lists_written_on_one_line_and_keys_that_were_not_there():
    text = "a:\n  rates: [{percent: 5}, {percent: 6}]\n"
    assert values(surgery.drop(text, ("a", "rates", 0))) == {"a": {"rates": [{"percent": 6}]}}
    assert values(surgery.insert(text, ("a", "more", 0), {"x": "1"})) == {
        "a": {"rates": [{"percent": 5}, {"percent": 6}], "more": [{"x": "1"}]}
    }
    assert values(surgery.change(text, ("area",), {"name": "yes", "gone": None})) == values(text) | {"area": {"name": "yes"}}
    emptied = surgery.drop(surgery.drop(text, ("a", "rates", 0)), ("a", "rates", 0))
    assert values(emptied) == {"a": {"rates": []}}


@pytest.mark.parametrize("slug", ["diagcomm", "starter"])
def test_a_section_taken_out_and_put_back_is_the_same_text(slug):
    text = document(slug)
    for key in values(text):
        assert surgery.with_part(text, key, surgery.part_of(text, key)) == text
    assert "notices" not in values(surgery.with_part(text, "notices", "")) or slug == "starter"


def test_every_key_of_a_document_has_a_field_and_a_section():
    held = {name for section in outline.SECTIONS for name in section.holds}
    assert held == set(Definition.model_fields) - {"schema_version", "time_zone"}
    seen: set[type] = set()

    def walk(model: type) -> None:
        for slot in slots.slots(model):
            assert slot.label[:1].isupper(), (model, slot.name)
            assert "_" not in slot.label
            for inner in slots.QUESTIONS.values() if slot.name == "questions" else [slot.model]:
                if inner is not None and inner not in seen:
                    seen.add(inner)
                    walk(inner)

    walk(Definition)
    assert len(seen) > 40


def test_places_are_known_by_their_path():
    said = values(document())
    assert slots.model_at(said, ("criteria", 0, "bands", 1)).__name__ == "Band"
    assert slots.model_at(said, ("criteria",)) is None
    assert slots.model_at(said, ("form", "sections", 0, "questions", 0)).__name__ == "Text"
    assert slots.list_at(said, ("form", "sections", 0, "questions")).label == "Questions"
    for path in [("nothing",), ("criteria", 0, "weight"), ("name",), ("criteria", 0, "bands")]:
        assert slots.model_at(said, path) is None
