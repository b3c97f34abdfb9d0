"""Mailing a notice: the same words that stand on the person's page."""

from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from notifications.models import Notice, OutboxMessage
from notifications.outbox import handles


@handles("notice.mail")
def mail_notice(message: OutboxMessage, at: datetime) -> None:
    """Mail one notice. Its Message-ID comes from the outbox key, so a mail that is sent twice can be told by the receiver.

    A notice that was erased meanwhile is not mailed.
    """
    notice = Notice.objects.select_related("person").filter(pk=message.payload["notice"]).first()
    if notice is not None and notice.sent_at is None:
        body = render_to_string("notifications/notice.txt", {"notice": notice, "base_url": settings.BASE_URL})
        headers = {"Message-ID": f"<{sha256(message.key.encode()).hexdigest()[:32]}@{settings.MAIL_DOMAIN}>"}
        EmailMessage(subject=notice.subject, body=body, to=[notice.person.email], headers=headers).send()
        Notice.objects.filter(pk=notice.pk).update(sent_at=at)
