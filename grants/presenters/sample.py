"""A blank application of a programme version as a PDF: every question with its limits, to read and to prepare away from the screen."""

from collections.abc import Iterator

from django.core.cache import cache

from design import papers
from design.words import in_words
from grants.models import ProgrammeVersion
from grants.presenters.public import ProgrammePage

KEPT = ("Size of grant", "Share of eligible cost", "Length of project", "Time to write it", "Where")
"""The facts of the public page that belong to the version, not to a round."""
KEPT_FOR = 24 * 60 * 60


def pdf(page: ProgrammePage, version: ProgrammeVersion) -> bytes:
    """The PDF: the same bytes for the same version, typeset once a day at the most."""
    key = f"sample:{version.pk}:{version.sha256}"
    written = cache.get(key)
    if written is None:
        written = papers.write(compose(page, version))
        cache.set(key, written, KEPT_FOR)
    return written


def compose(page: ProgrammePage, version: ProgrammeVersion) -> papers.Paper:
    """What it says, from the published version alone: no dates of a round, which may still move."""
    definition = page.definition
    return papers.Paper(
        title=f"Sample application: {definition.name}",
        sender=definition.parties.delivery_body,
        reference=f"{definition.slug.upper()}, version {version.number}",
        dated=version.published_at or version.created_at,
        lead="Everything that the form asks, to read and prepare. It cannot be sent in: apply on the programme's own page.",
        parts=list(_parts(page)),
        footer=f"{definition.name}, version {version.number}, published {in_words(version.published_at)}",
    )


def _parts(page: ProgrammePage) -> Iterator[papers.Part]:
    funding = [row for row in page.facts() if row[0] in KEPT]
    yield papers.facts(funding, columns=("What", "As the programme says it"))
    yield papers.heading("Who can apply")
    yield papers.bullets(rule["title"] for rule in page.rules())
    for section in page.sections():
        yield papers.heading(section["title"])
        if section["intro"]:
            yield papers.text(section["intro"])
        for question in section["questions"]:
            yield from _question(question)
    if page.definition.criteria:
        yield papers.heading("How it is scored")
        columns = ["Criterion", "Weight", "Marks"]
        yield papers.table("Criteria and weights", columns, page.weights(), numeric=["Weight"])


def _question(question: dict[str, object]) -> Iterator[papers.Part]:
    yield papers.heading(str(question["label"]), 2)
    if question["hint"]:
        yield papers.text(str(question["hint"]))
    if question["limits"]:
        yield papers.quiet(f"{question['limits']}.")
    for name in ("options", "statements"):
        items = question[name]
        if isinstance(items, list) and items:
            yield papers.bullets(str(item) for item in items)
