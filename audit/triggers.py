"""Append-only tables, enforced by the database itself on SQLite and PostgreSQL.

Apps register a model with `@protect`; the triggers are put (back) after every `migrate`, because one AlterField on SQLite rebuilds the
table and drops them in silence. `check()` says what is missing, for `manage.py doctor`.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

M = TypeVar("M", bound=type[models.Model])


@dataclass(frozen=True)
class Protected:
    """A model whose rows the database refuses to change; `deletable` ones may still be deleted row by row."""

    model: type[models.Model]
    deletable: bool

    @property
    def table(self) -> str:
        return self.model._meta.db_table


COLUMN = re.compile(r'"(\w+)"')
PROTECTED: dict[str, Protected] = {}


@overload
def protect(model: M) -> M: ...
@overload
def protect(*, deletable: bool = ...) -> Callable[[M], M]: ...
def protect(model: M | None = None, *, deletable: bool = False) -> M | Callable[[M], M]:
    """Register a model as append-only in the database: `@protect`, or `@protect(deletable=True)` where only changes are refused."""

    def keep(model: M) -> M:
        PROTECTED[model._meta.label_lower] = Protected(model, deletable)
        return model

    return keep if model is None else keep(model)


def install(*, using: str = DEFAULT_DB_ALIAS, app_label: str | None = None) -> None:
    """Create the triggers of every protected table that exists. Doing it again changes nothing."""
    connection = connections[using]
    for protected in _present(connection, app_label):
        _run(connection, _removal(connection, protected) + _creation(connection, protected))


def remove(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop the triggers. For tests that flush tables, never for the service."""
    connection = connections[using]
    for protected in _present(connection):
        _run(connection, _removal(connection, protected))


@contextmanager
def lifted(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Without the triggers inside, with them again afterwards. For tests."""
    remove(using=using)
    try:
        yield
    finally:
        install(using=using)


def check(*, using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """One sentence per protected table whose triggers are missing or switched off; empty when all is well."""
    connection = connections[using]
    standing = _standing(connection)
    return [
        f"{protected.table} is not protected: the trigger {name} is missing. Run manage.py migrate."
        for protected in _present(connection)
        for name in _names(connection, protected)
        if (protected.table, name) not in standing
    ]


def install_after_migrate(*, sender: Any, using: str, **kwargs: Any) -> None:
    """post_migrate's receiver: each app's tables when that app is done."""
    install(using=using, app_label=sender.label)


def _present(connection: BaseDatabaseWrapper, app_label: str | None = None) -> list[Protected]:
    tables = set(connection.introspection.table_names())
    return [
        protected for protected in PROTECTED.values()
        if protected.table in tables and app_label in (None, protected.model._meta.app_label)
    ]  # fmt: skip


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and connection.in_atomic_block:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with pending foreign key checks cannot be altered
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for statement in statements:
            cursor.execute(statement)


def _names(connection: BaseDatabaseWrapper, protected: Protected) -> list[str]:
    names = ["append_only_update", *([] if protected.deletable else ["append_only_delete"])]
    names.append("append_only_replace" if connection.vendor == "sqlite" else "append_only_truncate")
    return [f"{protected.table}_{name}" for name in names]


def _removal(connection: BaseDatabaseWrapper, protected: Protected) -> list[str]:
    quote = connection.ops.quote_name
    on = "" if connection.vendor == "sqlite" else f" ON {quote(protected.table)}"
    return [f"DROP TRIGGER IF EXISTS {quote(name)}{on}" for name in _names(connection, protected)]


def _creation(connection: BaseDatabaseWrapper, protected: Protected) -> list[str]:
    build = _sqlite_trigger if connection.vendor == "sqlite" else _postgresql_trigger
    function = [] if connection.vendor == "sqlite" else [POSTGRESQL_FUNCTION]
    return function + [part for name in _names(connection, protected) for part in build(connection, protected, name)]


def _sqlite_trigger(connection: BaseDatabaseWrapper, protected: Protected, name: str) -> list[str]:
    """REPLACE INTO deletes without firing DELETE triggers, so that an insert over an existing key is refused too."""
    quote = connection.ops.quote_name
    event = name.rsplit("_", 1)[1].upper()
    when = ""
    if event == "REPLACE":
        event = "INSERT"
        clashes = " OR ".join(f"({clash})" for clash in _clashes(connection, protected.model))
        when = f" WHEN EXISTS (SELECT 1 FROM {quote(protected.table)} WHERE {clashes})"  # noqa: S608 - names of our own models
    return [
        f"CREATE TRIGGER {quote(name)} BEFORE {event} ON {quote(protected.table)}{when} "
        f"BEGIN SELECT RAISE(ABORT, '{protected.table} is append-only'); END"
    ]


def _clashes(connection: BaseDatabaseWrapper, model: type[models.Model]) -> Iterator[str]:
    """SQL by which a row that stands has a unique key of the NEW one, for each key, those that hold under a condition included."""
    options = model._meta
    column_of = {field.name: field.column for field in options.concrete_fields}
    keys = [([field.column], "") for field in options.concrete_fields if field.unique]
    for constraint in options.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
            editor = connection.SchemaEditorClass(connection)
            condition = constraint._get_condition_sql(model, editor) or ""  # type: ignore[attr-defined]
            keys.append(([column_of[name] for name in constraint.fields], condition))
    of_new = r'NEW."\1"'
    for columns, condition in keys:
        same = [f'"{column}" = NEW."{column}"' for column in columns]
        yield " AND ".join(same + ([f"({condition})", f"({COLUMN.sub(of_new, condition)})"] if condition else []))


POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change_of_append_only_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def _postgresql_trigger(connection: BaseDatabaseWrapper, protected: Protected, name: str) -> list[str]:
    quote = connection.ops.quote_name
    event = name.rsplit("_", 1)[1].upper()
    each = "STATEMENT" if event == "TRUNCATE" else "ROW"
    return [
        f"CREATE TRIGGER {quote(name)} BEFORE {event} ON {quote(protected.table)} "
        f"FOR EACH {each} EXECUTE FUNCTION refuse_change_of_append_only_table()",
        f"ALTER TABLE {quote(protected.table)} ENABLE ALWAYS TRIGGER {quote(name)}",
    ]


def _standing(connection: BaseDatabaseWrapper) -> set[tuple[str, str]]:
    """(table, trigger) of every trigger that is there and switched on."""
    if connection.vendor == "sqlite":
        query = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = (
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND t.tgenabled = 'A' AND pg_table_is_visible(c.oid)"
        )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {(table, name) for table, name in cursor.fetchall()}
