"""Whatever is recorded in the trail is told in a plain sentence: each step of each lifecycle, and each kind that the code writes down."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

from reporting.sentences import OPTIONAL, PHRASES, PLACE, is_known, sentence
from workflow.lifecycle import Lifecycle

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "notifications", "workflow", "grants", "applications", "assessments", "payments", "records", "reporting")
RECORDERS = {"record", "trace", "_record", "_trace"}
"""Functions that write an event."""


def kinds_of_steps():
    models = [model for model in apps.get_models() if issubclass(model, Lifecycle)]
    assert len(models) > 8
    return {f"{model._meta.model_name}.{step}" for model in models for step in model.steps()}


def kinds_written_down():
    """Every literal given as `kind=`, or in the second place, to a function that records."""
    found = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and _name(node.func) in RECORDERS | {"Draft"}:
                    given = [keyword.value for keyword in node.keywords if keyword.arg == "kind"] or node.args[1:2]
                    kinds = {value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)}
                    found |= {kind if "." in kind else f"person.{kind}" for kind in kinds}
    assert len(found) > 20
    return found


def _name(function):
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_every_kind_has_a_phrase():
    missing = sorted(kind for kind in kinds_of_steps() | kinds_written_down() if not is_known(kind))
    assert missing == [], "give each of these a phrase in reporting/sentences.py"


@pytest.mark.parametrize("kind", sorted(PHRASES))
def test_a_phrase_is_a_sentence_with_and_without_its_values(kind):
    names = PLACE.findall(PHRASES[kind])
    assert "[" not in PLACE.sub("", OPTIONAL.sub("", PHRASES[kind]))
    for values in ({}, dict.fromkeys(names, "VALUE")):
        told = sentence(kind, who="Olive Officer", values=values)
        assert told.startswith("Olive Officer ")
        assert not set(told) & set("{}[]")
        assert not told.endswith(".")
        assert "  " not in told


def test_a_kind_without_a_phrase_is_still_told():
    assert sentence("thing.was_done", who="Olive Officer", values={}) == "Olive Officer: thing, was done"
