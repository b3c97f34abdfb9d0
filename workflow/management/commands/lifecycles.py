"""Write docs/lifecycles from the code, or check that it is current."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from workflow import diagrams


class Command(BaseCommand):
    help = "Generate docs/lifecycles (diagrams, state × role tables, separation matrix) from the code; --check fails when they are stale."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is missing or stale")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / "docs" / "lifecycles"
        pages = diagrams.documents()
        there = {path.name: path.read_text() for path in folder.glob("*.md")} if folder.exists() else {}
        if options["check"]:
            stale = sorted(name for name in pages.keys() | there.keys() if pages.get(name) != there.get(name))
            if stale:
                raise CommandError(f"docs/lifecycles is not current ({', '.join(stale)}). Run: manage.py lifecycles")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name in there.keys() - pages.keys():
            (folder / name).unlink()
        for name, text in pages.items():
            (folder / name).write_text(text)
        self.stdout.write(f"Wrote {len(pages)} pages to docs/lifecycles")
