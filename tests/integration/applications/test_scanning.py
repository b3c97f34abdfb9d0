"""Virus scans against a server that speaks clamd's protocol, and clamd itself where it is: shut until a verdict, whatever happens."""

import socket
import zipfile
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from accounts.refusals import Refused
from applications import samples, scanner
from applications.actions import applications, documents
from applications.models import Document
from applications.policies import check_documents_are_clean
from audit.models import Event
from notifications import delivery
from notifications.models import Notice, OutboxMessage
from tests import clamd as scanners
from tests.clamd import EICAR

pytestmark = pytest.mark.django_db


@pytest.fixture
def clamd(tmp_path, settings):
    """A scanner on a socket of its own."""
    settings.CLAMD_URL = f"unix://{tmp_path / 'clamd'}"
    with scanners.protocol(tmp_path) as server:
        yield server


@pytest.fixture(scope="module", params=["protocol", "clamd"])
def either(request, tmp_path_factory):
    """The socket of a scanner: ours, and clamd where the machine has it."""
    folder = tmp_path_factory.mktemp("scanner")
    with (scanners.protocol if request.param == "protocol" else scanners.real)(folder):
        yield f"unix://{folder / 'clamd'}"


def attach(draft, by, at, content, name="plan.pdf", question="project_plan"):
    return documents.attach(application=draft, question=question, upload=ContentFile(content, name=name), by=by, at=at)


def test_a_clean_file_leaves_quarantine_after_its_scan(as_, clamd, draft, applicant, now):
    document = attach(draft, applicant, now, samples.pdf("A plan").replace(b"%%EOF", b"%" + b" " * 300_000 + b"\n%%EOF"))
    opens = reverse("applications:document", args=[draft.reference, document.pk])
    client = as_(applicant)
    assert client.get(opens).status_code == 409
    check_documents_are_clean(draft, at=now)  # nobody is kept from sending in on time
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
    check = client.get(reverse("applications:check", args=[draft.reference])).content.decode()
    assert "A virus was found in plan.pdf. Remove it and upload a clean copy." in check
    assert f'href="{reverse("applications:document", args=[draft.reference, document.pk])}"' not in check
    assert Notice.objects.get(kind="document.infected").person == applicant
    with pytest.raises(Refused, match="Remove it and upload a clean copy"):
        check_documents_are_clean(draft, at=now)


def zipped(content):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/inner.com", content)
    return packed.getvalue()


def test_either_scanner_tells_clean_from_infected(either, settings):
    settings.CLAMD_URL = either
    assert scanner.scan(BytesIO(b"Nothing in it. " * 20_000).read).is_clean
    assert scanner.scan(BytesIO(samples.pdf("A plan") + EICAR).read).found.startswith(scanners.SIGNATURE)


@pytest.mark.parametrize("over", [1, 5 * scanner.CHUNK, scanners.LARGEST])
def test_either_scanner_says_when_a_file_is_too_large_for_it(either, settings, over):
    settings.CLAMD_URL = either
    assert scanner.scan(BytesIO(bytes(scanners.LARGEST)).read).is_clean
    with pytest.raises(scanner.TooLargeForScanner):
        scanner.scan(BytesIO(bytes(scanners.LARGEST + over)).read)


def test_clamd_looks_into_archives(tmp_path, settings):
    settings.CLAMD_URL = f"unix://{tmp_path / 'clamd'}"
    with scanners.real(tmp_path):
        assert scanner.scan(BytesIO(zipped(zipped(EICAR))).read).found.startswith(scanners.SIGNATURE)


@pytest.mark.parametrize("says", ["stream: ", "nonsense"])
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


def test_a_scanner_that_hangs_costs_one_wait_and_other_work_goes_on(draft, applicant, settings, monkeypatch, tmp_path, now):
    monkeypatch.setattr(scanner, "PATIENCE", 0.05)
    settings.CLAMD_URL = f"unix://{tmp_path / 'hangs'}"
    with socket.socket(socket.AF_UNIX) as hangs:
        hangs.bind(str(tmp_path / "hangs"))
        hangs.listen(10)
        for number in range(3):
            attach(draft, applicant, now, samples.pdf(f"Letter {number}"), name=f"letter-{number}.pdf", question="letters")
        delivery.drain(at=now)
    scans = OutboxMessage.objects.filter(kind="document.scan")
    assert sorted(scans.values_list("attempts", flat=True)) == [0, 0, 1]
    assert not OutboxMessage.objects.waiting(now).exclude(kind="document.scan").exists()


def test_a_scanner_that_stays_away_is_asked_for_ever_and_soon(clamd, draft, applicant, settings, now):
    here, settings.CLAMD_URL = settings.CLAMD_URL, "unix:///nowhere/clamd"
    document = attach(draft, applicant, now, samples.pdf("A plan"))
    message, moment = OutboxMessage.objects.get(kind="document.scan"), now
    for _ in range(delivery.GIVE_UP_AFTER + 3):
        delivery.drain(at=moment)
        message = OutboxMessage.objects.get(pk=message.pk)
        waits, moment = message.available_at - moment, message.available_at
    assert message.given_up_at is None
    assert waits.total_seconds() == 240
    settings.CLAMD_URL = here
    delivery.drain(at=moment)
    assert Document.objects.get(pk=document.pk).scan_state == "clean"


def test_a_virus_found_after_sending_in_reaches_the_officers_too(filled, clamd, applicant, cast, now):
    clamd.says = f"stream: {scanners.SIGNATURE} FOUND"
    document = attach(filled, applicant, now, samples.pdf("One more"), name="more.pdf", question="letters")
    sent = applications.sign_and_submit(application=filled, name="Ada", position="Director", by=cast["signatory"], at=now)
    delivery.drain(at=now)
    assert Document.objects.get(pk=document.pk).scan_state == "infected"
    told = Notice.objects.filter(kind="document.infected")
    assert {notice.person for notice in told} == {applicant, cast["officer"]}
    assert "Your application stands" in told.get(person=applicant).body
    assert sent.staff_path() == told.get(person=cast["officer"]).path


def test_without_a_scanner_files_say_that_they_were_not_scanned(draft, applicant, settings, now):
    settings.CLAMD_URL = ""
    assert attach(draft, applicant, now, samples.pdf("A plan")).scan_state == "not_scanned"
