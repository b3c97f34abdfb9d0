"""Who has which part of a form, and what staff typed for a company."""

from datetime import date
from typing import Any

from django.db import models

from accounts.access import can
from accounts.models import Person
from accounts.roles import Permission
from applications.models import Application, Assignment
from applications.models.applications import ApplicationQuerySet
from applications.presenters.answers import in_text
from applications.reading import Reading
from audit.composed import Composed, Given
from design.words import in_words

Found = ApplicationQuerySet
OPEN = Composed(
    lambda: (
        Assignment.objects.filter(application=Given("application", models.BigIntegerField()), ended_at=None)
        .select_related("assignee", "assigned_by")
        .order_by("pk")
    )
)
"""What is with colleagues of one application's team now."""


def open_assignments(application: Application) -> list[Assignment]:
    """What is with a colleague now, in the order of the days it is due, what has none last."""
    found = sorted(OPEN.all(application=application.pk), key=lambda one: (one.due_on or date.max, one.pk))
    for one in found:
        one.application = application
    return found


def with_whom(assignment: Assignment, person: Person) -> str:
    """`With Colin Colleague, due 3 March 2027`."""
    due = f", due {in_words(assignment.due_on)}" if assignment.due_on else ""
    return f"With {'you' if assignment.assignee_id == person.pk else assignment.assignee.name}{due}"


def may_give_back(assignment: Assignment, person: Person) -> bool:
    return person.pk in (assignment.assignee_id, assignment.assigned_by_id) or can(
        person, Permission.TEAM_MANAGE, on=assignment.application.company
    )


def shared_out(application: Application, person: Person) -> dict[str, Any]:
    """The page on which the writing is shared out."""
    rows = [
        {
            "assignment": one,
            "with": with_whom(one, person),
            "may_end": may_give_back(one, person),
            "end": "Give back" if one.assignee_id == person.pk and one.assigned_by_id != person.pk else "Take back",
        }
        for one in open_assignments(application)
    ]
    return {"application": application, "rows": rows}


def asked_in(application: Application, section: str, person: Person) -> dict[str, list[dict[str, Any]]]:
    """What of a section somebody is asked to write, by question ("" for all of it), in the words of whoever reads."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in open_assignments(application):
        if one.section == section:
            is_mine = one.assignee_id == person.pk and one.assigned_by_id != person.pk
            said = f"{_asks(one)} {one.note}".strip() if is_mine else f"{with_whom(one, person)}."
            found.setdefault(one.question, []).append({"assignment": one, "said": said, "is_mine": is_mine})
    return found


def _asks(one: Assignment) -> str:
    due = f" by {in_words(one.due_on)}" if one.due_on else ""
    return f"{one.assigned_by.name} asks you to write this{'' if one.question else ' section'}{due}."


def typed(application: Application, person: Person) -> dict[str, Any]:
    """What waits for the owner, each beside the answer that stands."""
    standing, definition = application.values(), application.version.definition
    waiting = application.assisted_answers.filter(settled_at=None).select_related("typed_by").order_by("pk")
    rows = []
    for one in waiting:
        question = definition.form.question(one.question)
        rows.append(
            {
                "assisted": one,
                "label": question.label,
                "typed": in_text(definition, question, one.value),
                "stands": in_text(definition, question, standing.get(one.question)),
            }
        )
    return {"application": application, "rows": rows, "may_settle": can(person, Permission.TEAM_MANAGE, on=application.company)}


def sections_to_type(reading: Reading) -> list[tuple[str, str]]:
    """Sections that ask something which can be told on the telephone."""
    return [
        (found.section.id, found.section.title)
        for found in reading.asked
        if any(question.kind not in ("declaration", "file", "calculated") for question in found.questions)
    ]


def emptied(reading: Reading) -> Reading:
    """The same form with the same questions asked and nothing of what was answered."""
    reading.asked, reading.documents  # noqa: B018 - what is asked is worked out from the answers, before they go
    reading.answers, reading.given, reading.documents = {}, {}, {}
    return reading


def to_type(application: Application, page: Any, sections: list[tuple[str, str]], chosen: str) -> dict[str, Any]:
    """The page on which staff type."""
    return {
        "application": application,
        "parts": [part for part in page.parts() if part["question"].kind not in ("file", "calculated")],
        "form": page.form,
        "forms": [form for form in page.all_forms if form is not page.form],
        "section": page.section,
        "sections": sections,
        "chosen": chosen,
        "is_told": True,
    }
