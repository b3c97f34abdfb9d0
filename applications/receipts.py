"""The receipt as a PDF: that we have it, since when by our clock, and every word of what was sent."""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Person
from applications.models import Receipt, SubmittedPaper
from applications.presenters.answers import Shown, ShownSection, of_paper
from design import papers
from design.words import exact, pounds
from grants.policies import in_words
from notifications.models import OutboxMessage
from notifications.outbox import handles


@handles("application.submitted")
@handles("application.resubmitted")
def write_waiting(message: OutboxMessage, at: datetime) -> None:
    """Write the receipts that this application still lacks. Done twice, it changes nothing."""
    lacking = SubmittedPaper.objects.filter(application=message.payload["id"], receipt=None)
    related = lacking.select_related("application__round", "application__version", "application__company__organisation", "frozen_by")
    for paper in related.order_by("number"):
        write(paper, at=at)


def write(paper: SubmittedPaper, *, at: datetime) -> Receipt:
    """Write a paper's receipt and keep it for ever as it is; the one that is there already, where there is one."""
    pdf = papers.write(compose(paper))
    try:
        with transaction.atomic():
            return Receipt.objects.create(paper=paper, pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest(), written_at=at)
    except IntegrityError:
        return Receipt.objects.get(paper=paper)


def compose(paper: SubmittedPaper) -> papers.Paper:
    """What the PDF says, from the frozen paper and nothing that may have changed since."""
    frozen = json.loads(paper.document)
    definition = paper.application.version.definition
    company, when = frozen["company"], in_words(paper.frozen_at)
    parts = [
        papers.facts(
            [
                ("Reference", frozen["reference"]),
                ("Received", f"{when}, by our clock ({exact(paper.frozen_at)})"),
                ("Round", paper.application.round.title),
                ("Company", f"{company['name']}, {company['company_number']}"),
                ("Title", frozen["title"]),
                ("Grant asked for", pounds(frozen["grant_requested_pence"])),
                ("Sent by", paper.frozen_by.name),
                ("Declaration", _declared(frozen)),
                ("Submission", f"number {paper.number} of this application"),
                ("SHA-256", paper.sha256),
            ],
            columns=("", "As we hold it"),
            exact=["SHA-256"],
        ),
        papers.quiet(
            "The SHA-256 is worked out over the text of everything below, in canonical JSON (RFC 8785), as our audit trail holds it. "
            "The page of your receipt gives you that text, so that you can work it out yourself. "
            "If one letter had changed, it would be another."
        ),
    ]
    for section in of_paper(definition, paper):
        parts += _section(section)
    if frozen["documents"]:
        rows = [[one["name"], f"{one['size']:,} bytes", one["sha256"]] for one in frozen["documents"]]
        parts.append(papers.heading("Files that you sent"))
        for name, size, sha256 in rows:
            parts.append(papers.facts([(name, size), ("SHA-256", sha256)], columns=("File", "As we hold it"), exact=["SHA-256"]))
    return papers.Paper(
        title=f"Receipt for application {frozen['reference']}",
        sender=definition.parties.delivery_body,
        reference=frozen["reference"],
        dated=paper.frozen_at,
        lead=f"We received your application at {when}. Keep this paper: it says exactly what you sent us.",
        addressee=[company["name"], *company["address"], company["postcode"]],
        parts=parts,
        footer=f"{definition.name}, {paper.sha256[:16]}",
    )


def _declared(frozen: dict[str, Any]) -> str:
    signed = Person.objects.filter(pk=frozen["declared"]["by"]).values_list("name", flat=True).first()
    return f"Signed by {signed}, {exact(datetime.fromisoformat(frozen['declared']['at']))}" if signed else "–"


def _section(section: ShownSection) -> list[papers.Part]:
    parts = [papers.heading(section.title)]
    for answer in section.answers:
        parts += _answer(answer)
    return parts


def _answer(answer: Shown) -> list[papers.Part]:
    """One question and what was answered to it."""
    parts = [papers.heading(answer.label, 2)]
    if answer.kind == "table":
        labels = [column["label"] if isinstance(column, dict) else column for column in answer.columns]
        numeric = [column["label"] for column in answer.columns if isinstance(column, dict)]
        rows = [[str(cell) for cell in row] for row in answer.rows]
        total = [str(cell) for cell in answer.total] if answer.total else None
        parts.append(papers.table(answer.label, labels, rows, numeric=numeric, total=total))
    elif answer.kind == "rows":
        parts += [papers.facts([(label, said or "–") for label, said in cells], columns=(title, "Answer")) for title, cells in answer.rows]
    else:
        parts.append(papers.text(answer.text or "No answer"))
    if answer.is_confidential:
        parts.append(papers.quiet("Marked as commercially confidential."))
    return parts
