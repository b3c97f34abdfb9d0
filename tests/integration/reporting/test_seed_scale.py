"""`manage.py seed scale` writes whole applications: the trail verifies, the books balance, and the pages open."""

import hashlib
from collections import Counter
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F, Sum

from accounts.models import Person
from applications.models import Application, SubmittedPaper
from assessments.models import Assessment, ReviewPaper
from audit import verify
from audit.models import Event, Unsealed
from payments.books import check_books
from payments.models import AwardPaper, Claim, LedgerEntry, Payment, PaymentRun
from workflow.models import StepTaken

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(240)]
N = 60


def test_it_writes_whole_applications(client):
    told = StringIO()
    call_command("seed", "scale", str(N), stdout=told)

    assert f"{N} applications are written" in told.getvalue()
    copies = Application.objects.filter(reference__contains="-S0")
    assert copies.count() == N
    states = Counter(copies.values_list("state", flat=True))
    assert {"draft", "ineligible", "eligible", "assessing", "approved"} <= set(states)
    assert Assessment.objects.filter(application__in=copies).count() > N / 2
    claims = set(Claim.objects.filter(award__application__in=copies).values_list("state", flat=True))
    assert {"paid", "recommended", "submitted"} <= claims, claims

    assert verify.verify_all().is_good
    assert not Unsealed.objects.exists()
    assert check_books() == []
    every_step_has_its_event(copies)
    papers_are_what_their_hashes_say()
    runs_hold_what_they_say()
    the_officer_opens_one(client, copies)
    once_more()


def every_step_has_its_event(copies):
    for application in copies[:20]:
        steps = StepTaken.objects.filter(stream=application.stream).order_by("pk")
        taken = [f"{step.record_type}:{step.record_id}" for step in steps]
        events = Event.objects.filter(stream=application.stream, subject__in=taken)
        assert {(step.step, f"{step.record_type}:{step.record_id}") for step in steps} <= {
            (event.kind.partition(".")[2], event.subject) for event in events
        }


def papers_are_what_their_hashes_say():
    for model, column in ((SubmittedPaper, "document"), (ReviewPaper, "document"), (AwardPaper, "body")):
        for text, sha256 in model.objects.values_list(column, "sha256"):
            assert hashlib.sha256(text.encode()).hexdigest() == sha256
    for paper in SubmittedPaper.objects.filter(application__receipt_sha256=F("sha256"), application__reference__contains="-S0"):
        assert paper.application.reference in paper.document
    assert not Application.objects.exclude(receipt_sha256="").exclude(receipt_sha256__in=SubmittedPaper.objects.values("sha256")).exists()


def runs_hold_what_they_say():
    for run in PaymentRun.objects.exclude(state="void").annotate(real=Sum("payments__amount_pence")):
        assert run.total_pence == run.real
        assert run.count == Payment.objects.filter(run=run).count()
        assert hashlib.sha256(run.file.encode()).hexdigest() == run.file_sha256 or not run.file
    settled = Payment.objects.filter(state="settled")
    assert set(settled.values_list("end_to_end", flat=True)) == set(
        LedgerEntry.objects.filter(source="payment").values_list("external_ref", flat=True)
    )


def the_officer_opens_one(client, copies):
    client.force_login(Person.objects.get(email="officer@example.org"))
    for state in ("eligible", "approved"):
        page = client.get(copies.filter(state=state).first().staff_path())
        assert page.status_code in (200, 302)


def once_more():
    """Again adds to what is there, and the originals stay the sample's own."""
    from reporting.demo import scale

    scale.fill(25, now=datetime(2030, 1, 1, 12, tzinfo=UTC))
    assert Application.objects.filter(reference__contains="-S0").count() == N + 25
    assert verify.verify_all().is_good
    assert check_books() == []
