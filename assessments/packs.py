"""An application as its assessor may read it, on paper: criteria with their bands, then the answers, nothing that is hidden from them."""

from datetime import datetime

from assessments.answers import Answer, paper_for_assessors
from assessments.models import Assessment
from design import papers
from design.words import deadline_in_words


def write(assessment: Assessment, *, at: datetime) -> bytes:
    """The PDF (PDF/UA-1)."""
    return papers.write(compose(assessment, at=at))


def compose(assessment: Assessment, *, at: datetime) -> papers.Paper:
    """Criterion by criterion with the answers it reads and room for marks; then the rest of the form."""
    application, paper = assessment.application, paper_for_assessors(assessment.application)
    parts: list[papers.Part] = [papers.facts([("Company", application.company.name), ("Due", deadline_in_words(assessment.due_at))])]
    read: set[str] = set()
    for number, criterion in enumerate(assessment.scheme.criteria, start=1):
        parts.append(papers.heading(f"{number}. {criterion.title} ({criterion.weight}% of the total, 0 to {criterion.maximum})"))
        parts.append(papers.text(criterion.guidance))
        bands = sorted(criterion.bands, key=lambda band: -band.low)
        rows = [[f"{band.low} to {band.high}", f"{band.label}. {band.guidance}"] for band in bands]
        parts.append(papers.table(f"What the marks for {criterion.title} mean", ["Marks", "Meaning"], rows))
        for question in criterion.reads:
            parts += _answer(paper.answer(question))
        read |= set(criterion.reads)
    rest = [paper.answer(question.id) for question in paper.definition.form.questions() if question.id not in read]
    shown = [answer for answer in rest if not answer.is_empty]
    if shown:
        parts.append(papers.heading("The rest of the application"))
        for answer in shown:
            parts += _answer(answer)
    return papers.Paper(
        title=application.title,
        sender=application.round.programme.name,
        reference=application.reference,
        dated=at,
        parts=parts,
        lead="For its assessor alone. Read only what the company wrote; do not look anything up, and do not pass it on.",
    )


def _answer(answer: Answer) -> list[papers.Part]:
    parts: list[papers.Part] = [papers.heading(answer.label, level=2)]
    if answer.text:
        parts.append(papers.text(answer.text))
    if answer.rows:
        labels = [column["label"] if isinstance(column, dict) else column for column in answer.columns]
        parts.append(papers.table(answer.label, labels, [[str(cell) for cell in row] for row in answer.rows]))
    if answer.files:
        parts.append(papers.bullets(f"{file.name} (open it on the page of the review)" for file in answer.files))
    if answer.is_empty:
        parts.append(papers.quiet("Not answered"))
    return parts
