"""Having figures worked out: asked for by a person, done in the background, kept for good."""

import hashlib
from collections import defaultdict
from datetime import datetime
from fractions import Fraction
from typing import Any

import rfc8785
from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow
from accounts.roles import Permission
from assessments.methods import VERSION
from assessments.methods.figures import SEED
from assessments.models import Assessment, Run
from audit import trail
from grants.models import Budget, Round
from notifications import outbox


def request(*, round: Round, by: Person, at: datetime) -> Run:
    """Have the figures of a round's scores worked out as they stand; the run that is there already where nothing has changed.

    Raises Denied, and NotAllowedNow while no review counts.
    """
    with transaction.atomic():
        require(by, Permission.ASSESSMENT_MODERATE, on=round)
        Budget.objects.select_for_update(no_key=True).get(round=round)
        inputs = inputs_of(round)
        if not inputs["votes"]:
            raise NotAllowedNow("No review counts yet, so there is nothing to work out.", code="nothing_scored")
        return start(round=round, kind=Run.Kind.FIGURES, inputs=inputs, seed=SEED, by=by, at=at)


def start(*, round: Round, kind: str, inputs: dict[str, Any], seed: int, by: Person, at: datetime) -> Run:
    """Keep the inputs and have them worked out in the background; the run that is there already where they are the same.

    One that failed is tried again.
    """
    run, is_new = Run.objects.get_or_create(
        round=round,
        kind=kind,
        inputs_sha256=digest(inputs),
        method_version=VERSION,
        seed=seed,
        defaults={"inputs": inputs, "requested_at": at, "requested_by": by},
    )
    if is_new or run.failure:
        subject = f"{round.record_type()}:{round.pk}"
        after = {"run": run.pk, "inputs_sha256": run.inputs_sha256}
        trail.record(stream=round.stream, kind=f"round.{kind}_requested", actor=by.pk, at=at, subject=subject, after=after)
    if run.failure:
        run.failure, run.progress = "", 0
        run.save(update_fields=["failure", "progress"])
    if run.finished_at is None:
        outbox.put("assessment.run", {"run": run.pk}, key=f"assessment.run:{run.pk}:{at.isoformat()}", at=at)
    return run


def inputs_of(round: Round) -> dict[str, Any]:
    """What figures rest on: the counted totals as exact fractions, and how many of the applications the budget reaches by rank order."""
    rows = (
        Assessment.objects.counted()
        .filter(application__round=round)
        .order_by("application_id", "assessor_id")
        .values_list("application__reference", "assessor_id", "total_numerator", "total_denominator", "application__grant_requested_pence")
    )
    found = list(rows)
    means: dict[str, list[Fraction]] = defaultdict(list)
    asked: dict[str, int] = {}
    for application, _, numerator, denominator, pence in found:
        means[application].append(Fraction(numerator or 0, denominator or 1))
        asked[application] = pence or 0
    order = sorted(means, key=lambda name: (-sum(means[name]) / len(means[name]), name))
    return {"votes": [list(row[:4]) for row in found], "places": _places(order, asked, round.budget.amount_pence)}


def _places(order: list[str], asked: dict[str, int], pence: int) -> int:
    """How many the budget reaches down the list; one at least, as a line needs an application to lie at."""
    places = 0
    for name in order:
        pence -= asked[name]
        if pence < 0:
            break
        places += 1
    return max(places, 1)


def digest(inputs: dict[str, Any]) -> str:
    return hashlib.sha256(rfc8785.dumps(inputs)).hexdigest()
