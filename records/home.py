"""What waits for a person among records, for the landing page."""

from collections.abc import Iterable
from datetime import datetime

from accounts.home import HomeItem, contributes
from accounts.models import Person
from records.models import Erasure


@contributes
def erasures_to_answer(person: Person, at: datetime) -> Iterable[HomeItem]:
    waiting = Erasure.objects.answerable_by(person).select_related("application").order_by("asked_at", "pk")[:10]
    return [
        HomeItem(f"Erase {one.application.reference}, or not", "Somebody asked for it.", f"/manage/records/{one.application.reference}/")
        for one in waiting
    ]
