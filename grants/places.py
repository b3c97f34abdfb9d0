"""Postcode to place, as a presumption: the first half of a postcode says in, out, or unsure."""

import re
from collections.abc import Iterable
from functools import lru_cache

_PATTERN = re.compile(r"([A-Z]{1,2})(?:(\d{1,2})(?:-(?:\1)?(\d{1,2}))?)?")
IN, OUT, UNSURE = "in", "out", "unsure"


def is_pattern(text: str) -> bool:
    """Whether a text names outcodes: an area (`WS`), one outcode (`DE13`) or a range (`SY1-SY13`)."""
    match = _PATTERN.fullmatch(text)
    return match is not None and (match[3] is None or int(match[3]) >= int(match[2]))


@lru_cache(maxsize=256)
def _expanded(patterns: tuple[str, ...]) -> frozenset[str]:
    found: set[str] = set()
    for pattern in patterns:
        match = _PATTERN.fullmatch(pattern)
        if match is None:
            raise ValueError(f"{pattern} does not name outcodes")
        area, first, last = match.groups()
        found |= {area} if first is None else {f"{area}{number}" for number in range(int(first), int(last or first) + 1)}
    return frozenset(found)


def lies(outcode: str, *, within: Iterable[str], unsure: Iterable[str] = ()) -> str:
    """`in`, `out` or `unsure`. An outcode named as unsure (it straddles the edge) is so whatever its area says.

    An empty `within` means anywhere. London's lettered districts (`SW1A`) count as their number.
    """
    within, unsure = tuple(within), tuple(unsure)
    area = re.match(r"[A-Z]+", outcode)
    named = {re.sub(r"(?<=\d)[A-Z]$", "", outcode), area[0] if area else ""}
    if named & _expanded(unsure):
        return UNSURE
    return IN if not within or named & _expanded(within) else OUT
