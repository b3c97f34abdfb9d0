"""What accounts puts on the landing page: roles and keys that wait to be confirmed."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from accounts.home import HomeItem, contributes
from accounts.models import ApiKey, Person, RoleGrant


@contributes
def roles_to_confirm(person: Person, at: datetime) -> Iterable[HomeItem]:
    count = RoleGrant.objects.confirmable_by(person).count()
    if count:
        yield HomeItem("Confirm roles", "Somebody proposed them; nobody holds them before you confirm.", reverse("accounts:people"), count)


@contributes
def keys_to_confirm(person: Person, at: datetime) -> Iterable[HomeItem]:
    count = ApiKey.objects.confirmable_by(person, at=at).count()
    if count:
        yield HomeItem("Confirm API keys", "They do not work before you confirm.", reverse("accounts:keys"), count)
