"""Type answers for a company on the telephone; they count once its owner confirms them."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.access import holders, require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from applications import shapes
from applications.actions import answers
from applications.models import Application, AssistedAnswer
from applications.policies import check_can_be_edited
from audit import trail
from notifications.outbox import Letter, send_notice
from workflow.models import Case


def take_down(*, application: Application, typed: dict[str, Any], by: Person, at: datetime) -> list[AssistedAnswer]:
    """Keep what somebody of the company said, beside its answers. What was typed before for the same question gives way.

    Raises Refused for nothing typed or a value that the question does not take; RoundClosed.
    """
    require(by, Permission.APPLICATION_SCREEN, on=application)
    check_can_be_edited(application, at=at, questions=typed)
    definition = application.version.definition
    given = {question: value for question, value in typed.items() if _was_told(definition.form.question(question), value)}
    if not given:
        raise Refused("Type at least one answer.", code="nothing_typed")
    for question, value in given.items():
        if problem := shapes.refusal(definition, definition.form.question(question), value):
            raise Refused(problem, code="answer_refused", field=question)
    with transaction.atomic():
        Case.objects.hold(application.case_id)
        application.assisted_answers.filter(question__in=given, settled_at=None).update(settled_at=at, settled_by=by)
        kept = [
            AssistedAnswer.objects.create(application=application, question=question, value=value, typed_at=at, typed_by=by)
            for question, value in given.items()
        ]
        trail.record(
            stream=application.stream,
            kind="assisted.typed",
            actor=by.pk,
            at=at,
            subject=f"applications.application:{application.pk}",
            after={"questions": ", ".join(given)},
            personal=given,
        )
        for owner in holders({application.company.organisation.scope}, Permission.TEAM_MANAGE):
            body = (
                f"{by.name} typed {len(kept)} answer{'' if len(kept) == 1 else 's'} for {application.reference} as your company told them "
                "on the telephone. They do not count before you have read and confirmed them."
            )
            letter = Letter(owner, f"Confirm what we typed for {application.reference}", body, f"{application.get_absolute_url()}typed/")
            send_notice("assisted.typed", letter, at=at, stream=application.stream, key=f"assisted:{kept[0].pk}:{owner.pk}")
    return kept


def _was_told(question: Any, value: Any) -> bool:
    """Whether somebody typed it: what the programme itself puts into a plan is not the company's word."""
    if shapes.is_empty(value) or question.kind != "milestone_plan":
        return not shapes.is_empty(value)
    set_before = {(one.title, said, one.percent) for one in question.expected for said in ("", one.deliverable)}
    return any(row["month"] or row["success"] or (row["title"], row["deliverable"], row["percent"]) not in set_before for row in value)


def confirm(*, assisted: AssistedAnswer, by: Person, at: datetime) -> None:
    """The owner read it: it is the answer now, under the owner's name. What stood before stays in the history."""
    _check(assisted, by)
    with transaction.atomic():
        stands = assisted.application.answers.filter(question=assisted.question).first()
        answers.save(
            application=assisted.application,
            question=assisted.question,
            value=assisted.value,
            is_confidential=bool(stands and stands.is_confidential),
            by=by,
            at=at,
        )
        _settle(assisted, "assisted.confirmed", is_confirmed=True, by=by, at=at)


def turn_down(*, assisted: AssistedAnswer, by: Person, at: datetime) -> None:
    """Not what was meant: the answer stays as it is."""
    _check(assisted, by)
    with transaction.atomic():
        _settle(assisted, "assisted.turned_down", is_confirmed=False, by=by, at=at)


def _check(assisted: AssistedAnswer, by: Person) -> None:
    require(by, Permission.TEAM_MANAGE, on=assisted.application.company)
    if assisted.settled_at is not None:
        raise NotAllowedNow("This was settled already.", code="assisted_settled")


def _settle(assisted: AssistedAnswer, kind: str, *, is_confirmed: bool, by: Person, at: datetime) -> None:
    assisted.settled_at, assisted.settled_by, assisted.is_confirmed = at, by, is_confirmed
    assisted.save(update_fields=["settled_at", "settled_by", "is_confirmed"])
    trail.record(
        stream=assisted.application.stream,
        kind=kind,
        actor=by.pk,
        at=at,
        subject=f"applications.application:{assisted.application_id}",
        after={"question": assisted.question, "person": assisted.typed_by_id},
    )
