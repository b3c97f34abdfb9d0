"""`manage.py audit seal | checkpoint | verify`."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import checkpoints, sealer, verify
from audit.checks.report import Report


class Command(BaseCommand):
    help = "Seal, sign and verify the audit trail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        tasks = parser.add_subparsers(dest="task", required=True)
        tasks.add_parser("seal", help="give committed events their positions")
        sign = tasks.add_parser("checkpoint", help="sign how far the trail goes, for an outsider to keep")
        sign.add_argument("--output", type=Path, help="write the signed document to this file as well")
        check = tasks.add_parser("verify", help="check the whole trail; exit 1 when anything is wrong")
        check.add_argument("--key", default="", help="the key fingerprint that checkpoints must be signed with")
        check.add_argument("--held", type=Path, help="a checkpoint document kept outside, which the trail must contain")
        check.add_argument("--json", action="store_true", help="print one line, one object")

    def handle(self, *, task: str, **options: Any) -> None:
        getattr(self, task)(**options)

    def seal(self, **options: Any) -> None:
        self.stdout.write(f"{sealer.seal(at=timezone.now()):,} events sealed; {sealer.size():,} in all.")

    def checkpoint(self, *, output: Path | None, **options: Any) -> None:
        document = json.dumps(checkpoints.as_document(checkpoints.sign(at=timezone.now())), indent=2) + "\n"
        if output:
            try:
                output.write_text(document)
            except OSError as error:
                raise CommandError(f"It is signed and kept here, but {output} cannot be written: {error.strerror}.") from error
        self.stdout.write(document, ending="")

    def verify(self, *, key: str, held: Path | None, verbosity: int, **options: Any) -> None:
        report = verify.verify_all(key=key, held=_document(held) if held else None, progress=self._progress(verbosity, options))
        if options["json"]:
            self.stdout.write(json.dumps(_summary(report)))
        else:
            self._tell(report)
        if not report.is_good:
            sys.exit(1)

    def _tell(self, report: Report) -> None:
        self.stdout.write(report.sentence(), self.style.SUCCESS if report.is_good else self.style.ERROR)
        for problem in report.problems[1:]:
            self.stdout.write(f"  {problem}")
        rate = report.events / report.seconds if report.seconds else 0
        self.stdout.write(
            f"{report.checkpoints:,} checkpoints, {report.personal_values:,} personal values still held; "
            f"{report.seconds:.2f} s, {rate:,.0f} events a second."
        )
        for fingerprint in report.keys:
            self.stdout.write(f"Signed with {fingerprint}")
        if report.newer_than_last_checkpoint:
            self.stdout.write(
                f"{report.newer_than_last_checkpoint:,} events are newer than the last checkpoint: were any of those cut off, "
                "no signature would show it."
            )

    def _progress(self, verbosity: int, options: dict[str, Any]) -> Any:
        if verbosity == 0 or options["json"] or not sys.stderr.isatty():
            return None
        return lambda number: self.stderr.write(f"\r{number:,} events", ending="")


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text())
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CommandError(f"{path} is not a checkpoint document: it holds no JSON.") from error
    if not isinstance(document, dict):
        raise CommandError(f"{path} is not a checkpoint document.")
    return document


def _summary(report: Report) -> dict[str, Any]:
    return {
        "verified": report.is_good,
        "events": report.events,
        "streams": report.streams,
        "sealed": report.sealed,
        "checkpoints": report.checkpoints,
        "personal_values": report.personal_values,
        "newer_than_last_checkpoint": report.newer_than_last_checkpoint,
        "problems": report.problems,
        "seconds": round(report.seconds, 3),
    }
