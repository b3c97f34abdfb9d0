"""`manage.py seed scale` writes whole applications: the trail verifies, the books balance, and the pages open."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.db.models import F, Sum

from applications.models import Application, SubmittedPaper
from assessments.models import ReviewPaper
from audit import canonical, trail, verify
from audit.models import Event, StreamHead, Unsealed
from grants.models import Round
from payments.books import check_books
from payments.models import Award, AwardPaper, Claim, LedgerEntry, Payment, PaymentRun
from reporting.demo import scale
from tests.stages import applications as applying
from tests.stages import payments as stage
from workflow.models import StepTaken

N = 12
SAID = ("stream", "kind", "actor", "on_behalf_of", "at", "subject", "role", "before", "after")


@pytest.fixture
def copies(cast, monkeypatch):
    """Copies of an application that was paid a milestone and of one that the rules refused, written in three goes."""
    monkeypatch.setattr(scale, "CHUNK", 5)
    monkeypatch.setattr(scale, "REVIEWS_EACH", 2)
    monkeypatch.setattr(scale, "ROUND_EACH", 4)
    paid = stage.settled(cast).payments.get().award.application
    refused = applying.ineligible(cast, round=paid.round)
    originals = Application.objects.filter(pk__in=[paid.pk, refused.pk]).select_related("company__organisation", "case").order_by("pk")
    scale.copy(list(originals), N, now=stage.SETTLED + timedelta(days=1))
    return Application.objects.filter(reference__contains="-S0").order_by("pk")


def test_it_writes_whole_applications(copies, cast, client, monkeypatch):
    assert sorted(copies.values_list("state", flat=True)) == ["approved"] * (N // 2) + ["ineligible"] * (N // 2)
    assert set(Claim.objects.filter(award__application__in=copies).values_list("state", flat=True)) == {"paid"}

    found = verify.verify_all()
    assert found.is_good, found.problems
    assert not Unsealed.objects.exists()
    assert check_books() == []
    every_step_has_its_event(copies)
    papers_are_what_their_hashes_say()
    runs_hold_what_they_say()
    rounds_hold_so_many(copies)
    the_bytes_are_those_that_record_would_have_written(copies, monkeypatch)
    client.force_login(cast["officer"])
    for application in (copies[0], copies[1]):
        assert client.get(application.staff_path()).status_code in (200, 302)


def every_step_has_its_event(copies):
    for application in copies:
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


def rounds_hold_so_many(copies):
    first, second = Round.objects.filter(applications__in=copies).distinct().order_by("pk")
    assert [copies.filter(round=round).count() for round in (first, second)] == [8, 4]
    assert (second.reference, second.state) == (f"{first.reference}-S{second.pk:05d}", first.state)
    awards = Award.objects.filter(application__in=copies, application__round=second)
    assert second.budget.committed_pence == sum(awards.values_list("committed_pence", flat=True)) > 0
    assert second.budget.amount_pence > second.budget.committed_pence
    events = [Event.objects.filter(subject=f"grants.round:{pk}").order_by("pk") for pk in (first.pk, second.pk)]
    told = [list(found.values_list("kind", "at")) for found in events]
    assert told[0] == told[1] != []
    paper = SubmittedPaper.objects.filter(application__round=second).first()
    assert f'"{second.reference}"' in paper.document


def runs_hold_what_they_say():
    runs = PaymentRun.objects.exclude(state="void").annotate(real=Sum("payments__amount_pence"))
    assert len(runs) == 4
    for run in runs:
        assert run.total_pence == run.real
        assert run.count == Payment.objects.filter(run=run).count()
        assert hashlib.sha256(run.file.encode()).hexdigest() == run.file_sha256
    settled = Payment.objects.filter(state="settled")
    assert set(settled.values_list("end_to_end", flat=True)) == set(
        LedgerEntry.objects.filter(source="payment").values_list("external_ref", flat=True)
    )


def the_bytes_are_those_that_record_would_have_written(copies, monkeypatch):
    """Every event of a copy once more, from what it says, by the one who writes events one by one: the same bytes."""
    company = f"organisation:{copies[0].company.organisation_id}"
    for stream in (copies[0].stream, copies[1].stream, company):
        head = StreamHead(stream=stream, sequence=0, hash=canonical.NOTHING_BEFORE, last_at=stage.SETTLED)
        for event in Event.objects.filter(stream=stream).prefetch_related("personal_values").order_by("sequence"):
            values = {value.path: value for value in event.personal_values.all()}
            salts = iter([bytes(value.salt) for value in values.values()])
            monkeypatch.setattr(trail.secrets, "token_bytes", lambda size, salts=salts: next(salts))
            draft = trail.Draft(
                **{name: getattr(event, name) for name in SAID},
                personal={path: json.loads(value.value) for path, value in values.items()},
            )
            again, opened = trail._chained(draft, head)
            assert bytes(event.body) == again.body
            assert event.hash == again.hash
            assert [value.value for value in opened] == [value.value for value in values.values()]
        kept = StreamHead.objects.get(stream=stream)
        assert (kept.sequence, kept.hash) == (head.sequence, head.hash)
