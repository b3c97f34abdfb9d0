"""Private files: stored outside the lock; who opens which is written down; a bucket's files go out by a link that expires."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils.http import content_disposition_header

from accounts.models import Person
from accounts.refusals import NotAllowedNow
from applications import scanner
from applications.models import Scanned
from audit import trail

AWAY = (OSError, BotoCoreError, ClientError)
"""What a folder or a bucket raises that cannot be used."""

log = logging.getLogger(__name__)


class Kept(Protocol):
    """A row that keeps one file: an applicant's document, a claim's evidence."""

    pk: int
    name: str
    content_type: str
    sha256: str
    file: FieldFile
    scan_state: str


@dataclass(frozen=True)
class Opened:
    """Where to send the reader: to a link at the bucket, or nowhere, when we hand out the bytes ourselves."""

    link: str = ""


class StorageAway(NotAllowedNow):
    """The bucket does not answer, or the disk is full: nothing is wrong with the file, and whoever sends it can try again."""

    status = 503
    code = "storage_away"


@contextmanager
def stored(kept: Kept, upload: File) -> Iterator[None]:
    """Store the bytes first, for nobody waits behind a lock while a bucket takes them; what fails inside takes them back.

    Raises StorageAway where they cannot be stored.
    """
    try:
        kept.file.save(kept.name, upload, save=False)
    except AWAY as problem:
        log.exception("storage_away")
        says = f"We cannot keep {kept.name} just now: the place for files does not answer. Try again in a few minutes."
        raise StorageAway(says, field="file") from problem
    try:
        yield
    except BaseException:
        kept.file.delete(save=False)
        raise


def fetched(kept: Kept) -> File:
    """The bytes as they lie there. Raises StorageAway."""
    try:
        return kept.file.open("rb")
    except AWAY as problem:
        log.exception("storage_away")
        raise StorageAway(
            f"We cannot open {kept.name} just now: the place for files does not answer. Try again in a few minutes."
        ) from problem


def open_file(*, kept: Kept, kind: str, stream: str, subject: str, by: Person, at: datetime, embedded: bool = False) -> Opened:
    """Write down that somebody opens a file they may read, and make the link where one is needed. Raises NotAllowedNow in quarantine.

    What is embedded in a page of ours is handed out by us, for our pages load nothing from elsewhere.
    """
    lasts = 0 if embedded else link_seconds(kept)
    until = {"link_until": (at + timedelta(seconds=lasts)).isoformat()} if lasts else {}
    check_can_be_opened(kept)
    with transaction.atomic():
        trail.record(stream=stream, kind=kind, actor=by.pk, at=at, subject=subject, after={"sha256": kept.sha256, **until})
    return Opened(link_to(kept) if lasts else "")


def check_can_be_opened(kept: Kept) -> None:
    """Not before the scanner's verdict, and never with a virus in it."""
    if kept.scan_state == Scanned.Scan.INFECTED:
        raise NotAllowedNow(f"A virus was found in {kept.name}, so nobody can open it.", code="document_infected")
    if kept.scan_state == Scanned.Scan.WAITING:
        raise NotAllowedNow(f"{kept.name} is still being scanned for viruses. Try again in a minute.", code="document_being_scanned")


def first_state() -> str:
    """Where a file begins: in quarantine, if there is a scanner."""
    return Scanned.Scan.WAITING if scanner.is_set_up() else Scanned.Scan.NOT_SCANNED


def link_seconds(kept: Kept) -> int:
    """How long a link to the file is good for; 0 where the storage gives no links."""
    storage = kept.file.storage
    return getattr(storage, "querystring_expire", 0) if getattr(storage, "querystring_auth", False) else 0


def link_to(kept: Kept) -> str:
    """A signed link that saves the file under its name and type, and expires."""
    answers = {
        "ResponseContentDisposition": content_disposition_header(as_attachment=True, filename=kept.name),
        "ResponseContentType": kept.content_type,
        "ResponseCacheControl": "private, no-store",
    }
    return kept.file.storage.url(kept.file.name, parameters=answers)  # type: ignore[call-arg]
