"""Long lists a page at a time, by key and not by offset: the hundredth page costs what the first does."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q, QuerySet

SIZE = 40


@dataclass(frozen=True)
class Page:
    """Rows, and the query string of what follows ("" at the end)."""

    rows: list[Any]
    next: str
    is_first: bool

    @property
    def first(self) -> str:
        """The query string that goes back to the beginning ("" where this is it)."""
        return "" if self.is_first else "?"


def page(rows: QuerySet[Any], *, by: str, after: str = "", size: int = SIZE) -> Page:
    """The rows after the cursor in the order of `by` (a datetime that is never empty) and id. A cursor that is not one starts again."""
    cursor = _read(after)
    if cursor:
        moment, pk = cursor
        rows = rows.filter(Q(**{f"{by}__gt": moment}) | Q(**{by: moment, "pk__gt": pk}))
    found = list(rows.order_by(by, "pk")[: size + 1])
    shown = found[:size]
    following = f"?after={_write(getattr(shown[-1], by), shown[-1].pk)}" if len(found) > size else ""
    return Page(shown, following, cursor is None)


def _write(moment: datetime, pk: int) -> str:
    return f"{moment.timestamp():.6f}".replace(".", "-") + f"-{pk}"


def _read(after: str) -> tuple[datetime, int] | None:
    parts = after.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return None
    seconds, micros, pk = (int(part) for part in parts)
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).replace(microsecond=micros), pk
    except (ValueError, OverflowError, OSError):
        return None
