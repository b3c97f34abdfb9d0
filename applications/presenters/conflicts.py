"""Two people changed one answer: both texts beside each other, and neither lost."""

from typing import Any

from django.http import QueryDict

from applications.actions.answers import Outcome, StaleAnswer
from applications.presenters.answers import show

KEEP = "-keep"


def page(section_page: Any, stale: list[StaleAnswer]) -> dict[str, Any]:
    """Context of the page on which the later of the two chooses."""
    questions = {question.id: question for question in section_page.questions}
    return {
        "application": section_page.reading.application,
        "section": section_page.section,
        "conflicts": [_conflict(section_page, questions[one.answer.question], one) for one in stale],
    }


def _conflict(section_page: Any, question: Any, stale: StaleAnswer) -> dict[str, Any]:
    definition = section_page.definition
    data = section_page.form.data
    own = (question.id, f"{question.id}-")
    posted = [
        (key, value)
        for key in data
        if (key == own[0] or key.startswith((own[1], f"{question.id}_"))) and not key.endswith("-revision")
        for value in data.getlist(key)
    ]
    is_text = question.kind in ("text", "long_text")
    return {
        "question": question,
        "theirs": show(definition, question, stale.theirs),
        "yours": show(definition, question, stale.yours),
        "text": stale.yours or "" if is_text else "",
        "is_text": is_text,
        "posted": [(key, value) for key, value in posted if key != question.id] if is_text else posted,
        "revision": stale.answer.revision,
        "saved_by": stale.answer.saved_by,
        "saved_at": stale.answer.saved_at,
    }


def given_up(data: QueryDict) -> set[str]:
    """The questions for which the other person's text was chosen."""
    return {key.removesuffix(KEEP) for key in data if key.endswith(KEEP) and data[key] == "theirs"}


def without_what_was_given_up(data: QueryDict, given_way: Outcome | None) -> QueryDict:
    """The posted data without the answers for which the other person's text was chosen; one that changed once more is asked about again."""
    chosen = given_up(data) - {one.answer.question for one in given_way.stale} if given_way else set()
    if not chosen:
        return data
    kept = data.copy()
    for question in chosen:
        for key in [key for key in kept if key == question or key.startswith((f"{question}-", f"{question}_"))]:
            del kept[key]
    return kept
