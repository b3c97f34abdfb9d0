"""Searching a round for conflicts of interest: asked for by an officer, carried out in the background, before a plan is worked out or by
itself."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow
from accounts.roles import Permission
from applications.models import Application
from assessments import fitting, interests
from assessments.actions import conflicts, plans, pool, runs
from assessments.fitting import Settings
from assessments.models import Conflict, Run
from grants.models import Budget, Round

SEED = 0
"""Nothing is drawn in a search."""
FOUND = 0.4
"""The share of the work that is done when everything is found and nothing is written yet."""


def request(*, round: Round, by: Person, at: datetime, plan: Settings | None = None, base: Run | None = None) -> Run:
    """Have the records searched for conflicts between every application that is eligible and awaits a decision, and everybody who judges.

    With `plan` an allocation of the open places is worked out afterwards by these settings; what `base` was changed to by hand is kept.
    One that is under way for the same is not begun again. Raises Denied, and NotAllowedNow where there is nobody or nothing to search.
    """
    require(by, Permission.ASSESSMENT_ALLOCATE, on=round)
    if plan is not None:
        plans.check_possible(round, fitting.waiting(round, by), at=at)
    people = sorted(pool.searched(round.programme, at=at).values_list("pk", flat=True))
    undecided = fitting.undecided(round, by).values_list("pk", flat=True)
    if not undecided or not people:
        raise NotAllowedNow("There is no application whose company awaits a decision, or nobody to search for.", code="nothing_to_search")
    asked = {
        "applications": sorted(undecided),
        "assessors": people,
        "plan": {"settings": asdict(plan), "base": base.pk if base else None} if plan else None,
    }
    with transaction.atomic():
        Budget.objects.select_for_update(no_key=True).get(round=round)
        running = round.runs.under_way(round, Run.Kind.SEARCH)
        if running is not None and asked == {name: running.inputs[name] for name in asked} and running.requested_by == by:
            return running
        before = round.runs.latest_done(round, Run.Kind.SEARCH)
        inputs = asked | {"asked_at": at.isoformat(), "after": before.pk if before else None}
        return runs.start(round=round, kind=Run.Kind.SEARCH, inputs=inputs, seed=SEED, by=by, at=at)


def carry_out(run: Run, *, at: datetime, on_progress: Callable[[float], None] = lambda share: None) -> dict[str, Any]:
    """Search, write down what is found, and ask for the plan where one is wanted. Again, it writes nothing twice.

    Raises Refusal where the person who asked may not any more, or the plan has become pointless.
    """
    require(run.requested_by, Permission.ASSESSMENT_ALLOCATE, on=run.round)
    people = list(pool.searched(run.round.programme, at=at).filter(pk__in=run.inputs["assessors"]).order_by("pk"))
    applications = list(Application.objects.filter(pk__in=run.inputs["applications"]).for_pages().order_by("pk"))
    on_progress(0.1)
    found = interests.find(people, applications, on=localdate(at))
    on_progress(FOUND)
    number = sum(len(grounds) for grounds in found.values())
    for done, _ in enumerate(conflicts.keep(found, people=people, applications=applications, by=run.requested_by, at=at), start=1):
        on_progress(FOUND + (1 - FOUND) * done / number)
    shown = [one.status for grounds in found.values() for one in grounds]
    outcome = {"confirmed": shown.count(Conflict.Status.CONFIRMED), "suggested": shown.count(Conflict.Status.SUGGESTED)}
    return outcome | ({"plan": _plan(run, at=at).pk} if run.inputs["plan"] else {})


def _plan(run: Run, *, at: datetime) -> Run:
    asked = run.inputs["plan"]
    base = Run.objects.filter(pk=asked["base"]).first()
    return plans.request(round=run.round, settings=Settings(**asked["settings"]), by=run.requested_by, at=at, base=base)
