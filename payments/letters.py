"""The award's papers as PDFs: written by the outbox from the frozen text and nothing else, so that both say the same for ever."""

import re
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from django.db import IntegrityError, transaction

from applications.models import Company
from design import papers as pdf
from design.words import in_words, pounds_exact
from notifications.models import OutboxMessage
from notifications.outbox import handles
from payments.models import Award, AwardPaper, PaperFile, Payment, PaymentAdvice, SubsidyNotice

FACT = re.compile(r"(?P<name>[A-Z][^:.]{2,60}): (?P<value>\S.*)")
"""A line of a frozen text that names a value; it stands in a table. Every other line is running text."""


@handles("award.offered")
def write_offer(message: OutboxMessage, at: datetime) -> None:
    """The offer, and the subsidy papers that came before it."""
    write_waiting(Award.objects.get(pk=message.payload["id"]), at=at)


@handles("award.accepted")
def write_agreement(message: OutboxMessage, at: datetime) -> None:
    """The signed agreement and the giving letter."""
    write_waiting(Award.objects.get(pk=message.payload["id"]), at=at)


@handles("payment.settled")
def advise(message: OutboxMessage, at: datetime) -> None:
    """The remittance advice of a payment that arrived. Done twice, it changes nothing."""
    rows = Payment.objects.select_related("award__programme__delivery_body", "award__application__version", "claim__milestone")
    payment = rows.select_related("award__company__organisation", "bank_account", "claim__award").get(pk=message.payload["id"])
    if payment.state != Payment.State.SETTLED or PaymentAdvice.objects.filter(reference=payment.end_to_end).exists():
        return
    body = advice(payment)
    written = pdf.write(_paper(payment.award, body, dated=payment.settled_at or at, reference=payment.end_to_end))
    _once(
        PaymentAdvice(
            payment=payment, reference=payment.end_to_end, body=body, pdf=written, sha256=sha256(written).hexdigest(), written_at=at
        )
    )


def write_waiting(award: Award, *, at: datetime) -> None:
    """Write every PDF that this award's papers still lack. Done twice, it changes nothing."""
    for paper in award.papers.filter(file=None).order_by("pk"):
        written = pdf.write(compose(paper))
        _once(PaperFile(paper=paper, pdf=written, sha256=sha256(written).hexdigest(), written_at=at))
    for notice in award.subsidy_notices.filter(file=None).order_by("pk"):
        written = pdf.write(compose(notice))
        _once(PaperFile(notice=notice, pdf=written, sha256=sha256(written).hexdigest(), written_at=at))


def _once(row: PaperFile | PaymentAdvice) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return  # another worker wrote it


def compose(paper: AwardPaper | SubsidyNotice) -> pdf.Paper:
    """The letter that says what the frozen text says, with the text's SHA-256 on it."""
    parts: list[pdf.Part] = []
    if isinstance(paper, AwardPaper) and paper.kind == AwardPaper.Kind.OFFER:
        parts.append(pdf.text("To accept it, an authorised signatory of the company signs in and accepts it on the award's page."))
    parts += [
        pdf.facts([("SHA-256 of the text", paper.sha256)], columns=("Fingerprint", "As we hold it"), exact=["SHA-256 of the text"]),
        pdf.quiet("The fingerprint is worked out over the words of this paper as our audit trail holds them. If one letter had changed, "
                  "it would be another."),
    ]  # fmt: skip
    return _paper(paper.award, paper.body, dated=paper.made_at, reference=paper.award.reference, after=parts)


def _paper(award: Award, body: str, *, dated: datetime, reference: str, after: Iterable[pdf.Part] = ()) -> pdf.Paper:
    title, *lines = body.split("\n")
    company = award.company
    return pdf.Paper(
        title=title,
        sender=award.terms.granting_authority,
        reference=reference,
        dated=dated,
        addressee=[line for line in lines_of(company) if line.strip()],
        parts=[*_parts(lines), *after],
        footer=f"{award.programme.name}, {award.reference}",
    )


def lines_of(company: Company) -> tuple[str, ...]:
    """Name and address, as on an envelope; a line may be blank."""
    return company.name, company.address_line_1, company.address_line_2, company.address_town, company.postcode


def _parts(lines: Iterable[str]) -> list[pdf.Part]:
    """Lines that name a value in a row are one table; the rest is text."""
    parts: list[pdf.Part] = []
    rows: list[tuple[str, str]] = []
    for line in lines:
        if found := FACT.fullmatch(line):
            rows.append((found["name"], found["value"]))
            continue
        if rows:
            parts.append(pdf.facts(rows, columns=("Term", "What it says")))
            rows = []
        parts.append(pdf.text(line))
    return [*parts, pdf.facts(rows, columns=("Term", "What it says"))] if rows else parts


def advice(payment: Payment) -> str:
    """What the company's books need: who paid how much, when, for what, to which account, under which reference."""
    award, claim = payment.award, payment.claim
    lines = [
        f"Remittance advice {payment.end_to_end}",
        f"Paid by: {award.programme.delivery_body.name}",
        f"Paid to: {award.company.name}, account ending {payment.bank_account.last4}" if payment.bank_account else "",
        f"Amount: {pounds_exact(payment.amount_pence)}",
        f"Date: {in_words(payment.booked_on)}" if payment.booked_on else "",
        f"Reference on your statement: {payment.end_to_end}",
        f"Award: {award.reference}, {award.programme.name}",
    ]
    if claim is not None:
        lines += [
            f"For: {payment.get_kind_display()}, claim {claim.number}, {claim.what_for}"
            if claim.milestone
            else f"For: the advance, claim {claim.number}"
        ]
        if payment.kind == "claim" and claim.offset_pence:
            lines.append(f"Paid in advance already: {pounds_exact(claim.offset_pence)}")
        if payment.kind == "claim" and claim.retained_pence:
            lines.append(f"Held back until the final report: {pounds_exact(claim.retained_pence)}")
    lines.append("A grant is outside the scope of VAT: this is no invoice and asks for none.")
    return "\n".join(line for line in lines if line)
