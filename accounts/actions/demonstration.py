"""Keeping demonstrations and real work apart: demo mode signs anybody in as anybody, so it only ever touches sample data."""

from datetime import datetime

from django.db import OperationalError, ProgrammingError, transaction

from accounts.models import DemoMarker, Organisation, Person
from accounts.refusals import NotAllowedNow


def is_marked() -> bool:
    """Whether the database carries the mark of a demonstration."""
    return DemoMarker.objects.exists()


def is_empty() -> bool:
    """Whether nobody and nothing but SYSTEM is in the database."""
    return not Person.objects.exclude(email=Person.SYSTEM_EMAIL).exists() and not Organisation.objects.exists()


def claim(*, at: datetime) -> None:
    """Mark an empty database as a demonstration. Raises NotAllowedNow when it holds anything real. Done again, it changes nothing."""
    with transaction.atomic():
        if is_marked():
            return
        if not is_empty():
            raise NotAllowedNow(
                "Demo mode was refused: the database holds people or organisations, and no mark of a demonstration. "
                "Name an empty database in DATABASE_URL, or run without DEMO.",
                code="not_a_demonstration",
            )
        DemoMarker.objects.get_or_create(pk=1, defaults={"marked_at": at})


def refuse_wrong_mode(*, is_demo: bool, at: datetime) -> None:
    """Called before anything is served. Raises NotAllowedNow when the mode and the database do not belong together."""
    try:
        if is_demo:
            claim(at=at)
        elif is_marked():
            raise NotAllowedNow(
                "The database carries the mark of a demonstration, so it is not served for real. "
                "Name another in DATABASE_URL, or set DEMO=1.",
                code="is_a_demonstration",
            )
    except (OperationalError, ProgrammingError) as problem:
        raise NotAllowedNow(
            f"The database cannot be used ({type(problem).__name__}). Check DATABASE_URL, and run manage.py migrate.", code="no_database"
        ) from problem
