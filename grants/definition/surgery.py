"""Change a document's text at one place: set, add, move or take away, with the layout and the comments of the rest as they were.

What the text must say afterwards is worked out on plain values first. The knife is tried at the place itself; where the text would then
not say exactly that (an anchor that others lean on, a list written on one line), the part around it is written anew, then the section,
then the whole. So the meaning is always right, and the layout is kept wherever it can be.
"""

import copy
import json
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import yaml

from grants.definition import editing, yaml_text

Path = tuple[Any, ...]
WIDTH = 110
_BlockOr = yaml.MappingNode | yaml.SequenceNode


def get(values: Any, path: Path, default: Any = None) -> Any:
    """What stands at a path of plain values."""
    for step in path:
        is_there = step in values if isinstance(values, dict) else isinstance(values, list) and step in range(len(values))
        if not is_there:
            return default
        values = values[step]
    return values


def put(text: str, path: Path, value: Any) -> str:
    """The text with this value at this path, where something stands or a key can be added."""
    wanted = _wanted(text)
    holder = get(wanted, path[:-1])
    holder[path[-1]] = value
    return _first_that_says(wanted, text, path, lambda: _put(text, path, value))


def change(text: str, path: Path, keys: dict[str, Any]) -> str:
    """The group at this path with these keys set, each in its place; None takes a key away. The group is made where there is none."""
    if get(yaml_text.kept(text).values, path) is None:
        return put(text, path, {name: value for name, value in keys.items() if value is not None})
    for name, value in keys.items():
        held = get(yaml_text.kept(text).values, path)
        if value is None and name in held:
            text = drop(text, (*path, name))
        elif value is not None and (name not in held or held[name] != value or type(held[name]) is not type(value)):
            text = put(text, (*path, name), value)
    return text


def drop(text: str, path: Path) -> str:
    """The text without the key or the item at this path."""
    wanted = _wanted(text)
    del get(wanted, path[:-1])[path[-1]]
    return _first_that_says(wanted, text, path, lambda: _drop(text, path))


def insert(text: str, path: Path, value: Any) -> str:
    """The text with a new item before the one at this path; a number past the end adds it there. The list is made where there is none."""
    wanted = _wanted(text)
    if get(wanted, path[:-1]) is None:
        return put(text, path[:-1], [value])
    get(wanted, path[:-1]).insert(path[-1], value)
    return _first_that_says(wanted, text, path, lambda: _insert(text, path, value))


def move(text: str, path: Path, *, by: int) -> str:
    """The text with the item at this path one place earlier (-1) or later (1); as it is where there is no such place."""
    wanted = _wanted(text)
    held, at = get(wanted, path[:-1]), path[-1]
    if not 0 <= at + by < len(held):
        return text
    held.insert(at + by, held.pop(at))
    first = min(at, at + by)
    return _first_that_says(wanted, text, path, lambda: _swap(text, (*path[:-1], first)))


def part_of(text: str, key: str) -> str:
    """The text of one top-level section, its key included; "" where the document does not have it."""
    span = _section_span(text, key)
    return text[span[0] : span[1]] if span else ""


def with_part(text: str, key: str, part: str) -> str:
    """The text with one top-level section replaced, or added at the end."""
    part = part.strip("\n") + "\n" if part.strip() else ""
    span = _section_span(text, key)
    if span is None:
        return text.rstrip("\n") + "\n" + part
    tail = text[span[0] : span[1]]
    blank = tail[len(tail.rstrip("\n")) + 1 :]
    return text[: span[0]] + part + (blank if part else "") + text[span[1] :]


def _wanted(text: str) -> Any:
    return copy.deepcopy(yaml_text.kept(text).values)


def _first_that_says(wanted: Any, text: str, path: Path, knife: Callable[[], str]) -> str:
    """The first way of writing it that says exactly what is wanted."""

    def around(length: int) -> Callable[[], str]:
        return lambda: _put(text, path[:length], get(wanted, path[:length]))

    def section() -> str:
        return with_part(text, path[0], f"{path[0]}:{_fragment(wanted[path[0]], 0, in_block=True)}")

    for way in [knife, *(around(length) for length in range(len(path) - 1, 1, -1)), section]:
        try:
            found = way()
            if yaml_text.kept(found).values == wanted:
                return found
        except (_Cannot, yaml_text.YamlRefused, yaml.YAMLError):
            continue
    return editing.dump(wanted)


class _Cannot(Exception):
    """The text is laid out in a way that the knife does not know."""


def _root(text: str) -> yaml.Node:
    found = yaml.compose(text, Loader=yaml_text.LOADER)
    if found is None:
        raise _Cannot
    return found


def _node(node: yaml.Node, path: Path) -> yaml.Node | None:
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
        else:
            return None
        if found is None:
            return None
        node = found
    return node


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, _BlockOr) and not node.flow_style


