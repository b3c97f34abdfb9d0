"""On the landing page: mail to this person comes back."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from accounts.home import HomeItem, contributes
from accounts.models import Person
from notifications.models import FailingAddress


@contributes
def own_address(person: Person, at: datetime) -> Iterable[HomeItem]:
    if FailingAddress.objects.to(person).standing().exists():
        yield HomeItem("Mail to you comes back", f"Nothing reaches {person.email}. See what to do.", reverse("notifications:inbox"))
