"""What stands around the house: broker, worker, cache, documents, mail, virus scanner."""

import secrets
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPSConnection
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import get_connection
from django.utils import timezone

from applications import scanner as scan
from applications import uploads
from config.celery import app
from config.doctor.findings import Finding, Question, ill, look, well
from notifications.models import OutboxMessage

WAIT = timedelta(minutes=2)
LARGEST_FILE = 25
"""Megabytes: what a programme may ask for at most."""


def broker() -> Iterator[Finding]:
    kind = settings.CELERY_BROKER_URL.partition(":")[0]
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=3, interval_start=0)
            connection.default_channel.queue_declare  # noqa: B018 - opening a channel is the question
    except Exception as problem:
        sentence = f"The broker ({kind}) does not answer ({type(problem).__name__}). Work is written down and waits."
        yield ill("broker", sentence, "Check CELERY_BROKER_URL, and that the server is up.")
        return
    yield well("broker", f"The broker ({kind}) answers.")


def worker() -> Iterator[Finding]:
    """The outbox is the truth: what has waited for long says that no worker is at work."""
    waiting = OutboxMessage.objects.filter(done_at=None, given_up_at=None, available_at__lt=timezone.now() - WAIT)
    lost = OutboxMessage.objects.exclude(given_up_at=None).count()
    if late := waiting.count():
        mend = "Start a worker: celery -A config worker. It takes up what waits."
        yield ill("worker", f"{late} messages have waited for more than two minutes.", mend)
    else:
        yield well("worker", "Nothing waits for longer than two minutes.")
    if lost:
        yield look("worker", f"{lost} messages were given up after many tries.", "Read last_error of notifications_outboxmessage.")


def shared_cache() -> Iterator[Finding]:
    word = secrets.token_hex(8)
    cache.set("doctor", word, 10)
    if cache.get("doctor") != word:
        yield ill("cache", "The cache forgets what it was told, so rate limits do not hold.", "Check CACHE_URL.")
    elif settings.CACHES["default"]["BACKEND"].endswith("LocMemCache"):
        yield look("cache", "Each process has a cache of its own, so rate limits count per process.", "Set CACHE_URL to a shared one.")
    else:
        yield well("cache", "The cache remembers, for all processes.")


def documents() -> Iterator[Finding]:
    """Write, read and delete a small file where documents lie."""
    content = secrets.token_bytes(64)
    try:
        name = default_storage.save("doctor.bin", ContentFile(content))
    except Exception as problem:
        mend = "Check AWS_S3_ENDPOINT_URL, the bucket's name and its keys; or, without a bucket, that VAR_DIR can be written to."
        yield ill("documents", f"No document can be kept: the storage does not take one ({type(problem).__name__}).", mend)
        return
    try:
        with default_storage.open(name) as file:
            same = file.read() == content
    finally:
        default_storage.delete(name)
    kind = type(default_storage._wrapped).__name__  # type: ignore[attr-defined]
    yield (
        well("documents", f"Documents can be kept and read ({kind}).")
        if same
        else ill("documents", "A document came back changed.", "Check the storage at AWS_S3_ENDPOINT_URL, or the disk.")
    )


def bucket() -> Iterator[Finding]:
    """Where documents lie in a bucket: strangers are refused, and what lies there is encrypted."""
    if not hasattr(default_storage, "bucket"):
        return
    storage: Any = default_storage
    try:
        name = storage.save("doctor.bin", ContentFile(b"examined"))
    except Exception:
        return  # told by the question before
    try:
        probe = storage.bucket.Object(name)
        is_open, is_encrypted = is_open_to_strangers(probe), bool(probe.server_side_encryption) and bool(storage.object_parameters)
    finally:
        storage.delete(name)
    if is_open:
        yield ill("documents", "Anybody who knows an address in the bucket can read it.", "Block public access to the bucket.")
    if not is_encrypted:
        yield look("documents", "Documents are stored without server-side encryption.", "Unset AWS_S3_ENCRYPTION, or set it to AES256.")
    if is_encrypted and not is_open:
        yield well("documents", f"The bucket encrypts ({probe.server_side_encryption}), and refuses who brings no signature.")


def is_open_to_strangers(probe: Any) -> bool:
    """Ask for the object as somebody without keys."""
    address = {"Bucket": probe.bucket_name, "Key": probe.key}
    link = urlsplit(probe.meta.client.generate_presigned_url("get_object", Params=address))
    door = HTTPSConnection if link.scheme == "https" else HTTPConnection
    with closing(door(link.netloc, timeout=5)) as connection:
        connection.request("GET", link.path)
        return connection.getresponse().status == HTTPStatus.OK


def mail() -> Iterator[Finding]:
    """Open the mail server's door, and close it again. Nothing is sent."""
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        yield look("mail", "Mail goes to files in the mailbox folder, and to nobody else.", "Set EMAIL_URL to a mail server.")
        return
    try:
        connection = get_connection(timeout=5)
        connection.open()
        connection.close()
    except Exception as problem:
        yield ill("mail", f"The mail server does not let us in ({type(problem).__name__}).", "Check EMAIL_URL.")
    else:
        yield well("mail", "The mail server lets us in.")


def scanner() -> Iterator[Finding]:
    if not settings.CLAMD_URL:
        yield look("scanner", "No virus scanner is set, so documents are kept unscanned.", "Set CLAMD_URL to clamd's socket.")
        return
    try:
        scan.check_answers()
        found = scan.scan(_large_with_a_virus().read).found
    except scan.TooLargeForScanner:
        sentence = f"The virus scanner takes no file of {LARGEST_FILE} MB, which a programme may ask for, so those stay shut."
        yield ill("scanner", sentence, f"Set StreamMaxLength in clamd.conf to {LARGEST_FILE + 1}M or more.")
    except scan.ScannerAway:
        yield ill("scanner", "The virus scanner does not answer, so no document is released.", "Start clamd, or check CLAMD_URL.")
    else:
        mend = "Load signatures with freshclam; set MaxFileSize and MaxScanSize in clamd.conf well above 25M."
        yield (
            well("scanner", f"The virus scanner finds the test virus in a file of {LARGEST_FILE} MB.")
            if found
            else look("scanner", f"The virus scanner answers, but does not find the test virus in a file of {LARGEST_FILE} MB.", mend)
        )


def _large_with_a_virus() -> BytesIO:
    """The virus that every scanner knows for a test, behind the padding of a largest file; in halves, so that this module may be kept."""
    virus = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*"
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        archive.writestr("padding", bytes(LARGEST_FILE * uploads.MEGABYTE - 1024))
        archive.writestr("test", virus)
    made.seek(0)
    return made


QUESTIONS: tuple[tuple[str, Question], ...] = (
    ("broker", broker), ("worker", worker), ("cache", shared_cache), ("documents", documents), ("documents", bucket),
    ("mail", mail), ("scanner", scanner),
)  # fmt: skip
