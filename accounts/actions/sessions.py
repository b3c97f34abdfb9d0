"""Ending what is signed in."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest

from accounts.models import Person
from audit import trail


def end_all(*, request: HttpRequest, person: Person, at: datetime) -> int:
    """Sign the person out on every device, this one included; returns how many sessions were ended."""
    with transaction.atomic():
        others = list(UserSession.objects.filter(user=person))
        for session in others:
            session.end()
        trail.record(
            stream=f"person:{person.pk}", kind="person.signed_out_everywhere", actor=person.pk, at=at, after={"sessions": len(others)}
        )
        logout(request)
    return len(others)
