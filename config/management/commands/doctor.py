"""Examine the installation and say what is wrong and how to mend it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.doctor import Severity, examine

SIGNS = {Severity.WELL: "✓", Severity.LOOK: "!", Severity.ILL: "✗"}


class Command(BaseCommand):
    help = "Examine database, broker, storage, mail, keys and clock. Exit status 1 when something does not work."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one object on one line")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for finding in examine():
            findings.append(finding)
            if not options["json"]:
                mend = f"\n  {'':<10} → {finding.mend}" if finding.mend else ""
                self.stdout.write(f"{SIGNS[finding.severity]} {finding.part:<10} {finding.sentence}{mend}")
        ill = [finding for finding in findings if finding.severity is Severity.ILL]
        if options["json"]:
            self.stdout.write(json.dumps({"well": not ill, "findings": [finding.as_dict() for finding in findings]}))
        if ill:
            raise CommandError(f"{len(ill)} of {len(findings)} things do not work.")
