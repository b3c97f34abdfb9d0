"""`manage.py programme …`: check, publish, export and describe programme documents."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, get_args

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Person
from accounts.refusals import Refusal
from grants.actions import cloning as cloning_actions
from grants.actions import programmes
from grants.definition import Definition, DocumentRefused, cloning, differences, extending, loading, proportion, reference
from grants.definition.identity import Strand
from grants.models import Programme, ProgrammeVersion

REFERENCE = Path(settings.BASE_DIR) / "docs" / "programme.md"
SCHEMA = Path(settings.BASE_DIR) / "docs" / "programme.schema.json"


class Command(BaseCommand):
    help = "Check, publish, compare and export programme documents."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        validate = verbs.add_parser("validate", help="say what is wrong with documents, line by line")
        validate.add_argument("files", nargs="+", type=Path)
        publish = verbs.add_parser("publish", help="store a document and publish it: two people are needed")
        publish.add_argument("file", type=Path)
        publish.add_argument("--prepared-by", required=True, metavar="EMAIL")
        publish.add_argument("--published-by", required=True, metavar="EMAIL")
        export = verbs.add_parser("export", help="print a programme's document exactly as it was stored")
        export.add_argument("slug")
        export.add_argument("--number", type=int, help="the version's number; the one published last by default")
        clone = verbs.add_parser("clone", help="make another programme of a programme, or another file of a file")
        clone.add_argument("source", help="the short name of a programme, or a file")
        clone.add_argument("new", help="the short name of the copy")
        clone.add_argument("--title", default="", help="its name")
        clone.add_argument("--strand", default="", choices=["", *get_args(Strand)], help="its strand, where that differs")
        clone.add_argument("--number", type=int, help="the version to copy; the one published last by default")
        clone.add_argument("--by", metavar="EMAIL", help="who does it; by default whoever drafted the version that is copied")
        flatten = verbs.add_parser("flatten", help="print a file with everything that it extends merged in")
        flatten.add_argument("file", type=Path)
        diff = verbs.add_parser("diff", help="say in words what differs between two documents")
        diff.add_argument("old", type=Path)
        diff.add_argument("new", type=Path)
        schema = verbs.add_parser("schema", help="write docs/programme.schema.json")
        page = verbs.add_parser("reference", help="write docs/programme.md, every key of a document")
        page.add_argument("--check", action="store_true", help="write nothing; exit 1 when the file is stale")
        schema.add_argument("--check", action="store_true", help="write nothing; exit 1 when the file is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, options["verb"])(options)

    def validate(self, options: dict[str, Any]) -> None:
        """Every problem of every file; exit 1 when there is one."""
        is_sound = True
        for file in options["files"]:
            try:
                definition = _definition(file)
            except CommandError as refused:
                self.stderr.write(str(refused))
                is_sound = False
            else:
                counts = f"{len(list(definition.form.questions()))} questions, {len(definition.eligibility.rules)} rules"
                self.stdout.write(f"{file}: {definition.name} is valid ({counts}, {len(definition.criteria)} criteria)")
                for warning in proportion.warnings(definition):
                    self.stdout.write(f"  In proportion? {warning}")
        if not is_sound:
            raise CommandError("Not every document is valid.")

    def publish(self, options: dict[str, Any]) -> None:
        """Load by one person, publish by another."""
        at = timezone.now()
        try:
            version = programmes.load(
                document=_text(options["file"]), source=str(options["file"]), by=_person(options["prepared_by"]), at=at
            )
            if version.state != ProgrammeVersion.State.PUBLISHED:
                version = programmes.publish(version=version, by=_person(options["published_by"]), at=at)
        except DocumentRefused as refused:
            raise CommandError(refused.report()) from None
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        self.stdout.write(f"{version} is published ({version.sha256[:12]})")

    def export(self, options: dict[str, Any]) -> None:
        """The stored text, byte for byte."""
        programme = Programme.objects.filter(slug=options["slug"]).first()
        if programme is None:
            raise CommandError(f"There is no programme {options['slug']}.")
        number = options["number"]
        version = programme.published_version if number is None else programme.versions.filter(number=number).first()
        if version is None:
            raise CommandError(f"{programme} has no {'published version' if number is None else f'version {number}'}.")
        self.stdout.write(version.document, ending="")

    def clone(self, options: dict[str, Any]) -> None:
        """A programme of the database becomes another one, drafted; a file becomes another file beside it."""
        file = Path(options["source"])
        try:
            if file.suffix in (".yaml", ".yml"):
                self.stdout.write(f"Wrote {_cloned_file(file, options)}")
                return
            version = self._clone(options)
        except DocumentRefused as refused:
            raise CommandError(refused.report()) from None
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        programme = version.programme
        self.stdout.write(f"{programme} ({programme.slug}) is drafted as a copy of {programme.cloned_from}")
        parent = programme.cloned_from
        for line in differences.between(parent.definition, version.definition) if parent else []:
            self.stdout.write(f"  {line}")

    def _clone(self, options: dict[str, Any]) -> ProgrammeVersion:
        source = Programme.objects.filter(slug=options["source"]).first()
        if source is None:
            raise CommandError(f"There is no programme {options['source']}.")
        parent = source.published_version or source.latest_version
        by = _person(options["by"]) if options["by"] else parent.created_by if parent else Person.objects.system()
        named = {name: options[name] for name in ("title", "strand")}
        return cloning_actions.clone(source=source, slug=options["new"], version=options["number"], **named, by=by, at=timezone.now())

    def flatten(self, options: dict[str, Any]) -> None:
        """The whole document."""
        self.stdout.write(_text(options["file"]), ending="")

    def diff(self, options: dict[str, Any]) -> None:
        """One line per difference."""
        old, new = (_definition(options[name]) for name in ("old", "new"))
        found = differences.between(old, new)
        for line in found:
            self.stdout.write(line)
        if not found:
            self.stdout.write("They say the same.")

    def reference(self, options: dict[str, Any]) -> None:
        """The reference page that people read."""
        text = reference.page()
        if options["check"]:
            if not REFERENCE.exists() or REFERENCE.read_text() != text:
                raise CommandError("docs/programme.md is not current. Run: manage.py programme reference")
            return
        REFERENCE.write_text(text)
        self.stdout.write("Wrote docs/programme.md")

    def schema(self, options: dict[str, Any]) -> None:
        """The JSON Schema that editors use."""
        text = schema_text()
        if options["check"]:
            if not SCHEMA.exists() or SCHEMA.read_text() != text:
                raise CommandError("docs/programme.schema.json is not current. Run: manage.py programme schema")
            return
        SCHEMA.write_text(text)
        self.stdout.write("Wrote docs/programme.schema.json")


def schema_text() -> str:
    """The schema as it is checked in."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Definition.model_json_schema(mode="validation")
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _cloned_file(file: Path, options: dict[str, Any]) -> Path:
    """Another file beside a file. Raises CommandError, DocumentRefused, Refusal."""
    if options["by"] or options["number"] is not None:
        raise CommandError("--by and --number are for a programme of the database. A file has neither people nor versions.")
    slug = options["new"]
    document = cloning.clone(_text(file), slug=slug, title=options["title"] or None, strand=options["strand"] or None)
    target = file.with_name(f"{slug}.yaml")
    if target.exists():
        raise CommandError(f"There is a file {target} already.")
    try:
        target.write_text(document)
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror}.") from None
    return target


def _text(file: Path) -> str:
    """What a file says, whole; “-” is what comes in. Raises CommandError."""
    try:
        if str(file) == "-":
            return sys.stdin.read().removeprefix("\ufeff")
        if file.stat().st_size > 10_000_000:
            raise CommandError(f"{file} is far too large to be a programme.")
        return extending.whole(file, text=file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except DocumentRefused as refused:
        raise CommandError(refused.report()) from None
    except OSError as error:
        hint = "" if file.suffix else " For a programme of the database, write its document into a file first: manage.py programme export."
        raise CommandError(f"{file} cannot be read: {error.strerror}.{hint}") from None
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is not UTF-8 text (byte {error.start + 1}).") from None


def _definition(file: Path) -> Definition:
    try:
        return loading.parse(_text(file), source=str(file))
    except DocumentRefused as refused:
        raise CommandError(refused.report()) from None


def _person(email: str) -> Person:
    found = Person.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise CommandError(f"Nobody here has the email address {email}.")
    return found
