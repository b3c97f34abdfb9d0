"""Reading the trail as it stands at one moment, with plain SQL so that nothing is converted on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

CHUNK = 5000


@contextmanager
def snapshot(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Everything read inside is of one moment, and no writer waits. Inside a transaction already: that transaction's view."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


def rows(connection: BaseDatabaseWrapper, query: str, parameters: list[Any] | None = None) -> Iterator[tuple]:
    """A query's rows, chunk by chunk, however many there are."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, parameters or [])
        while chunk := cursor.fetchmany(CHUNK):
            yield from chunk


def instant_sql(connection: BaseDatabaseWrapper, column: str) -> str:
    """SQL for a time column as audit.canonical.instant writes it."""
    if connection.vendor == "sqlite":
        return f"replace({column}, ' ', 'T') || CASE length({column}) WHEN 19 THEN '.000000Z' ELSE 'Z' END"
    return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
