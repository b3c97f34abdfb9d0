"""Who can be signed in at all."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db import models

from accounts.models import Person
from audit.composed import Composed, Given

BY_KEY = Composed(lambda: Person.objects.filter(pk=Given("key", models.BigIntegerField())))


class PeopleBackend(AuthenticationBackend):
    """allauth's, for human beings: SYSTEM is never anybody's session, whatever the way it came about."""

    def user_can_authenticate(self, user: Person) -> bool:
        return super().user_can_authenticate(user) and not user.is_system

    def get_user(self, user_id: Any) -> Person | None:
        """Who is signed in, asked by every request."""
        found = BY_KEY.all(key=user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None
