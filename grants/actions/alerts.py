"""Ask to be told when a programme opens, confirm it, stop it; and the telling (docs/adr/0035).

Asking answers the same whatever is known of an address, so that nobody learns who is on the list; one mail an hour at the most goes to an
address about a programme. Links are signed; nothing is stored for them.
"""

from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.urls import reverse

from accounts import mail
from accounts.refusals import NotAllowedNow
from design.words import deadline_in_words
from grants.models import OpeningAlert, Programme, Round, RoundChange
from grants.models.alerts import blind
from notifications.models import OutboxMessage
from notifications.outbox import handles
from workflow.models import StepTaken

CONFIRM, STOP = "opening alert: confirm", "opening alert: stop"
CONFIRMED_WITHIN = timedelta(days=7)
"""After that an unconfirmed address is forgotten."""
ONE_MAIL_IN = timedelta(hours=1)


class LinkNotGood(NotAllowedNow):
    """A link that was never ours, is too old, or is about nothing any more (HTTP 404)."""

    status = 404
    code = "link_not_good"


@transaction.atomic
def ask(*, programme: Programme, address: str, at: datetime) -> None:
    """Write to an address whether it wants to be told. Says nothing of what is known about it."""
    OpeningAlert.objects.filter(confirmed_at=None, asked_at__lt=at - CONFIRMED_WITHIN).delete()
    alert, is_new = OpeningAlert.objects.select_for_update().get_or_create(
        programme=programme, blind=blind(address), defaults={"address": address.strip(), "asked_at": at}
    )
    if alert.confirmed_at is not None or not (is_new or alert.asked_at <= at - ONE_MAIL_IN):
        return
    alert.asked_at = at
    alert.save(update_fields=["asked_at"])
    body = (
        f"Somebody, we hope you, asked that we write to this address when {programme.name} opens for applications.\n\n"
        f"If that was you, confirm it here within 7 days:\n{_link('grants:alert_confirm', CONFIRM, alert)}\n\n"
        "If it was not, do nothing: we will not write again, and forget the address."
    )
    mail.post(to=alert.address, subject=f"Shall we tell you when {programme.name} opens?", body=body, at=at)


def read(token: str, *, purpose: str) -> OpeningAlert:
    """The alert that a link is about. Raises LinkNotGood where the link is wrong, too old, or its alert gone."""
    try:
        pk = signing.loads(token, salt=purpose, max_age=CONFIRMED_WITHIN if purpose == CONFIRM else None)
        return OpeningAlert.objects.select_related("programme").get(pk=pk)
    except (signing.BadSignature, OpeningAlert.DoesNotExist):
        raise LinkNotGood("This link is no longer good: it is too old, or the address it went to is not on our list.") from None


@transaction.atomic
def confirm(*, alert: OpeningAlert, at: datetime) -> None:
    """Put a confirmed address on the list. Twice is once."""
    OpeningAlert.objects.filter(pk=alert.pk, confirmed_at=None).update(confirmed_at=at)


@transaction.atomic
def stop(*, alert: OpeningAlert) -> None:
    """Forget the address."""
    OpeningAlert.objects.filter(pk=alert.pk).delete()


@handles("round.opened")
def tell(message: OutboxMessage, at: datetime) -> None:
    """Write to every confirmed address that a round has opened. Done twice, each is written to once."""
    round_ = Round.objects.select_related("programme", "version").get(pk=message.payload["id"])
    programme = round_.programme
    page = mail.link(programme.get_absolute_url())
    for alert in programme.alerts.exclude(confirmed_at=None).order_by("pk"):
        body = (
            f"{round_.title} is open for applications until {deadline_in_words(round_.closes_at)}.\n\n"
            f"What it asks, its rules and how it is scored:\n{page}\n\n"
            f"To hear no more of this, and have us forget your address:\n{_link('grants:alert_stop', STOP, alert)}"
        )
        mail.post(to=alert.address, subject=f"{programme.name} is open", body=body, key=f"alert:{round_.pk}:{alert.pk}", at=at)


@handles("round.dates")
def tell_of_dates(message: OutboxMessage, at: datetime) -> None:
    """Write to every confirmed address that a round opens at another time, or not at all. Done twice, each is written to once.

    A round that has opened and is cancelled then is no news to them: they were told that it was open.
    """
    taken = StepTaken.objects.get(pk=message.payload["taken"])
    kind = RoundChange.Kind.CANCELLED if taken.step == "cancel" else RoundChange.Kind.RESCHEDULED
    changes = RoundChange.objects.select_related("round__programme", "round__version")
    change = changes.get(round=message.payload["id"], kind=kind, made_at=taken.at)
    programme = change.round.programme
    if change.round.opened_at is not None:
        return
    for alert in programme.alerts.exclude(confirmed_at=None).order_by("pk"):
        body = (
            f"{change.round.title}: {change.sentence}\n\nThe reason: {change.reason}\n\n"
            f"The dates of the programme:\n{mail.link(programme.get_absolute_url())}\n\n"
            f"To hear no more of this, and have us forget your address:\n{_link('grants:alert_stop', STOP, alert)}"
        )
        subject = f"{programme.name}: {change.get_kind_display().lower()}"
        mail.post(to=alert.address, subject=subject, body=body, key=f"dates:{change.pk}:{alert.pk}", at=at)


def _link(route: str, purpose: str, alert: OpeningAlert) -> str:
    return mail.link(reverse(route, args=[signing.dumps(alert.pk, salt=purpose)]))
