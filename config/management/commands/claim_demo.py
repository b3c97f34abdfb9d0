"""Mark an empty database as a demonstration, before sample data goes in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actions import demonstration
from accounts.refusals import Refusal


class Command(BaseCommand):
    help = "With DEMO=1: mark the empty database as a demonstration. Refuses one that holds anything real."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is for demo mode only: set DEMO=1.")
        try:
            demonstration.claim(at=timezone.now())
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write("The database is marked as a demonstration.")
