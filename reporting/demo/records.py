"""Whom the demonstration is about: plainly fictional companies, or the recipients in a 360Giving-shaped CSV."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from accounts.refusals import Refused
from applications.models import Company
from design.words import pounds
from grants.identifiers import company_number
from grants.money import parse_pounds

BIRDS = (
    "Heron",
    "Kestrel",
    "Plover",
    "Dunlin",
    "Avocet",
    "Curlew",
    "Merlin",
    "Wren",
    "Siskin",
    "Linnet",
    "Martin",
    "Osprey",
    "Redwing",
    "Teal",
)
TRADES = (
    "Assays",
    "Biosensors",
    "Imaging",
    "Test Kits",
    "Biomarkers",
    "Point of Care",
    "Lab Systems",
    "Screening",
    "Reagents",
    "Pathology",
)
TOWNS = (("Birmingham", "B"), ("Coventry", "CV"), ("Wolverhampton", "WV"), ("Stoke-on-Trent", "ST"), ("Dudley", "DY"), ("Walsall", "WS"))
AIMS = (
    "a finger-prick test for {} in a pharmacy",
    "a reader that finds {} in ten minutes",
    "software that sorts slides for signs of {}",
    "a breath test for {} at the bedside",
    "a reagent that halves the cost of testing for {}",
)
CONDITIONS = ("sepsis", "kidney disease", "early diabetes", "prostate cancer", "heart failure", "anaemia", "pneumonia", "bowel cancer")


@dataclass(frozen=True)
class Record:
    """One company and its project. `is_fictional` says that invented refusals and flags may fall on it; `plan` is what befalls it.

    `awarded_on` and `amount_pence` are facts of an imported award; for a fictional company the amount is what it asks for.
    """

    name: str
    company_number: str
    is_number_synthetic: bool
    town: str
    postcode: str
    title: str
    summary: str
    amount_pence: int
    is_fictional: bool
    plan: str = "plain"
    legal_form: str = Company.LegalForm.LIMITED
    awarded_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None


PLANS = (
    "plain",
    "split",
    "referred",
    "queried",
    "refused",
    "part_met",
    "weak",
    "referred_out",
    "plain",
    "plain",
    "plain",
    "plain",
    "plain",
)
"""What befalls the fictional companies, in turn, so that a few show all of it: most nothing, some a referral, a refusal, an outlying
score, a query, a part approval."""


def fictional(count: int, *, seed: int, least_pence: int, most_pence: int) -> list[Record]:
    """Plainly fictional companies, the same for the same seed."""
    random = Random(seed)  # noqa: S311 -- sample data, not secrets
    return [_fictional(number, random, least_pence, most_pence) for number in range(1, count + 1)]


def _fictional(number: int, random: Random, least_pence: int, most_pence: int) -> Record:
    town, area = random.choice(TOWNS)
    plan = PLANS[(number - 1) % len(PLANS)]
    outcode = "CV23" if plan.startswith("referred") else f"{area}{random.randint(1, 7)}"
    aim = random.choice(AIMS).format(random.choice(CONDITIONS))
    name = f"Sample {random.choice(BIRDS)} {random.choice(TRADES)} {number} Ltd"
    return Record(
        name=name,
        company_number=f"{99_000_000 + number:08d}",
        is_number_synthetic=True,
        town=town,
        postcode=f"{outcode} {random.randint(1, 9)}AA",
        title=f"Proving {aim}"[:140],
        summary=f"{name} will show with samples from two hospitals that {aim} works well enough to be bought.",
        amount_pence=random.randrange(least_pence, max(most_pence, least_pence + 1), 50_000),
        is_fictional=True,
        plan=plan,
    )


def imported(path: Path, *, text: str, limit: int | None, real_names: bool, today: date) -> tuple[list[Record], int]:
    """The awards in a 360Giving-shaped CSV whose row contains `text`, names and numbers replaced unless asked not to; and how many
    were left out because they are of less than £100, as grants that came to nothing are.

    Raises Refused with the line and the mend when the file has no such columns or a row no amount or date.
    """
    found: list[Record] = []
    left_out = 0
    for line, row in _rows(path):
        if text.lower() not in " ".join(row.values()).lower():
            continue
        if _amount(row["Amount Awarded"], line) < LEAST_PENCE:
            left_out += 1
            continue
        found.append(_imported(line, row, number=len(found) + 1, real_names=real_names))
        _check_past(line, found[-1], today)
        if limit and len(found) == limit:
            break
    if not found:
        said = f"No row of {path.name} contains “{text}”" if text else f"{path.name} has no rows below its column names"
        said += f", but for {left_out} of less than {pounds(LEAST_PENCE)}." if left_out else "."
        raise Refused(said, code="input_without_rows")
    return found, left_out


EARLIEST, LATEST = date(1980, 1, 1), date(2100, 1, 1)
LEAST_PENCE = 100_00
"""Below this no project can be split into milestones and costs that mean anything."""
NEEDED = {"Title", "Description", "Amount Awarded", "Award Date", "Recipient Org:Name"}


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = NEEDED - set(reader.fieldnames or [])
            if missing:
                only = len(reader.fieldnames or []) == 1
                mend = "are its columns separated by commas?" if only else "is it 360Giving-shaped?"
                raise Refused(f"{path.name} has no column {', '.join(sorted(missing))}: {mend}", code="input_without_columns")
            for row in reader:
                yield reader.line_num, {name: (value or "").strip() for name, value in row.items() if name}
    except UnicodeDecodeError as error:
        raise Refused(f"{path.name} is not in UTF-8: save it as “CSV UTF-8”.", code="input_unreadable") from error
    except (OSError, csv.Error) as error:
        raise Refused(f"{path} cannot be read as CSV: {error}", code="input_unreadable") from error


def _imported(line: int, row: dict[str, str], *, number: int, real_names: bool) -> Record:
    _check_row(line, row)
    awarded_on = _date(row["Award Date"], line, "Award Date")
    starts_on = _date(row.get("Planned Dates:Start Date") or row["Award Date"], line, "Planned Dates:Start Date")
    ends_on = _date(row["Planned Dates:End Date"], line, "Planned Dates:End Date") if row.get("Planned Dates:End Date") else None
    name = row["Recipient Org:Name"] if real_names else f"Pseudonym {number:03d}"
    real_number = _number(row.get("Recipient Org:Company Number", "")) if real_names else ""
    return Record(
        name=name[:250],
        company_number=real_number or f"{98_000_000 + number:08d}",
        is_number_synthetic=not real_number,
        town=(row.get("Recipient Org:City", "").title() or "Not stated") if real_names else "Not stated",
        postcode=_postcode(row.get("Recipient Org:Postal Code", ""), whole=real_names),
        title=row["Title"][:140],
        summary=_words(_hide(row["Description"], row["Recipient Org:Name"], name), 100),
        amount_pence=_amount(row["Amount Awarded"], line),
        is_fictional=False,
        legal_form=Company.LegalForm.LIMITED if real_number else Company.LegalForm.OTHER,
        awarded_on=awarded_on,
        starts_on=max(starts_on, awarded_on),
        ends_on=max(ends_on or starts_on + timedelta(days=180), max(starts_on, awarded_on) + timedelta(days=28)),
    )


def _check_row(line: int, row: dict[str, str]) -> None:
    """What no award can be made of: another currency, nobody, nothing, a character that no database keeps."""
    if row.get("Currency", "GBP").upper() not in ("GBP", ""):
        raise Refused(f"Line {line}: Currency is “{row['Currency'][:10]}”; only GBP can be paid.", code="input_bad_currency")
    for column in ("Title", "Recipient Org:Name"):
        if not row[column]:
            raise Refused(f"Line {line}: {column} is empty.", code="input_incomplete")
    for column, value in row.items():
        if "\0" in value:
            raise Refused(f"Line {line}: {column} has a character in it that cannot be kept.", code="input_unreadable")


def _check_past(line: int, record: Record, today: date) -> None:
    if record.awarded_on and record.awarded_on > today:
        raise Refused(f"Line {line}: Award Date is {record.awarded_on}, and that is still to come.", code="input_bad_date")


def _date(text: str, line: int, column: str) -> date:
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        raise Refused(f"Line {line}: {column} is “{text[:40]}”; write it as 2016-10-03.", code="input_bad_date") from None
    if not EARLIEST <= found <= LATEST:
        raise Refused(f"Line {line}: {column} is {found}: is the year right?", code="input_bad_date")
    return found


def _amount(text: str, line: int) -> int:
    try:
        return parse_pounds(text)
    except Refused as refusal:
        raise Refused(f"Line {line}: Amount Awarded: {refusal.sentence}", code="input_bad_amount") from None


def _number(text: str) -> str:
    try:
        return company_number(text) if text else ""
    except Refused:
        return ""


def _postcode(text: str, *, whole: bool) -> str:
    """The postcode, or its outward code alone with a made-up rest, which still says the place."""
    parts = text.upper().split()
    if len(parts) != 2 or not re.fullmatch(r"[A-Z]{1,2}[0-9][0-9A-Z]?", parts[0]):
        return "B1 1AA"
    return " ".join(parts) if whole else f"{parts[0]} 1AA"


def _hide(text: str, name: str, pseudonym: str) -> str:
    return re.sub(re.escape(name), pseudonym, text, flags=re.IGNORECASE) if name else text


def _words(text: str, most: int) -> str:
    return " ".join(text.split()[:most])


def by_date(records: Iterable[Record]) -> dict[date, list[Record]]:
    """Imported records by the quarter of their award, named by its first day: a round each."""
    quarters: dict[date, list[Record]] = {}
    for record in records:
        assert record.awarded_on is not None  # noqa: S101 -- imported records have one
        first = date(record.awarded_on.year, 3 * ((record.awarded_on.month - 1) // 3) + 1, 1)
        quarters.setdefault(first, []).append(record)
    return dict(sorted(quarters.items()))
