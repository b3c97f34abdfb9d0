"""Rows written or changed by a statement that is put together once per model.

Every act writes its event, and the ORM takes some ten times as long to compose such an INSERT as the database takes to carry it out.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)
AT_ONCE = 50
"""Rows of one statement."""


def insert(record: M) -> M:
    """Insert a new record as `save(force_insert=True)` does, without its signals, and give it the key that the database chose."""
    return insert_all([record])[0]


def insert_all(records: Sequence[M]) -> Sequence[M]:
    """Insert new records of one model as `bulk_create` does, in as few statements, and give them the keys that the database chose."""
    for start in range(0, len(records), AT_ONCE):
        _insert_some(records[start : start + AT_ONCE])
    return records


def update(record: models.Model, *names: str) -> None:
    """Write these fields of a record as `save(update_fields=…)` does, without its signals."""
    statement, fields = _change(type(record), names)
    values = [field.get_db_prep_save(getattr(record, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, record.pk])


def _insert_some(records: Sequence[models.Model]) -> None:
    statement, fields, is_keyed_by_database = _statement(type(records[0]), len(records))
    values = [field.get_db_prep_save(field.pre_save(record, True), connection) for record in records for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        keys = cursor.fetchall() if is_keyed_by_database else []
    for record, (key,) in zip(records, keys, strict=False):
        record.pk = key
    for record in records:
        record._state.adding = False
        record._state.db = connection.alias


@cache
def _change(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, tuple["models.Field[Any, Any]", ...]]:
    fields = tuple(field for field in model._meta.local_concrete_fields if field.name in names)
    changes = ", ".join(f'"{field.column}" = %s' for field in fields)
    statement = f'UPDATE "{model._meta.db_table}" SET {changes} WHERE "{model._meta.pk.column}" = %s'  # noqa: S608 - our own names
    return statement, fields


@cache
def _statement(model: type[models.Model], rows: int) -> tuple[str, tuple["models.Field[Any, Any]", ...], bool]:
    key = model._meta.pk
    is_keyed_by_database = isinstance(key, models.AutoField)
    fields = tuple(field for field in model._meta.local_concrete_fields if field is not key or not is_keyed_by_database)
    names = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["(" + ", ".join(["%s"] * len(fields)) + ")"] * rows)
    returning = f' RETURNING "{key.column}"' if is_keyed_by_database else ""
    statement = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES {places}{returning}'  # noqa: S608 - our own names
    return statement, fields, is_keyed_by_database
