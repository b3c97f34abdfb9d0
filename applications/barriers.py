"""What closes an application to one of its own staff: asked of every queryset that they start from, answered by packages above."""

from collections.abc import Callable

from django.db.models import Q

from accounts.models import Person

Barrier = Callable[[Person, str], Q]
_barriers: list[Barrier] = []


def bars(barrier: Barrier) -> Barrier:
    """Register `barrier(person, path) -> Q` of the rows whose application (at `path`, a lookup such as "pk" or "award__application") is
    closed to the person."""
    _barriers.append(barrier)
    return barrier


def open_to(person: Person, path: str = "pk") -> Q:
    """The rows whose application nothing closes to this person as staff."""
    rows = Q()
    for barrier in _barriers:
        rows &= ~barrier(person, path)
    return rows


def closed_to(person: Person, path: str = "pk") -> Q:
    """The rows whose application something closes to this person as staff."""
    rows = Q(pk__in=[])
    for barrier in _barriers:
        rows |= barrier(person, path)
    return rows
