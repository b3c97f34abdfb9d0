"""The ranking of a round: worked out when what it rests on has changed, kept as a run, and read from there until it changes again.

Nothing can go stale: what a ranking rests on is read at each look, and its hash says whether the kept one stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow
from accounts.roles import Permission
from applications.models import Application
from assessments import ordering, standings
from assessments.actions import runs
from assessments.methods import VERSION
from assessments.models import Run
from assessments.ordering import Place, Row
from audit import trail
from grants.models import Round

SEED = 0
"""Nothing is drawn."""


@dataclass(frozen=True)
class Ranking:
    """A ranking as it stands. `run` is where it is kept; None where it has not been kept yet."""

    rows: list[Row]
    left_pence: int
    run: Run | None

    @property
    def places(self) -> list[Place]:
        return [ordering.place_of(row) for row in self.rows]


def now_of(round: Round) -> Ranking:
    """The ranking as it stands: the kept one where it rests on the same, else worked out afresh. Writes nothing."""
    inputs = standings.rests_on(round)
    run = _kept(round, runs.digest(inputs))
    outcome = run.figures if run is not None else standings.work_out(round, inputs)
    return Ranking(outcome["places"], outcome["left_pence"], run)


def keep(*, round: Round, by: Person, at: datetime) -> Run:
    """Keep the ranking as it stands, with its inputs; the run that is there already where it rests on the same.

    Raises Denied, and NotAllowedNow while no review of a ranked application counts.
    """
    require(by, Permission.ASSESSMENT_MODERATE, on=round)
    run = keep_for(round, by=by, at=at)
    if run is None:
        raise NotAllowedNow("Scoring of no application is closed yet, so there is nothing to rank.", code="nothing_ranked")
    return run


def keep_for(round: Round, *, by: Person, at: datetime) -> Run | None:
    """As part of another act that rests on the ranking, or by the machine. None where nothing is ranked."""
    inputs = standings.rests_on(round)
    if not inputs["reviews"]:
        return None
    digest = runs.digest(inputs)
    known = _kept(round, digest)
    if known is not None:
        return known
    outcome = standings.work_out(round, inputs)
    with transaction.atomic():
        run, is_new = Run.objects.get_or_create(
            round=round,
            kind=Run.Kind.RANKING,
            inputs_sha256=digest,
            method_version=VERSION,
            seed=SEED,
            defaults=_kept_now(inputs, outcome, by=by, at=at),
        )
        if is_new:
            after = {"run": run.pk, "inputs_sha256": digest, "applications": len(outcome["places"])}
            subject = f"assessments.run:{run.pk}"
            trail.record(stream=round.stream, kind="round.ranking_kept", actor=by.pk, at=at, subject=subject, after=after)
    return run


def keep_all(*, at: datetime) -> Iterator[Run]:
    """Keep the ranking of every round in which something is still to be decided or told, where it changed. The machine does this."""
    system = Person.objects.system()
    open_still = Application.objects.filter(round=OuterRef("pk"), notified_at=None, state__in=standings.SCORED)
    for round in Round.objects.filter(Exists(open_still)).select_related("programme", "version", "budget").order_by("pk"):
        run = keep_for(round, by=system, at=at)
        if run is not None and run.requested_at == at:
            yield run


def _kept(round: Round, digest: str) -> Run | None:
    known = Run.objects.filter(round=round, kind=Run.Kind.RANKING, inputs_sha256=digest, method_version=VERSION, seed=SEED)
    return known.select_related("requested_by").defer("inputs").first()


def _kept_now(inputs: dict[str, Any], outcome: dict[str, Any], *, by: Person, at: datetime) -> dict[str, Any]:
    return {"inputs": inputs, "outcome": outcome, "progress": 100, "requested_at": at, "requested_by": by, "finished_at": at}
