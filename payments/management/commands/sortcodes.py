"""`manage.py sortcodes load`: the operator's own copy of the tables that account numbers are checked with."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Person
from accounts.refusals import Refusal
from payments.actions import weights
from payments.models import SortCodeWeights


class Command(BaseCommand):
    help = "Load Vocalink's modulus weights (VALACDOS and SCSUBTAB, published by Pay.UK), or show the release in force."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("what", choices=["load", "show"])
        parser.add_argument("--weights", type=Path, help="the VALACDOS file, as published")
        parser.add_argument("--substitutes", type=Path, help="the SCSUBTAB file, as published")
        parser.add_argument("--release", default="", help="such as 8.50")
        parser.add_argument("--from", dest="effective_on", type=date.fromisoformat, help="the day it takes effect: 2025-06-23")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "show":
            kept = SortCodeWeights.objects.in_force(timezone.localdate())
            self.stdout.write(f"{kept}, from {kept.effective_on}" if kept else "No weights are loaded: account numbers are not checked.")
            return
        if not options["weights"] or not options["effective_on"]:
            raise CommandError("Say which file (--weights) and from which day it takes effect (--from).")
        try:
            kept = weights.load(
                release=options["release"],
                effective_on=options["effective_on"],
                weights=_text(options["weights"]),
                substitutes=_text(options["substitutes"]) if options["substitutes"] else "",
                by=Person.objects.system(),
                at=timezone.now(),
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{kept} is loaded, in force from {kept.effective_on}.")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
