"""Conflicts of interest: searched for, declared, judged by people."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from accounts.access import require
from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Permission
from applications.models import Application
from assessments.actions import moderation
from assessments.interests import Found, Pair, find
from assessments.models import Assessment, Conflict
from audit import trail
from workflow.engine import fire, lock

PART = 500
"""Conflicts that are written in one transaction."""


def standing(people: Iterable[Person], applications: Iterable[Application], *, on: date) -> dict[Pair, list[str]]:
    """Why a person may not be given an application: recorded and not dismissed, or found and not yet judged. Sentences by pair."""
    people, applications = list(people), list(applications)
    rows = _on_record(people, applications)
    sentences, known = _in_words(rows), {(person, application, ground) for person, application, ground, _ in rows}
    for pair, grounds in find(people, applications, on=on).items():
        new = [found.sentence for found in grounds if (*pair, str(found.ground)) not in known]
        if new:
            sentences.setdefault(pair, []).extend(new)
    return sentences


def recorded(people: Iterable[Person], applications: Iterable[Application]) -> dict[Pair, list[str]]:
    """The same by what is recorded alone, without a search: for many at once, where one was made before."""
    return _in_words(_on_record(list(people), list(applications)))


def _on_record(people: list[Person], applications: list[Application]) -> list[tuple[int, int, str, str]]:
    """Person, application, ground and status of every conflict between these."""
    rows = Conflict.objects.filter(person__in=people, application__in=applications).order_by("pk")
    return list(rows.values_list("person_id", "application_id", "ground", "status"))


def _in_words(rows: Iterable[tuple[int, int, str, str]]) -> dict[Pair, list[str]]:
    """The grounds that are not dismissed, by pair."""
    sentences: dict[Pair, list[str]] = defaultdict(list)
    for person, application, ground, status in rows:
        if status != Conflict.Status.DISMISSED:
            sentences[person, application].append(Conflict.Ground(ground).label)
    return dict(sentences)


def record_found(*, applications: Iterable[Application], people: Iterable[Person], by: Person, at: datetime) -> list[Conflict]:
    """Write down what the records show, once: confirmed grounds bar the person at once, suggested ones wait. Returns the new rows."""
    applications, people = list(applications), list(people)
    for application in applications:
        require(by, Permission.ASSESSMENT_ALLOCATE, on=application)
    return list(keep(find(people, applications, on=localdate(at)), people=people, applications=applications, by=by, at=at))


def keep(
    found: Mapping[Pair, Sequence[Found]], *, people: Iterable[Person], applications: Iterable[Application], by: Person, at: datetime
) -> Iterator[Conflict]:
    """Write what was found and is not on record yet: what closes a review in a transaction of its own, everything else in parts.

    Going on after it broke off writes nothing twice.
    """
    by_pk = {application.pk: application for application in applications}
    new = _not_on_record(found, by_pk, known=_known(people, by_pk.values()), by=by, at=at)
    reviewed = set(Assessment.objects.live().filter(application__in=by_pk.values()).values_list("assessor_id", "application_id"))
    others = []
    for conflict in new:
        if conflict.status == Conflict.Status.CONFIRMED and (conflict.person_id, conflict.application_id) in reviewed:
            with transaction.atomic():
                lock(conflict.application)
                _write([conflict], by=by, at=at)
                _shut(conflict, by=by, at=at)
            yield conflict
        else:
            others.append(conflict)
    for start in range(0, len(others), PART):
        part = others[start : start + PART]
        with transaction.atomic():
            _write(part, by=by, at=at)
        yield from part


def _not_on_record(
    found: Mapping[Pair, Sequence[Found]],
    applications: Mapping[int, Application],
    *,
    known: set[tuple[int, int, str]],
    by: Person,
    at: datetime,
) -> list[Conflict]:
    """New rows, unsaved, application by application."""
    return [
        Conflict(
            person_id=person,
            application=applications[application],
            kind=Conflict.Kind.FOUND,
            ground=shown.ground,
            status=shown.status,
            detail=shown.sentence[:1000],
            recorded_at=at,
            recorded_by=by,
        )
        for (person, application), grounds in sorted(found.items(), key=lambda entry: (entry[0][1], entry[0][0]))
        for shown in grounds
        if (person, application, str(shown.ground)) not in known
    ]


def _known(people: Iterable[Person], applications: Iterable[Application]) -> set[tuple[int, int, str]]:
    rows = Conflict.objects.filter(person__in=list(people), application__in=list(applications))
    return set(rows.values_list("person_id", "application_id", "ground"))


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
            trail.append([_trace(conflict, by=by, at=at)])
            moderation.look_again(application=application, at=at)
    return conflict


def look_again(*, people: Iterable[Person], applications: Iterable[int], at: datetime) -> list[Conflict]:
    """What the records show by now between these people and these applications is written down by the machine, and closes what it must.

    Before a file opens, before a score counts, before a panel meets, and when an assessor declares another interest.
    """
    people, chosen = list(people), list(Application.objects.filter(pk__in=applications).for_pages().order_by("pk"))
    found = find(people, chosen, on=localdate(at))
    return list(keep(found, people=people, applications=chosen, by=Person.objects.system(), at=at))


def check_review(*, assessment: Assessment, at: datetime) -> None:
    """Before a file opens, and before its score counts, the records are searched once more.

    Raises NotAllowedNow, with what they show, where they leave no doubt: the review is closed then, and its officers know.
    """
    new = look_again(people=[assessment.assessor], applications=[assessment.application_id], at=at)
    plain = [one.detail for one in new if one.status == Conflict.Status.CONFIRMED]
    if plain:
        said = f"Our records show a conflict of interest between you and this application. {' '.join(plain)} It is closed to you now."
        raise NotAllowedNow(said, code="conflict_found")


def look_at_undecided(*, person: Person, at: datetime) -> list[Conflict]:
    """Search again between an assessor and everything that they assess and whose company has heard nothing yet."""
    theirs = Assessment.objects.live().filter(assessor=person, application__notified_at=None)
    return look_again(people=[person], applications=theirs.values_list("application_id", flat=True), at=at)


def judge(*, conflict: Conflict, confirm: bool, reason: str, by: Person, at: datetime) -> Conflict:
    """Confirm a suggested conflict, which then bars the person, or dismiss it. Raises NotAllowedNow once it has been judged."""
    require(by, Permission.ASSESSMENT_ALLOCATE, on=conflict.application)
    if conflict.person_id == by.pk:
        raise Denied("Somebody else judges whether you have a conflict of interest.", code="own_conflict")
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
    step = "shut" if by == Person.objects.system() else "bar"
    for review in application.assessments.live().filter(assessor=conflict.person_id):
        fire(review, step, by=by, at=at, note=f"{conflict.get_ground_display()}: {conflict.judgement or conflict.detail}")
    moderation.look_again(application=application, at=at)


def _write(new: list[Conflict], *, by: Person, at: datetime) -> list[Conflict]:
    """Keep these rows and trace them."""
    made = Conflict.objects.bulk_create(new)
    trail.append(_trace(conflict, by=by, at=at) for conflict in made)
    return made


def _trace(conflict: Conflict, *, by: Person, at: datetime) -> trail.Draft:
    return trail.Draft(
        stream=conflict.application.stream,
        kind=f"conflict.{conflict.kind}",
        actor=by.pk,
        at=at,
        subject=f"assessments.conflict:{conflict.pk}",
        after={"person": conflict.person_id, "ground": str(conflict.ground), "status": str(conflict.status)},
    )
