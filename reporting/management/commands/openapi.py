"""`manage.py openapi [--check]`: docs/openapi.yaml, generated from the API's code."""

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command


class Command(BaseCommand):
    help = "Write docs/openapi.yaml from the code; with --check, only say whether the file is current."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="Change nothing; fail when the file is not current.")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "openapi.yaml"
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder) / "openapi.yaml"
            call_command("spectacular", "--file", str(fresh), "--validate", "--fail-on-warn")
            text = fresh.read_text()
        if not check:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            raise CommandError("docs/openapi.yaml is not what the code says. What to do: manage.py openapi")
