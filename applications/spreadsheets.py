"""Rows of costs out of a spreadsheet: pasted from one, or a CSV or XLSX file. Read once, judged where the form judges what is typed."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from accounts.refusals import Refused
from applications import uploads

MOST_BYTES = 2 * uploads.MEGABYTE
MOST_UNPACKED = 40 * uploads.MEGABYTE
MOST_ROWS = 2_000
HEADINGS = {
    "category": ("kind of cost", "kind", "category", "cost category", "type", "cost type"),
    "description": ("what it is for", "description", "item", "detail", "details", "what"),
    "amount": ("amount", "cost", "value", "total", "price", "£", "amount (£)", "cost (£)", "total (£)"),
}
Line = dict[str, str]


def pasted(text: str) -> list[Line]:
    """The lines of what was pasted: cells apart by tabs, or else by commas as in CSV."""
    if len(text) > MOST_BYTES:
        raise Refused("This is too much to paste at once. Use a file, or fewer lines.", code="paste_too_large", field="paste")
    separator = "\t" if "\t" in text else ","
    try:
        return lines_of(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error:
        raise Refused("These lines cannot be read as a table. Copy the cells again.", code="paste_unreadable", field="paste") from None


def uploaded(upload: uploads.Upload) -> list[Line]:
    """The lines of a CSV file, or of the first sheet of an XLSX workbook. Raises Refused for anything else."""
    inspected = uploads.inspect(upload, accepts={"csv", "txt", "xlsx"}, max_bytes=MOST_BYTES)
    body = upload.read(MOST_BYTES + 1)
    if not inspected.name.endswith(".xlsx"):
        return pasted(_text_of(body))
    uploads.check_unpacks(io.BytesIO(body), most=MOST_UNPACKED)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(body)) as workbook:
            return lines_of(workbook.get_sheet_by_index(0).to_python(nrows=MOST_ROWS + 1))
    except (CalamineError, ValueError, IndexError, OSError):
        raise Refused(
            f"{inspected.name} cannot be read. Save it again as XLSX or CSV.", code="workbook_unreadable", field="sheet"
        ) from None


def _text_of(body: bytes) -> str:
    """As UTF-8, or as Excel writes a CSV file where nobody asked for that."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode(uploads.WINDOWS, errors="replace")


def lines_of(rows: Iterable[Iterable[Any]]) -> list[Line]:
    """Lines by heading where the first row has headings; else by place: kind, description, amount, or the last two of them."""
    table = [cells for row in rows if any(cells := [_text(cell) for cell in row])]
    if not table:
        raise Refused("There is nothing in it. Copy at least one line of costs.", code="paste_empty", field="paste")
    if len(table) > MOST_ROWS:
        raise Refused(f"Use {MOST_ROWS:,} lines or fewer.", code="paste_too_long", field="paste")
    places = _by_heading(table[0])
    if places:
        table = table[1:]
    else:
        width = max(len(cells) for cells in table)
        places = {"description": 0, "amount": 1} if width == 2 else {"category": 0, "description": 1, "amount": 2}
    return [line for cells in table if _counts(line := _line(cells, places))]


def _line(cells: list[str], places: dict[str, int]) -> Line:
    """The cells by their place; the form shows its own pound sign before an amount."""
    line = {name: cells[at] if at < len(cells) else "" for name, at in places.items()}
    return line | {"amount": line["amount"].removeprefix("£").lstrip()}


def _by_heading(cells: list[str]) -> dict[str, int]:
    """Which column is which, where this row names an amount and at least one other."""
    said = [cell.strip().lower() for cell in cells]
    places = {name: next((said.index(word) for word in words if word in said), -1) for name, words in HEADINGS.items()}
    found = {name: at for name, at in places.items() if at >= 0}
    return found if "amount" in found and len(found) > 1 else {}


def _counts(line: Line) -> bool:
    """Neither empty nor the sum below the lines."""
    return any(line.values()) and (line.get("category") or line.get("description") or "").strip().lower() not in ("total", "totals", "sum")


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:.2f}".removesuffix(".00")
    return "" if cell is None else " ".join(str(cell).split())
