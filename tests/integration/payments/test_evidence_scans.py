"""Evidence is as shut as documents are: nobody opens it before the scanner's verdict, and an infected file stops the claim."""

import pytest
from django.urls import reverse

from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from applications import scanner
from audit.models import Event
from notifications import delivery
from notifications.models import Notice
from payments.actions import claims, evidence
from payments.models import Evidence
from tests.stages import payments as stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def attached(cast, settings):
    """A claim with a second file, added while a scanner was set up."""
    claim = stage.claim_draft(cast)
    settings.CLAMD_URL = "unix:///nowhere/clamd"
    line = claim.lines.get()
    return evidence.attach(claim=claim, line=line, upload=stage.upload("second"), by=cast["applicant"], at=stage.CLAIMED)


def send_in(kept, cast):
    return claims.submit(claim=kept.claim, declaration=True, by=cast["applicant"], at=stage.CLAIMED)


def page_of(client, kept):
    where = reverse("payments:company_line", args=[kept.claim.award.reference, kept.claim.number, kept.line.number])
    return client.get(where).content.decode()


def test_before_its_verdict_nobody_opens_it_and_the_claim_waits(client, cast, attached):
    client.force_login(cast["applicant"])
    opens = reverse("payments:company_evidence", args=[attached.claim.award.reference, attached.claim.number, attached.pk])
    assert client.get(opens).status_code == 409
    page = page_of(client, attached)
    assert "Waiting for the virus scan" in page
    assert f'href="{opens}"' not in page
    with pytest.raises(NotAllowedNow, match="still being scanned"):
        send_in(attached, cast)


def test_a_clean_verdict_opens_it_once_and_for_all(client, cast, attached, monkeypatch):
    monkeypatch.setattr(scanner, "scan", lambda read: scanner.Verdict())
    delivery.drain(at=stage.CLAIMED)
    monkeypatch.setattr(scanner, "scan", lambda read: scanner.Verdict("Late"))
    evidence.settle_scan(evidence=attached, found="Late", by=Person.objects.system(), at=stage.CLAIMED)
    assert Evidence.objects.get(pk=attached.pk).scan_state == "clean"
    opens = reverse("payments:company_evidence", args=[attached.claim.award.reference, attached.claim.number, attached.pk])
    client.force_login(cast["applicant"])
    answer = client.get(opens)
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert Event.objects.filter(kind="claim.evidence_opened", actor=cast["applicant"].pk).count() == 1
    assert send_in(attached, cast).state == "submitted"


def test_a_virus_is_told_to_who_sent_it_and_the_claim_goes_without(client, cast, attached, monkeypatch):
    monkeypatch.setattr(scanner, "scan", lambda read: scanner.Verdict("Eicar-Test-Signature"))
    delivery.drain(at=stage.CLAIMED)
    client.force_login(cast["applicant"])
    assert "A virus was found in it (Eicar-Test-Signature)" in page_of(client, attached)
    assert Notice.objects.get(kind="document.infected").person == cast["applicant"]
    assert Event.objects.get(kind="claim.evidence_scanned").after["verdict"] == "infected"
    with pytest.raises(Refused, match="Remove it and upload a clean copy"):
        send_in(attached, cast)
    evidence.remove(evidence=attached, by=cast["applicant"], at=stage.CLAIMED)
    assert send_in(attached, cast).state == "submitted"
