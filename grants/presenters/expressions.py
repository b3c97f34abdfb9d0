"""What helps to write a rule: how one is written, the names there are, and which questions a rule reads."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from grants.definition import references, slots, surgery
from grants.presenters.builder import Draft, Path
from grants.rules import catalogue, primer

_FACT = re.compile(r"\b(company|application|costs|subsidy|round)\s*\.\s*(\w+)")
COLUMNS = ["Name", "What it is"]


def beside(draft: Draft, path: Path, form: Any) -> dict[str, Any]:
    """What stands on the page of a group whose form takes an expression; nothing on any other."""
    if form is None or not any(slot.kind == "expression" for slot in form.slots):
        return {}
    return {
        "expression_examples": [[format_html("<code>{}</code>", text), means] for text, means in primer.EXAMPLES],
        "expression_names": list(_names(draft)),
        "name_columns": COLUMNS,
        "example_columns": ["Rule", "What it says"],
        "expression_help": "How to write a rule" if any(map(_is_needed, form.slots)) else "How to write a condition",
        "reads": [*_questions_read(draft, path), *_facts_read(draft, path)],
    }


def _is_needed(slot: slots.Slot) -> bool:
    return slot.kind == "expression" and slot.is_required


def _names(draft: Draft) -> Iterator[list[Any]]:
    for _, question in _questions(draft):
        yield [_code(f"answers.{question.get('id', '')}"), f"The answer to “{question.get('label', '')}”"]
    for group, facts in catalogue.GROUPS.items():
        for name, fact in facts.items():
            yield [_code(f"{group}.{name}"), fact.means[:1].upper() + fact.means[1:]]
    yield [_code("today"), "The day on which it is checked"]


def _questions(draft: Draft) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for number, section in enumerate(surgery.get(draft.values, ("form", "sections"), [])):
        for index, question in enumerate(section.get("questions", [])):
            yield ("form", "sections", number, "questions", index), question


def _expressions(draft: Draft, path: Path) -> list[tuple[Path, str]]:
    """The expressions and the sentences that quote values, of the group at a path."""
    held, model = surgery.get(draft.values, path), draft.model(path)
    if model is None or not isinstance(held, Mapping):
        return []
    names = [slot.name for slot in slots.slots(model) if slot.kind == "expression" or slot.name == "sentence"]
    return [((*path, name), str(held[name])) for name in names if held.get(name)]


def _questions_read(draft: Draft, path: Path) -> Iterator[dict[str, str]]:
    written = _expressions(draft, path)
    for place, question in _questions(draft):
        if references.uses(written, "question", str(question.get("id"))):
            yield {"title": f"“{question.get('label')}”", "href": draft.href(place), "name": f"answers.{question.get('id')}"}


def _facts_read(draft: Draft, path: Path) -> Iterator[dict[str, str]]:
    found = dict.fromkeys(".".join(match) for _, text in _expressions(draft, path) for match in _FACT.findall(text))
    for name in found:
        if fact := catalogue.fact(name):
            yield {"title": fact.means[:1].upper() + fact.means[1:], "href": "", "name": name}


def _code(text: str) -> SafeString:
    return format_html('<code class="nowrap">{}</code>', text)
