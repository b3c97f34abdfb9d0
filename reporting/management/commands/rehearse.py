"""Rehearse a programme from the command line: a database of its own, gone afterwards."""

import json
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError
from django.utils import timezone
from tqdm import tqdm

from accounts.refusals import Refusal
from design.words import pounds
from grants.definition import DocumentRefused, extending, loading
from grants.models import Programme
from grants.rehearsals import apart
from grants.rehearsals.plan import LEGS, MOST_COMPANIES, TITLES, Plan


class Command(BaseCommand):
    help = (
        "Drive invented companies through a programme, from its publication to its last payment, in a database of its own that is deleted "
        "afterwards, and say what each stage did and what did not work. Takes a programme here (its newest version, a draft too), one of "
        "programmes/*.yaml, or a file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("programme", metavar="SLUG or FILE")
        parser.add_argument("--companies", type=int, default=8, help=f"how many (default 8, at most {MOST_COMPANIES})")
        parser.add_argument("--opens-on", metavar="YYYY-MM-DD", help="the day on which the rehearsed round opens (default: in a week)")
        parser.add_argument("--until", choices=[key for key, _ in LEGS], default="deliver", help="the last stage (default: all)")
        parser.add_argument("--json", action="store_true", help="print one line, one object")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["companies"] <= MOST_COMPANIES:
            raise CommandError(f"--companies must be from 1 to {MOST_COMPANIES}.")
        try:
            document = self._document(options["programme"])
            loading.parse(document, source=options["programme"])
        except DocumentRefused as refused:
            raise CommandError(refused.report()) from None
        report = self._play(document, Plan(options["companies"], self._opens_at(options["opens_on"]), options["until"]))
        self.stdout.write(json.dumps(report, sort_keys=True) if options["json"] else in_words(report))
        summary = report["summary"]
        if not summary["audit_verified"] or not summary["books_balanced"] or any(leg["broke_off"] for leg in report["legs"]):
            raise CommandError("The rehearsal did not go through. What broke off is said above.")

    def _play(self, document: str, plan: Plan) -> dict[str, Any]:
        key = apart.new_key()
        bar = tqdm(unit=" steps", file=sys.stderr, leave=False, disable=None)

        def tell(done: int, work: int, doing: str) -> None:
            bar.total, bar.n = work, done
            bar.set_description(doing)

        try:
            with bar:
                return apart.play(key, document, plan, tell=tell)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        finally:
            apart.clear(key)

    def _document(self, name: str) -> str:
        """A file's text with what it extends, the newest version of a programme here, or the shipped file of that slug."""
        shipped = Path(settings.BASE_DIR) / "programmes" / f"{name}.yaml"
        if name.endswith((".yaml", ".yml")):
            path = Path(name)
        elif stored := _stored(name):
            return stored
        else:
            path = shipped
        try:
            return extending.whole(path)
        except (OSError, UnicodeDecodeError):
            raise CommandError(f"There is no programme {name} here, and no file that can be read at {path}.") from None

    def _opens_at(self, text: str | None) -> datetime:
        try:
            day = datetime.strptime(text, "%Y-%m-%d").date() if text else timezone.localdate() + timedelta(days=7)  # noqa: DTZ007
        except ValueError:
            raise CommandError(f"--opens-on is “{text}”: write it as 2027-01-11.") from None
        return datetime.combine(day, time(9), tzinfo=UTC)


def _stored(slug: str) -> str:
    try:
        programme = Programme.objects.filter(slug=slug).first()
        version = programme.latest_version if programme else None
        return version.document if version else ""
    except (OperationalError, ProgrammingError):
        return ""  # no database yet: a fresh clone


def in_words(report: dict[str, Any]) -> str:
    """The report for a terminal."""
    lines = [""]
    for leg in report["legs"]:
        lines.append(f"{'✗' if leg['broke_off'] else '!' if leg['refused'] else '✓'} {TITLES[leg['key']]}")
        lines += [f"    {count:>4}  {state}" for state, count in leg["states"].items()]
        lines += [f"    broke off: {leg['broke_off']}"] if leg["broke_off"] else []
        lines += [f"    refused: {sentence}" for sentence in leg["refusals"][:10]]
        lines += [f"    … and {leg['refused'] - 10} more"] if leg["refused"] > 10 else []
    found = report["summary"]
    return "\n".join(
        [
            *lines,
            "",
            f"Awarded  {pounds(found['awarded_pence'])}, claimed {pounds(found['claimed_pence'])}, paid {pounds(found['paid_pence'])}",
            f"Trail    {found['audit_events']:,} events, {'verified' if found['audit_verified'] else 'NOT VERIFIED'}",
            f"Books    {'balanced' if found['books_balanced'] else 'NOT BALANCED'}",
            f"Mail     {found['mails_waiting']:,} messages, none of them sent",
            "The rehearsal's database is deleted.",
        ]
    )
