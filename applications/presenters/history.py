"""Every version of one answer, the latest first, each with what it changed."""

import difflib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from applications.models import Answer, Application
from applications.presenters.answers import in_text
from grants.definition import Definition

MOST = 200
"""Versions shown on one page."""


@dataclass(frozen=True)
class Piece:
    """A run of words: `kept`, `added` or `removed`."""

    kind: str
    text: str


@dataclass(frozen=True)
class Version:
    """What an answer said at one time, and how that differs from what it said before."""

    revision: int
    at: datetime
    by: str
    text: str
    pieces: list[Piece] = field(default_factory=list)
    is_current: bool = False


def page(application: Application, question: Any, answer: Answer) -> dict[str, Any]:
    """Context of the page of one answer's versions."""
    definition = application.version.definition
    section, found = definition.form.section_of(question.id), versions(definition, question, answer)
    return {"application": application, "question": question, "section": section, "versions": found, "revision": answer.revision}


def versions(definition: Definition, question: Any, answer: Answer) -> list[Version]:
    """The standing answer and what it said before, as far back as a page shows."""
    earlier = answer.earlier.select_related("saved_by").order_by("-revision")[: MOST + 1]
    rows = [(answer.revision, answer.saved_at, answer.saved_by.name, in_text(definition, question, answer.value))]
    rows += [(row.revision, row.saved_at, row.saved_by.name, in_text(definition, question, row.value)) for row in earlier]
    return [
        Version(revision, at, by, text, difference(rows[place + 1][3] if place + 1 < len(rows) else "", text), is_current=place == 0)
        for place, (revision, at, by, text) in enumerate(rows[:MOST])
    ]


def difference(before: str, after: str) -> list[Piece]:
    """Word by word, with the white space between as it was."""
    old, new = _words(before), _words(after)
    pieces: list[Piece] = []
    for act, start, end, begins, ends in difflib.SequenceMatcher(None, old, new, autojunk=len(old) > 5000).get_opcodes():
        if act == "equal":
            pieces.append(Piece("kept", "".join(old[start:end])))
            continue
        pieces += [Piece("removed", "".join(old[start:end]))] if end > start else []
        pieces += [Piece("added", "".join(new[begins:ends]))] if ends > begins else []
    return pieces


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|[^\s]+", text)
