"""Make the database ready to be served: migrated, and in demo mode marked, filled with sample data, and explained."""

import time
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

from accounts import demo


class Command(BaseCommand):
    help = "Migrate; in demo mode also load the shipped programmes and sample data, and print who can sign in as what."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self._do("Migrating the database", "migrate", verbosity=0, interactive=False)
        if not settings.DEMO:
            return
        self._do("Marking it as a demonstration", "claim_demo", stdout=StringIO())
        if "seed" in get_commands():
            self._do("Loading the shipped programmes and sample companies", "seed", "sample")
        self._say_who()

    def _do(self, name: str, command: str, *arguments: str, **options: Any) -> None:
        self.stdout.write(f"• {name} ", ending="")
        self.stdout.flush()
        started = time.monotonic()
        call_command(command, *arguments, **options)
        self.stdout.write(f"{time.monotonic() - started:.0f} s")

    def _say_who(self) -> None:
        """The cast as a table: sign in as any of them at /demo/, with one button."""
        cast = demo.characters()
        if not cast:
            return
        who = max(len(one.who) for one in cast)
        name = max(len(one.name) for one in cast)
        self.stdout.write(f"\nWho can sign in, with one button at {settings.BASE_URL}/demo/\n\n")
        for one in cast:
            self.stdout.write(f"  {one.who:<{who}}  {one.name:<{name}}  {one.tries}")
