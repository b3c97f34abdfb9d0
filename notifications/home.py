"""On the landing page: mail to this person comes back."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from accounts.home import Asked, HomeItem, contributes, named
from accounts.models import Person
from notifications.models import FailingAddress


@contributes
def own_address(person: Person, at: datetime) -> Iterable[Asked]:
    says = f"Nothing reaches {person.email}. See what to do."
    yield named(
        FailingAddress.objects.to(person).standing(), "address",
        lambda _: HomeItem("Mail to you comes back", says, reverse("notifications:inbox")),
    )  # fmt: skip
