"""What the commands share that bring a published register into the service."""

import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localdate

from accounts.refusals import Refused
from applications.actions.registers import Imported

SAYS_EVERY = 20_000


class ImportCommand(BaseCommand):
    """`manage.py <register> import FILE [--as-of DAY]`; a subclass names the action and what it stores."""

    noun: str
    bring_in: Callable[..., Imported]
    _said = 0

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("what", choices=["import"])
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--as-of", type=_day, help="the day that the file speaks for, YYYY-MM-DD; by default the day in its name, or else today"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = options["as_of"] or _day_in(options["file"].name) or localdate()
        try:
            done = self.bring_in(path=options["file"], as_of=as_of, progress=self._tell)
        except (OSError, Refused) as wrong:
            before = f" {self._said:,} {self.noun} before it are stored." if self._said else ""
            said = f"{options['file']} cannot be read: {wrong.strerror}." if isinstance(wrong, OSError) and wrong.strerror else str(wrong)
            raise CommandError(f"{said}{before}") from wrong
        for problem in done.problems:
            self.stderr.write(problem)
        if done.refused > len(done.problems):
            self.stderr.write(f"… and {done.refused - len(done.problems):,} more lines")
        older = f" {done.older:,} left alone: what is here speaks for a later day." if done.older else ""
        said = f"{self.noun.capitalize()} stored: {done.stored:,}, as of {as_of}. Lines not understood: {done.refused:,}.{older}"
        if not done.stored and not done.older:
            raise CommandError(said)
        self.stdout.write(said)

    def _tell(self, stored: int) -> None:
        if stored // SAYS_EVERY > self._said // SAYS_EVERY:
            self.stdout.write(f"{stored:,} {self.noun} …")
        self._said = stored


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” is no day. Write it like 2026-11-01.") from None


def _day_in(name: str) -> date | None:
    """The day in a file's name, as the register writes it: BasicCompanyDataAsOneFile-2026-11-01.zip."""
    found = re.search(r"\d{4}-\d{2}-\d{2}", name)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None
