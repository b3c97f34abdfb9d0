"""What accounts puts on the landing page: invitations to accept, roles and keys that wait to be confirmed."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from accounts.home import Asked, HomeItem, contributes, counted, one_by_one
from accounts.models import ApiKey, Invitation, Person, RoleGrant
from accounts.presenters import part_of


@contributes
def invitations_to_accept(person: Person, at: datetime) -> Iterable[Asked]:
    waiting = Invitation.objects.of(person).filter(expires_at__gt=at).order_by("sent_at", "pk")
    yield one_by_one(waiting, _to_accept, "invited_by")


def _to_accept(invitation: Invitation) -> HomeItem:
    by = "You are invited" if invitation.invited_by.is_system else f"{invitation.invited_by.name} invites you"
    where = reverse("accounts:own-invitation", args=[invitation.pk])
    return HomeItem("Accept an invitation", f"{by} to be {part_of(invitation)}.", where)


@contributes
def roles_to_confirm(person: Person, at: datetime) -> Iterable[Asked]:
    says = "Somebody proposed them; nobody holds them before you confirm."
    yield counted(RoleGrant.objects.confirmable_by(person), "Confirm roles", says, reverse("accounts:people"))


@contributes
def keys_to_confirm(person: Person, at: datetime) -> Iterable[Asked]:
    waiting = ApiKey.objects.confirmable_by(person, at=at)
    yield counted(waiting, "Confirm API keys", "They do not work before you confirm.", reverse("accounts:keys"))
