"""A draw that anyone can replay: tickets from a frozen list and a value nobody knew when it was frozen. Standard library only.

`replay_draw.py` beside this module is the same for outsiders, written apart from it.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assessments.methods import BadInput

RULE = "tickets-1"
MOST_INDICES = 2**16


@dataclass(frozen=True)
class Ticket:
    """One application's ticket; the smallest comes first."""

    place: int
    reference: str
    ticket: str


def freeze(*, round: str, references: Iterable[str], places: int) -> tuple[str, str]:
    """The document of what is drawn, and its SHA-256: published before the public value exists."""
    names = sorted(references)
    if len(set(names)) != len(names):
        raise BadInput("A reference stands on the list twice.")
    document = {"places": places, "references": names, "round": round, "rule": RULE}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text, hashlib.sha256(text.encode()).hexdigest()


def seed(frozen: str, public: str, secret: str = "") -> bytes:
    """SHA-256 of the frozen hash (64 hexadecimal digits), the public value and the secret, one after the other, as UTF-8."""
    frozen = frozen.strip().lower()
    if len(frozen) != 64 or set(frozen) - set("0123456789abcdef"):
        raise BadInput("The frozen hash must be 64 hexadecimal digits.")
    if not public.strip():
        raise BadInput("The public value is empty.")
    return hashlib.sha256(_bytes(frozen + public + secret)).digest()


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise BadInput("The values and references must be text in UTF-8.") from error


def draw(references: Iterable[str], *, frozen: str, public: str, secret: str = "") -> list[Ticket]:
    """All references by ticket = SHA-256(seed ‖ 0x1f ‖ reference), ascending. Nothing else about the list matters."""
    names = list(references)
    if not names:
        raise BadInput("There is nothing to draw from.")
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise BadInput(f"{twice} stands on the list twice.")
    root = seed(frozen, public, secret)
    tickets = sorted((hashlib.sha256(root + b"\x1f" + _bytes(name)).hexdigest(), name) for name in names)
    return [Ticket(place, name, ticket) for place, (ticket, name) in enumerate(tickets, start=1)]


def rfc3797(key: str, pool: int, wanted: int) -> list[int]:
    """The list of RFC 3797: numbers from 1 to `pool`, selected with MD5 over the key string between two 16-bit indices."""
    if not 0 < wanted <= pool:
        raise BadInput(f"{wanted} cannot be selected from a pool of {pool}.")
    if wanted > MOST_INDICES:
        raise BadInput(f"The list of RFC 3797 ends after {MOST_INDICES:,}: its index has 16 bits.")
    left = list(range(1, pool + 1))
    chosen = []
    for index in range(wanted):
        mark = index.to_bytes(2, "big")
        digest = hashlib.md5(mark + key.encode() + mark, usedforsecurity=False).digest()
        chosen.append(left.pop(int.from_bytes(digest, "big") % len(left)))
    return chosen


def rfc3797_key(sources: Sequence[Sequence[int] | int]) -> str:
    """Canonical key: each source's numbers ascending, each followed by a full stop, each source by a slash (RFC 3797 section 4)."""
    rows = [[source] if isinstance(source, int) else sorted(source) for source in sources]
    return "".join("".join(f"{number}." for number in row) + "/" for row in rows)
