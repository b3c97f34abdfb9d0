"""What can be written at each place of a document, read off the models: so that every key has a field and no page is written twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from grants.definition import base, labels
from grants.definition.document import STAGE_ORDER, Definition
from grants.definition.questions import Cell, Question

Path = tuple[Any, ...]
PLAIN: dict[Any, str] = {
    base.Pence: "money",
    base.Percent: "percent",
    base.Day: "day",
    base.Id: "id",
    base.Slug: "id",
    base.Words: "words",
    base.Expression: "expression",
    base.Line: "line",
    base.Name: "line",
    base.Body: "line",
    base.Email: "line",
    str: "line",
    bool: "yes_no",
    int: "number",
}


def _by_kind(union: Any) -> dict[str, type[BaseModel]]:
    return {get_args(get_type_hints(model)["kind"])[0]: model for model in get_args(get_args(union)[0])}


QUESTIONS, CELLS = _by_kind(Question), _by_kind(Cell)


@dataclass(frozen=True)
class Slot:
    """One key of a group. `kind` is how it is written: line, words, expression, money, percent, number, day, yes_no, id, one of `choices`,
    several of them, lines, numbers; or `part` (a group of its own) and `parts` (a list of groups), whose model is in `model`."""

    name: str
    kind: str
    label: str
    hint: str
    is_required: bool
    default: Any
    choices: tuple[str, ...] = ()
    model: Any = None

    @property
    def is_simple(self) -> bool:
        return self.kind not in ("part", "parts", "fixed")


@lru_cache(maxsize=200)
def slots(model: type[BaseModel]) -> tuple[Slot, ...]:
    """The keys of a group, in the order of the document."""
    hints = get_type_hints(model, include_extras=True)
    return tuple(_slot(model, name, hints[name]) for name in model.model_fields)


def simple(model: type[BaseModel]) -> list[Slot]:
    """The keys that are written on the group's own page."""
    return [slot for slot in slots(model) if slot.is_simple]


def slot_at(values: Mapping[str, Any], path: Path) -> Slot | None:
    """The slot that a path ends in; None for an item of a list and for what no document has."""
    model = model_at(values, path[:-1])
    return None if model is None else next((slot for slot in slots(model) if slot.name == path[-1]), None)


def model_at(values: Any, path: Path) -> type[BaseModel] | None:
    """The model of the group at a path, whether it stands there yet or not; None where the path is no group."""
    model: Any = Definition
    held: Any = values
    slot: Slot | None = None
    for step in path:
        held = held[step] if isinstance(held, Mapping) and step in held else _item(held, step)
        if isinstance(step, int):
            if slot is None or slot.kind != "parts":
                return None
            model, slot = _of_kind(slot.model, held), None
            continue
        if slot is not None and slot.kind == "parts":
            return None
        slot = next((each for each in slots(model) if each.name == step), None)
        if slot is None or slot.is_simple:
            return None
        if slot.kind == "part":
            model, slot = slot.model, None
    found: type[BaseModel] | None = model if slot is None else None
    return found


def list_at(values: Any, path: Path) -> Slot | None:
    """The slot of the list of groups at a path; None where the path is no such list."""
    found = slot_at(values, path) if path else None
    return found if found is not None and found.kind == "parts" else None


def _item(held: Any, step: Any) -> Any:
    return held[step] if isinstance(held, list) and isinstance(step, int) and step < len(held) else None


def _of_kind(model: Any, held: Any) -> Any:
    of_kind = kinds(model)
    return of_kind.get(held.get("kind", "") if isinstance(held, Mapping) else "", of_kind["text"]) if of_kind else model


def kinds(model: Any) -> dict[str, type[BaseModel]]:
    """The kinds that an item of a list of questions can be of; none for any other list."""
    return QUESTIONS if model == Question else CELLS if model == Cell else {}


def _slot(model: type[BaseModel], name: str, hint: Any) -> Slot:
    field = model.model_fields[name]
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    kind, choices, of = _kind(hint)
    if name == "stages":
        choices = tuple(STAGE_ORDER)
    about = labels.hint(model.__name__, name) or labels.plain(field.description or "")
    return Slot(name, kind, labels.label(model.__name__, name), about, field.is_required(), default, choices, of)


def _kind(hint: Any) -> tuple[str, tuple[str, ...], Any]:
    if get_origin(hint) in (Union, UnionType):
        return _kind(next(each for each in get_args(hint) if each is not NoneType))
    for known, kind in PLAIN.items():
        if hint == known:
            return kind, (), None
    if get_origin(hint) is Literal:
        given = get_args(hint)
        return ("fixed", (), None) if len(given) == 1 else ("choice", tuple(map(str, given)), None)
    if get_origin(hint) is list:
        return _list(get_args(hint)[0])
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return "part", (), hint
    if get_origin(hint) is Annotated:
        return _kind(get_args(hint)[0])
    raise TypeError(f"There is no field for {hint}")


def _list(of: Any) -> tuple[str, tuple[str, ...], Any]:
    if kinds(of) or (isinstance(of, type) and issubclass(of, BaseModel)):
        return "parts", (), of
    if get_origin(of) is Literal:
        return "several", tuple(map(str, get_args(of))), None
    return ("names", (), None) if of == base.Id else ("lines", (), None)
