"""The published counts, ready to be drawn."""

from typing import Any

from applications.equality import LEAST, QUESTIONS
from applications.models import EqualityReport
from design.words import in_words
from grants.models import Programme

COLUMNS = ["Answer", {"label": "How many", "numeric": True}]
TOO_FEW = "Left out"


def report(programme: Programme) -> dict[str, Any]:
    """Table by table, from the last report that was made: never from the answers themselves."""
    last = EqualityReport.objects.filter(programme=programme.slug).order_by("-pk").first()
    return {
        "programme": programme,
        "as_at": in_words(last.made_on) if last else "",
        "givers": last.givers if last else 0,
        "least": LEAST,
        "columns": COLUMNS,
        "tables": [(question.label, _rows(question.all_choices(), last.figures[question.name])) for question in QUESTIONS] if last else [],
    }


def _rows(choices: list[tuple[str, str]], figures: dict[str, int | None]) -> list[list[str]]:
    return [[label, _tens(figures.get(choice))] for choice, label in choices]


def _tens(count: int | None) -> str:
    """`30 to 39`: never the number itself."""
    if count is None:
        return TOO_FEW
    first = count - count % LEAST
    return f"{first:,} to {first + LEAST - 1:,}"
