"""Reading mail that came back: delivery status notifications (RFC 3464) as mail servers send them."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from typing import Any

from django.conf import settings

from accounts.refusals import Refused
from notifications.models import OutboxMessage

LARGEST = 5 * 1024 * 1024
"""Bytes of one report, with the mail that it returns."""


@dataclass(frozen=True)
class Bounce:
    """What one report says of one address. `is_for_good`: a failure that no later try mends (RFC 3463, class 5)."""

    address: str
    status: str
    said: str
    is_for_good: bool


def read(data: bytes) -> list[Bounce]:
    """Every address that a report names. Raises Refused for anything that is no report, or not about a mail of ours.

    Anybody can write a report: only one that returns the id of a mail that we sent says anything about our people.
    """
    if len(data) > LARGEST:
        raise Refused("This is larger than any delivery report.", code="bounce_too_large")
    report = message_from_bytes(data, policy=policy.default)
    if report.get_content_type() != "multipart/report":
        raise Refused("This is not a delivery report.", code="not_a_bounce")
    parts = list(report.walk())
    sent = {mail_id for part in parts for mail_id in _ids_in(part)}
    if not OutboxMessage.objects.filter(mail_id__in=sent).exclude(mail_id="").exists():
        raise Refused("This report is not about a mail of ours.", code="not_our_mail")
    return [bounce for part in parts if part.get_content_type() == "message/delivery-status" for bounce in _said_by(part)]


def _said_by(part: Message) -> Iterator[Bounce]:
    """Each address has a block of its own; the first block is about the server."""
    blocks: Any = part.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        recipient = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
        address = recipient.partition(";")[2].strip().strip("<>").lower()
        action, status = str(block.get("Action") or "").strip().lower(), str(block.get("Status") or "").strip()
        if "@" in address:
            said = str(block.get("Diagnostic-Code") or "").partition(";")[2].strip()
            yield Bounce(address, status, said, action == "failed" and status.startswith("5"))


def _ids_in(part: Message) -> Iterator[str]:
    """Ids of ours in a part: the returned mail, whole or its headers only."""
    found = [str(part.get("Message-ID") or "")]
    if part.get_content_type() == "text/rfc822-headers":
        found += [line.partition(":")[2] for line in str(part.get_payload()).splitlines() if line.lower().startswith("message-id:")]
    for one in found:
        name, _, domain = one.strip().strip("<>").partition("@")
        if domain == settings.MAIL_DOMAIN:
            yield name
