"""`manage.py bounces FILE.eml… | --folder DIR`: read mail that came back, and note whose addresses fail."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.refusals import Refusal
from notifications import bounces
from notifications.actions import addresses

DONE = "read"


class Command(BaseCommand):
    help = "Read delivery reports: files, or a folder (a Maildir's `new`, say) from which each goes to a subfolder `read` once it is read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path)
        parser.add_argument("--folder", type=Path, help="read every file in it and move it aside")

    def handle(self, *, files: list[Path], folder: Path | None, **options: Any) -> None:
        if not files and folder is None:
            raise CommandError("Name files, or a folder with --folder.")
        if folder is not None and not folder.is_dir():
            raise CommandError(f"{folder} is not a folder.")
        at, noted = timezone.now(), 0
        for path in [*files, *_in(folder)]:
            noted += self._read(path, at=at)
            if folder is not None and path.parent == folder:
                (folder / DONE).mkdir(exist_ok=True)
                path.rename(folder / DONE / path.name)
        self.stdout.write(f"{noted:,} failing address{'' if noted == 1 else 'es'} noted.")

    def _read(self, path: Path, *, at: datetime) -> int:
        try:
            found = bounces.read(path.read_bytes())
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except Refusal as refusal:
            self.stderr.write(f"{path.name}: {refusal.sentence}")
            return 0
        for bounce in found:
            what = "fails" if bounce.is_for_good else "is late, and is tried again by the mail server"
            self.stdout.write(f"{path.name}: {bounce.address} {what} ({bounce.status})")
        lasting = [bounce for bounce in found if bounce.is_for_good]
        for bounce in lasting:
            addresses.note_failure(address=bounce.address, status=bounce.status, said=bounce.said, at=at)
        return len(lasting)


def _in(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield from sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
