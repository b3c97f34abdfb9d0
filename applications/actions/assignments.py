"""Ask a colleague to write a section or one question, and give it back."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.timezone import localdate

from accounts.access import can, require
from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Permission
from applications.models import Application, Assignment, Company
from applications.notices import team_of
from applications.policies import check_is_written_in
from audit import trail
from design.words import deadline_in_words, in_words
from notifications.outbox import Letter, send_notice
from workflow import deadlines
from workflow.deadlines import on_due
from workflow.models import Case, Deadline

MORNING = time(9, tzinfo=ZoneInfo("Europe/London"))


def writers(application: Application) -> list[Person]:
    """Those of the team who may write answers."""
    return [person for person in team_of(application) if can(person, Permission.APPLICATION_EDIT, on=application)]


def assign(
    *, application: Application, section: str, question: str, to: Person, due_on: date | None, note: str, by: Person, at: datetime
) -> Assignment:
    """Ask `to` to write this, by a day if one is given. Whoever had it before is told who has it now.

    Raises Refused for a part the form does not have, a person who does not write in it, or a day that is past or after the form closes.
    """
    require(by, Permission.APPLICATION_EDIT, on=application)
    check_is_written_in(application, at=at)
    _check_part(application, section, question)
    if to not in writers(application):
        raise Refused("Choose somebody of your team who may write answers.", code="assignee_unknown", field="to")
    if due_on is not None and due_on < localdate(at):
        raise Refused("Choose a day that is still to come.", code="assignment_due_too_early", field="due_on")
    ends_at = _ends_at(application)
    if due_on is not None and due_on > localdate(ends_at):
        sentence = f"Choose an earlier day: nothing can be written after {deadline_in_words(ends_at)}."
        raise Refused(sentence, code="assignment_due_too_late", field="due_on")
    with transaction.atomic():
        Case.objects.hold(application.case_id)
        for earlier in application.assignments.filter(section=section, question=question, ended_at=None).select_related("assignee"):
            _end(earlier, by=by, at=at)
            if earlier.assignee_id not in (by.pk, to.pk):
                earlier.application = application
                body = f"{by.name} has asked {to.name} to write “{earlier.title}” of {application.reference}, which was with you."
                _tell(earlier, earlier.assignee, f"Now with {to.name}: “{earlier.title}”"[:200], body, at=at, key="passed_on")
        assignment = Assignment.objects.create(
            application=application, section=section, question=question, assignee=to, due_on=due_on, note=note.strip(),
            assigned_at=at, assigned_by=by,
        )  # fmt: skip
        trail.record(
            stream=application.stream,
            kind="assignment.made",
            actor=by.pk,
            at=at,
            subject=f"applications.assignment:{assignment.pk}",
            after={"section": section, "question": question, "person": to.pk},
        )
        if due_on is not None:
            deadlines.set_deadline(assignment, "assignment_due", datetime.combine(due_on, MORNING), at=at)
        if to != by:
            until = f" by {in_words(due_on)}" if due_on else ""
            body = f"{by.name} asks you to write “{assignment.title}” of {application.reference}{until}.\n\n{assignment.note}".strip()
            _tell(assignment, to, f"Please write “{assignment.title}”"[:200], body, at=at, key="made")
    return assignment


def give_back(*, assignment: Assignment, by: Person, at: datetime) -> None:
    """Done, or cannot be done: whoever asked for it has it again. The assignee, whoever asked and the owner may."""
    application = assignment.application
    require(by, Permission.APPLICATION_EDIT, on=application)
    if by.pk not in (assignment.assignee_id, assignment.assigned_by_id) and not can(by, Permission.TEAM_MANAGE, on=application.company):
        raise Denied("This was given to somebody else.", code="not_the_assignee")
    if assignment.ended_at is not None:
        raise NotAllowedNow("This was given back already.", code="assignment_over")
    with transaction.atomic():
        _end(assignment, by=by, at=at)
        trail.record(
            stream=application.stream,
            kind="assignment.given_back",
            actor=by.pk,
            at=at,
            subject=f"applications.assignment:{assignment.pk}",
            after={"section": assignment.section, "question": assignment.question},
        )
        reader = assignment.assigned_by if by.pk != assignment.assigned_by_id else assignment.assignee
        if reader != by:
            body = f"{by.name} gave “{assignment.title}” of {application.reference} back."
            _tell(assignment, reader, f"“{assignment.title}” is back"[:200], body, at=at, key="back")


def end_all_of(*, company: Company, person: Person, by: Person, at: datetime) -> None:
    """Whoever leaves the team writes no more for it: what they were asked to write is back with whoever asked."""
    theirs = Assignment.objects.filter(application__company=company, assignee=person, ended_at=None).order_by("pk")
    for one in theirs.select_related("application__version", "assigned_by"):
        _end(one, by=by, at=at)
        if one.assigned_by_id not in (by.pk, person.pk):
            body = f"{person.name} left the team. “{one.title}” of {one.application.reference} is back with you."
            _tell(one, one.assigned_by, f"“{one.title}” is back"[:200], body, at=at, key="left")


@on_due("applications.assignment", "assignment_due")
def remind(assignment: Assignment, at: datetime, deadline: Deadline) -> None:
    """On the morning of the day, to whoever still has it."""
    if assignment.ended_at is None and assignment.application.is_written_in and at < deadline.due_at + timedelta(days=1):
        body = f"“{assignment.title}” of {assignment.application.reference} is due today. Give it back when you are done."
        _tell(assignment, assignment.assignee, f"Due today: “{assignment.title}”"[:200], body, at=at, key=f"due:{deadline.pk}")


def _ends_at(application: Application) -> datetime:
    """When the form closes for this company."""
    if application.is_being_changed and application.changes_until is not None:
        return application.changes_until
    return application.due_at


def _check_part(application: Application, section: str, question: str) -> None:
    form = application.version.definition.form
    questions = {each.id: [asked.id for asked in each.questions if asked.kind != "declaration"] for each in form.sections}
    if not questions.get(section) or (question and question not in questions[section]):
        raise Refused("Choose a section or a question of this form.", code="part_unknown", field="part")


def _end(assignment: Assignment, *, by: Person, at: datetime) -> None:
    assignment.ended_at, assignment.ended_by = at, by
    assignment.save(update_fields=["ended_at", "ended_by"])
    deadlines.clear(assignment, "assignment_due", at=at)


def _tell(assignment: Assignment, person: Person, subject: str, body: str, *, at: datetime, key: str) -> None:
    path = f"{assignment.application.get_absolute_url()}form/{assignment.section}/"
    stream = assignment.application.stream
    send_notice("assignment", Letter(person, subject, body, path), at=at, stream=stream, key=f"assignment:{assignment.pk}:{key}")
