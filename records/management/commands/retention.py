"""`manage.py retention [--dry-run] [--within DAYS] [--json]`: erase what the programmes' years of keeping are over for."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.timezone import localdate

from accounts.refusals import Refusal
from applications.models import Application
from design.words import in_words
from records import erasing, keeping
from records.actions import erasures
from records.keeping import Kept


class Command(BaseCommand):
    help = "Erase the words, files and names of applications whose years of keeping are over; with --dry-run only say what would go."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="erase nothing: list what is due, why, and what would go")
        parser.add_argument("--within", type=int, default=0, metavar="DAYS", help="with --dry-run: what falls due in that time too")
        parser.add_argument("--json", action="store_true", help="print one line, one object")

    def handle(self, *, dry_run: bool, within: int, **options: Any) -> None:
        if within and not dry_run:
            raise CommandError("--within looks ahead, so it needs --dry-run: nothing is erased before its day.")
        at = timezone.now()
        rows = list(self._would_go(at, within) if dry_run else self._gone(at))
        told = 0 if dry_run else erasures.warn(at=at)
        accounts = keeping.dormant(at=at).count() if dry_run else erasures.forget_dormant(at=at)
        if options["json"]:
            self.stdout.write(json.dumps({"at": at.isoformat(), "dry_run": dry_run, "applications": rows, "dormant_accounts": accounts}))
            return
        for row in rows:
            self._tell(row)
        count = sum(row["goes"] for row in rows)
        self.stdout.write(f"{count:,} of {len(rows):,} {'would be erased' if dry_run else 'erased'}; {len(rows) - count:,} kept back.")
        if told:
            self.stdout.write(f"{told:,} people were told of what goes within a month.")
        self.stdout.write(f"{accounts:,} dormant accounts {'would be erased' if dry_run else 'erased'}.")

    def _would_go(self, at: datetime, within: int) -> Iterator[dict[str, Any]]:
        for kept in keeping.due(Application.objects.all(), at=at, within=timedelta(days=within)):
            goes_on = keeping.goes_on(kept, at=at)
            waits = f"its people hear a month before; it goes on {in_words(goes_on)}" if kept.is_due(at) and goes_on > localdate(at) else ""
            yield _row(kept, what=erasing.preview(kept.application), kept_back="; ".join(kept.obstacles) or waits)

    def _gone(self, at: datetime) -> Iterator[dict[str, Any]]:
        for kept, outcome in erasures.run(at=at):
            if isinstance(outcome, Refusal):
                yield _row(kept, what={}, kept_back=outcome.sentence)
            else:
                yield _row(kept, what=outcome.went, kept_back="")

    def _tell(self, row: dict[str, Any]) -> None:
        self.stdout.write(f"{row['reference']}  due {row['due']}  {row['because']}")
        what = ", ".join(f"{count:,} {name}" for name, count in row["what"].items())
        self.stdout.write(f"  kept back: {row['kept_back']}" if row["kept_back"] else f"  {what or 'nothing left in it'}")


def _row(kept: Kept, *, what: dict[str, int], kept_back: str) -> dict[str, Any]:
    due = kept.until.isoformat() if kept.until else ""
    found = {"reference": kept.application.reference, "due": due, "because": kept.because}
    return found | {"goes": not kept_back, "kept_back": kept_back, "what": what}
