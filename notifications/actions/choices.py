"""How a person wants their mail, and the mail of a day."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Person
from accounts.refusals import Refused
from audit import trail
from notifications import outbox
from notifications.models import MailChoice, Notice

MORNING = 7
"""The hour, UK time, from which the day's mail goes out."""


def choose(*, how: str, by: Person, at: datetime) -> MailChoice:
    """As it happens, or once a day. What waits for the daily mail still comes with the next one. Raises Refused."""
    if how not in MailChoice.How.values:
        raise Refused("Choose one of the two.", code="choice_unknown", field="how")
    with transaction.atomic():
        choice, _ = MailChoice.objects.update_or_create(person=by, defaults={"how": how, "chosen_at": at})
        trail.record(stream=f"person:{by.pk}", kind="mail.chosen", actor=by.pk, at=at, after={"how": how})
    return choice


def put_digests(*, at: datetime) -> int:
    """From the morning on, one mail to everybody for whom notices wait; once a day however often it is asked. Returns how many."""
    today = timezone.localtime(at)
    if today.hour < MORNING:
        return 0
    number = 0
    for person, last in Notice.objects.for_digest().order_by("person").values_list("person").annotate(last=Max("pk")):
        payload = {"person": person, "last": last}
        with transaction.atomic():
            message = outbox.put("digest.mail", payload, key=f"digest:{person}:{today.date().isoformat()}", at=at)
        number += message.created_at == at
    return number
