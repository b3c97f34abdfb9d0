"""The suite makes its tables straight from the models, which is fast; this sees that migrating from nothing makes the same ones."""

import sqlite3

import pytest
from django.db import connection

from audit import triggers

pytestmark = pytest.mark.timeout(400)


@pytest.mark.once
@pytest.mark.django_db
def test_migrating_from_nothing_makes_the_tables_of_the_models(migrated):
    made = sqlite3.connect(migrated)
    ask = "SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND name != 'django_migrations'"
    with connection.cursor() as cursor:
        ours = set(cursor.execute(ask).fetchall())
    theirs = set(made.execute(ask).fetchall())
    assert theirs == ours
    for _, table in sorted(row for row in ours if row[0] == "table"):
        columns = f"SELECT name, type, \"notnull\", pk FROM pragma_table_info('{table}')"
        with connection.cursor() as cursor:
            assert set(made.execute(columns)) == set(cursor.execute(columns).fetchall()), table
    assert {name for kind, name in theirs if kind == "trigger"}, "append-only tables are protected"


@pytest.mark.django_db
def test_the_suite_s_own_tables_are_protected():
    assert triggers.PROTECTED
    assert triggers.check() == []
