"""Exports for spreadsheets: streamed, and with the cells neutralised that a spreadsheet would run."""

import csv
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse

RUNS = ("=", "+", "-", "@", "\t", "\r")


def neutral(cell: str) -> str:
    """The cell as text: what a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{cell}" if cell.startswith(RUNS) else cell


class _Echo:
    def write(self, line: str) -> str:
        return line


def csv_lines(heads: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    """The lines of a CSV file, one at a time; the heads stand there even when there are no rows."""
    writer = csv.writer(_Echo())
    yield writer.writerow(heads)
    for row in rows:
        yield writer.writerow([neutral(str(cell)) for cell in row])


def csv_response(name: str, heads: list[str], rows: Iterable[list[str]]) -> StreamingHttpResponse:
    """A CSV download."""
    response = StreamingHttpResponse(csv_lines(heads, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
