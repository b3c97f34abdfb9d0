"""Bring in what the registers say, and look a company up in them."""

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from django.utils.timezone import localdate

from accounts.refusals import Refused
from applications import companies_house
from applications.models import PostcodePlace, RegisterEntry
from applications.uploads import WINDOWS
from grants import identifiers

BATCH = 2_000
MOST_PROBLEMS = 20
LONGEST_CODE = 9


def _as_windows_wrote_it(error: UnicodeError) -> tuple[str, int]:
    """A byte that is no UTF-8 is taken for what older programs write there: a file in Latin-1 keeps its É and its £."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode(WINDOWS, errors="replace"), error.end


codecs.register_error("as_windows_wrote_it", _as_windows_wrote_it)
TEXT: dict[str, Any] = {"encoding": "utf-8-sig", "errors": "as_windows_wrote_it", "newline": ""}


@dataclass
class Imported:
    """What became of a file: lines stored, those left alone because what is here is newer, and the first of those that could not be
    understood, each with its line number."""

    stored: int = 0
    older: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list)

    def refuse(self, line: int, why: str) -> None:
        self.refused += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(f"line {line}: {why}")


def look_up(*, number: str, at: datetime) -> RegisterEntry | None:
    """What the register says of a company now, where a key lets us ask; else what the bulk file said. None where neither knows it.

    A register that does not answer is no reason to stop: the last word we have counts.
    """
    if companies_house.has_key():
        try:
            found = companies_house.fetch(number)
        except (companies_house.RegisterAway, Refused):
            found = None
        if found is not None:
            about = found | {"source": RegisterEntry.Source.API, "as_of": localdate(at)}
            RegisterEntry.objects.update_or_create(company_number=number, defaults=about)
    return known(number)


def known(number: str) -> RegisterEntry | None:
    """What we were last told of a number, by the file or by the register itself."""
    return RegisterEntry.objects.filter(company_number=number).first()


def import_companies(*, path: Path, as_of: date, progress: Callable[[int], None] = lambda _: None) -> Imported:
    """Take in the register's bulk file, CSV or the ZIP it comes in, line by line. What is here already is replaced, unless it is newer."""
    outcome = Imported()

    def entries(rows: Iterable[tuple[int, dict[str, str]]]) -> Iterator[RegisterEntry]:
        for line, row in rows:
            try:
                yield RegisterEntry(**companies_house.of_bulk(row), source=RegisterEntry.Source.BULK, as_of=as_of)
            except KeyError as missing:
                sentence = f"The file has no column {missing}. Take the register's bulk file as it comes (BasicCompanyData, with commas)."
                raise Refused(sentence, code="not_a_register_file") from missing
            except identifiers.NotACompanyNumber:
                outcome.refuse(line, f"“{_number_in(row)}” is not a company number that we know")
            except (ValueError, Refused) as wrong:
                outcome.refuse(line, str(wrong))

    with _rows(path, outcome) as rows:
        columns = [column.name for column in RegisterEntry._meta.concrete_fields if not column.primary_key]
        _store(RegisterEntry, entries(rows), columns, as_of, outcome, progress)
    return outcome


def _number_in(row: dict[str, str]) -> str:
    return next((cell for name, cell in row.items() if name.strip() == "CompanyNumber"), "")[:20]


def import_postcodes(*, path: Path, as_of: date, progress: Callable[[int], None] = lambda _: None) -> Imported:
    """Take in the directory of postcodes of the Office for National Statistics (ONSPD or NSPL). Terminated postcodes are left out."""
    outcome = Imported()

    def places(rows: Iterable[tuple[int, dict[str, str]]]) -> Iterator[PostcodePlace]:
        names: tuple[str, str, str] | None = None
        for line, row in rows:
            names = names or _place_columns(row)
            if row.get("doterm", "").strip():
                continue
            try:
                postcode = identifiers.postcode(row[names[0]])
            except Refused as wrong:
                outcome.refuse(line, str(wrong))
                continue
            district, region = row[names[1]].strip(), row[names[2]].strip()
            if max(len(district), len(region)) > LONGEST_CODE:
                outcome.refuse(line, "the district or region is no code")
                continue
            yield PostcodePlace(postcode=postcode, district=district, region=region, as_of=as_of)

    with _rows(path, outcome) as rows:
        _store(PostcodePlace, places(rows), ["district", "region", "as_of"], as_of, outcome, progress)
    return outcome


def _place_columns(row: dict[str, str]) -> tuple[str, str, str]:
    """The names of the postcode, district and region columns, which change with each edition (`oslaua`, `lad25cd`, `rgn25cd`)."""

    def first(*starts: str) -> str:
        found = next((name for name in row for start in starts if name and name.lower().startswith(start)), None)
        if found is None:
            raise Refused(f"The file has no column that begins with {' or '.join(starts)}.", code="not_a_postcode_file")
        return found

    return first("pcds"), first("oslaua", "laua", "lad"), first("rgn")


@contextmanager
def _rows(path: Path, outcome: Imported) -> Iterator[Iterator[tuple[int, dict[str, str]]]]:
    """The lines of a CSV file, or of the CSV in a ZIP, as dictionaries with their numbers; never the whole file in memory.

    Raises Refused for a file that is empty, cut off or no CSV; what was read before that line is stored.
    """
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                name = next((name for name in archive.namelist() if name.lower().endswith(".csv")), None)
                if name is None:
                    raise Refused("There is no CSV file in this archive.", code="no_csv")
                with archive.open(name) as raw, io.TextIOWrapper(raw, **TEXT) as text:
                    yield _lines(text, outcome)
            return
        with path.open("rb") as raw:
            if raw.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                raise Refused("The file is written as UTF-16. Save it as CSV in UTF-8.", code="file_utf16")
        with path.open(**TEXT) as text:
            yield _lines(text, outcome)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Refused("The archive cannot be unpacked to its end. Download it again.", code="archive_unreadable") from error


def _lines(text: IO[str], outcome: Imported) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line by its headings. One with more or fewer cells is not understood: what it says would stand under another heading."""
    reader = csv.reader(text)
    try:
        headings = next(reader, None)
        if headings is None:
            raise Refused("The file is empty.", code="file_empty")
        for cells in reader:
            if len(cells) != len(headings):
                if cells:
                    outcome.refuse(reader.line_num, f"{len(cells)} cells under {len(headings)} headings")
            elif any("\0" in cell for cell in cells):
                outcome.refuse(reader.line_num, "it holds characters that are no text")
            else:
                yield reader.line_num, dict(zip(headings, cells, strict=True))
    except csv.Error as error:
        raise Refused(f"Line {reader.line_num} cannot be read as CSV: {error}.", code="not_csv") from error


def _store(model: Any, found: Iterable[Any], columns: list[str], as_of: date, outcome: Imported, progress: Callable[[int], None]) -> None:
    """Write in batches; a key that comes twice in a batch counts once, the later line. What speaks for a later day stays."""
    for batch in _batches(found):
        once = {one.pk: one for one in batch}
        for newer in model.objects.filter(pk__in=once, as_of__gt=as_of).values_list("pk", flat=True):
            del once[newer]
            outcome.older += 1
        model.objects.bulk_create(once.values(), update_conflicts=True, unique_fields=[model._meta.pk.name], update_fields=columns)
        outcome.stored += len(once)
        progress(outcome.stored)


def _batches(found: Iterable[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for one in found:
        batch.append(one)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
