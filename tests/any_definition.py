"""Programmes as anybody might write them: DIAGCOMM with a form made up of every kind of question, with conditions, checks and sums."""

import copy
from typing import Any

from hypothesis import strategies as st

from grants.definition import editing, slots, yaml_text
from tests.stages.grants import document

BASE = yaml_text.read(document()).values
WORDS = st.text(alphabet="abcdefghij klmnop’éß§ “”:#-%", min_size=1, max_size=30).map(str.strip).filter(bool)
OPTIONS = [{"id": "one", "label": "One"}, {"id": "two", "label": "Two"}, {"id": "three", "label": "Three"}]
OWN: dict[str, dict[str, Any]] = {
    "text": {"max_characters": 80},
    "long_text": {"max_words": 12},
    "number": {"minimum": 0, "maximum": 9},
    "choice": {"options": OPTIONS},
    "several": {"options": OPTIONS},
    "file": {"types": ["pdf"]},
}
"""What a kind cannot be without, or is better with."""
ONCE = ("cost_table", "milestone_plan", "declaration", "calculated", "group")
"""Kinds that the form has already, or that are made from others."""
PLAIN = sorted(set(slots.QUESTIONS) - set(ONCE))
CELLS = sorted(slots.CELLS)


@st.composite
def questions(draw: Any, number: int) -> list[dict[str, Any]]:
    """Some questions, each of any kind, each condition on the one before it."""
    found: list[dict[str, Any]] = []
    for place in range(draw(st.integers(1, 4))):
        id = f"q{number}_{place}"
        kind = draw(st.sampled_from([*PLAIN, "group", "calculated"]))
        question: dict[str, Any] = {"id": id, "kind": kind, "label": draw(WORDS), "required": draw(st.booleans())} | OWN.get(kind, {})
        if kind == "group":
            cells = draw(st.lists(st.sampled_from(CELLS), min_size=1, max_size=3))
            asked = [{"id": f"{id}_{cell}", "kind": of, "label": draw(WORDS)} | OWN.get(of, {}) for cell, of in enumerate(cells)]
            question |= {"row": "site", "at_least": 1, "at_most": draw(st.integers(1, 3)), "questions": asked}
        elif kind == "calculated":
            question |= {"value": "answers.grant_requested * 2", "shown_as": "money"}
        elif draw(st.booleans()):
            question["when"] = "answers.has_started || !answers.has_started"
        if found and found[-1]["kind"] == "number" and "when" not in question and kind != "calculated":
            question["when"] = f"answers.{found[-1]['id']} >= 0"
        found.append(question)
    return found


@st.composite
def documents(draw: Any) -> str:
    """The text of a valid programme."""
    values = copy.deepcopy(BASE)
    values["form"]["words_in_all"] = 50_000
    for number in range(draw(st.integers(1, 2))):
        section: dict[str, Any] = {"id": f"more_{number}", "title": draw(WORDS), "questions": draw(questions(number))}
        if draw(st.booleans()):
            sentence = "You ask for {application.grant_pence}."
            section["checks"] = [{"id": f"holds_{number}", "code": "nothing", "must": "application.grant_pence > 0", "sentence": sentence}]
        values["form"]["sections"].insert(-1, section)
    return editing.dump(values)
