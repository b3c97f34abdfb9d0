"""The bytes that are hashed: RFC 8785 canonical JSON, and the values that may stand in it. See docs/audit-format.md."""

import datetime as dt
import hashlib
import json
import uuid
from decimal import Decimal
from enum import Enum
from typing import Any

import rfc8785

VERSION = 1
LARGEST_INTEGER = 2**53 - 1
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode

NOTHING_BEFORE = "0" * 64
"""What the first event of a stream, and the first checkpoint, name as the one before."""


def dumps(value: Any) -> bytes:
    """RFC 8785 bytes of a plain value.

    The standard library's encoder writes the same bytes, eight times faster, where all keys are ASCII (so that order by code point and by
    UTF-16 unit agree) and there is no float and no integer that a double does not hold. What is otherwise goes the long way.
    """
    return _encode(value).encode() if _is_simple(value) else rfc8785.dumps(value)


def _is_simple(value: Any) -> bool:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return -LARGEST_INTEGER <= value <= LARGEST_INTEGER
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_simple(item) for key, item in value.items())
    return kind is list and all(map(_is_simple, value))


def sha256(data: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def instant(at: dt.datetime) -> str:
    """A moment in UTC with microseconds, as 2027-03-03T12:00:00.000000Z. Raises ValueError for a moment without a zone."""
    if at.tzinfo is None:
        raise ValueError("An event's time needs a time zone.")
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(value: Any) -> Any:
    """The value as JSON would hold it: text, whole numbers, true, false, null, lists and objects.

    Times become UTC text, dates ISO text, decimals, UUIDs and enumerations their text.
    Raises TypeError for a float, because two machines may print it differently, and for anything else.
    """
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dt.datetime):
        return instant(value)
    if isinstance(value, (dt.date, Decimal, uuid.UUID)):
        return str(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    raise TypeError(f"The audit trail does not hold a {type(value).__name__}: use whole numbers or text.")
