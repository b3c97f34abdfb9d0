"""Handing one mail to the server, under an id of ours, and noticing when the server says that nobody lives there."""

from datetime import datetime
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.crypto import salted_hmac

from notifications.actions import addresses
from notifications.models import OutboxMessage


def post(message: OutboxMessage, *, to: str, subject: str, body: str, at: datetime) -> bool:
    """Send it; False where the server refuses the address for good, which is written down. Anything else that fails is raised: try later.

    The Message-ID comes from the outbox key and our secret: the receiver can tell a mail that is sent twice, and we one that comes back.
    """
    mail_id = salted_hmac("notifications.mail", message.key).hexdigest()[:32]
    OutboxMessage.objects.filter(pk=message.pk).update(mail_id=mail_id)
    try:
        EmailMessage(subject=subject, body=body, to=[to], headers={"Message-ID": f"<{mail_id}@{settings.MAIL_DOMAIN}>"}).send()
    except SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        if not 500 <= code < 600:
            raise
        words = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        addresses.note_failure(address=to, status=str(code), said=words, at=at)
        return False
    return True
