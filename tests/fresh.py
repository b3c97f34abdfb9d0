"""The database as the migrations leave it: kept once per process, and put back after every transactional test.

Emptying every table and migrating its contents anew, as Django does, takes most of a second here, and append-only tables refuse it. On
SQLite an image of the whole database is copied back; on PostgreSQL, where the tests' person may suspend triggers, rows are.
"""

import sqlite3
from typing import Any

from django.db import connection, connections
from django.test import TransactionTestCase

from audit import triggers
from tests.remembering import rows, tables

_flush = TransactionTestCase._fixture_teardown
_image: list[Any] = []


def keep() -> None:
    """Remember the database as it is now."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        image = sqlite3.connect(":memory:", check_same_thread=False)
        connection.connection.backup(image)
        _image.append(image)
    elif _may_suspend_triggers():
        found = {table: list(rows(table).values()) for table in tables()}
        _image.append({table: kept for table, kept in found.items() if kept})


def put_back(case: TransactionTestCase) -> None:
    """After a transactional test: what was kept again, or a flush with the triggers of append-only tables lifted."""
    if _image and connection.is_usable():
        connection.ensure_connection()
        _copy_back() if connection.vendor == "sqlite" else _write_back()
    elif triggers.PROTECTED and connections["default"].is_usable():
        with triggers.lifted():
            _flush(case)
    else:
        _flush(case)


def _may_suspend_triggers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return cursor.fetchone()[0]


def _copy_back() -> None:
    _image[0].backup(connection.connection)


def _write_back() -> None:
    """Without triggers nothing refuses and nothing cascades: tables are emptied and filled in any order, and keys stay as they were."""
    with triggers.lifted(), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # the foreign keys' own triggers
        cursor.execute(";".join(f'DELETE FROM "{table}"' for table in tables()))
        for table, kept in _image[0].items():
            columns, _ = tables()[table]
            names = ", ".join(f'"{name}"' for name in columns)
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', kept)
        cursor.execute("SET session_replication_role = DEFAULT")
