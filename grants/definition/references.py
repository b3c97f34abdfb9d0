"""Which places of a document use an id, expressions and sentences included, and how to rename it in all of them at once."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from grants.definition import editing

Kind = Literal[
    "question",
    "section",
    "rule",
    "criterion",
    "indicator",
    "report",
    "category",
    "activity",
    "condition",
    "check",
    "cell",
    "form check",
    "section check",
]
Path = tuple[Any, ...]
_EACH = object()
ID = re.compile(r"[a-z][a-z0-9_]{0,39}")

DEFINED: dict[Kind, Path] = {
    "section": ("form", "sections", _EACH, "id"),
    "question": ("form", "sections", _EACH, "questions", _EACH, "id"),
    "rule": ("eligibility", "rules", _EACH, "id"),
    "criterion": ("criteria", _EACH, "id"),
    "indicator": ("indicators", _EACH, "id"),
    "report": ("reports", _EACH, "id"),
    "category": ("delivery", "cost_categories", _EACH, "id"),
    "activity": ("funding", "activities", _EACH, "id"),
    "condition": ("award", "conditions", _EACH, "id"),
    "check": ("award", "checklist", _EACH, "id"),
    "form check": ("form", "checks", _EACH, "id"),
    "section check": ("form", "sections", _EACH, "checks", _EACH, "id"),
    "cell": ("form", "sections", _EACH, "questions", _EACH, "questions", _EACH, "id"),
}
"""Where each kind of id is given."""
NAMED: dict[Kind, tuple[Path, ...]] = {
    "question": (
        ("form", "means", _EACH),
        ("criteria", _EACH, "reads", _EACH),
        ("assessment", "hidden", _EACH),
        ("assessment", "portfolio", _EACH, "question"),
    ),
    "criterion": (("assessment", "tie_break", _EACH),),
    "indicator": (("reports", _EACH, "asks", _EACH),),
    "category": (
        ("delivery", "cost_categories", _EACH, "flat_rate", "of"),
        ("form", "sections", _EACH, "questions", _EACH, "categories", _EACH),
    ),
    "activity": (("funding", "rates", _EACH, "activities", _EACH),),
}
"""Where an id stands alone to name something."""
EXPRESSIONS: tuple[Path, ...] = (
    ("form", "sections", _EACH, "when"),
    ("form", "sections", _EACH, "questions", _EACH, "when"),
    ("form", "sections", _EACH, "questions", _EACH, "value"),
    ("form", "sections", _EACH, "checks", _EACH, "must"),
    ("form", "checks", _EACH, "must"),
    ("eligibility", "rules", _EACH, "must"),
)
SENTENCES: tuple[Path, ...] = (
    ("eligibility", "rules", _EACH, "sentence"),
    ("form", "checks", _EACH, "sentence"),
    ("form", "sections", _EACH, "checks", _EACH, "sentence"),
)
_ROOTS = "company|application|costs|subsidy|round|answers"
"""What a dot can follow that is no row of a group."""
_LITERAL = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"


@dataclass(frozen=True)
class Use:
    """One place that uses an id."""

    path: Path
    text: str

    def __str__(self) -> str:
        where = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in self.path).lstrip(".")
        return f"{where}: {self.text}"


def uses(scalars: Iterable[tuple[Path, str]], kind: Kind, id: str) -> list[Use]:
    """Every place that would break if the id went: names, expressions, quoted values. The place that gives it is not among them.

    `scalars` are the document's, from `editing.values`.
    """
    return [Use(path, value) for path, value in scalars if id in value and _renamed(path, value, kind, id, f"{id}_") not in (None, value)]


def rename(text: str, names: Mapping[tuple[Kind, str], str]) -> str:
    """The document with ids changed where they are given and wherever they are used. Nothing else changes."""

    def change(path: Path, value: str) -> str | None:
        for kind, place in DEFINED.items():
            if _is(path, place):
                return names.get((kind, value))
        for (kind, old), new in names.items():
            if old in value:
                found = _renamed(path, value, kind, old, new)
                if found not in (None, value):
                    if any(_is(path, place) for place in NAMED.get(kind, ())):
                        return found
                    value = found or value
        return value

    return editing.rewrite(text, change)


def _renamed(path: Path, value: str, kind: Kind, old: str, new: str) -> str | None:
    """What a value becomes when an id that it may use is renamed; None where the place cannot use such an id."""
    if any(_is(path, place) for place in NAMED.get(kind, ())):
        return new if value == old else value
    if any(_is(path, place) for place in EXPRESSIONS):
        return _in_expression(value, kind, old, new)
    if kind == "question" and any(_is(path, place) for place in SENTENCES):
        return re.sub(rf"\{{\s*answers\.{re.escape(old)}(?=[\s.}}])", f"{{answers.{new}", value)
    return None


def _in_expression(expression: str, kind: Kind, old: str, new: str) -> str:
    """Names are changed, texts in quotation marks are not, but for those that name a cost category or an activity."""
    word = re.escape(old)
    match kind:
        case "question":
            found = rf"(?P<lead>\banswers\s*\.\s*){word}\b|(?P<key>\banswers\s*\[\s*)(?P<q>[\"']){word}(?P=q)"
        case "category":
            found = rf"(?P<lead>\x00)|(?P<key>\bby_category\s*\[\s*)(?P<q>[\"']){word}(?P=q)"
        case "activity":
            found = rf"(?P<lead>\x00)|(?P<key>\bapplication\.activity\s*[=!]=\s*)(?P<q>[\"']){word}(?P=q)"
        case "cell":
            found = rf"(?P<lead>(?:[\])]|\b(?!(?:{_ROOTS})\b)[A-Za-z_]\w*)\s*\.\s*){word}\b(?!\s*\()|(?P<key>\x00)(?P<q>\x00)"
        case _:
            return expression

    def put(match: re.Match[str]) -> str:
        if match["lead"] is not None:
            return f"{match['lead']}{new}"
        return f"{match['key']}{match['q']}{new}{match['q']}" if match["key"] is not None else match[0]

    return re.sub(rf"{found}|(?:{_LITERAL})", put, expression)


def _is(path: Path, place: Path) -> bool:
    return len(path) == len(place) and all(want is _EACH or want == step for step, want in zip(path, place, strict=True))


def all_ids(text: str) -> Iterator[tuple[Kind, str]]:
    """Every id of every kind."""
    yield from _ids(editing.values(text))


def all_ids_of(values: Any) -> Iterator[tuple[Kind, str]]:
    """Every id of every kind, of plain values."""
    yield from _ids(_leaves(values, ()))


def kind_at(path: Path) -> Kind | None:
    """Which kind of id the item at a path has."""
    return next((kind for kind, place in DEFINED.items() if _is((*path, "id"), place)), None)


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, held in value.items():
            yield from _leaves(held, (*path, key))
    elif isinstance(value, list):
        for index, held in enumerate(value):
            yield from _leaves(held, (*path, index))
    else:
        yield path, str(value)


def _ids(scalars: Iterable[tuple[Path, str]]) -> Iterator[tuple[Kind, str]]:
    for path, value in scalars:
        for kind, place in DEFINED.items():
            if _is(path, place):
                yield kind, value
