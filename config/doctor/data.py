"""The database: there, current, protected, on time, in the right mode."""

from collections.abc import Iterator
from datetime import UTC, datetime

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.utils import timezone
from django.utils.timezone import localdate

from accounts.actions import demonstration
from accounts.encryption import CannotDecrypt, EncryptedTextField
from accounts.models import RoleAssignment
from accounts.roles import Role
from accounts.scopes import SITE
from audit import triggers
from config.doctor.findings import Finding, Question, ill, look, well
from config.health import unapplied_migrations
from payments.models import SortCodeWeights

DRIFT_SECONDS = 5


def database() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
    except Exception as problem:
        yield ill("database", f"The database does not answer ({type(problem).__name__}).", "Check DATABASE_URL, and that the server is up.")
        return
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]
    yield well("database", f"{kind} {'.'.join(map(str, connection.get_database_version()))} answers.")
    if missing := unapplied_migrations():
        yield ill("database", f"{len(missing)} migrations are missing, {missing[0]} first.", "manage.py migrate")
        return
    yield well("database", "Every migration is in.")
    if connection.vendor == "sqlite":
        yield from _sqlite()


def _sqlite() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
    if journal != "wal":
        yield look("database", f"SQLite's journal is {journal}, so readers wait for writers.", "Keep the file on a local disk.")


def protection() -> Iterator[Finding]:
    missing = triggers.check()
    for sentence in missing:
        yield ill("trail", sentence, "manage.py migrate puts the triggers back.")
    if not missing:
        yield well("trail", f"{len(triggers.PROTECTED)} append-only tables are protected by the database itself.")


def clock() -> Iterator[Finding]:
    """This machine's clock beside the database server's. Deadlines and the trail are only as right as these."""
    if connection.vendor == "sqlite":
        yield well("clock", f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC; the database has no clock of its own.")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        drift = abs((cursor.fetchone()[0] - datetime.now(UTC)).total_seconds())
    if drift > DRIFT_SECONDS:
        yield ill("clock", f"This machine and the database server differ by {drift:.0f} seconds.", "Run a time service (NTP) on both.")
    else:
        yield well("clock", f"This machine and the database server agree to {drift:.1f} seconds.")


def encrypted() -> Iterator[Finding]:
    """Whether the keys at hand open what rests encrypted: the newest value of every such column is read."""
    columns = [
        (model, field.name) for model in apps.get_models() for field in model._meta.local_fields if isinstance(field, EncryptedTextField)
    ]
    if shut := sorted({str(model._meta.verbose_name_plural) for model, name in columns if not _opens(model, name)}):
        mend = "Put back into FIELD_KEYS the key that this database was written with: without it they cannot be read."
        yield ill("keys", f"FIELD_KEYS do not open what is stored of {', '.join(shut)}.", mend)


def _opens(model: type[Model], name: str) -> bool:
    try:
        model._base_manager.order_by("-pk").values_list(name, flat=True).first()
    except CannotDecrypt:
        return False
    return True


def mark() -> Iterator[Finding]:
    if demonstration.is_marked() != settings.DEMO:
        wrong = (
            "the database is marked as a demonstration, and DEMO is off"
            if not settings.DEMO
            else "DEMO is on, and the database is unmarked"
        )
        yield look(
            "mode", f"Mode and database do not belong together: {wrong}.", "Name the other database in DATABASE_URL, or change DEMO."
        )


def weights() -> Iterator[Finding]:
    """Whether account numbers can be checked against their sort codes, and with what."""
    today = localdate()
    if kept := SortCodeWeights.objects.in_force(today):
        yield well("sort codes", f"Account numbers are checked with release {kept.release}, from {kept.effective_on}.")
    else:
        mend = "Get VALACDOS and SCSUBTAB from Pay.UK: manage.py sortcodes load"
        yield look("sort codes", "Account numbers are not checked against their sort codes: no weights are loaded.", mend)


def people() -> Iterator[Finding]:
    """Whether anybody can let others in."""
    if RoleAssignment.objects.current(at=timezone.now()).filter(role=Role.ADMIN, scope=SITE, person__is_active=True).exists():
        yield well("people", "Somebody administers this site.")
    else:
        mend = "manage.py first_people --admin EMAIL --approver EMAIL"
        yield look("people", "Nobody administers this site yet, so that nobody can invite anybody.", mend)


QUESTIONS: tuple[tuple[str, Question], ...] = (
    ("database", database), ("trail", protection), ("clock", clock), ("keys", encrypted), ("mode", mark), ("people", people),
    ("sort codes", weights),
)  # fmt: skip
