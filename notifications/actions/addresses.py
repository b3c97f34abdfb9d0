"""Addresses that mail comes back from: noted when it does, cleared when their owner says that they work."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from accounts.models import Person
from audit import trail
from notifications.models import FailingAddress


def note_failure(*, address: str, status: str, said: str, at: datetime) -> FailingAddress:
    """Mail to this address came back for good. The next failure counts up; the event names the person, where it is somebody's."""
    address = address.strip().lower()[:254]
    with transaction.atomic():
        failing, is_new = FailingAddress.objects.standing().get_or_create(
            address=address, defaults={"status": status[:12], "said": _plain(said), "failed_at": at}
        )
        if not is_new:
            FailingAddress.objects.filter(pk=failing.pk).update(times=F("times") + 1, failed_at=at, status=status[:12], said=_plain(said))
            return FailingAddress.objects.get(pk=failing.pk)
        person = Person.objects.filter(email__iexact=address).first()
        trail.record(
            stream=f"person:{person.pk}" if person else "system",
            kind="mail.came_back",
            actor=None,
            at=at,
            after={"status": failing.status},
            personal={"email": address, "said": failing.said},
        )
    return failing


def try_again(*, person: Person, at: datetime) -> None:
    """Its owner says that the address works: what comes from now on is mailed to it again."""
    with transaction.atomic():
        if FailingAddress.objects.standing().to(person).update(cleared_at=at):
            trail.record(stream=f"person:{person.pk}", kind="mail.tried_again", actor=person.pk, at=at)


def _plain(said: str) -> str:
    return " ".join(said.split())[:300]
