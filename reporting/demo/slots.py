"""Texts with places left open: what differs from copy to copy of one original, filled in at the speed of string formatting."""

import re
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

FIRST = 8_765_432_100_000_000
"""Marks are whole numbers from here, within what JSON may hold, so that they can stand for an id as for a word."""
MARK = re.compile(r"87654321000(\d{5})")
Values = list[str]
"""What goes into each slot, for one copy."""


class Slots:
    """Everything that differs, each with its place in the list of values."""

    def __init__(self) -> None:
        self.of: dict[Any, int] = {}

    def place(self, what: Any) -> int:
        return self.of.setdefault(what, len(self.of))

    def mark(self, what: Any) -> int:
        """What stands in a text where `what` will stand."""
        return FIRST + self.place(what)

    def marked(self, text: str, words: Iterable[str]) -> str:
        """The text with a mark wherever one of these words is; each word is a slot."""
        for word in words:
            if word in text:
                text = text.replace(word, str(self.mark(word)))
        return text


def template(marked: str) -> Callable[[Values], str]:
    """A function that gives the text with each mark's value in its place."""
    parts = MARK.split(marked)
    places = [int(digits) for digits in parts[1::2]]
    if not places:
        return lambda values: marked
    pick = itemgetter(*places)
    if len(places) == 1 and parts[0] == parts[2] == "":
        return pick
    pattern = "%s".join(part.replace("%", "%%") for part in parts[::2])
    return lambda values: pattern % pick(values)
