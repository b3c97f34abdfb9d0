"""Database law that every package writes the same way."""

from django.db.models import CheckConstraint, Q


def both_or_neither(first: str, second: str, *, of: str) -> CheckConstraint:
    """Who and when travel together: `both_or_neither("decided_at", "decided_by", of="decision")`."""
    both = Q(**{f"{first}__isnull": False, f"{second}__isnull": False})
    neither = Q(**{f"{first}__isnull": True, f"{second}__isnull": True})
    return CheckConstraint(condition=both | neither, name=f"{of}_has_{first}_with_{second}")
