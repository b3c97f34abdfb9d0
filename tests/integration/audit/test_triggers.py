"""The database itself refuses to change what is written once, whoever asks."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Person
from audit import checkpoints, triggers
from audit.models import Checkpoint, Event, PersonalValue, Position
from tests.integration.audit.conftest import NOON, write

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own way")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own way")


def execute(statement, parameters=()):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def refused(statement, parameters=()):
    with pytest.raises(IntegrityError, match="is append-only"), transaction.atomic():
        execute(statement, parameters)


@pytest.mark.parametrize("model", [Event, Position, Checkpoint])
def test_update_and_delete_are_refused(small_trail, model):
    checkpoints.sign(at=NOON)
    column = {Event: "kind", Position: "event_hash", Checkpoint: "root"}[model]
    refused(f"UPDATE {model._meta.db_table} SET {column} = 'x'")
    refused(f"DELETE FROM {model._meta.db_table}")


def test_a_personal_value_may_go_but_not_change(small_trail):
    refused("UPDATE audit_personalvalue SET value = '1'")
    execute("DELETE FROM audit_personalvalue")
    assert not PersonalValue.objects.exists()


@on_sqlite
def test_replacing_a_row_is_refused_by_each_of_its_keys(small_trail):
    columns = "stream, sequence, at, kind, actor, on_behalf_of, role, subject, request_id, body, hash"
    refused(f"REPLACE INTO audit_event (id, {columns}) SELECT id, {columns} FROM audit_event LIMIT 1")
    refused(f"REPLACE INTO audit_event ({columns}) SELECT {columns} FROM audit_event LIMIT 1")
    refused(f"INSERT OR REPLACE INTO audit_event ({columns}) SELECT {columns} FROM audit_event LIMIT 1")
    refused("UPDATE OR REPLACE audit_event SET sequence = 1 WHERE sequence = 2")
    write("case:NEW-1")


@on_sqlite
def test_a_key_that_holds_under_a_condition_cannot_be_replaced_either(db):
    """A step with an idempotency key stands once; without a key the same step stands many times."""
    columns = "stream, record_type, record_id, step, duty, source, target, by_id, at, key, inputs_sha256"
    person = Person.objects.system().pk
    row = f"('case:X', 'a.b', 1, 'submit', '', 'draft', 'submitted', {person}, '2027-03-03 12:00:00', %s, '')"
    for key in ("", "", "once"):
        execute(f"INSERT INTO workflow_steptaken ({columns}) VALUES {row}", [key])
    refused(f"REPLACE INTO workflow_steptaken ({columns}) VALUES {row}", ["once"])


@on_postgresql
def test_truncate_is_refused(small_trail):
    execute("SET CONSTRAINTS ALL IMMEDIATE")  # else pending foreign key checks refuse it before the trigger does
    refused("TRUNCATE audit_event CASCADE")
    refused("TRUNCATE audit_personalvalue")


@on_postgresql
def test_a_replica_session_is_refused_too(small_trail):
    with transaction.atomic():
        execute("SET LOCAL session_replication_role = replica")
        refused("UPDATE audit_event SET kind = 'x'")
        execute("SET LOCAL session_replication_role = origin")


def test_check_names_what_is_missing(db):
    assert triggers.check() == []
    name = "audit_event_append_only_update"
    execute(f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else " ON audit_event"))
    assert triggers.check() == [f"audit_event is not protected: the trigger {name} is missing. Run manage.py migrate."]
    triggers.install()
    assert triggers.check() == []


@on_postgresql
def test_check_names_what_is_switched_off(db):
    execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_append_only_delete")
    assert len(triggers.check()) == 1


def test_lifted_lifts_and_puts_back(small_trail):
    with triggers.lifted():
        execute("UPDATE audit_event SET role = 'x'")
    refused("UPDATE audit_event SET role = 'y'")


@pytest.mark.django_db(transaction=True)
def test_a_transactional_test_can_be_emptied_and_is_protected_again():
    write("case:X-1")
    assert triggers.check() == []


@on_sqlite
@pytest.mark.django_db(transaction=True)
def test_a_rebuilt_table_is_protected_again_by_the_next_migrate():
    """One AlterField on SQLite rebuilds the table, and its triggers go in silence."""
    from django.core.management import call_command
    from django.db import models

    wider = models.CharField(max_length=81)
    wider.set_attributes_from_name("kind")
    with connection.schema_editor() as editor:
        editor.alter_field(Event, Event._meta.get_field("kind"), wider)
    assert triggers.check() != []
    with connection.schema_editor() as editor:
        editor.alter_field(Event, wider, Event._meta.get_field("kind"))
    call_command("migrate", verbosity=0)
    assert triggers.check() == []
