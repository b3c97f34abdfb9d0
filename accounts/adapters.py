"""How allauth behaves in this house: its mail goes through the outbox, its second-factor secrets rest encrypted."""

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import encryption, mail, second_factor
from accounts.models import Person


def display_name(person: Person) -> str:
    return person.name or person.email


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up, sign-in and their mail."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Render as allauth does, then write an outbox row instead of speaking to a mail server inside the request."""
        if email == Person.SYSTEM_EMAIL:
            return
        request = context_request()
        about = {"request": request, "email": email, "current_site": get_current_site(request)} | context
        message = self.render_mail(template_prefix, email, about)
        mail.post(to=email, subject=str(message.subject), body=str(message.body), at=timezone.now())

    def pre_login(self, request: HttpRequest, user: Person, **about: Any) -> HttpResponse | None:
        """SYSTEM is turned away like a closed account."""
        return self.respond_user_inactive(request, user) if user.is_system else super().pre_login(request, user, **about)

    def is_reauthentication_required(self, *, app: str, **about: Any) -> bool:
        """Not within minutes of signing in: who is sent to set up a second factor has just shown who they are."""
        request = context_request()
        records = get_authentication_records(request, request.user)
        has_just_signed_in = bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
        return not has_just_signed_in and super().is_reauthentication_required(app=app, **about)


def context_request() -> Any:
    return context.request


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors: encrypted at rest, and not given up by those whose role asks for one."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": "Your role needs a second factor. Add another one before you remove this.",
    }

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not second_factor.is_needed_by(authenticator.user) or second_factor.has_another(authenticator)
