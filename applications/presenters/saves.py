"""What a page's script is told after a save: what stands now, what could not be kept yet, and what somebody else wrote meanwhile."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Person
from applications import crosschecks, money, presence
from applications.actions.answers import Outcome, StaleAnswer
from applications.forms.sections import SectionPage
from applications.models import Application
from applications.presenters.answers import in_text, worked_out
from applications.reading import Reading
from design.words import pounds


def acknowledged(page: SectionPage, outcome: Outcome, refused: dict[str, str], *, person: Person, at: datetime) -> dict[str, Any]:
    """`saved` by question with its new revision, `refused` with a sentence, `stale` with the other person's text."""
    questions = {question.id: question for question in page.questions}
    said = {"at": at.isoformat(), "said": f"Saved {_clock(at)}"}
    return said | {
        "saved": {answer.question: answer.revision for answer in outcome.saved},
        "refused": refused,
        "stale": {one.answer.question: _stale(page, questions[one.answer.question], one, person) for one in outcome.stale},
        "checks": _with_unread(checks(page, Reading(page.reading.application, at=at)), page, outcome),
    }


def _with_unread(said: dict[str, str], page: SectionPage, outcome: Outcome) -> dict[str, str]:
    """What the page says, and of every table just saved what in it cannot be read."""
    found = {answer.question: page.tables[answer.question].unread() for answer in outcome.saved if answer.question in page.tables}
    return said | {id: f"{said.get(id, '')} {sentence}".strip() for id, sentence in found.items()}


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"


def _stale(page: SectionPage, question: Any, stale: StaleAnswer, person: Person) -> dict[str, Any]:
    is_text = question.kind in ("text", "long_text")
    theirs = stale.theirs or "" if is_text else in_text(page.definition, question, stale.theirs)
    about = {"by": stale.answer.saved_by.name, "said": _clock(stale.answer.saved_at), "revision": stale.answer.revision}
    about["is_yours"] = stale.answer.saved_by_id == person.pk
    return about | {"theirs": theirs, "is_text": is_text}


def checks(page: SectionPage, reading: Reading) -> dict[str, str]:
    """What this page says of its answers as they stand, by question: what is worked out, what does not agree, what the money rules say."""
    means, form = page.definition.form.means, page.definition.form
    here = {question.id for question in page.section.questions}
    if not here & {means.costs, means.grant} and not form.checks and not page.section.checks and page.shown == page.questions:
        return {}
    said = _agreeing(page, reading)
    costs = reading.facts["costs"]
    if means.costs in here and means.costs in reading.counting:
        total = f"Saved total {pounds(costs['total_pence'])}, of which eligible {pounds(costs['eligible_pence'])}."
        said[means.costs] = f"{total} {money.costs_problem(reading)} {said.get(means.costs, '')}".strip()
    if means.grant in here and means.grant in reading.counting and means.costs in reading.counting:
        within = money.grant_problem(reading) or "This is within the limits and the rate."
        said[means.grant] = f"{within} {said.get(means.grant, '')}".strip()
    return said


def _agreeing(page: SectionPage, reading: Reading) -> dict[str, str]:
    """What the programme's own checks say beside each question, nothing where they hold; and what is worked out."""
    shown = {q.id: worked_out(q, reading.values.get(q.id)) for q in page.shown if q.kind == "calculated"}
    return crosschecks.on_page(reading, page.section) | shown


def company_on(application: Application, section: str, person: Person) -> dict[str, Any]:
    """Who else is on the page, and the revisions that stand, with who saved them."""
    questions = {q.id for each in application.version.definition.form.sections if each.id == section for q in each.questions}
    rows = application.answers.filter(question__in=questions).select_related("saved_by").order_by("question")
    return {
        "others": presence.others(application, section, person),
        "answers": {row.question: {"revision": row.revision, "by": row.saved_by.name, "said": _clock(row.saved_at)} for row in rows},
    }
