"""Closing somebody's account, and opening it again."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow
from accounts.roles import Permission
from accounts.scopes import SITE, Place
from audit import trail


def close(*, person: Person, by: Person, at: datetime) -> None:
    """Nobody can sign in as this person any more, and who is signed in is signed out. Roles and history stay. Raises Denied."""
    _check(person, by=by)
    with transaction.atomic():
        if not Person.objects.filter(pk=person.pk, is_active=True).update(is_active=False):
            raise NotAllowedNow("This account is closed already.", code="closed_already")
        for session in UserSession.objects.filter(user=person):
            session.end()
        trail.record(stream=f"person:{person.pk}", kind="person.closed", actor=by.pk, at=at)


def reopen(*, person: Person, by: Person, at: datetime) -> None:
    """The person can sign in again. Raises Denied."""
    _check(person, by=by)
    with transaction.atomic():
        if not Person.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
            raise NotAllowedNow("This account is open.", code="open_already")
        trail.record(stream=f"person:{person.pk}", kind="person.reopened", actor=by.pk, at=at)


def _check(person: Person, *, by: Person) -> None:
    require(by, Permission.PERSON_MANAGE, on=Place(SITE))
    if person.pk == by.pk or person.is_system:
        raise Denied("You cannot close or open this account.", code="not_this_account")
