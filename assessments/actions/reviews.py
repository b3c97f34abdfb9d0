"""An assessor's own acts on a review, and the officer's on somebody else's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from assessments import policies
from assessments.actions import conflicts, moderation
from assessments.models import Assessment, Score
from workflow.engine import fire, lock

WRITABLE = ("accepted", "returned")


@dataclass(frozen=True)
class Content:
    """What an assessor wrote, by criterion, and their closing answers. What is not given is left as it stands."""

    marks: Mapping[str, int | None] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    closing: Mapping[str, bool | str | None] = field(default_factory=dict)
    """Any of `in_scope`, `suitable` (yes, no or not said), `confidence` and `overall_comment`."""


def accept(*, assessment: Assessment, by: Person, at: datetime) -> Assessment:
    """Declare no conflict of interest and take the review on; the application opens.

    The records are searched once more first. Raises Denied (a conflict is confirmed) and NotAllowedNow (one is to be judged first).
    """
    if assessment.assessor_id == by.pk and assessment.state == Assessment.State.INVITED:
        conflicts.check_review(assessment=assessment, at=at)
    return fire(assessment, "accept", by=by, at=at)


def decline(*, assessment: Assessment, reason: str, by: Person, at: datetime) -> Assessment:
    """Give the review back for another reason than a conflict."""
    return fire(assessment, "decline", by=by, at=at, note=reason)


def declare_conflict(*, assessment: Assessment, reason: str, by: Person, at: datetime) -> Assessment:
    """Say that there is a conflict of interest: the application closes to them, and what rested on their score is looked at again."""
    with transaction.atomic():
        closed = fire(assessment, "declare_conflict", by=by, at=at, note=reason)
        moderation.look_again(application=closed.application, at=at)
    return closed


def save(*, assessment: Assessment, content: Content, by: Person, at: datetime, revision: int | None = None) -> Assessment:
    """Keep what is written so far. `revision` is the one that was read; a later save by another window is not written over.

    Raises Denied (not theirs), NotAllowedNow (not open for writing, saved elsewhere), Refused (marks or text out of bounds).
    """
    with transaction.atomic():
        fresh = lock(assessment)
        require(by, Permission.ASSESSMENT_SCORE, on=fresh)
        policies.check_is_their_own(fresh, by)
        policies.check_no_conflict(fresh, at=at)
        policies.check_open_for_scores(fresh, at=at)
        if fresh.state not in WRITABLE:
            raise NotAllowedNow(f"This review is {fresh.state_now.label.lower()}, so it cannot be changed.", code="wrong_state")
        if revision is not None and revision != fresh.revision:
            raise NotAllowedNow("This review was saved in another window since you opened it.", code="stale_revision")
        wrong = out_of_bounds(fresh, content)
        if wrong:
            raise Refused("Some of the review could not be kept.", code="review_out_of_bounds", fields=wrong)
        _write_scores(fresh, content, by=by, at=at)
        for name, value in content.closing.items():
            setattr(fresh, name, value)
        fresh.saved_at, fresh.saved_by, fresh.revision = at, by, fresh.revision + 1
        fresh.save(update_fields=["in_scope", "suitable", "confidence", "overall_comment", "saved_at", "saved_by", "revision"])
    return fresh


def submit(*, assessment: Assessment, by: Person, at: datetime, content: Content | None = None, revision: int | None = None) -> Assessment:
    """Submit the review, with what was written last. What is written is kept even when the review is not complete enough to submit.

    Raises Refused with `fields` (form field → sentence) naming everything that is missing.
    """
    if content is not None:
        assessment = save(assessment=assessment, content=content, by=by, at=at, revision=revision)
    if assessment.assessor_id == by.pk and assessment.state in WRITABLE:
        conflicts.check_review(assessment=assessment, at=at)
    with transaction.atomic():
        sent = fire(assessment, "submit", by=by, at=at)
        moderation.look_again(application=sent.application, at=at)
    return sent


def return_to_assessor(*, assessment: Assessment, reason: str, by: Person, at: datetime) -> Assessment:
    """Ask the assessor to correct a submitted review."""
    return fire(assessment, "return_to_assessor", by=by, at=at, note=reason)


def withdraw(*, assessment: Assessment, reason: str, by: Person, at: datetime) -> Assessment:
    """Take an unfinished review away from its assessor."""
    return fire(assessment, "withdraw", by=by, at=at, note=reason)


def out_of_bounds(assessment: Assessment, content: Content) -> dict[str, str]:
    """What of it could not be kept: form field → sentence. Raises Refused for a criterion or an answer that the scheme does not have."""
    criteria = {criterion.id: criterion for criterion in assessment.scheme.criteria}
    wrong: dict[str, str] = {}
    for name in {*content.marks, *content.comments} - criteria.keys():
        raise Refused(f"There is no criterion “{name[:60]}”.", code="criterion_unknown")
    for name, marks in content.marks.items():
        top = criteria[name].maximum
        if marks is not None and not (type(marks) is int and 0 <= marks <= top):
            wrong[f"marks_{name}"] = f"Marks for “{criteria[name].title}” must be a whole number from 0 to {top}."
    texts = {f"comment_{name}": text for name, text in content.comments.items()}
    texts["overall_comment"] = str(content.closing.get("overall_comment", ""))
    for name, text in texts.items():
        if len(text) > policies.COMMENT_MAX:
            wrong[name] = f"Shorten this comment to {policies.COMMENT_MAX:,} characters; it has {len(text):,}."
    if content.closing.get("confidence", "") not in ("", *Assessment.Confidence.values):
        wrong["confidence"] = "Choose low, medium or high."
    for name in content.closing.keys() - {"in_scope", "suitable", "confidence", "overall_comment"}:
        raise Refused(f"A review has no answer “{name[:60]}”.", code="answer_unknown")
    return wrong


def _write_scores(assessment: Assessment, content: Content, *, by: Person, at: datetime) -> None:
    given = assessment.given()
    rows = []
    for name in sorted({*content.marks, *content.comments}):
        known = given.get(name)
        marks = content.marks.get(name, known.marks if known else None)
        comment = content.comments.get(name, known.comment if known else "")
        rows.append(Score(assessment=assessment, criterion=name, marks=marks, comment=comment, saved_at=at, saved_by=by))
    Score.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["assessment", "criterion"],
        update_fields=["marks", "comment", "saved_at", "saved_by"],
    )
