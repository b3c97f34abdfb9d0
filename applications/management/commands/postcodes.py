"""`manage.py postcodes import FILE`: bring in the national directory of postcodes."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.refusals import Refused
from applications.actions import registers


class Command(BaseCommand):
    help = "Bring in the postcode directory of the Office for National Statistics (ONSPD or NSPL, CSV or ZIP): places are then certain."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("what", choices=["import"])
        parser.add_argument("file", type=Path)
        parser.add_argument("--as-of", type=date.fromisoformat, help="the day that the file speaks for, YYYY-MM-DD; today by default")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = options["as_of"] or timezone.now().date()
        try:
            done = registers.import_postcodes(path=options["file"], as_of=as_of, progress=self._tell)
        except (OSError, Refused) as wrong:
            raise CommandError(str(wrong)) from wrong
        for problem in done.problems:
            self.stderr.write(problem)
        self.stdout.write(f"{done.stored:,} postcodes stored, {done.refused:,} lines not understood.")

    def _tell(self, stored: int) -> None:
        if stored % 100_000 == 0:
            self.stdout.write(f"{stored:,} …")
