"""What is generated from the code is current in the repository."""

import re
from pathlib import Path

from django.core.management import call_command

DECISIONS = Path(__file__).parents[2] / "docs" / "adr"


def test_lifecycle_pages_are_current():
    call_command("lifecycles", "--check")


def test_the_openapi_document_is_current_whichever_database_answers():
    call_command("openapi", "--check")


def test_the_list_of_decisions_names_each_once_by_its_own_number_and_title():
    said = re.findall(r"^- \[(\d{4})\]\((\S+)\) (.+)$", (DECISIONS / "README.md").read_text(), re.MULTILINE)
    kept = [(path.name[:4], path.name, *re.findall(r"^# \d+\. (.+)", path.read_text())) for path in sorted(DECISIONS.glob("[0-9]*.md"))]
    assert said == kept
    assert len({number for number, *_ in kept}) == len(kept)
