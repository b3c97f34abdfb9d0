"""The PDF receipt: written once from the frozen paper, kept as it is, given to the company alone."""

import hashlib
import io

import pytest
from django.db import DatabaseError, transaction
from pypdf import PdfReader

from applications import receipts
from applications.actions import answers, applications
from applications.models import Receipt
from notifications import delivery
from notifications.models import Notice
from tests.stages import applications as stages

pytestmark = pytest.mark.django_db


def said(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_the_receipt_says_everything_that_was_sent_and_is_kept_by_its_hash(cast, open_now, client, applicant, stranger, now):
    title = {"title": "日本 #panic(1) & “<b>sons</b>”"}
    sent = stages.eligible(cast, round=open_now, at=now, given=title)
    path = f"/apply/{sent.reference}/receipts/1.pdf"
    assert path in Notice.objects.filter(kind="application.submitted").first().body
    client.force_login(applicant)
    assert client.get(path).status_code == 409
    assert b"is being written" in client.get(f"/apply/{sent.reference}/").content
    delivery.drain(at=now)
    receipt = Receipt.objects.get(paper__application=sent)
    answer = client.get(path)
    assert hashlib.sha256(answer.content).hexdigest() == receipt.sha256
    assert answer["Content-Disposition"] == f'attachment; filename="{sent.reference}-receipt-1.pdf"'
    words = said(answer.content)
    need = str(sent.values()["need"])[:40]
    for expected in (sent.reference, sent.receipt_sha256, "[U+65E5][U+672C] #panic(1) & “<b>sons</b>”", "UTC", need, "Total"):
        assert "".join(expected.split()) in "".join(words.split())
    assert sent.documents.first().sha256 in "".join(words.split())
    assert path.encode() in client.get(f"/apply/{sent.reference}/").content
    client.force_login(stranger)
    assert client.get(path).status_code == 404


def test_a_second_writing_changes_nothing_and_each_submission_has_its_own(cast, open_now, applicant, signatory, now):
    sent = stages.eligible(cast, round=open_now, at=now)
    first = receipts.write(sent.current_paper(), at=now)
    assert receipts.write(sent.current_paper(), at=now).pk == first.pk
    reopened = applications.reopen(application=sent, by=applicant, at=now)
    answers.save(application=reopened, question="need", value="A better text.", by=applicant, at=now)
    applications.sign_and_submit(application=reopened, name="Sigrid", position="Director", by=signatory, at=now)
    delivery.drain(at=now)
    assert list(Receipt.objects.order_by("pk").values_list("paper__number", flat=True)) == [1, 2]
    assert bytes(Receipt.objects.get(pk=first.pk).pdf) == bytes(first.pdf)


def test_the_database_refuses_to_change_a_receipt(cast, open_now, now):
    receipt = receipts.write(stages.eligible(cast, round=open_now, at=now).current_paper(), at=now)
    with pytest.raises(DatabaseError), transaction.atomic():
        Receipt.objects.filter(pk=receipt.pk).update(pdf=b"%PDF-other")
