"""Rows for many tables, kept back and then written at once, in the database's own values: what no model instance slows down."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

Row = list[Any]


class Tables:
    """Rows that wait, by model. Ids are given out here, so that rows can name one another before they are written."""

    def __init__(self) -> None:
        self.waiting: dict[type[models.Model], list[Row]] = defaultdict(list)
        self._last: dict[type[models.Model], int] = {}

    def new_id(self, model: type[models.Model]) -> int:
        if model not in self._last:
            self._last[model] = model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0
        self._last[model] += 1
        return self._last[model]

    def add(self, model: type[models.Model], row: Row) -> None:
        self.waiting[model].append(row)

    def write(self) -> None:
        """Write what waits, in the caller's transaction (foreign keys are checked when it ends), and move the sequences on."""
        for model, rows in self.waiting.items():
            _insert(model, rows)
        if connection.vendor == "postgresql" and self.waiting:
            with connection.cursor() as cursor:
                for statement in connection.ops.sequence_reset_sql(no_style(), list(self.waiting)):
                    cursor.execute(statement)
        self.waiting.clear()


def columns(model: type[models.Model]) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields]


def read(model: type[models.Model], pks: Sequence[Any]) -> list[Row]:
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


def _insert(model: type[models.Model], rows: list[Row]) -> None:
    quote = connection.ops.quote_name
    table, names = quote(model._meta.db_table), ", ".join(quote(name) for name in columns(model))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(model._meta.concrete_fields))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608
