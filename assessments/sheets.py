"""Reviews as a spreadsheet: written out to be filled in offline, read back as if it had been typed.

One row per criterion, and three or four closing rows per review, so that a comment has a cell of its own. Cells that a spreadsheet
would run are neutralised on the way out and taken back on the way in.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import Person
from accounts.refusals import Refusal, Refused
from applications import uploads
from assessments.actions import reviews
from assessments.actions.reviews import Content
from assessments.models import Assessment

HEADS = ["Application", "Row", "What", "Of", "Marks or answer", "Comment"]
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
CLOSING = {
    "in_scope": "In scope? (yes or no)",
    "suitable": "Suitable for funding? (yes or no)",
    "confidence": "Confidence (low, medium or high)",
    "overall_comment": "Overall comment",
}
RUNS = ("=", "+", "-", "@", "\t", "\r")
MOST_BYTES = 2_000_000
MOST_UNPACKED = 40 * uploads.MEGABYTE
MOST_ROWS = 5_000


@dataclass
class Typed:
    """What a sheet says of one application; an empty cell says nothing. `wrong` names lines that could not be read."""

    marks: dict[str, int | None] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    closing: dict[str, bool | str | None] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def line_of(self, name: str) -> int:
        """Where the sheet says what a form calls `name`: a criterion's marks or comment, or a closing answer."""
        return self.lines[name] if name in CLOSING else self.lines[name.partition("_")[2]]


@dataclass(frozen=True)
class Kept:
    """What became of one review of a sheet: `wrong` says why it was not kept, `missing` how much it lacks before it can be submitted."""

    reference: str
    wrong: list[str]
    assessment: Assessment | None = None
    missing: int = 0


def as_csv(assessments: Iterable[Assessment]) -> bytes:
    """The sheet as CSV, with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADS)
    for row in _rows(assessments):
        writer.writerow([neutral(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(assessments: Iterable[Assessment]) -> bytes:
    """The sheet as XLSX; every cell is text or a number, never a formula."""
    import xlsxwriter  # only who asks for a spreadsheet loads its writer

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        page, bold, wrap = book.add_worksheet("Reviews"), book.add_format({"bold": True}), book.add_format({"text_wrap": True})
        page.write_row(0, 0, HEADS, bold)
        page.set_column(0, 1, 16)
        page.set_column(2, 2, 34)
        page.set_column(5, 5, 80, wrap)
        page.freeze_panes(1, 0)
        for number, row in enumerate(_rows(assessments), start=1):
            page.write_row(number, 0, row)
    return out.getvalue()


def _rows(assessments: Iterable[Assessment]) -> Iterator[list[Any]]:
    said = {True: "yes", False: "no", None: ""}
    for assessment in assessments:
        reference, given = assessment.application.reference, assessment.given()
        for criterion in assessment.scheme.criteria:
            score = given.get(criterion.id)
            marks = "" if score is None or score.marks is None else score.marks
            yield [reference, criterion.id, criterion.title, criterion.maximum, marks, score.comment if score else ""]
        yield [reference, "in_scope", CLOSING["in_scope"], "", said[assessment.in_scope], ""]
        yield [reference, "suitable", CLOSING["suitable"], "", said[assessment.suitable], ""]
        yield [reference, "confidence", CLOSING["confidence"], "", assessment.confidence, ""]
        yield [reference, "overall_comment", CLOSING["overall_comment"], "", "", assessment.overall_comment]


def read(upload: Any) -> dict[str, Typed]:
    """What an uploaded sheet says, by application. Raises Refused when it is not such a sheet."""
    if upload.size > MOST_BYTES:
        raise Refused("This file is too large for a sheet of reviews.", code="sheet_too_large", field="file")
    content = upload.read()
    rows = _from_xlsx(content) if content[:2] == b"PK" else _from_csv(content)
    if not rows or [cell.strip() for cell in rows[0][: len(HEADS)]] != HEADS:
        sentence = "This is not a sheet of reviews: its first row must be the headings of the sheet that you downloaded."
        raise Refused(sentence, code="sheet_unknown", field="file")
    if len(rows) > MOST_ROWS:
        raise Refused(f"This sheet has more than {MOST_ROWS:,} rows.", code="sheet_too_long", field="file")
    found: dict[str, Typed] = {}
    for number, row in enumerate(rows[1:], start=2):
        cells = [*row, *[""] * len(HEADS)][: len(HEADS)]
        if any(cell.strip() for cell in cells):
            reference = cells[0].strip().upper()
            if not reference:
                raise Refused(f"Line {number} does not say which application it is about.", code="sheet_nameless", field="file")
            _take(found.setdefault(reference, Typed()), cells, number)
    if not found:
        raise Refused("This sheet has its headings and nothing below them.", code="sheet_empty", field="file")
    return found


def _from_xlsx(content: bytes) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    uploads.check_unpacks(io.BytesIO(content), most=MOST_UNPACKED)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = book.get_sheet_by_index(0).to_python(nrows=MOST_ROWS + 2)
    except (CalamineError, IndexError, OSError, ValueError) as error:
        raise Refused("This file cannot be read as an XLSX sheet.", code="sheet_unreadable", field="file") from error
    return [[_cell(cell) for cell in row] for row in rows]


def _cell(cell: Any) -> str:
    """A number as a person writes it: 7, not 7.0."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _from_csv(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    try:
        return list(csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ","))
    except csv.Error as error:
        sentence = "This file cannot be read as CSV. Save the sheet again as XLSX or CSV."
        raise Refused(sentence, code="sheet_unreadable", field="file") from error


