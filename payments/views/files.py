"""Handing out an award's papers: PDFs, byte for byte as they were written."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from accounts.refusals import NotAllowedNow
from payments.models import Award, AwardPaper, SubsidyNotice


def paper_of(award: Award, kind: str) -> AwardPaper | SubsidyNotice:
    """The award's paper of a kind, or its latest subsidy notice of that kind. Raises Http404."""
    papers: list[AwardPaper | SubsidyNotice] = [*award.papers.filter(kind=kind)]
    papers += [*award.subsidy_notices.filter(kind=kind).order_by("-pk")[:1]]
    if not papers:
        raise Http404
    return papers[0]


def paper_response(award: Award, kind: str) -> HttpResponse:
    """A paper's PDF, byte for byte as it was written. Raises Http404, NotAllowedNow while a worker writes it."""
    paper = paper_of(award, kind)
    if not hasattr(paper, "file"):
        raise NotAllowedNow("This PDF is being written. Open it again in a minute.", code="pdf_not_written")
    return pdf_response(bytes(paper.file.pdf), f"{award.reference}-{kind}.pdf")


def advice_response(award: Award, reference: str) -> HttpResponse:
    """A remittance advice. Raises Http404."""
    payment = get_object_or_404(award.payments, advices__reference=reference)
    return pdf_response(bytes(payment.advices.get(reference=reference).pdf), f"{reference}.pdf")


def pdf_response(pdf: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)
