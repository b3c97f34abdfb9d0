"""Whatever a valid document says, reading and writing it loses nothing and invents nothing."""

import os

from hypothesis import Phase, given, settings

from grants.definition import editing, parse, slots, yaml_text
from grants.definition.questions import Cell, Question
from tests.any_definition import CELLS, PLAIN, documents

EXAMPLES = int(os.environ.get("EXAMPLES", "4"))


def test_every_kind_of_question_is_among_those_made_up():
    assert {*PLAIN, "group", "calculated", "cost_table", "milestone_plan", "declaration"} == set(slots.kinds(Question))
    assert set(CELLS) == set(slots.kinds(Cell))


@given(documents())
@settings(max_examples=EXAMPLES, derandomize=EXAMPLES < 10, database=None, phases=[Phase.generate])
def test_text_to_model_to_text_is_the_same(text):
    first = parse(text)
    values = yaml_text.read(text).values
    written = editing.dump(values)
    assert yaml_text.read(written).values == values
    assert parse(f"{written}\n") == first
    assert editing.rewrite(text, lambda path, value: None) == text
