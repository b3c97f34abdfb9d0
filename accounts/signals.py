"""What allauth and Django say happened, written into the trail of the person it happened to."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Person
from audit import trail


def _record(person: Person, kind: str, *, after: dict[str, Any] | None = None, personal: dict[str, Any] | None = None) -> None:
    with transaction.atomic():
        trail.record(
            stream=f"person:{person.pk}", kind=f"person.{kind}", actor=person.pk, at=timezone.now(), after=after, personal=personal
        )


@receiver(auth.user_logged_in, dispatch_uid="trail.signed_in")
def signed_in(user: Person, **_about: Any) -> None:
    _record(user, "signed_in")


@receiver(auth.user_logged_out, dispatch_uid="trail.signed_out")
def signed_out(user: Person | None, **_about: Any) -> None:
    if user is not None:
        _record(user, "signed_out")


@receiver(auth.user_login_failed, dispatch_uid="trail.sign_in_failed")
def sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_about: Any) -> None:
    """On the stream of the person whose address was tried; on the system's where it is nobody's. The address itself is personal."""
    address = str(credentials.get("email") or credentials.get("username") or "")[:254]
    person = Person.objects.filter(email__iexact=address).first()
    with transaction.atomic():
        trail.record(
            stream=f"person:{person.pk}" if person else "system",
            kind="person.sign_in_failed",
            actor=None,
            at=timezone.now(),
            personal={"email": address},
        )


@receiver(account.user_signed_up, dispatch_uid="trail.signed_up")
def signed_up(user: Person, **_about: Any) -> None:
    _record(user, "signed_up")


@receiver(account.email_confirmed, dispatch_uid="trail.email_confirmed")
def email_confirmed(email_address: Any, **_about: Any) -> None:
    _record(email_address.user, "email_confirmed", personal={"email": email_address.email})


@receiver(account.email_changed, dispatch_uid="trail.email_changed")
def email_changed(user: Person, from_email_address: Any, to_email_address: Any, **_about: Any) -> None:
    _record(user, "email_changed", personal={"from": getattr(from_email_address, "email", ""), "to": to_email_address.email})


@receiver(account.password_changed, dispatch_uid="trail.password_changed")
def password_changed(user: Person, **_about: Any) -> None:
    _record(user, "password_changed")


@receiver(account.password_set, dispatch_uid="trail.password_set")
def password_set(user: Person, **_about: Any) -> None:
    _record(user, "password_set")


@receiver(account.password_reset, dispatch_uid="trail.password_reset")
def password_reset(user: Person, **_about: Any) -> None:
    _record(user, "password_reset")


@receiver(mfa.authenticator_added, dispatch_uid="trail.second_factor_added")
def second_factor_added(user: Person, authenticator: Any, **_about: Any) -> None:
    _record(user, "second_factor_added", after={"type": str(authenticator.type)})


@receiver(mfa.authenticator_removed, dispatch_uid="trail.second_factor_removed")
def second_factor_removed(user: Person, authenticator: Any, **_about: Any) -> None:
    _record(user, "second_factor_removed", after={"type": str(authenticator.type)})


@receiver(mfa.authenticator_reset, dispatch_uid="trail.recovery_codes_renewed")
def recovery_codes_renewed(user: Person, authenticator: Any, **_about: Any) -> None:
    _record(user, "recovery_codes_renewed", after={"type": str(authenticator.type)})
