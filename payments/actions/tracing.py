"""What is not a step goes on the trail in the same words everywhere."""

from datetime import datetime
from typing import Any

from accounts.models import Person
from audit import trail
from workflow.lifecycle import Lifecycle


def trace(record: Lifecycle, kind: str, *, by: Person, at: datetime, subject: str = "", **change: Any) -> None:
    """One event on the record's stream. `change` is `before`, `after` (figures and codes) and `personal` (what people wrote)."""
    trail.record(stream=record.stream, kind=kind, actor=by.pk, at=at, subject=subject or f"{record.record_type()}:{record.pk}", **change)
