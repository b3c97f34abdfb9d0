"""A blank application of a programme version as a PDF: every question with its limits, to read and to prepare away from the screen."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from django.core.cache import cache

from design import papers
from design.words import in_words
from grants.models import ProgrammeVersion
from grants.presenters.public import ProgrammePage

KEPT_FOR = 24 * 60 * 60
MOST_TOGETHER = 1_500
"""Letters that stay on one page: a question with its hint and its limits, and the intro of its section."""


def pdf(page: ProgrammePage, version: ProgrammeVersion, *, address: str) -> bytes:
    """The PDF: the same bytes for the same version and the same announced round, typeset once a day at the most."""
    round_ = page.round
    said = [round_.opens_at, round_.closes_at, round_.most_applications, round_.budget.amount_pence] if round_ else []
    key = f"sample:{version.pk}:{version.sha256}:{sha256(repr(said).encode()).hexdigest()}"
    written = cache.get(key)
    if written is None:
        written = papers.write(compose(page, version, address=address))
        cache.set(key, written, KEPT_FOR)
    return written


def compose(page: ProgrammePage, version: ProgrammeVersion, *, address: str) -> papers.Paper:
    """What it says: the published version, and the round as it is announced; what may still move is on the page at `address`."""
    definition = page.definition
    return papers.Paper(
        title=f"Sample application: {definition.name}",
        sender=definition.parties.delivery_body,
        reference=f"{definition.slug.upper()}, version {version.number}",
        dated=version.published_at or version.created_at,
        lead="Everything that the form asks, to read and prepare. It cannot be sent in: apply on the programme's own page.",
        parts=list(_parts(page, address)),
        footer=f"{definition.name}, version {version.number}, published {in_words(version.published_at)}",
    )


def _parts(page: ProgrammePage, address: str) -> Iterator[papers.Part]:
    parties = page.definition.parties
    where = [("Where to apply", address)]
    if asked := ", ".join(filter(None, (parties.contact_name, parties.contact_email))):
        where.append(("Questions", asked))
    yield papers.facts([*page.announced(), *where], columns=("About the programme", "In short"))
    if page.round:
        yield papers.quiet(
            "Dates and amounts of a round may still change. The programme's page always says how they stand, and why they changed."
        )
    yield papers.heading("Who can apply")
    yield papers.bullets(_rule(rule) for rule in page.rules())
    for section in page.sections():
        head = [papers.heading(section["title"]), *([papers.text(section["intro"])] if section["intro"] else [])]
        for question in section["questions"]:
            yield from _question(question, after=head)
            head = []
    if page.definition.criteria:
        yield papers.heading("How it is scored")
        columns = ["Criterion", "Weight", "Marks"]
        yield papers.table("Criteria and weights", columns, page.weights(), numeric=["Weight"])


def _rule(rule: dict[str, str]) -> str:
    return rule["title"] if rule["what"] == "Must be met" else f"{rule['title']} {rule['what']}."


def _question(question: dict[str, Any], *, after: list[papers.Part]) -> Iterator[papers.Part]:
    """A question with its hint and its limits on one page, and the head of its section where it is the first."""
    items = [*question["options"], *question["statements"]]
    parts = [*after, papers.heading(question["label"], 2)]
    if question["hint"]:
        parts.append(papers.text(question["hint"]))
    if question["limits"]:
        parts.append(papers.quiet(f"{question['limits']}."))
    if sum(len(str(part.get("text", ""))) for part in parts) <= MOST_TOGETHER:
        parts = [papers.together(*parts, sticks=bool(items))]
    yield from parts
    if items:
        yield papers.bullets(items)
