"""Closing somebody's account and opening it again; putting right what it says; forgetting it."""

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Q

from accounts.access import require
from accounts.models import Invitation, Person, RoleAssignment
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Permission
from accounts.scopes import SITE, Place
from audit import personal, trail


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


def correct(*, person: Person, name: str, email: str, reason: str = "", by: Person, at: datetime) -> Person:
    """Put a name or an address right (UK GDPR article 16). What was there before is committed to in the trail, with the reason.

    Everybody corrects their own name; an address of one's own is changed where it can be confirmed. Raises Denied, Refused.
    """
    if person.pk == by.pk:
        email = person.email
    else:
        require(by, Permission.PERSON_MANAGE, on=Place(SITE))
        if not reason.strip():
            raise Refused("Say who asked for this, and why.", code="reason_missing", field="reason")
    if person.is_system:
        raise Denied("The system's name stays.", code="not_this_account")
    name, email = name.strip(), Person.objects.normalize_email(email).strip()
    with transaction.atomic():
        was = Person.objects.select_for_update().get(pk=person.pk)
        if (was.name, was.email) == (name, email):
            return was
        if Person.objects.exclude(pk=was.pk).filter(email__iexact=email).exists():
            raise Refused("Somebody else has this address.", code="email_taken", field="email")
        Person.objects.filter(pk=was.pk).update(name=name, email=email)
        if email != was.email:
            _move_address(was, email)
        said = {"before_name": was.name, "name": name, "before_email": was.email, "email": email, "reason": reason.strip()}
        trail.record(stream=f"person:{was.pk}", kind="person.corrected", actor=by.pk, at=at, personal=said)
    return Person.objects.get(pk=person.pk)


def _move_address(person: Person, email: str) -> None:
    """The new address is to be confirmed at the next sign-in; who is signed in is signed out."""
    EmailAddress.objects.filter(user=person).delete()
    EmailAddress.objects.create(user=person, email=email, primary=True, verified=False)
    for session in UserSession.objects.filter(user=person):
        session.end()


def forget(*, person: Person, by: Person, at: datetime) -> None:
    """Nothing personal of an account stays: name, address, password, second factors, messages, and what its trail only commits to.

    Who did what stays, by number. The caller makes sure that nothing of theirs is kept any longer.
    """
    mark = f"erased-{person.pk}@pumphouse.invalid"
    with transaction.atomic():
        for session in UserSession.objects.filter(user=person):
            session.end()
        EmailAddress.objects.filter(user=person).delete()
        Authenticator.objects.filter(user=person).delete()
        Invitation.objects.filter(Q(email__iexact=person.email) | Q(accepted_by=person)).update(email=mark)
        RoleAssignment.objects.filter(person=person, ends_at=None).update(ends_at=at, ended_by=by)
        password = f"!{person.pk}"  # no hash: nobody signs in by it
        Person.objects.filter(pk=person.pk).update(name=f"Person {person.pk}", email=mark, password=password, is_active=False)
        personal.erase(stream=f"person:{person.pk}", reason="Nothing of theirs is kept any longer.", by=by.pk, at=at)
        trail.record(stream=f"person:{person.pk}", kind="person.forgotten", actor=by.pk, at=at)


def _check(person: Person, *, by: Person) -> None:
    require(by, Permission.PERSON_MANAGE, on=Place(SITE))
    if person.pk == by.pk or person.is_system:
        raise Denied("You cannot close or open this account.", code="not_this_account")