def _end(text: str, node: yaml.Node) -> int:
    """Where a node's own text ends: before the comments and empty lines that follow it."""
    if _is_block(node) and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    end: int = node.end_mark.index
    return len(text[:end].rstrip("\n")) if isinstance(node, yaml.ScalarNode) else end


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _next_line(text: str, index: int) -> int:
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _put(text: str, path: Path, value: Any) -> str:
    root = _root(text)
    parent = _node(root, path[:-1])
    node = _node(root, path)
    if parent is None:
        raise _Cannot
    if node is not None:
        column = _column(text, parent, node)
        start = node.start_mark.index
        if _is_block(node):
            start = len(text[:start].rstrip(" \n"))
            return text[:start] + _fragment(value, column, in_block=_is_block(parent), key_before=True) + text[_end(text, node) :]
        return text[:start] + _fragment(value, column, in_block=_is_block(parent)).lstrip(" ") + text[_end(text, node) :]
    if not isinstance(parent, yaml.MappingNode) or not parent.value:
        raise _Cannot
    if _is_block(parent):
        column = parent.value[0][0].start_mark.column
        end = _end(text, parent)
        rest = text[end : _next_line(text, end)]
        end += len(rest.rstrip("\n"))
        return f"{text[:end]}\n{' ' * column}{path[-1]}:{_fragment(value, column, in_block=True, key_before=True)}{text[end:]}"
    end = parent.end_mark.index - 1
    return f"{text[:end]}, {path[-1]}: {_flow(value)}{text[end:]}"


def _column(text: str, parent: yaml.Node, node: yaml.Node) -> int:
    """The column that a block written in place of the node is indented against."""
    if isinstance(parent, yaml.MappingNode):
        return next(key.start_mark.column for key, value in parent.value if value is node)
    return parent.start_mark.column


def _fragment(value: Any, column: int, *, in_block: bool, key_before: bool = False) -> str:
    """A value as text to stand behind `key:`, with the blank or the line break before it."""
    if not in_block:
        return f" {_flow(value)}"
    if isinstance(value, str):
        return f" {_prose(value, column)}"
    if isinstance(value, (dict, list)) and value:
        flow = _flow(value)
        is_small = isinstance(value, list) and all(not isinstance(item, (dict, list)) for item in value)
        if is_small and len(flow) + column < WIDTH:
            return f" {flow}"
        return "\n" + textwrap.indent(editing.dump_any(value), " " * (column + 2)).rstrip("\n")
    return f" {_flow(value)}"


def _prose(value: str, column: int) -> str:
    """Text on one line where it is short, folded below its key where it is long."""
    is_plain = "\n" not in value and "  " not in value and value == value.strip()
    if not is_plain or len(value) + column < WIDTH:
        return editing.quoted(value)
    lines = textwrap.wrap(value, width=WIDTH, break_long_words=False, break_on_hyphens=False)
    return ">-\n" + "\n".join(" " * (column + 2) + line for line in lines)


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if not editing.is_plain(value) else value
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_flow(held)}' for name, held in value.items())}}}"
    return json.dumps(value)


def _spans(text: str, parent: yaml.Node | None) -> list[tuple[int, int]]:
    """The lines of each item of a list written one below the other, dashes and the comments below them included."""
    if not isinstance(parent, yaml.SequenceNode) or not _is_block(parent):
        raise _Cannot
    starts = [_line_start(text, item.start_mark.index) for item in parent.value]
    for start, item in zip(starts, parent.value, strict=True):
        if text[start : item.start_mark.index].strip().split("&")[0].strip() != "-":
            raise _Cannot
    ends = [*starts[1:], _next_line(text, _end(text, parent))]
    return list(zip(starts, ends, strict=True))


def _drop(text: str, path: Path) -> str:
    root = _root(text)
    parent = _node(root, path[:-1])
    if isinstance(parent, yaml.MappingNode) and _is_block(parent):
        key, value = next((key, value) for key, value in parent.value if key.value == path[-1])
        start = _line_start(text, key.start_mark.index)
        if text[start : key.start_mark.index].strip():
            raise _Cannot
        return text[:start] + text[_next_line(text, _end(text, value)) :]
    start, end = _spans(text, parent)[path[-1]]
    return text[:start] + text[end:]


def _insert(text: str, path: Path, value: Any) -> str:
    parent = _node(_root(text), path[:-1])
    spans = _spans(text, parent)
    if parent is None:
        raise _Cannot
    item = textwrap.indent(editing.dump_any([value]), " " * parent.start_mark.column)
    if path[-1] >= len(spans):
        at = spans[-1][1]
        before = text[:at] if text[:at].endswith("\n") else f"{text[:at]}\n"
        return before + item + text[at:]
    at = spans[path[-1]][0]
    return text[:at] + item + text[at:]


def _swap(text: str, path: Path) -> str:
    spans = _spans(text, _node(_root(text), path[:-1]))
    (start, middle), (_, end) = spans[path[-1]], spans[path[-1] + 1]
    first, second = text[start:middle], text[middle:end]
    second = second if second.endswith("\n") else f"{second}\n"
    return text[:start] + second + first + text[end:]


def _section_span(text: str, key: str) -> tuple[int, int] | None:
    """From a top-level key to the comments before the next one."""
    for found, start, end in _sections(text):
        if found == key:
            return start, end
    return None


def _sections(text: str) -> Iterator[tuple[str, int, int]]:
    root = _root(text)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return
    starts = [(key.value, _line_start(text, key.start_mark.index)) for key, _ in root.value]
    for index, (key, start) in enumerate(starts):
        end = starts[index + 1][1] if index + 1 < len(starts) else len(text)
        lines = text[start:end].splitlines(keepends=True)
        while len(lines) > 1 and lines[-1].startswith("#"):
            lines.pop()
        yield key, start, start + len("".join(lines))
