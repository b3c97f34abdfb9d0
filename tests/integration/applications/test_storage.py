"""The same papers in a private folder and in a bucket of a real S3 server: kept, handed out, written down, taken away."""

import http.client
from contextlib import closing
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.urls import reverse

from accounts.refusals import Refused
from applications import samples, scanner
from applications.actions import documents
from applications.models import Document
from audit.models import Event
from config import health, transports
from config.doctor import Severity, servers
from config.environment import Environment
from notifications import delivery
from tests.servers import BUCKET

pytestmark = pytest.mark.django_db
PLAN = samples.pdf("The plan")


@pytest.fixture
def in_bucket(bucket, settings, monkeypatch):
    """Documents go where the settings of an installation with a bucket send them."""
    for name, value in bucket.environment().items():
        monkeypatch.setenv(name, value)
    described = transports.documents(Environment(bucket.environment()), settings.VAR_DIR)
    assert described["BACKEND"] == "storages.backends.s3.S3Storage"
    settings.STORAGES = settings.STORAGES | {"default": described | {"BACKEND": "tests.servers.bucket_storage"}}
    return bucket


@pytest.fixture(params=["folder", "bucket"])
def place(request):
    """Both places, one after the other."""
    if request.param == "bucket":
        request.getfixturevalue("in_bucket")
    return request.param


def attach(draft, by, at, content=PLAN):
    return documents.attach(application=draft, question="project_plan", upload=ContentFile(content, name="Our plan.pdf"), by=by, at=at)


def fetched(answer) -> bytes:
    """What a browser ends up with."""
    if answer.status_code == 302:
        status, headers, content = get(answer["Location"])
        assert (status, headers["Content-Type"]) == (200, "application/pdf")
        assert headers["Content-Disposition"] == 'attachment; filename="Our plan.pdf"'
        return content
    assert answer["Content-Disposition"] == 'attachment; filename="Our plan.pdf"'
    assert answer["Content-Type"] == "application/pdf"
    return b"".join(answer.streaming_content)


def test_a_paper_comes_back_as_it_was_sent_and_its_opening_is_written_down(place, as_, draft, applicant, now):
    document = attach(draft, applicant, now)
    answer = as_(applicant).get(reverse("applications:document", args=[draft.reference, document.pk]))
    assert fetched(answer) == PLAN
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    (event,) = Event.objects.filter(kind="document.opened", stream=draft.stream)
    assert event.actor == applicant.pk
    assert event.after["sha256"] == document.sha256
    assert ("link_until" in event.after) is (place == "bucket")


def test_a_refused_paper_leaves_nothing_behind(place, draft, applicant, now):
    first = attach(draft, applicant, now)
    before = files_of(draft)  # and what earlier tests left under the same reference: files are not rolled back
    assert first.file.name in before
    with pytest.raises(Refused, match="already added this file"):
        attach(draft, applicant, now)
    assert files_of(draft) == before


def test_the_scanner_reads_a_paper_where_it_lies(place, draft, applicant, now, settings, monkeypatch):
    settings.CLAMD_URL = "unix:///nowhere"
    document = attach(draft, applicant, now)
    read = []
    monkeypatch.setattr("applications.scanner.scan", lambda reads: read.append(reads(2**20)) or scanner.Verdict())
    delivery.drain(at=now)
    assert read == [PLAN]
    assert Document.objects.get(pk=document.pk).scan_state == "clean"


def test_the_doctor_tries_the_place_and_nothing_stays(place):
    assert [finding.severity for finding in servers.documents()] == [Severity.WELL]
    assert not default_storage.exists("doctor.bin")


def test_the_doctor_finds_a_bucket_that_is_open_or_not_encrypted(in_bucket, monkeypatch):
    assert [finding.severity for finding in servers.bucket()] == [Severity.WELL]
    monkeypatch.setattr(storages["default"], "object_parameters", {})
    monkeypatch.setattr(servers, "is_open_to_strangers", lambda probe: True)
    told = [finding.sentence for finding in servers.bucket()]
    assert told == ["Anybody who knows an address in the bucket can read it.", "Documents are stored without server-side encryption."]


def test_a_bucket_that_is_gone_is_not_ready(in_bucket, client, monkeypatch):
    monkeypatch.setattr(health, "unapplied_migrations", list)
    assert client.get("/readyz").json() == {"ready": True, "failing": []}
    monkeypatch.setattr(health, "ASKED_FOR", 0.0)
    monkeypatch.setattr(storages["default"].bucket, "_name", "elsewhere")
    assert client.get("/readyz").json() == {"ready": False, "failing": ["documents"]}


def test_a_bucket_is_told_to_encrypt_and_gives_nothing_without_a_signature(in_bucket, draft, applicant, now):
    document = attach(draft, applicant, now)
    about = in_bucket.client.head_object(Bucket=BUCKET, Key=document.file.name)
    assert about["ServerSideEncryption"] == "AES256"
    assert "Our plan" not in document.file.name
    refused(f"{in_bucket.endpoint}/{BUCKET}/{document.file.name}")


def test_a_link_is_for_one_paper_and_expires(in_bucket, as_, draft, applicant, now):
    mine = attach(draft, applicant, now)
    in_bucket.client.put_object(Bucket=BUCKET, Key="applications/another", Body=b"Not yours")
    opens = reverse("applications:document", args=[draft.reference, mine.pk])
    client = as_(applicant)
    link = client.get(opens)["Location"]
    assert int(parse_qs(urlsplit(link).query)["X-Amz-Expires"][0]) <= 300
    refused(link.replace(mine.file.name, "applications/another"))
    refused(link.replace("Our%20plan", "Your%20plan"))
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=6), tick=True):
        late = mine.file.storage.url(mine.file.name)
    refused(late)


def files_of(draft) -> list[str]:
    folder = f"applications/{draft.reference}"
    return sorted(f"{folder}/{name}" for name in default_storage.listdir(folder)[1])


def get(address: str):
    """Status, headers and content of an address at the bucket, asked without any credentials but those in it."""
    parts = urlsplit(address)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=10)) as door:
        door.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
        response = door.getresponse()
        return response.status, response.headers, response.read()


def refused(address: str) -> None:
    assert get(address)[0] in (400, 401, 403)
