"""The offer, the giving letter and the remittance advice as PDFs: tagged, from the frozen words, kept by their hash, for one company."""

import hashlib
import io

import pytest
from django.db import DatabaseError, transaction
from pypdf import PdfReader

from notifications.delivery import drain
from notifications.models import Notice
from payments import letters
from payments.models import Award, PaperFile, PaymentAdvice
from tests.stages import payments as stage


def said(pdf: bytes) -> str:
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_every_paper_of_a_paid_award_has_its_pdf(cast, client):
    run = stage.settled(cast)
    payment = run.payments.get()
    award = Award.objects.get(pk=payment.award_id)
    page = f"/apply/awards/{award.reference}/"
    client.force_login(cast["applicant"])
    assert client.get(f"{page}papers/offer.pdf").status_code == 409, "it is being written"
    assert "Download as a PDF" not in client.get(f"{page}papers/offer/").text

    drain(at=stage.SETTLED)
    drain(at=stage.SETTLED)
    assert PaperFile.objects.count() == award.papers.count() + award.subsidy_notices.count() == 5
    for paper in (*award.papers.all(), *award.subsidy_notices.all()):
        answer = client.get(f"{page}papers/{paper.kind}.pdf")
        assert hashlib.sha256(answer.content).hexdigest() == paper.file.sha256
        assert PdfReader(io.BytesIO(answer.content)).trailer["/Root"]["/MarkInfo"]["/Marked"], "tagged for assistive technology"
        words = said(answer.content)
        assert paper.sha256 in words
        for line in paper.body.split("\n"):
            assert "".join(line.replace(": ", "").split())[:60] in words.replace(":", "") or all(
                "".join(w.split()) in words for w in line.split()
            )
        assert f"{paper.kind}.pdf" in client.get(f"{page}papers/{paper.kind}/").text

    advice = PaymentAdvice.objects.get(payment=payment)
    answer = client.get(f"{page}payments/{payment.end_to_end}.pdf")
    assert hashlib.sha256(answer.content).hexdigest() == advice.sha256
    assert f"{payment.amount_pence / 100:,.2f}" in said(answer.content)
    assert payment.bank_account.account_number not in said(answer.content)
    assert f"{payment.end_to_end}.pdf" in client.get(page).text
    assert client.get(f"{page}payments/PH00000000-1.pdf").status_code == 404

    client.force_login(cast["stranger"])
    assert {client.get(f"{page}{where}").status_code for where in ("papers/offer.pdf", f"payments/{payment.end_to_end}.pdf")} == {404}
    with pytest.raises(DatabaseError), transaction.atomic():
        PaperFile.objects.update(pdf=b"%PDF-other")


def test_what_a_company_is_called_stands_in_the_letter_as_words(cast):
    award = stage.offered(cast)
    offer = award.papers.get(kind="offer")
    offer.body += "\n#panic(1) ‘quoted’: $x$ \\ 日本"
    assert "#panic(1)‘quoted’" in said(letters.pdf.write(letters.compose(offer)))


def test_a_company_has_the_receipt_of_its_claim_at_once_and_staff_hear_as_they_chose(cast):
    stage.claim_submitted(cast)
    told = set(Notice.objects.filter(kind="claim.submitted").values_list("person__name", "is_urgent"))
    assert told >= {(cast[who].name, True) for who in ("applicant", "signatory")} | {(cast["officer"].name, False)}
