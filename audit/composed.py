"""A query that is composed once and asked many times, each time with other values.

The ORM takes longer to put a query with joins into words than the database takes to answer it. What every request and every step asks
(who is this, what may they do, the record with all that belongs to it) is therefore put into words once per process:

    BY_KEY = Composed(lambda: Person.objects.filter(pk=Given("key", models.BigIntegerField())))
    BY_KEY.one(key=7)
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connections, models
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")


class Given(Expression):
    """The place of a value in a composed query: its name, and the kind of field that turns it into what the database takes."""

    def __init__(self, name: str, kind: "models.Field[Any, Any]") -> None:
        super().__init__(output_field=kind)
        self.name, self.kind = name, kind

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


@dataclass(frozen=True)
class _Words:
    """A query in SQL, with the compiler that knows what its columns mean."""

    queryset: "models.QuerySet[Any, Any]"
    compiler: SQLCompiler
    sql: str
    values: tuple[Any, ...]
    converters: Any


class Composed(Generic[Row]):
    """The rows of a queryset of which some values are `Given` when it is asked."""

    def __init__(self, build: "Callable[[], models.QuerySet[Any, Row]]") -> None:
        """`build` is called once, when the first question is asked."""
        self.build = build

    @cached_property
    def words(self) -> _Words:
        return self.put_into_words()

    def put_into_words(self) -> _Words:
        queryset = self.build()
        compiler = queryset.query.get_compiler(using=queryset.db)
        sql, values = compiler.as_sql()
        converters = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
        return _Words(queryset, compiler, sql, tuple(values), converters)

    def all(self, **given: Any) -> list[Row]:
        """Records, or the values that the queryset was asked for."""
        words = self.words
        connection = connections[words.queryset.db]
        values = tuple(
            value.kind.get_db_prep_value(given[value.name], connection) if isinstance(value, Given) else value for value in words.values
        )
        compiler = copy(words.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_, **__: (words.sql, values)  # type: ignore[method-assign]
        compiler.get_converters = lambda _: words.converters  # type: ignore[method-assign,assignment]
        asked = words.queryset._chain()  # type: ignore[attr-defined]
        asked.query.get_compiler = lambda *_, **__: compiler
        return list(asked)

    def one(self, **given: Any) -> Row:
        """The one record that is sought. Raises its model's DoesNotExist."""
        found = self.all(**given)
        if not found:
            raise self.words.queryset.model.DoesNotExist
        return found[0]
