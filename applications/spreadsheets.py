"""Rows of costs out of a spreadsheet: pasted from one, or a CSV or XLSX file. Read once, judged where the form judges what is typed."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from accounts.refusals import Refused
from applications import uploads

MOST_BYTES = 2 * uploads.MEGABYTE
MOST_UNPACKED = 40 * uploads.MEGABYTE
MOST_ROWS = 2_000
MOST_SHEETS = 20
MOST_TITLES = 5
"""Lines above the headings that may be a sheet's title."""
HEADINGS = {
    "category": ("kind of cost", "kind", "category", "cost category", "type", "cost type", "heading", "cost heading", "budget heading"),
    "description": ("what it is for", "description", "item", "line item", "cost item", "items", "detail", "details", "purpose", "what"),
    "amount": (
        "amount", "without vat", "net", "net amount", "net cost", "total cost", "total amount", "total", "cost", "value", "price", "£",
    ),
    "vat": ("vat", "vat amount"),
}  # fmt: skip
BESIDE_VAT = ("amount", "without vat", "net", "net amount", "net cost", "cost", "value", "price", "£")
"""Of what stands beside a column of VAT, a total has it in it."""
TOTAL = re.compile(r"((grand|overall) |sub[- ]?)?(totals?|sum)( (project )?costs?| amount)?:?", re.IGNORECASE)
WITH_A_COMMA = re.compile(r"([0-9]{1,3}(?:[. '’][0-9]{3})+|[0-9]{1,11}),([0-9]{1,2})")
"""An amount whose pence stand after a comma: one or two digits, which no thousands have."""
Line = dict[str, str]


def pasted(text: str) -> list[Line]:
    """The lines of what was pasted: cells apart by tabs, or else by semicolons or commas as in CSV."""
    if len(text) > MOST_BYTES:
        raise Refused("This is too much to paste at once. Use a file, or fewer lines.", code="paste_too_large", field="paste")
    separator = "\t" if "\t" in text else ";" if text.count(";") > text.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error:
        raise Refused("These lines cannot be read as a table. Copy the cells again.", code="paste_unreadable", field="paste") from None
    return lines_of([_amounts_whole(row) for row in rows] if separator == "," else rows)


def _amounts_whole(cells: list[str]) -> list[str]:
    """`£12` and `000` beside each other are an amount that a comma cut in two."""
    whole: list[str] = []
    for cell in cells:
        is_rest = re.fullmatch(r"[0-9]{3}(\.[0-9]{1,2})?", cell.strip()) and whole
        if is_rest and re.fullmatch(r"£ ?[0-9]{1,3}(,[0-9]{3})*", whole[-1].strip()):
            whole[-1] += f",{cell.strip()}"
        else:
            whole.append(cell)
    return whole


def uploaded(upload: uploads.Upload) -> list[Line]:
    """The lines of a CSV file, or of the sheet with costs in an XLSX workbook. Raises Refused for anything else."""
    inspected = uploads.inspect(upload, accepts={"csv", "txt", "xlsx"}, max_bytes=MOST_BYTES)
    body = upload.read(MOST_BYTES + 1)
    if not inspected.name.endswith(".xlsx"):
        return pasted(_text_of(body))
    uploads.check_unpacks(io.BytesIO(body), most=MOST_UNPACKED)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(body)) as workbook:
            return lines_of(_sheet_of_costs(workbook))
    except (CalamineError, ValueError, IndexError, OSError):
        raise Refused(
            f"{inspected.name} cannot be read. Save it again as XLSX or CSV.", code="workbook_unreadable", field="sheet"
        ) from None


def _sheet_of_costs(workbook: CalamineWorkbook) -> list[list[Any]]:
    """The first sheet that has the headings of costs; else the first that has anything in it."""
    sheets: list[list[list[Any]]] = []
    for name in workbook.sheet_names[:MOST_SHEETS]:
        rows = _unmerged(workbook.get_sheet_by_name(name))
        if any(_by_heading([_text(cell) for cell in row]) for row in rows[:MOST_TITLES]):
            return rows
        sheets.append(rows)
    return next((rows for rows in sheets if rows), [])


def _unmerged(sheet: CalamineSheet) -> list[list[Any]]:
    """The cells of a sheet; words that stand over several rows, as a kind of cost does, in each of them. An amount is there once."""
    rows = sheet.to_python(nrows=MOST_ROWS + MOST_TITLES)
    top, left = sheet.start or (0, 0)
    for (first, column), (last, _) in sheet.merged_cell_ranges or []:
        below = rows[max(0, first - top) : max(0, last - top + 1)]
        said = below[0][column - left] if below and 0 <= column - left < len(below[0]) else None
        if isinstance(said, str) and not any(letter.isdigit() for letter in said):
            for row in below[1:]:
                row[column - left] = said
    return rows


