"""Change single values in a document's text and leave every other byte, comments and layout included, as it was."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

from grants.definition import yaml_text

Path = tuple[Any, ...]
Change = Callable[[Path, str], str | None]
"""Given a text's path and value, the new value, or None to leave it."""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _-]*")
_NOT_PLAIN = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def rewrite(text: str, change: Change) -> str:
    """The text with every scalar for which `change` answers something replaced. Raises YamlRefused."""
    yaml_text.read(text)
    node = yaml.compose(text, Loader=yaml_text.LOADER)
    pieces: list[tuple[int, int, str]] = []
    for path, scalar in _scalars(node, ()):
        new = change(path, scalar.value)
        if new is not None and new != scalar.value:
            pieces.append((scalar.start_mark.index, scalar.end_mark.index, new))
    for start, end, new in sorted(set(pieces), reverse=True):
        tail = "\n" if text[start:end].endswith("\n") else ""
        text = text[:start] + quoted(new) + tail + text[end:]
    return text


def values(node_text: str) -> Iterator[tuple[Path, str]]:
    """Every scalar of a document with its path, keys left out."""
    for path, scalar in _scalars(yaml.compose(node_text, Loader=yaml_text.LOADER), ()):
        yield path, scalar.value


def quoted(value: str) -> str:
    """A value as YAML on one line: plain where that is safe."""
    return value if is_plain(value) else json.dumps(value, ensure_ascii=False)


def is_plain(value: str) -> bool:
    """Whether a text may stand without quotation marks."""
    return bool(_PLAIN.fullmatch(value)) and value == value.strip() and value.lower() not in _NOT_PLAIN


def dump(values: Mapping[str, Any]) -> str:
    """Plain values as a document. Reading it gives the same values."""
    return dump_any(dict(values))


def dump_any(value: Any) -> str:
    """One group or list as text that can be indented below its key."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=130)


class _Dumper(yaml.SafeDumper):
    """No anchors: what is said twice is written twice, so that one place can change without the other."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _scalars(node: yaml.Node | None, path: Path) -> Iterator[tuple[Path, yaml.ScalarNode]]:
    if isinstance(node, yaml.ScalarNode):
        yield path, node
    elif isinstance(node, yaml.SequenceNode):
        for index, inner in enumerate(node.value):
            yield from _scalars(inner, (*path, index))
    elif isinstance(node, yaml.MappingNode):
        for key, inner in node.value:
            yield from _scalars(inner, (*path, key.value))
