"""Fill an empty database: with a small world to try by hand (`sample`)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.refusals import Refusal
from notifications import outbox
from reporting.demo import workshop


class Command(BaseCommand):
    help = "seed sample: a programme with three rounds and something waiting for everybody in the cast. Again is harmless."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="what", required=True)
        kinds.add_parser("sample", help="sample companies, applications, claims and people to sign in as")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with outbox.no_doorbell():
                written = workshop.fill(now=timezone.now())
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        self.stdout.write("The sample data is written." if written else "The sample data is there already.")
