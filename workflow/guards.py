"""Guards that a lifecycle names but a package further up defines, and the questions buttons ask of guards."""

from collections.abc import Callable
from typing import Any

from accounts.refusals import Refusal

Guard = Callable[..., None]
_registered: dict[str, Guard] = {}


def register(name: str) -> Callable[[Guard], Guard]:
    """Register `check(record, *, at)`, or `check(record, *, by)` for who is kept out, under a name that lifecycles below may use."""

    def keep(guard: Guard) -> Guard:
        if name in _registered:
            raise RuntimeError(f"{name} is registered by {_registered[name].__module__}; {guard.__module__} cannot take its place.")
        _registered[name] = guard
        return guard

    return keep


def resolve(guard: Guard | str) -> Guard:
    """The guard itself, looked up by name where only a name was declared."""
    return _registered[guard] if isinstance(guard, str) else guard


def allowed(guard: Guard, record: Any, **about: Any) -> tuple[bool, str]:
    """(yes, "") or (no, the sentence the server would answer)."""
    try:
        guard(record, **about)
    except Refusal as refusal:
        return False, refusal.sentence
    return True, ""
