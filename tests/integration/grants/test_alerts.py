"""Opening alerts: nobody is on the list who did not confirm, nobody learns who is, and stopping forgets. And the sample application."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from pypdf import PdfReader

from grants.actions import alerts, rounds
from grants.models import OpeningAlert
from notifications.delivery import drain
from tests.stages import grants

pytestmark = pytest.mark.django_db
AT = grants.BEFORE
ADDRESS = "Ada@Example.com"


@pytest.fixture
def programme(cast):
    return grants.published(cast)


def link(letter) -> str:
    return re.search(r"https?://[^/]+(/alerts/\S+)", letter.body)[1]


def asked(programme, *, at=AT) -> None:
    alerts.ask(programme=programme, address=ADDRESS, at=at)
    drain(at=at)


def confirmed(programme) -> OpeningAlert:
    asked(programme)
    alerts.confirm(alert=OpeningAlert.objects.get(), at=AT)
    return OpeningAlert.objects.get()


def test_double_opt_in_then_told_once_then_forgotten(cast, client, programme):
    page = client.post("/programmes/diagcomm/alerts/", {"address": ADDRESS}, follow=True).content.decode()
    assert "If that address can be written to" in page
    drain(at=OpeningAlert.objects.get().asked_at)
    to_confirm = link(mail.outbox[-1])
    assert "Confirm" in client.get(to_confirm).content.decode()
    assert OpeningAlert.objects.get().confirmed_at is None, "looking changes nothing"
    client.post(to_confirm)
    assert OpeningAlert.objects.get().confirmed_at
    mail.outbox.clear()
    rounds.open(round=grants.scheduled_round(cast, programme=programme), by=cast["lead"], at=grants.OPENS)
    late = OpeningAlert.objects.get().confirmed_at + timedelta(days=1)
    drain(at=late)
    drain(at=late)
    (letter,) = [one for one in mail.outbox if one.to == [ADDRESS]]
    assert "is open for applications until midday on Friday 30 October 2026" in letter.body
    client.post(link(letter))
    assert not OpeningAlert.objects.exists()
    assert "no longer good" in client.get(link(letter)).content.decode()


def test_an_address_that_did_not_confirm_hears_nothing_more(cast, programme):
    asked(programme)
    mail.outbox.clear()
    rounds.open(round=grants.scheduled_round(cast, programme=programme), by=cast["lead"], at=grants.OPENS)
    drain(at=grants.OPENS)
    assert [one for one in mail.outbox if one.to == [ADDRESS]] == []
    alerts.ask(programme=programme, address="other@example.com", at=AT + timedelta(days=8))
    assert OpeningAlert.objects.get().address == "other@example.com"


def test_asking_again_answers_the_same_and_writes_at_most_once_an_hour(client, programme):
    confirmed(programme)
    known = client.post("/programmes/diagcomm/alerts/", {"address": ADDRESS.lower()}, follow=True).content.decode()
    unknown = client.post("/programmes/diagcomm/alerts/", {"address": "new@example.com"}, follow=True).content.decode()
    assert ("on its way" in known) == ("on its way" in unknown) is True
    OpeningAlert.objects.update(confirmed_at=None, asked_at=AT)
    sent = len(mail.outbox)
    asked(programme, at=AT + timedelta(minutes=59))
    assert len(mail.outbox) == sent
    asked(programme, at=AT + timedelta(minutes=61))
    assert len(mail.outbox) == sent + 1


def test_a_network_that_gives_many_addresses_is_slowed(client, programme):
    cache.clear()
    answers = [client.post("/programmes/diagcomm/alerts/", {"address": f"a{n}@example.com"}).status_code for n in range(11)]
    assert answers == [302] * 10 + [429]


def test_the_address_rests_encrypted_and_a_link_serves_one_purpose(client, programme):
    alert = confirmed(programme)
    raw = OpeningAlert.objects.extra(select={"raw": "address"}).values_list("raw", flat=True).get()
    assert "example" not in raw.lower()
    other = alerts._link("grants:alert_confirm", alerts.STOP, alert)
    assert client.post(re.sub(r"https?://[^/]+", "", other)).status_code == 404


def test_the_sample_application_is_a_tagged_pdf_of_the_published_version(client, programme):
    answer = client.get("/programmes/diagcomm/sample.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"/MarkInfo" in answer.content or b"pdfuaid" in answer.content
    assert answer.content == client.get("/programmes/diagcomm/sample.pdf").content
    said = " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages).split())
    for words in (
        f"{settings.BASE_URL}/programmes/diagcomm/",
        "Olive Officer, grants@example.org",
        "Subcontracted work and laboratory fees",
        "straddles the edge of the area. If not, we look at it before we decide.",
        "Protocol agreed, 30 %: A validation protocol",
    ):
        assert words in said
