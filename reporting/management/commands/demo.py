"""The main job: companies driven through the complete journey by the actions that the pages call."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from accounts.actions import demonstration
from accounts.refusals import Refusal, Refused
from applications.models import Application
from design.words import pounds
from grants.definition import Definition, DocumentRefused, loading
from notifications import outbox
from reporting.demo import journey, records
from reporting.demo.records import Record
from reporting.demo.stage import Stage


class Command(BaseCommand):
    help = (
        "Drive companies from an open round to paid milestones, and print what it came to. The database must be migrated and otherwise "
        "empty. With --input the companies come from a 360Giving-shaped CSV, names and numbers pseudonymised."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--companies", type=int, help="how many (default 40; with --input at most so many rows)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same companies")
        parser.add_argument(
            "--programme", default="diagcomm", metavar="SLUG", help="which of programmes/*.yaml the fictional companies apply to"
        )
        parser.add_argument("--input", type=Path, help="a 360Giving-shaped CSV of real awards")
        parser.add_argument("--filter", default="", help="with --input: only rows that contain this text")
        parser.add_argument("--real-names", action="store_true", help="with --input: keep names, numbers and postcodes as they are")
        parser.add_argument("--json", action="store_true", help="print one line, one object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["companies"] is not None and options["companies"] < 1:
            raise CommandError("--companies must be 1 or more.")
        invented, imported = self._records(options)
        self._claim_database()
        try:
            stages = self._drive(invented, imported, options)
        except Refusal as refusal:
            raise CommandError(f"{refusal.sentence} The database holds half of it: begin again with an empty one.") from refusal
        self._tell(stages, as_json=options["json"])

    def _drive(self, invented: list[Record], imported: list[Record], options: dict[str, Any]) -> list[Stage]:
        work = len(invented + imported) * (journey.WORK_EACH + 2)
        with outbox.no_doorbell(), tqdm(total=work, unit=" steps", file=sys.stderr, leave=False, disable=None) as bar:
            stages = journey.run_imported(imported, step=bar.update) if imported else []
            if invented:
                first = len(imported) + 1
                slug = options["programme"]
                stages.append(journey.run_fictional(invented, slug=slug, now=timezone.now(), step=bar.update, first_number=first))
        return stages

    def _claim_database(self) -> None:
        """Only an empty database is taken, and it is marked, so that it is never served for real."""
        if Application.objects.exists():
            raise CommandError("This database holds applications already. Point DATABASE_URL at an empty one, run migrate, and try again.")
        try:
            demonstration.claim(at=timezone.now())
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None

    def _records(self, options: dict[str, Any]) -> tuple[list[Record], list[Record]]:
        """(fictional, imported): beside imported awards a few fictional companies carry the refusals and flags."""
        imported: list[Record] = []
        if options["input"]:
            try:
                imported, left_out = records.imported(
                    options["input"],
                    text=options["filter"],
                    limit=options["companies"],
                    real_names=options["real_names"],
                    today=timezone.localdate(),
                )
            except Refused as refusal:
                raise CommandError(refusal.sentence) from None
            if left_out:
                self.stderr.write(f"{left_out} rows of less than £100 are left out.")
        count = max(8, len(imported) // 8) if imported else options["companies"] or 40
        funding = self._definition(options["programme"]).funding
        return records.fictional(count, seed=options["seed"], least_pence=funding.grant_min, most_pence=funding.grant_max), imported

    def _definition(self, slug: str) -> Definition:
        path = settings.BASE_DIR / "programmes" / f"{slug}.yaml"
        if not path.exists():
            shipped = sorted(each.stem for each in path.parent.glob("*.yaml"))
            raise CommandError(f"There is no programmes/{slug}.yaml. There are: {', '.join(shipped)}.")
        try:
            return loading.parse(path.read_text(), source=path.name)
        except DocumentRefused as refused:
            raise CommandError(refused.report()) from None

    def _tell(self, stages: list[Stage], *, as_json: bool) -> None:
        found = journey.summary()
        if as_json:
            self.stdout.write(json.dumps(found.as_json(), sort_keys=True))
        else:
            self._print(found, stages)
        if not found.audit_verified or not found.books_balanced:
            raise CommandError("The trail or the books do not hold. Run: manage.py audit verify; manage.py books check")

    def _print(self, found: journey.Summary, stages: list[Stage]) -> None:
        lines = [
            "",
            *[f"{count:>5}  {Application.State(state).label}" for state, count in found.applications.items()],
            "",
            f"Awarded      {pounds(found.awarded_pence)}",
            f"Claimed      {pounds(found.claimed_pence)}",
            f"Paid         {pounds(found.paid_pence)}",
            f"Budget left  {pounds(found.budget_left_pence)}",
            f"Runs         {', '.join(found.payment_runs) or 'none'}",
            f"Trail        {found.audit_events:,} events, {'verified' if found.audit_verified else 'NOT VERIFIED'}",
            f"Books        {'balanced' if found.books_balanced else 'NOT BALANCED'}",
            f"Mail         {found.mails_waiting:,} messages wait for the worker",
        ]
        refused = [sentence for stage in stages for sentence in stage.refusals]
        if refused:
            lines += ["", f"{len(refused)} acts were refused on the way:", *[f"  {sentence}" for sentence in refused[:20]]]
        self.stdout.write("\n".join(lines))
