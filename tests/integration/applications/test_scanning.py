"""Virus scans against a server that speaks clamd's protocol: quarantined until a verdict, whatever happens to the scanner."""

import socketserver
import struct
import threading

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from accounts.refusals import NotAllowedNow, Refused
from applications import samples, scanner
from applications.actions import documents
from applications.models import Document
from applications.policies import check_documents_are_clean
from audit.models import Event
from notifications import delivery
from notifications.models import Notice, OutboxMessage

pytestmark = pytest.mark.django_db
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd(socketserver.StreamRequestHandler):
    """INSTREAM as clamd answers it: length, chunk, …, zero."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        body, largest = b"", 0
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            largest = max(largest, size)
            body += self.rfile.read(size)
        self.server.largest = largest
        said = self.server.says or ("stream: Eicar-Test-Signature FOUND" if EICAR in body else "stream: OK")
        self.wfile.write(said.encode() + b"\0")


class Server(socketserver.ThreadingUnixStreamServer):
    says = ""
    largest = 0


@pytest.fixture
def clamd(tmp_path, settings):
    """A scanner on a socket of its own."""
    server = Server(str(tmp_path / "clamd"), Clamd)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    settings.CLAMD_URL = f"unix://{tmp_path / 'clamd'}"
    yield server
    server.shutdown()
    server.server_close()


def attach(draft, by, at, content, name="plan.pdf"):
    return documents.attach(application=draft, question="project_plan", upload=ContentFile(content, name=name), by=by, at=at)


def test_a_clean_file_leaves_quarantine_after_its_scan(as_, clamd, draft, applicant, now):
    document = attach(draft, applicant, now, samples.pdf("A plan").replace(b"%%EOF", b"%" + b" " * 300_000 + b"\n%%EOF"))
    opens = reverse("applications:document", args=[draft.reference, document.pk])
    client = as_(applicant)
    assert client.get(opens).status_code == 409
    with pytest.raises(NotAllowedNow, match="still being scanned"):
        check_documents_are_clean(draft, at=now)
    delivery.drain(at=now)
    fresh = Document.objects.get(pk=document.pk)
    assert (fresh.scan_state, fresh.scanned_at) == ("clean", now)
    assert clamd.largest == scanner.CHUNK
    assert b"".join(client.get(opens).streaming_content).startswith(b"%PDF")
    assert Event.objects.filter(kind="document.scanned").count() == 1


def test_an_infected_file_is_never_opened_and_its_uploader_is_told(as_, clamd, draft, applicant, now):
    document = attach(draft, applicant, now, samples.pdf("A plan") + EICAR)
    delivery.drain(at=now)
    assert Document.objects.get(pk=document.pk).scan_found == "Eicar-Test-Signature"
    client = as_(applicant)
    answer = client.get(reverse("applications:document", args=[draft.reference, document.pk]))
    assert answer.status_code == 409
    assert b"A virus was found" in answer.content
    page = client.get(reverse("applications:section", args=[draft.reference, "documents"])).content.decode()
    assert "A virus was found in it (Eicar-Test-Signature)" in page
    assert Notice.objects.get(kind="document.infected").person == applicant
    with pytest.raises(Refused, match="Remove it and upload a clean copy"):
        check_documents_are_clean(draft, at=now)


@pytest.mark.parametrize("says", ["INSTREAM size limit exceeded. ERROR", "stream: ", "nonsense"])
def test_what_is_no_verdict_leaves_the_file_in_quarantine(clamd, draft, applicant, now, says):
    clamd.says = says
    document = attach(draft, applicant, now, samples.pdf("A plan"))
    delivery.drain(at=now)
    assert Document.objects.get(pk=document.pk).scan_state == "waiting"
    assert OutboxMessage.objects.get(kind="document.scan").last_error == "ScannerAway"


def test_a_scanner_that_is_away_is_asked_again_and_nothing_is_let_through(clamd, as_, draft, applicant, settings, now):
    here, settings.CLAMD_URL = settings.CLAMD_URL, "unix:///nowhere/clamd"
    document = attach(draft, applicant, now, samples.pdf("A plan"))
    delivery.drain(at=now)
    assert Document.objects.get(pk=document.pk).scan_state == "waiting"
    page = as_(applicant).get(reverse("applications:section", args=[draft.reference, "documents"])).content.decode()
    assert "Waiting for the virus scan" in page
    settings.CLAMD_URL = here
    message = OutboxMessage.objects.get(kind="document.scan")
    delivery.drain(at=message.available_at)
    assert Document.objects.get(pk=document.pk).scan_state == "clean"


def test_without_a_scanner_files_say_that_they_were_not_scanned(draft, applicant, settings, now):
    settings.CLAMD_URL = ""
    assert attach(draft, applicant, now, samples.pdf("A plan")).scan_state == "not_scanned"
