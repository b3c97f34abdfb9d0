"""The types that facts and expressions have."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Type:
    """A type of the expression language. `of` is what a list or map holds, `fields` the named members of a record.

    `values` are all that a text can be, where they are known: a rule that waits for another value is refused.
    """

    name: str
    of: "Type | None" = None
    fields: tuple[tuple[str, "Type"], ...] = ()
    values: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return f"list of {self.of}" if self.name == "list" else _WORDS.get(self.name, self.name)

    def member(self, name: str) -> "Type | None":
        """The type of a named member, if there is one."""
        return self.of if self.name == "map" else dict(self.fields).get(name)


INT, DOUBLE, STRING, BOOL = Type("int"), Type("double"), Type("string"), Type("bool")
TIMESTAMP, DURATION, NULL, ANY = Type("timestamp"), Type("duration"), Type("null"), Type("any")
NUMBERS = (INT, DOUBLE)
_WORDS = {"int": "whole number", "double": "number", "string": "text", "bool": "yes or no", "timestamp": "date", "null": "nothing"}


def one_of(*values: str) -> Type:
    return Type("string", values=values)


def list_of(held: Type) -> Type:
    return Type("list", of=held)


def map_of(held: Type) -> Type:
    return Type("map", of=held)


def record(**fields: Any) -> Type:
    return Type("record", fields=tuple(sorted(fields.items())))
