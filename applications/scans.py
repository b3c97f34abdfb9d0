"""Scanning what was uploaded, behind the outbox: a scanner that is away delays the verdict, never the upload."""

from datetime import datetime

from accounts.models import Person
from applications import scanner
from applications.actions import documents
from applications.models import Document
from notifications.models import OutboxMessage
from notifications.outbox import handles


@handles("document.scan")
def scan(message: OutboxMessage, at: datetime) -> None:
    """Ask the scanner, and write its verdict down. Raises ScannerAway, and then the outbox asks again later."""
    document = Document.objects.select_related("application__case", "uploaded_by").get(pk=message.payload["document"])
    if document.scan_state != Document.Scan.WAITING:
        return
    with document.file.open("rb") as opened:
        verdict = scanner.scan(opened.read)
    documents.settle_scan(document=document, found=verdict.found, by=Person.objects.system(), at=at)
