"""Allocating a whole round: a plan is worked out in the background, changed by hand for reasons, and sent when it is right."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refusal, Refused
from accounts.roles import Permission
from applications.models import Application
from assessments import fitting, handpicked
from assessments.actions import allocation, runs
from assessments.fitting import Cell, Settings
from assessments.models import Assessment, PlanChange, Run
from audit import trail
from grants.models import Round

SEED = 0
"""Nothing is drawn in a plan."""


def request(*, round: Round, settings: Settings, by: Person, at: datetime, base: Run | None = None) -> Run:
    """Freeze what is known and have the best allocation of all open places worked out. `searches.request` looks for conflicts first.

    What `base` was changed to by hand is kept. Raises Denied, and NotAllowedNow where no place is open or nobody can be asked.
    """
    require(by, Permission.ASSESSMENT_ALLOCATE, on=round)
    waiting = fitting.waiting(round, by)
    check_possible(round, waiting, at=at)
    inputs = fitting.inputs_of(round, waiting, settings=settings, base=base, at=at)
    with transaction.atomic():
        return runs.start(round=round, kind=Run.Kind.PLAN, inputs=inputs, seed=SEED, by=by, at=at)


def check_possible(round: Round, waiting: Sequence[Application], *, at: datetime) -> None:
    """A place is open and somebody can be asked, or NotAllowedNow."""
    if not any(places.left > 0 for places in fitting.places_of(waiting).values()):
        raise NotAllowedNow("Every place is filled, so there is nothing to allocate.", code="nothing_open")
    nobody = fitting.why_nobody(round, at=at)
    if nobody:
        raise NotAllowedNow(nobody, code="nobody_there")


def pairs_of(run: Run) -> dict[Cell, str]:
    """The plan as it stands, with what was changed by hand: (application, assessor) → why."""
    found = {(pair["application"], pair["assessor"]): in_words(pair) for pair in run.figures["pairs"]}
    for change in run.changes.order_by("pk"):
        found.pop((change.application_id, change.person_id), None)
        if change.is_in:
            found[change.application_id, change.person_id] = f"{fitting.BY_HAND}: {change.reason}"
    return found


def in_words(pair: Mapping[str, object]) -> str:
    """The parts of a pair's score as a sentence."""
    parts = pair["parts"]
    said = ", ".join(f"{part} {points:g}" + (f" ({words})" if words else "") for part, points, words in parts)  # type: ignore[attr-defined]
    return f"{pair['pinned']}. " * bool(pair["pinned"]) + f"{pair['score']:g} of 100: {said}"


def choose(*, run: Run, application: Application, assessors: Collection[Person], reason: str, by: Person, at: datetime) -> list[PlanChange]:
    """Have these assessors for the open places of one application in the plan, whatever was worked out; the reason stays on file.

    Raises Denied, Refused (no reason, somebody who may not be asked), NotAllowedNow (not in the plan).
    """
    require(by, Permission.ASSESSMENT_ALLOCATE, on=application)
    number = application.pk
    if run.outcome is None or number not in {one["number"] for one in run.inputs["applications"]}:
        raise NotAllowedNow("This plan does not deal with this application.", code="not_in_plan")
    if not reason.strip():
        raise Refused("Say why you change the plan.", code="reason_missing", field="reason")
    known, barred = {one["number"] for one in run.inputs["assessors"]}, {(a, p): why for a, p, why in run.inputs["barred"]}
    for person in assessors:
        why = barred.get((number, person.pk), "")
        if person.pk not in known or (why and not why.startswith("Taken out by hand")):
            raise Refused(f"{person} cannot be asked: {why or 'not in the pool of this plan.'}", code="assessor_barred", field="assessors")
    _check_places(run, application, assessors)
    with transaction.atomic():
        now_in = {person for one, person in pairs_of(run) if one == number} - _invited(run)[number]
        wanted = {person.pk for person in assessors}
        made = [
            PlanChange.objects.create(
                run=run,
                application=application,
                person_id=person,
                is_in=person in wanted,
                reason=reason.strip()[:500],
                made_at=at,
                made_by=by,
            )
            for person in sorted(now_in ^ wanted)
        ]
        for change in made:
            trail.record(
                stream=application.stream,
                kind="assessment.plan_changed",
                actor=by.pk,
                at=at,
                subject=f"assessments.planchange:{change.pk}",
                after={"plan": run.pk, "assessor": change.person_id, "is_in": change.is_in},
                personal={"reason": change.reason},
            )
    return made


def _check_places(run: Run, application: Application, assessors: Collection[Person]) -> None:
    """Nobody gets more than they take on, nor do two of one employer get the same application where the plan keeps to that."""
    most = {one["number"]: one["most"] for one in run.inputs["assessors"]}
    others = Counter(person for one, person in pairs_of(run) if one != application.pk)
    for person in assessors:
        if others[person.pk] >= most[person.pk]:
            has = others[person.pk]
            said = (
                f"{person} has {has} in this plan already, as many as they take on." if has else f"{person} takes on no more reviews now."
            )
            raise Refused(said, code="assessor_full", field="assessors")
    if run.inputs["settings"]["one_per_organisation"]:
        held = {one.pk: one for one in [*handpicked.holders(application), *assessors]}
        for said in handpicked.same_employer(held.values()):
            raise Refused(f"{said} This plan has at most one of each employer.", code="same_employer", field="assessors")


def send(*, run: Run, by: Person, at: datetime, due_at: datetime | None = None) -> Iterator[tuple[Application, Refusal | None]]:
    """Invite everybody in the plan who is not invited yet, application by application, and report every one that has somebody to invite.

    An application for which the plan has too few is reported too, with those it has invited.
    """
    require(by, Permission.ASSESSMENT_ALLOCATE, on=run.round)
    planned: dict[int, dict[int, str]] = defaultdict(dict)
    invited = _invited(run)
    for (number, person), why in pairs_of(run).items():
        if person not in invited[number]:
            planned[number][person] = why
    people = Person.objects.in_bulk({person for one in planned.values() for person in one})
    for application in Application.objects.for_staff(by).filter(pk__in=planned).for_pages().order_by("submitted_at", "pk"):
        chosen = planned[application.pk]
        try:
            allocation.allocate(
                application=application, assessors=[people[person] for person in chosen], by=by, at=at, due_at=due_at, plan=run, why=chosen
            )
            left = allocation.places_left(application)
            if left > 0:
                raise NotAllowedNow(
                    f"{len(chosen)} invited; {left} more {'is' if left == 1 else 'are'} needed.", code="assessors_short", left=left
                )
        except Refusal as refusal:
            yield application, refusal
        else:
            yield application, None


def _invited(run: Run) -> dict[int, set[int]]:
    """By application, who holds a live review, or gave one back, by now."""
    found: dict[int, set[int]] = defaultdict(set)
    numbers = [one["number"] for one in run.inputs["applications"]]
    rows = Assessment.objects.asked().filter(application__in=numbers)
    for application, person in rows.values_list("application_id", "assessor_id"):
        found[application].add(person)
    return found
