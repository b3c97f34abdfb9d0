"""What a company reads of its scores: by criterion, without names."""

from collections.abc import Collection
from typing import Any

from django.urls import reverse

from applications.models import Application
from assessments import feedback
from assessments.actions import feedback as letters
from assessments.models import FeedbackLetter
from assessments.ranking import one_decimal
from assessments.scheme import scheme_of
from design.words import moment_in_words


def feedback_on(application: Application) -> feedback.Content | None:
    """The last letter that was released to the company; None before."""
    released = FeedbackLetter.objects.filter(decision__application=application).exclude(released_at=None)
    letter = released.order_by("-released_at", "-pk").first()
    return letter.content if letter else None


def threshold_in_words(application: Application) -> str:
    """What the programme asks of the scores, beside those that the company reads."""
    scheme = scheme_of(application.version)
    majority = ", and most assessors to say that it is in scope and should be funded" if scheme.majority_needed else ""
    return f"To be funded the programme asks for {one_decimal(scheme.threshold)} or more{majority}."


def feedback_before_interview(application: Application) -> feedback.Content | None:
    """What the company reads before its interview: the words as they stand, before any decision."""
    return feedback.of(application)


COLUMNS = ["Application", "Decision", "Letter", "To look at"]


def rows(applications: list[Application]) -> list[list[Any]]:
    """The letters that are owed, with what needs a reader's eye."""
    checked, texts = letters.letters_of(applications), feedback.contents(applications)
    names = feedback.names_of(applications[0].round) if applications else []
    return [_row(one, checked.get(one.pk), texts[one.pk], names) for one in applications if one.pk in texts]


def _row(application: Application, letter: FeedbackLetter | None, content: feedback.Content, names: list[str]) -> list[Any]:
    href = reverse("assessments:feedback_letter", args=[application.round.reference, application.reference])
    found = letters.warnings_on(application, letter.content if letter else content, names=names)
    return [
        {"text": application.reference, "href": href, "hint": application.company.name},
        {"text": application.state_now.label, "hint": "" if application.notified_at else "The company does not know yet"},
        state(letter, content),
        {
            "text": f"{len(found)} {'warning' if len(found) == 1 else 'warnings'}" if found else "Nothing",
            "hint": letter.note if letter else "",
        },
    ]


def state(letter: FeedbackLetter | None, content: feedback.Content) -> dict[str, Any]:
    """Where a letter stands."""
    if letter is None:
        return {"tag": "To be checked", "tone": "waiting"}
    if letter.released_at:
        return {"tag": "Released", "tone": "neutral"}
    if not letters.is_checked(letter, content):
        return {"tag": "Changed since it was checked", "tone": "waiting"}
    return {"tag": "Checked", "tone": "active", "hint": f"{letter.checked_by}, {moment_in_words(letter.checked_at)}"}


def sections(content: feedback.Content, found: list[feedback.Warning], left_out: Collection[str]) -> list[dict[str, Any]]:
    """The letter criterion by criterion, each comment with what warns of it."""
    parts = [(each["id"], f"{each['title']}: {each['mean']} on average", each["comments"]) for each in content["criteria"]]
    parts.append((feedback.OVERALL, "Overall", content["overall"]))
    return [
        {"title": title, "comments": [_comment(f"{id}:{letter}", letter, said, found, left_out) for letter, said in comments]}
        for id, title, comments in parts
    ]


def _comment(key: str, letter: str, said: str, found: list[feedback.Warning], left_out: Collection[str]) -> dict[str, Any]:
    return {"key": key, "letter": letter, "said": said, "warnings": [each.sentence for each in found if each.key == key],
            "is_left_out": key in left_out}  # fmt: skip
