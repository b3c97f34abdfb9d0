"""Fill an empty database: with a small world to try by hand (`sample`), or with as many applications as a big programme has (`scale`)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.refusals import Refusal
from notifications import outbox
from reporting.demo import scale, workshop

BAR = 40


class Command(BaseCommand):
    help = (
        "seed sample: a programme with three rounds and something waiting for everybody in the cast. Again is harmless. "
        "seed scale N: N applications more, copied in bulk from that sample; for measuring, with nobody else at work."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="what", required=True)
        kinds.add_parser("sample", help="sample companies, applications, claims and people to sign in as")
        bulk = kinds.add_parser("scale", help="N applications, as a year of a programme leaves them")
        bulk.add_argument("number", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "scale":
            self._scale(options["number"])
            return
        try:
            with outbox.no_doorbell():
                written = workshop.fill(now=timezone.now())
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        self.stdout.write("The sample data is written." if written else "The sample data is there already.")

    def _scale(self, number: int) -> None:
        if number < 1:
            raise CommandError("Say how many applications to write: at least 1.")
        try:
            with outbox.no_doorbell():
                told = scale.fill(number, now=timezone.now(), tell=lambda done: self._show(done, number))
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        self.stdout.write(told)

    def _show(self, done: int, number: int) -> None:
        """A bar on a terminal; elsewhere nothing, for the last line says it all."""
        if self.stdout.isatty():
            filled = BAR * done // number
            end = "\n" if done == number else ""
            self.stdout.write(f"\r[{'█' * filled}{'·' * (BAR - filled)}] {done:,} of {number:,} applications", ending=end)
            self.stdout.flush()
