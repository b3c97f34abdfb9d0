"""Rows for many tables, kept back and then written at once, in the database's own values: what no model instance slows down.

A row that waits is a line of PostgreSQL's COPY text format, which is what PostgreSQL reads fastest; SQLite is given its columns.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

Row = list[Any]
Model = type[models.Model]
NULL = r"\N"
ESCAPES = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}


class Tables:
    """Rows that wait, by model. Ids are given out here, so that rows can name one another before they are written."""

    def __init__(self) -> None:
        self.waiting: dict[Model, list[str]] = defaultdict(list)
        self._last: dict[Model, int] = {}

    def new_id(self, model: Model) -> int:
        return self.new_ids(model, 1)[0]

    def new_ids(self, model: Model, number: int) -> range:
        if model not in self._last:
            self._last[model] = model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0
        first = self._last[model] + 1
        self._last[model] += number
        return range(first, first + number)

    def add(self, model: Model, row: Row) -> None:
        self.waiting[model].append(line(row))

    def write(self) -> None:
        """Write what waits, in the caller's transaction (foreign keys are checked when it ends), and move the sequences on."""
        for model, lines in self.waiting.items():
            _insert(model, lines)
        if connection.vendor == "postgresql" and self.waiting:
            with connection.cursor() as cursor:
                for statement in connection.ops.sequence_reset_sql(no_style(), list(self.waiting)):
                    cursor.execute(statement)
        self.waiting.clear()
        self._last.clear()


def line(row: Row) -> str:
    """The row as a line of COPY's text format, its end included."""
    return "\t".join(map(escaped, row)) + "\n"


def escaped(value: Any) -> str:
    """A value as it stands in such a line."""
    if value is None:
        return NULL
    if isinstance(value, (bytes, memoryview)):
        return rf"\\x{bytes(value).hex()}"
    text = str(value)
    for plain, written in ESCAPES.items():
        if plain in text:
            text = text.replace(plain, written)
    return text


def columns(model: Model) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields]


def read(model: Model, pks: Sequence[Any]) -> list[Row]:
    """The rows with these keys as the database holds them, in key order."""
    if not pks:
        return []
    meta, quote = model._meta, connection.ops.quote_name
    names = ", ".join(quote(name) for name in columns(model))
    marks = ", ".join(["%s"] * len(pks))
    key = quote(str(meta.pk.column))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {quote(meta.db_table)} WHERE {key} IN ({marks}) ORDER BY {key}", list(pks))  # noqa: S608
        return [[plain(value) for value in row] for row in cursor.fetchall()]


def plain(value: Any) -> Any:
    """A value as this database's driver takes it back: SQLite keeps moments and days as text."""
    if connection.vendor == "sqlite" and isinstance(value, datetime):
        return str(value.replace(tzinfo=None))
    if connection.vendor == "sqlite" and isinstance(value, date):
        return str(value)
    return value


def _insert(model: Model, lines: list[str]) -> None:
    quote = connection.ops.quote_name
    table, names = quote(model._meta.db_table), ", ".join(quote(name) for name in columns(model))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                copy.write("".join(lines))
        else:
            marks = ", ".join(["%s"] * len(model._meta.concrete_fields))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(_rows_of(lines)))  # noqa: S608


def _rows_of(lines: Iterable[str]) -> Iterator[Row]:
    """The columns of such lines. Numbers stay text: SQLite makes of them what the column's type is."""
    for block in lines:
        for text in block.removesuffix("\n").split("\n"):
            yield [_read_back(value) for value in text.split("\t")]


def _read_back(value: str) -> str | bytes | None:
    if "\\" not in value:
        return value
    if value == NULL:
        return None
    if value.startswith(r"\\x"):
        return bytes.fromhex(value[3:])
    parts = value.split(r"\\")
    return "\\".join(part.replace(r"\t", "\t").replace(r"\n", "\n").replace(r"\r", "\r") for part in parts)


@contextmanager
def unwatched(written: Iterable[Model], *, searched: Iterable[Model] = ()) -> Iterator[None]:
    """On PostgreSQL, inside the caller's transaction: without foreign keys and without the indexes that no constraint needs.

    Both come back afterwards, and every row is checked then: one pass over a table is far cheaper than one look-up a row. The indexes of
    tables that are `searched` meanwhile stay. Everything is locked until the transaction ends. Does nothing on SQLite.
    """
    if connection.vendor != "postgresql":
        yield
        return
    tables = [model._meta.db_table for model in written]
    filled = [table for table in tables if table not in {model._meta.db_table for model in searched}]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(FOREIGN_KEYS, [tables])
        keys = cursor.fetchall()
        cursor.execute(INDEXES, [filled])
        indexes = cursor.fetchall()
        for table, name, _ in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


FOREIGN_KEYS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = ANY(%s::regclass[])
AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
"""
