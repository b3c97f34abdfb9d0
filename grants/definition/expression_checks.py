"""What must hold of every expression and every sentence that quotes a value: they name what is there, and read what was asked before."""

import re
from collections.abc import Iterator
from typing import Any

from grants.definition.document import Definition
from grants.definition.form import Check
from grants.definition.questions import Calculated
from grants.rules import catalogue, checking, sentences
from grants.rules.syntax import ExpressionRefused
from grants.rules.types import BOOL, Type

Path = tuple[Any, ...]
Found = Iterator[tuple[Path, str]]


def problems(definition: Definition) -> Found:
    """Of conditions, calculated values, checks and rules."""
    yield from _conditions(definition)
    yield from _rules(definition)


def _conditions(definition: Definition) -> Found:
    """A condition may read only what was asked before it, so that there is never a circle."""
    asked: dict[str, Type] = {}
    for number, section in enumerate(definition.form.sections):
        if section.when:
            yield from _condition(("form", "sections", number, "when"), section.when, asked, definition)
        for index, question in enumerate(section.questions):
            path = ("form", "sections", number, "questions", index)
            if question.when:
                yield from _condition((*path, "when"), question.when, asked, definition)
            if isinstance(question, Calculated):
                yield from _condition((*path, "value"), question.value, asked, definition, expects=question.answer_type)
                if question.may_be_confidential:
                    yield (*path, "may_be_confidential"), "Nobody writes this, so nobody can mark it as confidential."
            asked[question.id] = question.answer_type
        for index, check in enumerate(section.checks):
            yield from _agreement(("form", "sections", number, "checks", index), check, definition, asked)
    for index, check in enumerate(definition.form.checks):
        yield from _agreement(("form", "checks", index), check, definition, asked)


def _agreement(path: Path, check: Check, definition: Definition, asked: dict[str, Type]) -> Found:
    """A section's check reads what is asked up to its own section, so that it can be told there."""
    late = "which is asked in a later section; make it a check of the form"
    yield from _condition((*path, "must"), check.must, asked, definition, late=late)
    yield from _quoted((*path, "sentence"), check.sentence, catalogue.names(definition.answer_types))


def _quoted(path: Path, sentence: str, names: checking.Names) -> Found:
    for name in sentences.quoted_names(sentence):
        try:
            checking.check_path(name, names)
        except ExpressionRefused as error:
            yield path, str(error)


def _condition(
    path: Path,
    expression: str,
    asked: dict[str, Type],
    definition: Definition,
    *,
    expects: Type = BOOL,
    late: str = "which is not asked before it; conditions read earlier answers only",
) -> Found:
    every = definition.answer_types
    yield from _keys(path, expression, definition)
    try:
        checked = checking.check(expression, catalogue.names(every), expects=expects)
    except ExpressionRefused as error:
        yield path, str(error)
        return
    unasked = sorted(name.removeprefix("answers.") for name in checked.references if name.startswith("answers.") and name[8:] not in asked)
    if unasked:
        what = "condition" if path[-1] == "when" else "expression"
        yield path, f"The {what} reads “{unasked[0]}”, {late}."


def _rules(definition: Definition) -> Found:
    names = catalogue.names(definition.answer_types)
    for index, rule in enumerate(definition.eligibility.rules):
        path: Path = ("eligibility", "rules", index)
        try:
            checking.check(rule.must, names)
        except ExpressionRefused as error:
            yield (*path, "must"), str(error)
        yield from _keys((*path, "must"), rule.must, definition)
        yield from _quoted((*path, "sentence"), rule.sentence, names)


_BY_KEY = re.compile(r"""\bby_category\s*(?:\[\s*["']|\.)\s*(?P<category>\w+)|\bapplication\.activity\s*[=!]=\s*["'](?P<activity>\w+)""")


def _keys(path: Path, expression: str, definition: Definition) -> Found:
    """Cost categories and activities that an expression names by their id."""
    categories = {category.id for category in definition.delivery.cost_categories}
    activities = {activity.id for activity in definition.funding.activities}
    for match in _BY_KEY.finditer(expression):
        if match["category"] and match["category"] not in categories:
            yield path, f"“{match['category']}” is not a cost category of the delivery section."
        if match["activity"] and match["activity"] not in activities:
            yield path, f"“{match['activity']}” is not an activity of this programme."
