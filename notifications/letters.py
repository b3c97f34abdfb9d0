"""Mail to an address rather than to a person's page: sign-in codes, invitations. What it says is encrypted until it is sent, then gone."""

import json
from datetime import datetime

from accounts import mail
from accounts.encryption import decrypt, encrypt
from notifications import outbox, posting
from notifications.models import OutboxMessage

SENT = {"sent": True}


@mail.deliver_through
def put_letter(*, to: str, subject: str, body: str, key: str, at: datetime) -> None:
    """Write the outbox row. Codes and links that let somebody in must not lie there in the clear."""
    sealed = encrypt(json.dumps({"to": to, "subject": subject, "body": body}))
    outbox.put("letter.mail", {"sealed": sealed}, key=key, at=at)


@outbox.handles("letter.mail")
def mail_letter(message: OutboxMessage, at: datetime) -> None:
    """Send the letter, then forget what it said. A repeat after that does nothing; one before it carries the same Message-ID."""
    payload = OutboxMessage.objects.values_list("payload", flat=True).get(pk=message.pk)
    if payload == SENT:
        return
    letter = json.loads(decrypt(payload["sealed"]))
    posting.post(message, to=letter["to"], subject=letter["subject"], body=letter["body"], at=at)
    OutboxMessage.objects.filter(pk=message.pk).update(payload=SENT)
