"""Save one answer: nothing that anybody wrote is ever lost."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models, transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from applications import shapes, summaries
from applications.models import Answer, AnswerRevision, Application
from applications.policies import check_can_be_edited
from audit import rows, trail
from audit.composed import Composed, Given
from workflow.models import Case

WITH_ROUND = Composed(lambda: Application.objects.select_related("round").filter(pk=Given("key", models.BigIntegerField())))
ONE_STANDING = Composed(
    lambda: Answer.objects.filter(
        application=Given("application", models.BigIntegerField()), question=Given("question", models.CharField())
    )
)
"""What stands as the answer to one question: most saves are of one."""


class StaleAnswer(NotAllowedNow):
    """Somebody saved this answer since it was read. Carries both texts, so that neither is lost: `theirs` and `yours`."""

    code = "stale_version"

    def __init__(self, answer: Answer, yours: Any) -> None:
        super().__init__(f"{answer.saved_by} changed this answer while you had it open.", revision=answer.revision)
        self.answer, self.theirs, self.yours = answer, answer.value, yours


@dataclass(frozen=True)
class Typed:
    """What somebody gives as an answer: the value, and the revision that they had read (0: none; None: whatever stands)."""

    value: Any
    revision: int | None = None
    is_confidential: bool = False


@dataclass
class Outcome:
    """What became of several answers: those that stand now, and those that somebody else had changed meanwhile."""

    saved: list[Answer] = field(default_factory=list)
    stale: list[StaleAnswer] = field(default_factory=list)


def save(
    *,
    application: Application,
    question: str,
    value: Any,
    revision: int | None = None,
    is_confidential: bool = False,
    by: Person,
    at: datetime,
) -> Answer:
    """Save the answer to one question. Saving what already stands changes nothing.

    Raises StaleAnswer where another text was saved meanwhile; RoundClosed; NotAllowedNow; Refused for a question the form does not have
    or a value it does not take.
    """
    outcome = save_many(application=application, typed={question: Typed(value, revision, is_confidential)}, by=by, at=at)
    if outcome.stale:
        raise outcome.stale[0]
    return outcome.saved[0]


def save_many(*, application: Application, typed: dict[str, Typed], by: Person, at: datetime) -> Outcome:
    """Save several answers in one go; those that are stale are left alone and reported. Raises as `save`, and then saves none."""
    require(by, Permission.APPLICATION_EDIT, on=application)
    _check_shapes(application, typed)
    outcome = Outcome()
    with transaction.atomic():
        Case.objects.hold(application.case_id)
        fresh = WITH_ROUND.one(key=application.pk)
        _reuse_what_never_changes(fresh, application)
        check_can_be_edited(fresh, at=at, questions=typed)
        standing = {row.question: row for row in _standing(fresh, typed)}
        changed = []
        for question, given in typed.items():
            answer = standing.get(question)
            if answer is not None and _is_same(answer, given):
                outcome.saved.append(answer)
            elif answer is not None and given.revision not in (None, answer.revision):
                outcome.stale.append(StaleAnswer(answer, given.value))
            else:
                changed.append(_write(fresh, question, given, answer, by=by, at=at))
        outcome.saved += changed
        if changed:
            _trace(fresh, changed, by=by, at=at)
            if not fresh.is_being_changed:
                summaries.refresh(fresh, changed)
    return outcome


def give_way(*, application: Application, typed: dict[str, Typed], by: Person, at: datetime) -> Outcome:
    """Keep what somebody else saved, and one's own text as an earlier version: saved, and what stood saved over it again.

    What is stale once more is left alone and reported. Raises as `save_many`.
    """
    with transaction.atomic():
        Case.objects.hold(application.case_id)
        stood = {row.question: (row.value, row.is_confidential) for row in _standing(application, typed)}
        own = save_many(application=application, typed=typed, by=by, at=at)
        theirs = {row.question: Typed(stood[row.question][0], row.revision, stood[row.question][1]) for row in own.saved}
        return Outcome(save_many(application=application, typed=theirs, by=by, at=at).saved, own.stale)


def _standing(application: Application, questions: Collection[str]) -> list[Answer]:
    if len(questions) == 1:
        return ONE_STANDING.all(application=application.pk, question=next(iter(questions)))
    return list(application.answers.filter(question__in=questions).select_related("saved_by"))


def restore(*, application: Application, question: str, version: int, revision: int, by: Person, at: datetime) -> Answer:
    """Save an earlier version again, as the newest one. Raises as `save`, and Refused where there is no such version."""
    old = AnswerRevision.objects.filter(answer__application=application, answer__question=question, revision=version).first()
    if old is None:
        raise Refused("There is no such version of this answer.", code="version_unknown", field="version")
    confidential = Answer.objects.filter(pk=old.answer_id, is_confidential=True).exists()
    return save(application=application, question=question, value=old.value, revision=revision, is_confidential=confidential, by=by, at=at)


def _reuse_what_never_changes(fresh: Application, read: Application) -> None:
    """The reference of a case and versions never change: those that were read with the application need not be read again."""
    fresh.case = read.case
    if fresh.version_id == read.version_id:
        fresh.version = read.version
    if fresh.round.version_id == read.round.version_id:
        fresh.round.version = read.round.version


def _check_shapes(application: Application, typed: dict[str, Typed]) -> None:
    definition = application.version.definition
    questions = {question.id: question for question in definition.form.questions()}
    for question, given in typed.items():
        if question not in questions:
            raise Refused("This form has no such question.", code="question_unknown", field=question)
        if questions[question].kind == "declaration":
            raise Refused("The declaration is signed, not typed in.", code="declaration_is_signed", field=question)
        if questions[question].kind == "calculated":
            raise Refused("This is worked out from other answers, not typed in.", code="answer_is_calculated", field=question)
        problem = shapes.refusal(definition, questions[question], given.value)
        if problem:
            raise Refused(problem, code="answer_refused", field=question)


def _is_same(answer: Answer, given: Typed) -> bool:
    return answer.value == given.value and type(answer.value) is type(given.value) and answer.is_confidential == given.is_confidential


def _write(application: Application, question: str, given: Typed, standing: Answer | None, *, by: Person, at: datetime) -> Answer:
    if standing is None:
        answer = Answer(application=application, question=question, value=given.value, is_confidential=given.is_confidential)
        answer.saved_at, answer.saved_by = at, by
        return rows.insert(answer)
    standing.save_over(given.value, is_confidential=given.is_confidential, by=by, at=at)
    return standing


def _trace(application: Application, changed: list[Answer], *, by: Person, at: datetime) -> None:
    trail.record(
        stream=application.stream,
        kind="answer.saved",
        actor=by.pk,
        at=at,
        subject=f"applications.application:{application.pk}",
        after={"revisions": {answer.question: answer.revision for answer in changed}},
        personal={answer.question: answer.value for answer in changed},
    )
