"""What a copy for another strand still says of the one it was copied from. It only warns: the same word may be meant."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[Any, ...]
_SPOKEN = {
    "data": r"data|datasets?",
    "devices": r"(?:medical )?devices?",
    "diagnostics": r"diagnos\w+",
    "digital": r"digital(?:ly)?",
}
"""How each strand is spoken of."""
_NOT_READ = ("id", "slug", "code", "name", "strand", "must", "when", "value", "kind", "cost_code")
"""Keys that hold no sentences, and those that the copy was given."""


def places(values: Mapping[str, Any], strand: str) -> list[tuple[Path, str]]:
    """Each place that still speaks of this strand, with its words as they stand there, once for each place."""
    spoken = re.compile(rf"\b(?:{_SPOKEN[strand]})\b", re.IGNORECASE) if strand in _SPOKEN else None
    if spoken is None:
        return []
    found = ((path, spoken.search(text)) for path, text in _sentences(values, ()))
    return [(path, match[0]) for path, match in found if match]


def _sentences(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, Mapping):
        for key, held in value.items():
            if key not in _NOT_READ:
                yield from _sentences(held, (*path, key))
    elif isinstance(value, list):
        for index, held in enumerate(value):
            yield from _sentences(held, (*path, index))
    elif isinstance(value, str):
        yield path, value
