"""Rows written or changed by a statement that is put together once per model.

Every act writes its event, and the ORM takes some ten times as long to compose such an INSERT as the database takes to carry it out.
"""

from functools import cache
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


def insert(record: M) -> M:
    """Insert a new record as `save(force_insert=True)` does, without its signals, and give it the key that the database chose."""
    statement, fields, is_keyed_by_database = _statement(type(record))
    values = [field.get_db_prep_save(field.pre_save(record, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        if is_keyed_by_database:
            record.pk = cursor.fetchone()[0]
    record._state.adding = False
    record._state.db = connection.alias
    return record


def insert_all(records: list[M]) -> None:
    """Insert some new records of one model in one statement, without telling them their keys."""
    if not records:
        return
    statement, fields = _statement_for(type(records[0]), len(records))
    values = [field.get_db_prep_save(field.pre_save(record, True), connection) for record in records for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def update(record: models.Model, *names: str) -> None:
    """Write these fields of a record as `save(update_fields=…)` does, without its signals."""
    statement, fields = _change(type(record), names)
    values = [field.get_db_prep_save(getattr(record, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, record.pk])


@cache
def _change(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, tuple["models.Field[Any, Any]", ...]]:
    fields = tuple(field for field in model._meta.local_concrete_fields if field.name in names)
    changes = ", ".join(f'"{field.column}" = %s' for field in fields)
    statement = f'UPDATE "{model._meta.db_table}" SET {changes} WHERE "{model._meta.pk.column}" = %s'  # noqa: S608 - our own names
    return statement, fields


@cache
def _statement(model: type[models.Model]) -> tuple[str, tuple["models.Field[Any, Any]", ...], bool]:
    statement, fields = _statement_for(model, 1)
    key = model._meta.pk
    is_keyed_by_database = isinstance(key, models.AutoField)
    return f'{statement} RETURNING "{key.column}"' if is_keyed_by_database else statement, fields, is_keyed_by_database


@cache
def _statement_for(model: type[models.Model], number: int) -> tuple[str, tuple["models.Field[Any, Any]", ...]]:
    key = model._meta.pk
    fields = tuple(field for field in model._meta.local_concrete_fields if field is not key or not isinstance(key, models.AutoField))
    names = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["(" + ", ".join(["%s"] * len(fields)) + ")"] * number)
    return f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES {places}', fields  # noqa: S608 - our own names
