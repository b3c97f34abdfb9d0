"""Columns that come in pairs, and the constraints that keep them together."""

from typing import Any

from django.conf import settings
from django.db import models

from accounts import constraints


def moment() -> Any:
    """When a step was taken; empty until it is."""
    return models.DateTimeField(null=True, blank=True, editable=False)


def person() -> Any:
    """Who took a step; empty until somebody did."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False)


def pairs(record: str, *words: str) -> list[models.CheckConstraint]:
    """For each word (`accepted`), that `accepted_at` and `accepted_by` are both set or both empty."""
    return [constraints.both_or_neither(f"{word}_at", f"{word}_by", of=record) for word in words]
