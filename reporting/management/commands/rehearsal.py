"""The other side of a rehearsal: run by `rehearse` and by the worker, in an environment that holds nothing of the house."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actions import demonstration
from grants.rehearsals.plan import Plan
from notifications import outbox
from reporting.demo.rehearsal import Rehearsal


class Command(BaseCommand):
    help = "Play the rehearsal whose folder VAR_DIR names, and say how far it is, an object a line. Started by manage.py rehearse."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.REHEARSAL:
            raise CommandError("This is started by `manage.py rehearse`, which keeps it apart from the house.")
        given = json.loads((Path(settings.VAR_DIR) / "rehearsal.json").read_text())
        demonstration.claim(at=timezone.now())
        with outbox.no_doorbell():
            report = Rehearsal(given["document"], Plan.of_json(given["plan"]), tell=self._tell).run()
        self._say({"report": report})

    def _tell(self, done: int, work: int, doing: str) -> None:
        self._say({"done": done, "of": work, "doing": doing})

    def _say(self, said: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(said))
        self.stdout.flush()
