"""Who needs a second factor at sign-in, and who has one."""

from allauth.mfa.models import Authenticator
from django.conf import settings

from accounts.access import held_by
from accounts.models import Person
from accounts.roles import SECOND_FACTOR_ROLES

COUNTS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Recovery codes alone are not a second factor: they are the way back to one."""


def is_needed_by(person: Person) -> bool:
    """Whether a role the person holds now asks for one."""
    return any(role in SECOND_FACTOR_ROLES for role, _ in held_by(person).pairs)


def has_one(person: Person) -> bool:
    return Authenticator.objects.filter(user=person, type__in=COUNTS).exists()


def has_another(authenticator: Authenticator) -> bool:
    return Authenticator.objects.filter(user=authenticator.user_id, type__in=COUNTS).exclude(pk=authenticator.pk).exists()


def is_missing(person: Person) -> bool:
    """Whether the person must set one up before going on. The demo, whose people are one click away, counts as one."""
    return not settings.DEMO and is_needed_by(person) and not has_one(person)
