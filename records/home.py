"""What waits for a person among records, for the landing page."""

from collections.abc import Iterable
from datetime import datetime

from accounts.access import reach
from accounts.home import Asked, HomeItem, contributes, holds, named, one_by_one
from accounts.models import Person
from accounts.roles import Permission
from records.models import Erasure, Restriction


@contributes
def erasures_to_answer(person: Person, at: datetime) -> Iterable[Asked]:
    if holds(person, Permission.RECORDS_ERASE):
        waiting = Erasure.objects.answerable_by(person).order_by("asked_at", "pk")
        yield named(waiting, "application__reference", _to_erase)


def _to_erase(reference: str) -> HomeItem:
    return HomeItem(f"Erase {reference}, or not", "Somebody asked for it.", f"/manage/records/{reference}/")


@contributes
def restrictions_that_stand(person: Person, at: datetime) -> Iterable[Asked]:
    """To those who look after accounts, until the matter is settled."""
    if reach(person, Permission.PERSON_MANAGE).everywhere:
        others = Restriction.objects.standing().exclude(person=person).order_by("placed_at", "pk")
        yield one_by_one(others, _to_settle, "person")


def _to_settle(restriction: Restriction) -> HomeItem:
    says = "Asked that what we hold about them be kept and not used. Answer within a month."
    return HomeItem(f"Answer {restriction.person.name}", says, "/manage/records/people/")
