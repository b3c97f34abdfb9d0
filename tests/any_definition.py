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
def criteria(draw: Any, values: dict[str, Any]) -> list[dict[str, Any]]:
    """DIAGCOMM's, in any order, some reading what was made up, with two that share their weight otherwise and marks to any maximum."""
    sections = [section for section in values["form"]["sections"] if section["id"].startswith("more_")]
    made_up = [question["id"] for section in sections for question in section["questions"]]
    found: list[dict[str, Any]] = draw(st.permutations(values["criteria"]))
    moved = draw(st.integers(0, min(found[0]["weight"], found[1]["weight"]) - 1))
    found[0]["weight"], found[1]["weight"] = found[0]["weight"] + moved, found[1]["weight"] - moved
    for criterion in found:
        criterion["reads"] = [*criterion["reads"], *draw(st.lists(st.sampled_from(made_up), max_size=2, unique=True))]
        if draw(st.booleans()):
            most = criterion["maximum"] = draw(st.integers(2, 20))
            limits = ((0, most // 2), (most // 2 + 1, most))
            criterion["bands"] = [{"low": low, "high": high, "label": draw(WORDS), "guidance": draw(WORDS)} for low, high in limits]
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
    values["criteria"] = draw(criteria(values))
    return editing.dump(values)
