"""`manage.py bounces FILE.eml… | --folder DIR`: read mail that came back, and note whose addresses fail."""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from notifications.actions import returned
from notifications.actions.returned import Report


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
        noted = 0
        for report in self._reports(files, folder, at=timezone.now()):
            noted += report.noted
            if report.refusal:
                self.stderr.write(f"{report.name}: {report.refusal}")
            for bounce in report.bounces:
                what = "fails" if bounce.is_for_good else "is late, and is tried again by the mail server"
                self.stdout.write(f"{report.name}: {bounce.address} {what} ({bounce.status})")
        self.stdout.write(f"{noted:,} failing address{'' if noted == 1 else 'es'} noted.")

    def _reports(self, files: list[Path], folder: Path | None, *, at: datetime) -> Iterator[Report]:
        for path in files:
            try:
                yield returned.read_file(path=path, at=at)
            except OSError as error:
                raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        if folder is not None:
            yield from returned.read_folder(folder=folder, at=at)
