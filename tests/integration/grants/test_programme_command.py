"""`manage.py programme` checks, publishes, compares and exports; what it cannot do it says."""

import json
from io import StringIO
from pathlib import Path

import jsonschema
import pytest
import yaml
from django.core.management import CommandError, call_command

from grants.definition import Definition
from grants.management.commands.programme import REFERENCE
from grants.models import Programme, ProgrammeVersion
from tests.cast import *  # noqa: F403
from tests.stages import grants as stages

FILE = stages.DOCUMENTS / "diagcomm.yaml"
SCHEMA = Path(__file__).parents[3] / "docs" / "programme.schema.json"


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("programme", *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def test_validate_says_that_shipped_programmes_are_valid():
    assert "24 questions, 12 rules, 6 criteria" in run("validate", *sorted(stages.DOCUMENTS.glob("*.yaml")))


def test_validate_names_file_and_line(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text(FILE.read_text().replace("weight: 20\n", "weigth: 20\n", 1))
    out = StringIO()
    with pytest.raises(CommandError, match="Not every document is valid"):
        call_command("programme", "validate", str(bad), str(FILE), stdout=out, stderr=out)
    assert f"{bad}, line " in out.getvalue()
    assert "Did you mean “weight”?" in out.getvalue()


@pytest.mark.parametrize(
    ("content", "says"), [(None, "cannot be read"), (b"\xff\xfe\x00", "not UTF-8"), (b"x" * 11_000_000, "far too large")]
)
def test_files_that_are_no_documents_are_said_so(tmp_path, content, says):
    file = tmp_path / "file.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CommandError, match=says):
        run("flatten", file)
    out = StringIO()
    with pytest.raises(CommandError, match="Not every document is valid"):
        call_command("programme", "validate", str(file), str(FILE), stdout=out, stderr=out)
    assert says in out.getvalue()
    assert f"{FILE}: DIAGCOMM" in out.getvalue(), "the others are looked at all the same"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("../x",), "Write the short name in small letters"),
        (("x", "--number", "0"), "A file has neither people nor versions"),
        (("file",), "There is a file .* already"),
    ],
)
def test_a_file_is_not_copied_to_where_it_cannot_go(tmp_path, arguments, says):
    file = tmp_path / "file.yaml"
    file.write_text(FILE.read_text())
    with pytest.raises(CommandError, match=says):
        run("clone", file, *arguments)
    assert list(tmp_path.iterdir()) == [file]


def test_what_comes_in_is_read_too_whatever_system_wrote_it(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("\ufeff" + FILE.read_text()))
    assert "is valid" in run("validate", "-")


@pytest.mark.django_db
class TestPublishing:
    def test_takes_two_people(self, cast, officer, lead):
        said = run("publish", FILE, "--prepared-by", officer.email, "--published-by", lead.email)
        assert "version 1 is published" in said
        assert Programme.objects.get().state == Programme.State.PUBLISHED

    def test_again_changes_nothing(self, cast, officer, lead):
        for _ in range(2):
            run("publish", FILE, "--prepared-by", officer.email, "--published-by", lead.email)
        assert ProgrammeVersion.objects.count() == 1

    def test_one_person_does_not_do(self, cast, lead):
        with pytest.raises(CommandError, match="somebody else"):
            run("publish", FILE, "--prepared-by", lead.email, "--published-by", lead.email)

    def test_nobody_is_not_somebody(self, cast, officer):
        with pytest.raises(CommandError, match="Nobody here has the email address"):
            run("publish", FILE, "--prepared-by", officer.email, "--published-by", "x@example.org")

    def test_export_is_what_was_stored_byte_for_byte(self, cast):
        stages.published(cast)
        assert run("export", "diagcomm") == FILE.read_text()

    def test_export_of_nothing_says_so(self, cast):
        with pytest.raises(CommandError, match="no programme nowhere"):
            run("export", "nowhere")


def test_diff_says_it_in_words(tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text(FILE.read_text().replace("quality_percent: 70", "quality_percent: 65"))
    assert run("diff", FILE, other) == "assessment: quality percent 70 → 65\n"
    assert run("diff", FILE, FILE) == "They say the same.\n"


def test_schema_is_current_and_takes_the_shipped_programmes():
    run("schema", "--check")
    schema = json.loads(SCHEMA.read_text())
    for file in stages.DOCUMENTS.glob("*.yaml"):
        jsonschema.validate(yaml.safe_load(file.read_text()), schema)


def test_the_reference_page_is_current_and_names_every_key():
    call_command("programme", "reference", "--check")
    text = REFERENCE.read_text()
    for name in (*Definition.model_fields, "milestone_basis", "asked_in", "in_expression"):
        assert f"| `{name}` |" in text
