"""What accounts puts on the landing page: invitations to accept, roles and keys that wait to be confirmed."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from accounts.home import HomeItem, contributes
from accounts.models import ApiKey, Invitation, Person, RoleGrant
from accounts.presenters import part_of


@contributes
def invitations_to_accept(person: Person, at: datetime) -> Iterable[HomeItem]:
    for one in Invitation.objects.of(person).filter(expires_at__gt=at).order_by("sent_at", "pk")[:10]:
        by = "You are invited" if one.invited_by.is_system else f"{one.invited_by.name} invites you"
        yield HomeItem("Accept an invitation", f"{by} to be {part_of(one)}.", reverse("accounts:own-invitation", args=[one.pk]))


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
