"""Tables from outside: CSV with its columns in any order, every fault a sentence that names the line."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from assessments.methods import BadInput
from assessments.methods.selection import Item
from assessments.methods.votes import Vote

ABSENT = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "."})
COST = ("cost", "amount", "cost_pence", "amount_pence", "grant", "grant_pence", "requested", "requested_pence")
NAME = ("application", "proposal", "reference")
OTHER_NAMES = dict.fromkeys(COST, "cost") | dict.fromkeys(NAME, "application")
MOST_DIGITS = 30
COMMA = re.compile(r"[-+]?[\d.]+(,\d+)+")
SAID = re.compile(r"sep=[,;\t](?=[\r\n])", re.IGNORECASE)
"""What spreadsheets write into a first line of its own."""


@dataclass(frozen=True)
class Row:
    """One line of a table: its number in the file and its cells by column."""

    line: int
    cells: Mapping[str, str]

    def need(self, column: str) -> str:
        if not self.cells.get(column):
            raise BadInput(f"Line {self.line}: the column “{column}” is empty.")
        return self.cells[column]

    def number(self, column: str) -> Fraction:
        text = self.need(column)
        try:
            value = Decimal(text if "_" not in text else "NaN")
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or len(text) > MOST_DIGITS or abs(value.adjusted()) > MOST_DIGITS:
            hint = " Write decimals with a point and thousands with nothing." if COMMA.fullmatch(text) else ""
            raise BadInput(f"Line {self.line}: “{text[:40]}” in the column “{column}” is not a number.{hint}")
        return Fraction(value)


def votes(text: str, *, panels: bool = False) -> tuple[list[Vote], int]:
    """Votes of a CSV with the columns application, assessor, score and, where panels are merged, panel; and how many lines had no score."""
    rows = list(table(text, ("application", "assessor", "score", *(["panel"] if panels else []))))
    found = [row for row in rows if row.cells.get("score", "").lower() not in ABSENT]
    if not found:
        raise BadInput("There is no score in the file." if rows else "The file has a heading and nothing below it.")
    given = [
        Vote(row.need("application"), row.need("assessor"), row.number("score"), row.need("panel") if panels else "", row.line)
        for row in found
    ]
    return given, len(rows) - len(found)


def items(text: str) -> list[Item]:
    """What can be selected: columns application, score and cost (whole pence); `must` (fund, not), `value`; others are labels."""
    found = []
    for row in table(text, ("application", "score", "cost"), OTHER_NAMES):
        cost = row.number("cost")
        if cost.denominator != 1 or cost < 0:
            raise BadInput(f"Line {row.line}: the cost {row.cells['cost']} is not a whole number of pence from 0.")
        must = row.cells.get("must", "").lower()
        if must not in ("", "fund", "not"):
            raise BadInput(f"Line {row.line}: “{must}” in the column “must” is neither “fund” nor “not”.")
        known = {"application", "score", "cost", "must", "value"}
        labels = tuple(sorted((key, value) for key, value in row.cells.items() if key not in known and value))
        worth = row.number("value") if row.cells.get("value") else None
        found.append((row, Item(row.need("application"), row.number("score"), int(cost), labels, must, worth)))
    lines: dict[str, int] = {}
    for row, item in found:
        if lines.setdefault(item.name, row.line) != row.line:
            raise BadInput(f"Line {row.line}: {item.name} is there already, on line {lines[item.name]}.")
    if not found:
        raise BadInput("The file has a heading and nothing below it.")
    return [item for _, item in found]


def references(text: str) -> list[str]:
    """One reference a line, or the column application (or reference) of a CSV; empty lines are nothing."""
    lines = [line.strip() for line in re.split(r"\r\n|\r|\n", text.lstrip("\ufeff"))]
    if not any(lines):
        raise BadInput("The file is empty.")
    heading = [cell.strip().lower() for cell in next(csv.reader([next(line for line in lines if line)], delimiter=_separator(text)))]
    if any(name in heading for name in NAME):
        return [row.need("application") for row in table(text, ("application",), dict.fromkeys(NAME, "application"))]
    return [line for line in lines if line]


def table(text: str, wanted: Sequence[str], other_names: Mapping[str, str] | None = None) -> Iterator[Row]:
    """The lines of a CSV that has these columns, separated by comma, semicolon or tab; lines that are wholly empty are skipped."""
    text = text.lstrip("\ufeff")
    if not text.strip():
        raise BadInput("The file is empty.")
    if "\0" in text:
        raise BadInput("The file is not text.")
    text = SAID.sub("", text, count=1) if SAID.match(text) else text
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    try:
        heading = next(cells for cells in reader if any(cell.strip() for cell in cells))
        columns = [(other_names or {}).get(name, name) for name in (cell.strip().lower() for cell in heading)]
        _check_columns(columns, wanted)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
                raise BadInput(f"Line {reader.line_num}: there are {len(cells)} cells under {len(columns)} headings.")
            yield Row(reader.line_num, dict(zip(columns, (cell.strip() for cell in cells), strict=False)))
    except csv.Error as error:
        said = "a quotation mark is opened and not closed" if "end of data" in str(error) else error
        raise BadInput(f"Line {reader.line_num}: {said}.") from error


def _check_columns(columns: Sequence[str], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in columns]
    if missing:
        said = " and ".join(f"“{name}”" for name in missing)
        raise BadInput(f"Line 1: there is no column {said}; the headings are {', '.join(filter(None, columns)) or 'empty'}.")
    for name in wanted:
        if columns.count(name) > 1:
            raise BadInput(f"Line 1: the column “{name}” is there twice.")


def _separator(text: str) -> str:
    heading = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=heading.count)
