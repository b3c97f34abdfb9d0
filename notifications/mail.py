"""Mailing notices: the same words that stand on the person's page, one by one or a day's together."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string

from notifications import posting
from notifications.models import FailingAddress, MailChoice, Notice, OutboxMessage
from notifications.outbox import handles


@handles("notice.mail")
def mail_notice(message: OutboxMessage, at: datetime) -> None:
    """Mail one notice, or leave it to its reader's daily mail, or, where mail to them comes back, to their page.

    A notice that was erased meanwhile is not mailed.
    """
    notice = Notice.objects.select_related("person").filter(pk=message.payload["notice"]).first()
    if notice is None or notice.sent_at is not None or FailingAddress.objects.standing().to(notice.person).exists():
        return
    if not notice.is_urgent and MailChoice.objects.of(notice.person) == MailChoice.How.DIGEST:
        Notice.objects.filter(pk=notice.pk).update(waits_for_digest=True)
        return
    body = render_to_string("notifications/notice.txt", {"notice": notice, "base_url": settings.BASE_URL})
    if posting.post(message, to=notice.person.email, subject=notice.subject, body=body, at=at):
        Notice.objects.filter(pk=notice.pk).update(sent_at=at)


@handles("digest.mail")
def mail_digest(message: OutboxMessage, at: datetime) -> None:
    """Mail a day's notices to one person. What came after the row was written waits for tomorrow's."""
    waiting = Notice.objects.for_digest().filter(person=message.payload["person"], pk__lte=message.payload["last"])
    notices = list(waiting.select_related("person").order_by("pk"))
    if not notices or FailingAddress.objects.standing().to(notices[0].person).exists():
        return
    person, count = notices[0].person, len(notices)
    subject = notices[0].subject if count == 1 else f"{count} messages for you"
    body = render_to_string("notifications/digest.txt", {"person": person, "notices": notices, "base_url": settings.BASE_URL})
    if posting.post(message, to=person.email, subject=subject, body=body, at=at):
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(sent_at=at)
