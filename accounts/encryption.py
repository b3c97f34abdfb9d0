"""Values that rest encrypted, and the blind index by which they can still be found.

`FIELD_KEYS` lists Fernet keys, the newest first: new values are written with the first, old ones are read with any. To rotate, put a
new key in front, save the rows again, then take the old key away. Blind indexes come from the **last** key, so that a new key in front
leaves them standing; taking the last one away means that they must be computed again.
"""

import base64
import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django.db.models import lookups


class CannotDecrypt(Exception):
    """A stored value was written with a key that FIELD_KEYS no longer lists, or was tampered with."""


@lru_cache(maxsize=8)
def _fernets(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS is empty: list at least one Fernet key (32 random bytes, URL-safe base64).")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as wrong:
        raise ImproperlyConfigured("FIELD_KEYS holds something that is not a Fernet key (32 random bytes, URL-safe base64).") from wrong


def encrypt(text: str) -> str:
    """The text as a Fernet token, written with the newest key."""
    return _fernets(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text of a token written with any listed key. Raises CannotDecrypt."""
    try:
        return _fernets(tuple(settings.FIELD_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as wrong:
        raise CannotDecrypt("This value cannot be read with the keys in FIELD_KEYS.") from wrong


def blind_index(value: str, *, purpose: str) -> str:
    """A keyed digest (64 hexadecimal characters) by which equal values are found without reading them.

    `purpose` ("bank account") keeps the digests of one column from matching those of another. Normalise the value before.
    """
    _fernets(tuple(settings.FIELD_KEYS))
    master = base64.urlsafe_b64decode(settings.FIELD_KEYS[-1])
    key = hmac.new(master, b"pumphouse blind index\x00" + purpose.encode(), hashlib.sha256).digest()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):
    """Text that is encrypted in the database and plain in Python; no text at all stays as it is, for there is nothing to hide.

    It cannot be searched: keep a `blind_index` beside it.
    """

    description = "Text, encrypted at rest"

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "exact":
            return OnlyNone
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted and cannot be searched by {lookup_name}: use its blind index.")
        return super().get_lookup(lookup_name)


class OnlyNone(lookups.Exact):
    """`field=None` asks whether there is a value; any other equality is refused, for the same text has many tokens."""

    def get_prep_lookup(self) -> Any:
        if self.rhs is not None:
            raise FieldError("An encrypted field cannot be searched: use its blind index.")
        return None
