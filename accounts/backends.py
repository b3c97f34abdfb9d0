"""Who can be signed in at all."""

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import Person


class PeopleBackend(AuthenticationBackend):
    """allauth's, for human beings: SYSTEM is never anybody's session, whatever the way it came about."""

    def user_can_authenticate(self, user: Person) -> bool:
        return super().user_can_authenticate(user) and not user.is_system