def _text_of(body: bytes) -> str:
    """As UTF-8, or as Excel writes a CSV file where nobody asked for that."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode(uploads.WINDOWS, errors="replace")


def lines_of(rows: Iterable[Iterable[Any]]) -> list[Line]:
    """Lines by heading where one of the first rows has headings; else by place: kind, description, amount, or the last two of them.

    Raises Refused where it is a guess which cell is the amount.
    """
    table = [cells for row in rows if any(cells := _trimmed([_text(cell) for cell in row]))]
    if not table:
        raise Refused("There is nothing in it. Copy at least one line of costs.", code="paste_empty", field="paste")
    if len(table) > MOST_ROWS:
        raise Refused(f"Use {MOST_ROWS:,} lines or fewer.", code="paste_too_long", field="paste")
    at, places = next(((at, found) for at, cells in enumerate(table[:MOST_TITLES]) if (found := _by_heading(cells))), (-1, {}))
    if places:
        _check_width(table[at + 1 :], len(table[at]))
        return [line for cells in table[at + 1 :] if _counts(line := _line(cells, places))]
    return _by_place(table)


def _by_place(rows: list[list[str]]) -> list[Line]:
    table = [cells for cells in rows if not TOTAL.fullmatch(next(filter(None, cells)))] or rows
    width = max(len(cells) for cells in table)
    used = [column for column in range(width) if any(len(cells) > column and cells[column] for cells in table)]
    if len(used) > 3 or (width > 3 and len(used) < 3):
        sentence = (
            f"There are {len(used)} columns and no headings that say which is the amount. Copy the headings too, or just the kind of cost, "
            "what it is for and the amount. In CSV, an amount with a comma in it stands in quotation marks."
        )
        raise Refused(sentence, code="paste_unclear", field="paste")
    columns = used if width > 3 else list(range(width))
    names = ("category", "description", "amount") if len(columns) == 3 else ("description", "amount")
    return [line for cells in table if _counts(line := _line(cells, dict(zip(names, columns, strict=False))))]


def _check_width(rows: list[list[str]], width: int) -> None:
    """A line longer than its headings was cut where it should not have been: nobody knows which cell is which."""
    for number, cells in enumerate(rows, start=1):
        if len(cells) > width:
            found = f"Line {number} below the headings has {len(cells)} cells, and there are {width} headings."
            sentence = f"{found} In CSV, an amount with a comma in it stands in quotation marks."
            raise Refused(sentence, code="paste_unclear", field="paste")


def _trimmed(cells: list[str]) -> list[str]:
    """Without the empty cells at its end."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _line(cells: list[str], places: dict[str, int]) -> Line:
    """The cells by their place; the form shows its own pound sign before an amount."""
    line = {name: cells[at] if at < len(cells) else "" for name, at in places.items()}
    sums = {name: _with_a_point(re.sub(r"^(£|GBP) ?| ?(GBP|£)$", "", line[name])) for name in ("amount", "vat") if name in line}
    return line | {"amount": ""} | sums


def _with_a_point(amount: str) -> str:
    """`25.000,50` as sheets of other countries write it is `25000.50`; what could be either stays, for the form to ask."""
    found = WITH_A_COMMA.fullmatch(amount)
    return f"{re.sub(r'[^0-9]', '', found[1])}.{found[2]}" if found else amount


def _by_heading(cells: list[str]) -> dict[str, int]:
    """Which column is which, where this row names an amount and at least one other."""
    said = [_heading(cell) for cell in cells]
    words = HEADINGS | ({"amount": (*BESIDE_VAT, *HEADINGS["amount"])} if any(word in said for word in HEADINGS["vat"]) else {})
    places = {name: next((said.index(word) for word in several if word in said), -1) for name, several in words.items()}
    found = {name: at for name, at in places.items() if at >= 0}
    return found if "amount" in found and len(found) > 1 else {}


def _heading(cell: str) -> str:
    """A heading without its unit: `Cost (£)`, `Cost, £` and `COST:` are one."""
    bare = " ".join(re.sub(r"\([^)]*\)|[£:*,]|\bgbp\b", " ", cell.lower()).split())
    return bare or ("£" if "£" in cell else "")


def _counts(line: Line) -> bool:
    """Neither empty nor the sum below the lines."""
    return any(line.values()) and not TOTAL.fullmatch((line.get("category") or line.get("description") or "").strip())


def _text(cell: Any) -> str:
    if isinstance(cell, float):
        return f"{cell:.2f}".removesuffix(".00")
    return "" if cell is None else " ".join(str(cell).split())
