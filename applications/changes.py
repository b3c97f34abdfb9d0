"""What an officer asks a company to change, and the paper before and after: the change request behind the steps."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from accounts.models import Person
from accounts.refusals import Refused
from applications import summaries
from grants.policies import in_words

if TYPE_CHECKING:
    from applications.models import ChangeRequest, SubmittedPaper


def open_request(application: Any) -> "ChangeRequest | None":
    """What is being asked for now."""
    return application.change_requests.filter(closed_at=None).order_by("-pk").first() if application.is_being_changed else None


def ask(application: Any, sections: list[str], *, until: datetime, reason: str, by: Person, at: datetime) -> "ChangeRequest":
    """Write down what is to be changed. Raises Refused where that is nothing, is not asked in this form, or is due in the past."""
    known = [section.id for section in changeable_sections(application)]
    if not sections:
        raise Refused("Choose at least one section that is to be changed.", code="sections_missing", field="sections")
    if set(sections) - set(known):
        raise Refused("Choose sections of this application's form.", code="section_unknown", field="sections")
    check_until(until, at=at)
    application.change_requests.filter(closed_at=None).update(closed_at=at, closed_by=by)
    return application.change_requests.create(
        sections=[id for id in known if id in sections],
        reason=reason,
        returns_to=application.state,
        paper_before=application.current_paper(),
        asked_at=at,
        asked_by=by,
    )


def check_until(until: datetime, *, at: datetime, after: datetime | None = None) -> None:
    """Raise Refused unless there is time left until then, and more than there was."""
    if until <= at:
        raise Refused("The changes must be due in the future.", code="changes_due_too_early", field="day")
    if after is not None and until <= after:
        raise Refused(f"They are due at {in_words(after)} already. Choose a later date.", code="changes_due_too_early", field="day")


def changeable_sections(application: Any) -> list[Any]:
    """The sections of the form that ask something beside the declaration."""
    form = application.version.definition.form
    found = [section for section in form.sections if any(question.kind != "declaration" for question in section.questions)]
    return [section for section in found if section.asked_in == "expression_of_interest"] if application.is_expression else found


def take_over(application: Any) -> None:
    """Copy the changed answers onto the application's row: until they are sent in, it says what was sent in before."""
    for name, value in summaries.columns(application, application.answers.all()).items():
        setattr(application, name, value)


def answered(application: Any, paper: "SubmittedPaper", *, reply: str, by: Person, at: datetime) -> str:
    """Close the request with the new paper, and say where the application goes."""
    request = application.change_requests.get(closed_at=None)
    before = set(request.paper_before.outcomes.filter(passed=False).values_list("rule_id", flat=True))
    broken = set(paper.outcomes.filter(passed=False).values_list("rule_id", flat=True)) - before
    _close(request, by=by, at=at, paper_after=paper, reply=reply)
    return application.State.REFERRED if broken else request.returns_to


def given_up(application: Any, *, by: Person, at: datetime) -> str:
    """Close the request without a new paper, and make the answers and files say again what was sent in."""
    request = application.change_requests.get(closed_at=None)
    _put_back(application, json.loads(request.paper_before.document), by=by, at=at)
    _close(request, by=by, at=at)
    return str(request.returns_to)


def _close(request: "ChangeRequest", *, by: Person, at: datetime, **given: Any) -> None:
    for name, value in (given | {"closed_at": at, "closed_by": by}).items():
        setattr(request, name, value)
    request.save(update_fields=["closed_at", "closed_by", *given])


def _put_back(application: Any, frozen: dict[str, Any], *, by: Person, at: datetime) -> None:
    said = {answer["question"]: answer for answer in frozen["answers"]}
    for answer in application.answers.order_by("question"):
        before = said.get(answer.question, {"value": None, "is_confidential": False})
        if answer.value != before["value"]:
            answer.save_over(before["value"], is_confidential=before["is_confidential"], by=by, at=at)
    sent = {(each["question"], each["sha256"]) for each in frozen["documents"]}
    for document in application.documents.of_the_form().order_by("pk"):
        was_sent, is_kept = (document.question, document.sha256) in sent, document.removed_at is None
        if was_sent and not is_kept:
            sent_already = application.documents.kept().filter(question=document.question, sha256=document.sha256).exists()
            is_kept = sent_already
        if was_sent != is_kept:
            document.removed_at, document.removed_by = (None, None) if was_sent else (at, by)
            document.save(update_fields=["removed_at", "removed_by"])
