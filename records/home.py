"""What waits for a person among records, for the landing page."""

from collections.abc import Iterable
from datetime import datetime

from accounts.access import reach
from accounts.home import HomeItem, contributes
from accounts.models import Person
from accounts.roles import Permission
from records.models import Erasure, Restriction


@contributes
def erasures_to_answer(person: Person, at: datetime) -> Iterable[HomeItem]:
    waiting = Erasure.objects.answerable_by(person).select_related("application").order_by("asked_at", "pk")[:10]
    return [
        HomeItem(f"Erase {one.application.reference}, or not", "Somebody asked for it.", f"/manage/records/{one.application.reference}/")
        for one in waiting
    ]


@contributes
def restrictions_that_stand(person: Person, at: datetime) -> Iterable[HomeItem]:
    """To those who look after accounts, until the matter is settled."""
    if not reach(person, Permission.PERSON_MANAGE).everywhere:
        return []
    others = Restriction.objects.standing().exclude(person=person).select_related("person").order_by("placed_at", "pk")[:10]
    says = "Asked that what we hold about them be kept and not used. Answer within a month."
    return [HomeItem(f"Answer {one.person.name}", says, "/manage/records/people/") for one in others]
