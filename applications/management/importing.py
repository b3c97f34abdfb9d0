"""What the commands share that bring a published register into the service."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import localdate

from accounts.refusals import Refused
from applications.actions.registers import Imported


class ImportCommand(BaseCommand):
    """`manage.py <register> import FILE [--as-of DAY]`; a subclass names the action and what it stores."""

    noun: str
    bring_in: Callable[..., Imported]

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("what", choices=["import"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--as-of", type=date.fromisoformat, help="the day that the file speaks for, YYYY-MM-DD; today by default")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = options["as_of"] or localdate()
        try:
            done = self.bring_in(path=options["file"], as_of=as_of, progress=self._tell)
        except (OSError, Refused) as wrong:
            raise CommandError(str(wrong)) from wrong
        for problem in done.problems:
            self.stderr.write(problem)
        self.stdout.write(f"{done.stored:,} {self.noun} stored, {done.refused:,} lines not understood.")

    def _tell(self, stored: int) -> None:
        if stored % 100_000 == 0:
            self.stdout.write(f"{stored:,} …")
