"""Reading bank statements: CSV as banks' portals give it, and ISO 20022 camt.053. Pure reading: nothing is matched or kept here."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as SafeXml
from defusedxml.common import DTDForbidden, EntitiesForbidden

from accounts.refusals import Refused

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 20_000
OUR_REFERENCE = re.compile(r"PH\d{8,}-\d{1,5}")
PLAIN_AMOUNT = re.compile(r"[+-]?\d{0,15}(?:\.\d*)?", re.ASCII)
COLUMNS = {
    "date": ("date", "transaction date", "booking date", "value date"),
    "amount": ("amount", "value"),
    "out": ("paid out", "money out", "debit", "debit amount"),
    "in": ("paid in", "money in", "credit", "credit amount"),
    "reference": ("reference", "end to end id", "end-to-end id", "payment reference"),
    "description": ("description", "narrative", "details", "transaction description"),
    "id": ("transaction id", "id", "bank reference", "fitid"),
}
"""Headings that are understood, lower case."""


class StatementUnreadable(Refused):
    """A file that is not a statement, or a line of it that cannot be read."""

    code = "statement_unreadable"


@dataclass(frozen=True)
class Booking:
    """One line of a statement. `external_ref` is the bank's own reference, or a digest of the line where the bank gives none."""

    line: int
    external_ref: str
    booked_on: date
    is_out: bool
    amount_pence: int
    end_to_end: str
    narrative: str
    is_return: bool = False


@dataclass(frozen=True)
class Read:
    """A whole statement: its format and bookings."""

    format: str
    bookings: list[Booking]


def read(data: bytes) -> Read:
    """Tell the format by the content and read every line. Raises StatementUnreadable naming the line."""
    if not data.strip():
        raise StatementUnreadable("This file is empty.", field="file")
    if len(data) > MOST_BYTES:
        raise StatementUnreadable("A statement must be no larger than 5 MB. Export a shorter period.", field="file")
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return Read("camt053", list(_camt053(data)))
    return Read("csv", list(_csv(data)))


def _csv(data: bytes) -> Iterator[Booking]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise StatementUnreadable("This is not a CSV file.", field="file")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        heading = next(rows)
        places = _places(heading)
        seen: dict[str, int] = {}
        for row in rows:
            if any(cell.strip() for cell in row):
                yield _booking(row, places, rows.line_num, seen)
            if rows.line_num > MOST_LINES:
                raise StatementUnreadable(f"A statement holds at most {MOST_LINES:,} lines.", field="file")
    except csv.Error as error:
        raise StatementUnreadable(
            f"Line {rows.line_num}: this is not well-formed CSV ({error}).", field="file", line=rows.line_num
        ) from None


def _places(heading: list[str]) -> dict[str, int]:
    named = {cell.strip().lower(): place for place, cell in enumerate(heading)}
    places = {what: named[name] for what, names in COLUMNS.items() for name in reversed(names) if name in named}
    missing = [what for what in ("date",) if what not in places]
    if missing or not ("amount" in places or "out" in places):
        raise StatementUnreadable(
            "Line 1: the headings need a date and an amount (or paid out and paid in). Export the statement as CSV with headings.",
            field="file",
            line=1,
        )
    return places


def _booking(row: list[str], places: dict[str, int], line: int, seen: dict[str, int]) -> Booking:
    def cell(what: str) -> str:
        place = places.get(what)
        if place is None:
            return ""
        if place >= len(row):
            raise StatementUnreadable(f"Line {line}: it has {len(row)} columns, fewer than the headings.", field="file", line=line)
        return row[place].strip()

    booked_on = _day(cell("date"), line)
    is_out, pence = _amount(cell("amount"), cell("out"), cell("in"), line)
    narrative = cell("description")
    found = OUR_REFERENCE.search(f"{cell('reference')} {narrative}".upper())
    external = cell("id")
    if not external:
        plain = "|".join([booked_on.isoformat(), str(is_out), str(pence), cell("reference"), narrative])
        seen[plain] = seen.get(plain, 0) + 1
        external = "sha256:" + sha256(f"{plain}|{seen[plain]}".encode()).hexdigest()[:40]
    return Booking(line, external[:80], booked_on, is_out, pence, found.group() if found else cell("reference")[:40], narrative[:200])


def _day(text: str, line: int) -> date:
    for shape in ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d %b %Y", "%d-%b-%Y", "%d %B %Y"):
        try:
            return datetime.strptime(text, shape).date()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
    raise StatementUnreadable(f"Line {line}: “{text[:20]}” is not a date. Write it as 31/03/2027 or 2027-03-31.", field="file", line=line)


