"""Who walks through a rehearsal bears its number in a signed cookie; that alone opens nothing."""

from django.core import signing

COOKIE = "in-rehearsal"
SALT = "grants.rehearsal"
LASTS = 12 * 60 * 60
"""Seconds, as long as a session."""


def ticket(number: int) -> str:
    """The cookie's value for a rehearsal."""
    return signing.dumps(number, salt=SALT)


def number_in(value: str) -> int | None:
    """The rehearsal that a cookie names; None where it is not ours or too old."""
    try:
        found = signing.loads(value, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None
