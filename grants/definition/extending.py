"""`extends: starter.yaml`: a file that says only what differs from another, made whole before it is read.

Merge rules: groups of keys merge key by key. Lists whose items have an id merge item by item: the same id merges, a new id is added at
the end, `{id: x, remove: true}` takes one away. Everything else (plain values, other lists) is replaced. `null` takes a key away.
"""

from pathlib import Path
from typing import Any

from grants.definition import editing, yaml_text
from grants.definition.loading import DocumentRefused, Problem

MAX_DEPTH = 5
KEY = "extends"


def whole(path: Path, *, text: str | None = None) -> str:
    """The text of a file with everything it extends merged in; as it stands where it extends nothing. Raises DocumentRefused."""
    text = path.read_text() if text is None else text
    values = _read(text, path)
    return text if not isinstance(values, dict) or KEY not in values else editing.dump(_resolve(values, path, (path.resolve(),)))


def merge(base: Any, over: Any) -> Any:
    """One value over another, by the rules above."""
    if isinstance(base, dict) and isinstance(over, dict):
        merged = {key: value for key, value in base.items() if not (key in over and over[key] is None)}
        for key, value in over.items():
            if value is not None:
                merged[key] = merge(merged[key], value) if key in merged else value
        return merged
    if _have_ids(base) and _have_ids(over):
        return _merge_lists(base, over)
    return over


def _merge_lists(base: list[dict[str, Any]], over: list[dict[str, Any]]) -> list[dict[str, Any]]:
    changes = {item["id"]: item for item in over}
    kept = [merge(item, changes[item["id"]]) if item["id"] in changes else item for item in base]
    known = {item["id"] for item in base}
    added = [item for item in over if item["id"] not in known]
    return [{key: value for key, value in item.items() if key != "remove"} for item in [*kept, *added] if item.get("remove") is not True]


def _have_ids(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) and "id" in item for item in value)


def _resolve(values: dict[str, Any], path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    name = values.get(KEY)
    if name is None:
        return values
    if not isinstance(name, str) or "/" in name or "\\" in name or not name.endswith(".yaml"):
        raise _refused(path, f"“{KEY}” names another file of the same folder, such as starter.yaml.")
    parent = (path.parent / name).resolve()
    if parent in seen:
        raise _refused(path, f"{name} extends itself, by way of {path.name}.")
    if len(seen) > MAX_DEPTH:
        raise _refused(path, f"More than {MAX_DEPTH} files extend one another.")
    if not parent.is_file():
        raise _refused(path, f"There is no file {name} beside it.")
    base = _resolve(_read(parent.read_text(), parent), parent, (*seen, parent))
    merged: dict[str, Any] = merge(base, {key: value for key, value in values.items() if key != KEY})
    return merged


def _read(text: str, path: Path) -> dict[str, Any]:
    try:
        values = yaml_text.read(text).values
    except yaml_text.YamlRefused as refused:
        raise DocumentRefused(path.name, [Problem("", refused.line, str(refused))]) from None
    if not isinstance(values, dict):
        raise DocumentRefused(path.name, [Problem("", 1, "The document must begin with keys such as “slug:” and “name:”.")])
    return values


def _refused(path: Path, sentence: str) -> DocumentRefused:
    return DocumentRefused(path.name, [Problem(KEY, None, sentence)])
