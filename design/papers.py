"""PDFs that leave the house: receipts, letters, statements. Tagged for assistive technology (PDF/UA-1), the same bytes for the same words.

A paper says what it says in parts; the look is `paper.typ`'s. Text goes to the typesetter as data, never as source, so that
nothing anybody typed can be taken for an instruction.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.utils import timezone

LOOK = Path(__file__).with_name("paper.typ")
TYPEFACES = Path(__file__).with_name("typefaces")
ACCENT = "#0b5563"
CANNOT_SHOW = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
ROUNDS = 20

Part = dict[str, Any]


@dataclass(frozen=True)
class Paper:
    """What a PDF says. `dated` is when it was written, by the server's clock; `footer` stands on every page."""

    title: str
    sender: str
    reference: str
    dated: datetime
    parts: list[Part] = field(default_factory=list)
    lead: str = ""
    addressee: Sequence[str] = ()
    footer: str = ""
    accent: str = ACCENT


def heading(text: str, level: int = 1) -> Part:
    """A heading; levels follow one another without a gap, or a screen reader loses its way."""
    return {"kind": "heading", "text": text, "level": level}


def text(words: str) -> Part:
    """Running text: an empty line begins a paragraph, a line break stays one."""
    return {"kind": "text", "text": words}


def quiet(words: str) -> Part:
    """Running text that may be passed over, smaller and grey."""
    return {"kind": "quiet", "text": words}


def bullets(items: Iterable[str]) -> Part:
    return {"kind": "bullets", "items": list(items)}


def numbered(items: Iterable[str]) -> Part:
    """Items that are counted, such as conditions of an offer."""
    return {"kind": "numbered", "items": list(items)}


def facts(rows: Iterable[tuple[str, str]], *, columns: tuple[str, str] = ("What", "As we hold it"), exact: Sequence[str] = ()) -> Part:
    """Names and values, one a row. Values of the names in `exact` (hashes, account numbers) are set letter by letter."""
    return {"kind": "facts", "columns": list(columns), "rows": [[name, value, name in exact] for name, value in rows]}


def together(*parts: Part, sticks: bool = False) -> Part:
    """Parts that no page break comes between, nor, where it `sticks`, what follows. Short: what is longer than a page has nowhere to go."""
    return {"kind": "together", "parts": list(parts), "sticks": sticks}


def table(
    caption: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, numeric: Sequence[str] = (), total: Sequence[str] | None = None
) -> Part:
    """A captioned table. Columns named in `numeric` stand to the right; `total` is a last row in bold."""
    return {
        "kind": "table",
        "caption": caption,
        "columns": [{"label": column, "numeric": column in numeric} for column in columns],
        "rows": [list(row) for row in rows],
        "total": list(total) if total else None,
    }


def sign(*lines: str) -> Part:
    """Room for a signature, and who signs below it."""
    return {"kind": "sign", "lines": list(lines)}


def write(paper: Paper) -> bytes:
    """The PDF. A character that no typeface of ours has is written as its number, such as [U+65E5], and the paper says so."""
    local = timezone.localtime(paper.dated)
    said: dict[str, Any] = {
        **{name: getattr(paper, name) for name in ("title", "sender", "reference", "parts", "lead", "footer", "accent")},
        "addressee": [line for line in paper.addressee if line],
        "dated": [local.year, local.month, local.day, local.hour, local.minute, local.second],
    }
    body = _printable(said)
    for _ in range(ROUNDS):
        try:
            return _compile(body)
        except typst.TypstError as error:
            unknown = {_unescaped(found) for found in CANNOT_SHOW.findall(str(error))}
            if not unknown:
                raise
            body = _numbered(body, unknown)
    raise ValueError("No typeface of ours shows this text.")


def _compile(body: dict[str, Any]) -> bytes:
    return bytes(
        typst.compile(
            _look(),
            format="pdf",
            pdf_standards="ua-1",
            sys_inputs={"paper": json.dumps({"unshown": 0} | body)},
            font_paths=_typefaces(),
        )
    )


@cache
def _typefaces() -> typst.Fonts:
    """Ours and those that the typesetter brings, read once; never the machine's, so that a paper looks the same everywhere."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(TYPEFACES)])


@cache
def _look() -> bytes:
    return LOOK.read_bytes()


def _printable(value: Any) -> Any:
    """Without control characters, line breaks and tabs apart: they have no shape, and some would break the page."""
    if isinstance(value, str):
        plain = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\t", "    ")
        return "".join(one for one in plain if one == "\n" or unicodedata.category(one) not in ("Cc", "Cs", "Cn"))
    return _each(value, _printable)


def _numbered(value: Any, unknown: set[str]) -> Any:
    """With every unknown character as its number."""
    letters = {ord(letter): f"[U+{ord(letter):04X}]" for shown in unknown for letter in shown}

    def rewrite(part: Any) -> Any:
        return part.translate(letters) if isinstance(part, str) else _each(part, rewrite)

    changed: dict[str, Any] = rewrite(value)
    return changed | {"unshown": value.get("unshown", 0) + len(letters)}


def _each(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {name: part if name == "kind" else change(part) for name, part in value.items()}
    return [change(part) for part in value] if isinstance(value, list | tuple) else value


def _unescaped(shown: str) -> str:
    return re.sub(r"\\u\{([0-9a-f]+)\}|\\(.)", lambda found: chr(int(found[1], 16)) if found[1] else found[2], shown)
