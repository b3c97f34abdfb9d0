"""`manage.py books check`: prove that the books balance."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.books import check_books


class Command(BaseCommand):
    help = "Check that every total equals the sum of its entries and that no ceiling is broken. Exits 1 naming the first fault."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("what", choices=["check"])

    def handle(self, *args: Any, **options: Any) -> None:
        faults = check_books()
        for fault in faults[1:]:
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{faults[0]} ({len(faults)} fault{'s' if len(faults) > 1 else ''} in all)")
        self.stdout.write("The books balance.")
