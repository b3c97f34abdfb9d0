"""Allocation problems as JSON documents, read with a sentence for whatever is wrong with them."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

import numpy as np

from assessments.methods import BadInput
from assessments.methods.allocation import Problem
from assessments.methods.votes import Floats, Integers

LARGEST = 10**12
KEYS = frozenset(
    {"applications", "assessors", "score", "conflict", "demand", "min_load", "max_load", "pins", "balance", "organisation", "skills",
     "needs", "newcomers", "max_newcomers"}
)  # fmt: skip


def read(document: object) -> Problem:
    """A problem from a JSON document: `score`, `conflict`, `demand`, `min_load`, `max_load` (lists, or one number
    for all), and by choice `pins`, `balance`,
    `organisation`, `skills`, `needs`, `newcomers`, `max_newcomers`. Raises BadInput with a sentence."""
    if not isinstance(document, Mapping):
        raise BadInput("The file must hold one JSON object.")
    _check_names(document)
    score = _matrix(document, "score")
    shape = score.shape
    for key, size in (("applications", shape[0]), ("assessors", shape[1])):
        if document.get(key, size) != size:
            raise BadInput(f"“{key}” says {document[key]}, but “score” has {size}.")
    barred = _matrix(document, "conflict", shape) > 0 if document.get("conflict") is not None else np.zeros(shape, dtype=bool)
    pins = document.get("pins") or []
    if not isinstance(pins, list) or not all(isinstance(pin, list) and len(pin) == 2 and all(map(_is_whole, pin)) for pin in pins):
        raise BadInput("“pins” must be a list of [application, assessor] pairs.")
    balance = document.get("balance", 0)
    if not _is_number(balance) or balance < 0:
        raise BadInput("“balance” must be a number from 0.")
    newcomers = document.get("max_newcomers")
    if newcomers is not None and not _is_whole(newcomers):
        raise BadInput("“max_newcomers” must be a whole number from 0.")
    flags = _numbers(document, "newcomers", shape[1], 0) if document.get("newcomers") is not None else np.zeros(shape[1], dtype=int)
    return Problem(
        score,
        barred,
        _numbers(document, "demand", shape[0]),
        _numbers(document, "min_load", shape[1], 0),
        _numbers(document, "max_load", shape[1], shape[0]),
        tuple((int(pin[0]), int(pin[1])) for pin in pins),
        tuple(str(name or "") for name in _listed(document, "organisation", shape[1])),
        tuple(_words(document, "skills", shape[1])),
        tuple(_words(document, "needs", shape[0])),
        frozenset(np.flatnonzero(flags).tolist()),
        newcomers,
        float(balance),
    )


def _check_names(document: Mapping) -> None:
    """A key that is nearly one of those that are read would be passed over in silence."""
    for key in document:
        near = get_close_matches(str(key), KEYS - document.keys(), n=1, cutoff=0.8)
        if near and key not in KEYS:
            raise BadInput(f"There is a key “{key}”: is “{near[0]}” meant?")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST


def _matrix(document: Mapping, key: str, shape: tuple[int, ...] | None = None) -> Floats:
    rows = document.get(key)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) and row for row in rows):
        raise BadInput(f"“{key}” must be a list with a row for each application, and in it a number for each assessor.")
    for number, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise BadInput(f"Row {number} of “{key}” has {len(row)} numbers, row 0 has {len(rows[0])}.")
        for column, value in enumerate(row):
            if not (isinstance(value, bool) or _is_number(value)):
                raise BadInput(f"“{key}” [{number}][{column}] is not a number up to {LARGEST:,}: {str(value)[:40]}.")
    found = np.array(rows, dtype=float)
    if shape is not None and found.shape != shape:
        raise BadInput(f"“{key}” is {found.shape[0]} by {found.shape[1]}, “score” is {shape[0]} by {shape[1]}.")
    return found


def _listed(document: Mapping, key: str, size: int) -> Sequence:
    values = document.get(key)
    if values is None:
        return ()
    if not isinstance(values, list) or len(values) != size:
        raise BadInput(f"“{key}” must be a list of {size}.")
    return values


def _numbers(document: Mapping, key: str, size: int, default: int | None = None) -> Integers:
    if document.get(key) is None and default is not None:
        return np.full(size, default)
    if document.get(key) is None:
        raise BadInput(f"“{key}” is missing.")
    values = [document[key]] * size if _is_whole(document[key]) else _listed(document, key, size)
    for index, value in enumerate(values):
        if not (_is_whole(value) or isinstance(value, bool)):
            raise BadInput(f"“{key}” [{index}] must be a whole number from 0, not {str(value)[:40]}.")
    return np.array(values, dtype=int)


def _words(document: Mapping, key: str, size: int) -> list[frozenset[str]]:
    values = _listed(document, key, size)
    for index, value in enumerate(values):
        if not isinstance(value, list):
            raise BadInput(f"“{key}” [{index}] must be a list of words.")
    return [frozenset(map(str, value)) for value in values]