def _take(typed: Typed, cells: Sequence[str], number: int) -> None:
    """One line of the sheet. What a cell leaves empty is left as it stands: an old sheet wipes out nothing that was written since."""
    name, answer, comment = cells[1].strip(), cells[4].strip(), _back(cells[5])
    first = typed.lines.setdefault(name, number)
    if first != number:
        typed.wrong.append(f"Line {number} says “{name[:40]}” again, which line {first} said already.")
    elif name == "overall_comment":
        _note(typed.closing, name, comment or _back(cells[4]))
    elif name in ("in_scope", "suitable"):
        known = {"yes": True, "no": False, "y": True, "n": False}
        if answer.lower() in known:
            typed.closing[name] = known[answer.lower()]
        elif answer:
            typed.wrong.append(f"Line {number}: “{answer[:40]}” is neither yes nor no.")
    elif name == "confidence":
        _note(typed.closing, name, answer.lower())
    else:
        _note(typed.comments, name, comment)
        if answer.isascii() and answer.isdigit() and len(answer) < 6:
            typed.marks[name] = int(answer)
        elif answer:
            typed.wrong.append(f"Line {number}: “{answer[:40]}” is not a whole number of marks.")


def _note(into: dict[str, Any], name: str, words: str) -> None:
    if words.strip():
        into[name] = words


def keep(found: dict[str, Typed], *, person: Person, at: datetime) -> list[Kept]:
    """Keep each review of the sheet that is open to this person, and say of every one what became of it, in the sheet's order."""
    mine = list(Assessment.objects.with_content_for(person).filter(application__reference__in=found).for_pages().order_by("pk"))
    mine.sort(key=lambda one: one.state in reviews.WRITABLE)  # an application that was scored first has two, and one of them is open
    by_reference = {one.application.reference: one for one in mine}
    return [_keep_one(reference, by_reference.get(reference), typed, person, at) for reference, typed in found.items()]


def _keep_one(reference: str, assessment: Assessment | None, typed: Typed, person: Person, at: datetime) -> Kept:
    if assessment is None:
        return Kept(reference, ["You have no open review of this application."])
    known = {criterion.id for criterion in assessment.scheme.criteria}
    strange = {*typed.marks, *typed.comments} - known
    typed.wrong += [f"Line {typed.lines[name]}: there is no criterion “{name[:60]}”." for name in sorted(strange)]
    content = Content(
        marks={name: marks for name, marks in typed.marks.items() if name in known},
        comments={name: words for name, words in typed.comments.items() if name in known},
        closing=typed.closing,
    )
    try:
        outside = reviews.out_of_bounds(assessment, content)
        wrong = [*typed.wrong, *(f"Line {typed.line_of(name)}: {said}" for name, said in outside.items())]
        if wrong:
            return Kept(reference, wrong)
        saved = reviews.save(assessment=assessment, content=content, by=person, at=at)
    except Refusal as refusal:
        return Kept(reference, [refusal.sentence])
    return Kept(reference, [], saved, len(saved.missing()))


def neutral(cell: Any) -> Any:
    """What a spreadsheet would take for a formula, with an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(RUNS) else cell


def _back(cell: str) -> str:
    """The words without the apostrophe that kept a spreadsheet from running them."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(RUNS) else cell
