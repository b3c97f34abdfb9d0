"""How often one person, or one address, may do a thing. The counts lie in the cache that all processes share."""

import time
from dataclasses import dataclass

from django.core.cache import cache

from accounts.refusals import NotAllowedNow

HOUR = 3600


class TooMany(NotAllowedNow):
    """Too much in too short a time (HTTP 429)."""

    status = 429
    code = "too_many"


@dataclass(frozen=True)
class Limit:
    """At most `most` in `seconds`. Kind: somebody who works hard never meets it, a script does."""

    most: int
    seconds: int
    sentence: str


def spend(name: str, limit: Limit, *, who: str) -> None:
    """Count one more against a limit. Raises TooMany when that is one too many."""
    key = f"limit:{name}:{who}:{int(time.time()) // limit.seconds}"
    cache.add(key, 0, limit.seconds)
    try:
        spent = cache.incr(key)
    except ValueError:  # it ran out between the two
        return
    if spent > limit.most:
        raise TooMany(limit.sentence)