def _amount(amount: str, out: str, into: str, line: int) -> tuple[bool, int]:
    """(whether it left the account, pence). A single amount column has a minus for money that left."""
    if amount:
        pence = _pence(amount, line)
        return pence < 0, _positive(abs(pence), line)
    if out and into and _pence(out, line) and _pence(into, line):
        raise StatementUnreadable(f"Line {line}: money both out and in.", field="file", line=line)
    if out and _pence(out, line):
        return True, abs(_pence(out, line))
    return False, _positive(abs(_pence(into, line)) if into else 0, line)


def _pence(text: str, line: int) -> int:
    bare = re.sub(r"[£,\s]", "", text).replace("−", "-")
    try:
        exact = Decimal(bare if PLAIN_AMOUNT.fullmatch(bare) else "") * 100
    except InvalidOperation:
        raise StatementUnreadable(f"Line {line}: “{text[:20]}” is not an amount.", field="file", line=line) from None
    if not exact.is_finite() or exact != exact.to_integral_value() or abs(exact) > 10**15:
        raise StatementUnreadable(f"Line {line}: “{text[:20]}” is not an amount in pounds and pence.", field="file", line=line)
    return int(exact)


def _positive(pence: int, line: int) -> int:
    if pence <= 0:
        raise StatementUnreadable(f"Line {line}: the amount is missing.", field="file", line=line)
    return pence


def _camt053(data: bytes) -> Iterator[Booking]:
    try:
        root = SafeXml.fromstring(data)
    except SafeXml.ParseError as error:
        line = error.position[0] if getattr(error, "position", None) else 0
        raise StatementUnreadable(f"Line {line}: this is not well-formed XML.", field="file", line=line) from None
    except (DTDForbidden, EntitiesForbidden, DefusedXmlException):
        raise StatementUnreadable("This XML declares entities, which a statement never does. It was not read.", field="file") from None
    except (LookupError, ValueError):
        raise StatementUnreadable("This XML is in an encoding that we cannot read. Export it as UTF-8.", field="file") from None
    if not re.fullmatch(r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.\d\d\}Document", root.tag):
        raise StatementUnreadable("This XML is not a camt.053 statement.", field="file")
    number = 0
    for entry in root.iterfind(".//{*}Stmt/{*}Ntry"):
        if (_text(entry, "{*}Sts/{*}Cd") or _text(entry, "{*}Sts") or "BOOK") != "BOOK":
            continue
        for booking in _entry(entry, number):
            number += 1
            yield booking


def _entry(entry: Element, number: int) -> Iterator[Booking]:
    where = f"Entry {number + 1}"
    is_out = _text(entry, "{*}CdtDbtInd") == "DBIT"
    booked = _text(entry, "{*}BookgDt/{*}Dt") or _text(entry, "{*}BookgDt/{*}DtTm")[:10]
    try:
        booked_on = date.fromisoformat(booked)
    except ValueError:
        raise StatementUnreadable(f"{where}: “{booked[:20]}” is not a date.", field="file") from None
    service_ref = _text(entry, "{*}AcctSvcrRef") or _text(entry, "{*}NtryRef")
    details = entry.findall("{*}NtryDtls/{*}TxDtls") or [entry]
    for place, detail in enumerate(details):
        amount = detail.find("{*}Amt")
        if amount is None:
            amount = detail.find("{*}AmtDtls/{*}TxAmt/{*}Amt")
        if amount is None and len(details) == 1:
            amount = entry.find("{*}Amt")
        if amount is None or amount.get("Ccy") != "GBP":
            raise StatementUnreadable(f"{where}: it has no amount in pounds.", field="file")
        pence = _pence(amount.text or "", number + 1)
        end_to_end = _text(detail, "{*}Refs/{*}EndToEndId")
        narrative = " ".join(part for part in (_text(detail, "{*}RmtInf/{*}Ustrd"), _text(entry, "{*}AddtlNtryInf")) if part)
        code = _text(detail, "{*}RtrInf/{*}Rsn/{*}Cd") or _text(detail, "{*}BkTxCd/{*}Domn/{*}Fmly/{*}SubFmlyCd")
        code = code or _text(entry, "{*}BkTxCd/{*}Domn/{*}Fmly/{*}SubFmlyCd")
        own = _text(detail, "{*}Refs/{*}AcctSvcrRef") or _text(detail, "{*}Refs/{*}TxId")
        external = "/".join(part for part in (service_ref, own, str(place) if len(details) > 1 and not own else "") if part)
        external = external or f"sha256:{sha256(f'{booked}|{is_out}|{pence}|{end_to_end}|{number}'.encode()).hexdigest()[:40]}"
        has_reason = detail.find("{*}RtrInf") is not None
        yield Booking(number + place + 1, external[:80], booked_on, is_out, abs(pence), end_to_end[:40], narrative[:200],
                      is_return=not is_out and (has_reason or code in ("RRTN", "RPCR")))  # fmt: skip


def _text(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()
