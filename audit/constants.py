"""A value that stands in a statement itself and not beside it, so that the planner of the database sees it.

Whether a partial index fits a query is proved from what the statement says. A statement that is planned once for all values (docs/adr/0006)
says nothing of them; where they never change, they are better written in: `filter(state__in=constants("due", "held"))`.
"""

import re
from typing import Any

from django.db import models
from django.db.models.expressions import Expression

_PLAIN = re.compile(r"[a-z_]+", re.ASCII)


class Constant(Expression):
    """A short text of the house's own: small letters and underscores, nothing that anybody typed."""

    def __init__(self, text: str) -> None:
        if not _PLAIN.fullmatch(text):
            raise ValueError(f"{text!r} is no constant of the house's own")
        super().__init__(output_field=models.CharField())
        self.text = text

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return f"'{self.text}'", ()


def constants(*texts: str) -> list[Constant]:
    """Several, for `__in`."""
    return [Constant(text) for text in texts]
