"""What the demo shows: who can sign in as what, and the mail that was sent."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from accounts.actions import sample
from accounts.models import Person

SEPARATOR = b"-" * 79 + b"\n"
"""What Django's file mailbox writes between two messages."""


@dataclass(frozen=True)
class Character:
    """One sample person on the demo's page."""

    who: str
    name: str
    title: str
    tries: str


@dataclass(frozen=True)
class Letter:
    """One mail of the file mailbox."""

    to: str
    subject: str
    date: str
    body: str


def people() -> dict[str, Person]:
    """The sample people that are in the database, by the word they go by."""
    domain = "@example.org"
    found = Person.objects.filter(email__endswith=domain, is_active=True).order_by("pk")
    by_word = {person.email.removesuffix(domain): person for person in found}
    count = sum(word.startswith("assessor-") for word in by_word)
    return {part.who: by_word[part.who] for part in sample.parts(assessors=count) if part.who in by_word}


def characters() -> list[Character]:
    """The cast in the order in which an application meets them."""
    there = people()
    count = sum(word.startswith("assessor-") for word in there)
    return [
        Character(part.who, there[part.who].name, part.title, part.tries) for part in sample.parts(assessors=count) if part.who in there
    ]


def letters(*, limit: int = 100) -> list[Letter]:
    """The newest mails of the file mailbox, newest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime_ns, reverse=True) if folder.is_dir() else []
    found: list[Letter] = []
    for path in files:
        found += [_read(raw) for raw in reversed(path.read_bytes().split(SEPARATOR)) if raw.strip()]
        if len(found) >= limit:
            break
    return found[:limit]


def _read(raw: bytes) -> Letter:
    message = email.message_from_bytes(raw.lstrip(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101  (the policy makes it one)
    body = message.get_body(("plain",))
    return Letter(str(message["To"]), str(message["Subject"]), str(message["Date"]), str(body.get_content()) if body else "")
