"""Conflicts of interest: searched for, declared, judged by people."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from applications.models import Application
from assessments.actions import moderation
from assessments.interests import Found, Pair, find
from assessments.models import Assessment, Conflict
from audit import trail
from workflow.engine import fire


def standing(people: Iterable[Person], applications: Iterable[Application], *, on: date) -> dict[Pair, list[str]]:
    """Why a person may not be given an application: recorded and not dismissed, or found and not yet judged. Sentences by pair."""
    people, applications = list(people), list(applications)
    recorded = Conflict.objects.filter(person__in=people, application__in=applications)
    dismissed: set[tuple[int, int, str]] = set()
    sentences: dict[Pair, list[str]] = defaultdict(list)
    known: set[tuple[int, int, str]] = set()
    for conflict in recorded:
        key = (conflict.person_id, conflict.application_id, conflict.ground)
        known.add(key)
        if conflict.status == Conflict.Status.DISMISSED:
            dismissed.add(key)
        else:
            sentences[key[:2]].append(conflict.get_ground_display())
    for pair, grounds in find(people, applications, on=on).items():
        sentences[pair] += [found.sentence for found in grounds if (*pair, str(found.ground)) not in known]
    return {pair: grounds for pair, grounds in sentences.items() if grounds}


def record_found(*, applications: Iterable[Application], people: Iterable[Person], by: Person, at: datetime) -> list[Conflict]:
    """Write down what the records show, once: confirmed grounds bar the person at once, suggested ones wait. Returns the new rows."""
    applications, people = list(applications), list(people)
    for application in applications:
        require(by, Permission.ASSESSMENT_ALLOCATE, on=application)
    with transaction.atomic():
        recorded = _write(people, applications, by=by, at=at)
        for conflict in recorded:
            if conflict.status == Conflict.Status.CONFIRMED:
                _shut(conflict, by=by, at=at)
    return recorded


def _write(people: list[Person], applications: list[Application], *, by: Person, at: datetime) -> list[Conflict]:
    by_pk = {application.pk: application for application in applications}
    known = set(
        Conflict.objects.filter(person__in=people, application__in=applications).values_list("person_id", "application_id", "ground")
    )
    return [
        _record(person, by_pk[application], found, by=by, at=at)
        for (person, application), grounds in find(people, applications, on=at.date()).items()
        for found in grounds
        if (person, application, str(found.ground)) not in known
    ]


def declare(*, application: Application, reason: str, by: Person, at: datetime) -> Conflict:
    """A member of staff or of the panel says that they have an interest: the application closes to them from here on.

    Their own reviews they give back instead (`reviews.declare_conflict`). Raises Refused without a reason.
    """
    if not reason.strip():
        raise Refused("Say in a sentence what the conflict is.", code="reason_missing", field="reason")
    with transaction.atomic():
        conflict, is_new = Conflict.objects.get_or_create(
            person=by,
            application=application,
            ground=Conflict.Ground.DECLARED,
            defaults={
                "kind": Conflict.Kind.DECLARED,
                "status": Conflict.Status.CONFIRMED,
                "detail": reason.strip()[:1000],
                "recorded_at": at,
                "recorded_by": by,
            },
        )
        if is_new:
            _trace_found(conflict, by=by, at=at)
            moderation.look_again(application=application, at=at)
    return conflict


def search_again(*, assessment: Assessment, at: datetime) -> list[Conflict]:
    """Before the file opens: what the records show by now between this assessor and this application is written down by the machine."""
    application = Application.objects.for_pages().get(pk=assessment.application_id)
    with transaction.atomic():
        return _write([assessment.assessor], [application], by=Person.objects.system(), at=at)


def judge(*, conflict: Conflict, confirm: bool, reason: str, by: Person, at: datetime) -> Conflict:
    """Confirm a suggested conflict, which then bars the person, or dismiss it. Raises NotAllowedNow once it has been judged."""
    require(by, Permission.ASSESSMENT_ALLOCATE, on=conflict.application)
    if not reason.strip():
        raise Refused("Give the reason for your judgement.", code="reason_missing", field="reason")
    with transaction.atomic():
        fresh = Conflict.objects.select_for_update().get(pk=conflict.pk)
        if fresh.status != Conflict.Status.SUGGESTED:
            raise NotAllowedNow("This conflict has been judged already.", code="conflict_judged")
        fresh.status = Conflict.Status.CONFIRMED if confirm else Conflict.Status.DISMISSED
        fresh.judged_at, fresh.judged_by, fresh.judgement = at, by, reason.strip()[:1000]
        fresh.save(update_fields=["status", "judged_at", "judged_by", "judgement"])
        trail.record(
            stream=conflict.application.stream,
            kind=f"conflict.{fresh.status}",
            actor=by.pk,
            at=at,
            subject=f"assessments.conflict:{fresh.pk}",
            before={"status": "suggested"},
            after={"status": str(fresh.status), "person": fresh.person_id},
            personal={"reason": fresh.judgement},
        )
        if confirm:
            _shut(fresh, by=by, at=at)
    return fresh


def _shut(conflict: Conflict, *, by: Person, at: datetime) -> None:
    """A confirmed conflict closes the person's review of the application, late or not, and voids what rested on it."""
    application = conflict.application
    for review in application.assessments.live().filter(assessor=conflict.person_id):
        fire(review, "bar", by=by, at=at, note=f"{conflict.get_ground_display()}: {conflict.judgement or conflict.detail}")
    moderation.look_again(application=application, at=at)


def _record(person: int, application: Application, found: Found, *, by: Person, at: datetime) -> Conflict:
    conflict = Conflict.objects.create(
        person_id=person,
        application=application,
        kind=Conflict.Kind.FOUND,
        ground=found.ground,
        status=found.status,
        detail=found.sentence,
        recorded_at=at,
        recorded_by=by,
    )
    _trace_found(conflict, by=by, at=at)
    return conflict


def _trace_found(conflict: Conflict, *, by: Person, at: datetime) -> None:
    trail.record(
        stream=conflict.application.stream,
        kind=f"conflict.{conflict.kind}",
        actor=by.pk,
        at=at,
        subject=f"assessments.conflict:{conflict.pk}",
        after={"person": conflict.person_id, "ground": str(conflict.ground), "status": str(conflict.status)},
    )
