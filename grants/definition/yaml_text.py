"""YAML read with care: bounded in size, depth and repetition, plain values only, and every value's line remembered."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

from grants.definition import yaml_slips

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Characters without a shape: databases and mail headers refuse some, and others make a text read as what it is not."""
MAX_BYTES = 1_000_000
MAX_DEPTH = 24
MAX_NODES = 60_000
MAX_ALIASES = 50

Path = tuple[Any, ...]
_KEY, _SEQUENCE, _MAPPING = yaml.ScalarNode, yaml.SequenceNode, yaml.MappingNode
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlRefused(ValueError):
    """The text is not YAML that we read. `line` counts from one."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        super().__init__(sentence)
        self.line = line


@dataclass
class Read:
    """Plain values, and the line on which each stands by its path."""

    values: Any
    lines: dict[Path, int]

    def line_of(self, path: Path) -> int | None:
        """The line of a path, or of the nearest part above it that is in the text. Steps the text does not have are passed over."""
        found: Path = ()
        line = self.lines.get(found)
        for step in path:
            if (*found, step) in self.lines:
                found = (*found, step)
                line = self.lines[found]
        return line


def read(text: str) -> Read:
    """Parse one YAML document. Raises YamlRefused."""
    size = len(text.encode())
    if size > MAX_BYTES:
        raise YamlRefused(f"The document is {size / 1_000_000:.1f} MB long; the most is {MAX_BYTES // 1_000_000} MB.")
    over_lines = _OverLines()
    try:
        _look_first(text, over_lines)
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        raise YamlRefused(*yaml_slips.told(error, text, quoted=over_lines.last)) from None
    except yaml.YAMLError as error:
        raise YamlRefused(f"This is not YAML: {str(error).splitlines()[0]}.") from None
    if node is None:
        raise YamlRefused("The document is empty.", 1)
    reader = _Reader()
    return Read(reader.value(node, (), 0), reader.lines)


@lru_cache(maxsize=32)
def kept(text: str) -> Read:
    """`read`, remembered for a few texts: a page and its change read the same one several times. Not for changing."""
    return read(text)


class _OverLines:
    """Where the last text in quotation marks that goes over several lines begins and ends, counting from nothing."""

    last: tuple[int, int] | None = None

    def look(self, event: yaml.ScalarEvent) -> None:
        first, last = event.start_mark, event.end_mark
        if event.style in ("'", '"') and first and last and last.line > first.line:
            self.last = (first.line, last.line)


def _look_first(text: str, over_lines: _OverLines) -> None:
    """Count before anything is built: a small text can otherwise unfold into billions of values."""
    depth = aliases = 0
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.AliasEvent):
            aliases += 1
            if aliases > MAX_ALIASES:
                raise YamlRefused(f"The document repeats itself by more than {MAX_ALIASES} aliases.", _line(event))
        elif isinstance(event, yaml.ScalarEvent):
            over_lines.look(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            if depth > MAX_DEPTH:
                raise YamlRefused(f"The document is nested more than {MAX_DEPTH} deep.", _line(event))
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1


def _line(event: yaml.Event) -> int | None:
    return event.start_mark.line + 1 if event.start_mark else None


class _Reader:
    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.count = 0

    def value(self, node: yaml.Node, path: Path, depth: int) -> Any:
        line = node.start_mark.line + 1
        self.count += 1
        if self.count > MAX_NODES or depth > MAX_DEPTH:
            raise YamlRefused("The document unfolds into too many values. Write out what aliases repeat.", line)
        self.lines.setdefault(path, line)
        if isinstance(node, _MAPPING):
            return self._mapping(node, path, depth)
        if isinstance(node, _SEQUENCE):
            return [self.value(inner, (*path, index), depth + 1) for index, inner in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)  # noqa: S101 - nothing else is left
        return _scalar(node, line)

    def _mapping(self, node: yaml.MappingNode, path: Path, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, inner in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, _KEY):
                raise YamlRefused("A key must be a single word.", line)
            _check_is_seen(key.value, line)
            if key.value == "<<":
                raise YamlRefused("Merging with “<<” is not read here. Write the keys out.", line)
            if key.value in found:
                raise YamlRefused(f"The key “{key.value}” stands here twice.", line)
            self.lines[(*path, key.value)] = line
            found[key.value] = self.value(inner, (*path, key.value), depth + 1)
        return found


def _check_is_seen(text: str, line: int) -> None:
    if found := UNSEEN.search(text):
        raise YamlRefused(f"There is a character here that cannot be seen (U+{ord(found[0]):04X}). Take it out.", line)


def _scalar(node: yaml.ScalarNode, line: int) -> Any:
    """Text, whole numbers, numbers, true, false and nothing. “yes”, “no” and dates stay text, so that nothing is guessed."""
    tag, text = node.tag, node.value
    _check_is_seen(text, line)
    if tag == "tag:yaml.org,2002:bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if tag == "tag:yaml.org,2002:null":
        return None
    if tag == "tag:yaml.org,2002:int" and text.lstrip("+-").isdigit() and len(text) <= 18:
        return int(text)
    if tag == "tag:yaml.org,2002:float" and len(text) <= 30:
        try:
            return float(text)
        except ValueError:
            return text
    if not tag.startswith("tag:yaml.org,2002:"):
        raise YamlRefused(f"“{tag}” values are not read here. Write plain text.", line)
    return text
