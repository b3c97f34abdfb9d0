"""Drawing among equals: the list is frozen and published first, the value that decides is named before it exists."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from assessments.actions import runs, selections
from assessments.methods import draw as methods
from assessments.methods.figures import FEW
from assessments.models import Draw, Run
from audit import trail
from grants.models import Budget, Round

HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class Group:
    """Applications between which only a draw can choose, how many places there are, and who is funded without one."""

    run: Run
    name: str
    references: tuple[str, ...]
    places: int
    outright: tuple[str, ...]


def declared(round: Round) -> bool:
    """Whether the programme declared beforehand that it draws at the line."""
    return selections.draws_at_line(round)


def group_of(round: Round) -> Group | None:
    """The group as it stands: equals at the line of the frozen scenario, else the middle group of figures that are not overtaken."""
    frozen = Run.objects.frozen(round)
    if frozen is not None and frozen.figures["tied_at_line"] and not selections.is_stale(frozen):
        found = frozen.figures
        tied = tuple(sorted(found["tied_at_line"]))
        outright = tuple(name for name in found["funded"] if name not in tied)
        return Group(frozen, "Equals at the line of the frozen scenario", tied, len(found["funded"]) - len(outright), outright)
    last = Run.objects.latest_done(round)
    if last is None or last.inputs_sha256 != runs.digest(runs.inputs_of(round)):
        return None
    by_group = {
        name: [row["application"] for row in last.figures["applications"] if row["group"] == name] for name in ("fund", "random selection")
    }
    middle = tuple(sorted(by_group["random selection"]))
    if not middle or not 0 < last.figures["draw"] < len(middle):
        return None
    return Group(last, "The middle group of the figures", middle, last.figures["draw"], tuple(by_group["fund"]))


def freeze(*, round: Round, source: str, secret_sha256: str = "", by: Person, at: datetime) -> Draw:
    """Freeze and publish what is drawn from, and name the public value that will decide.

    Raises Denied; Refused (no value named, a commitment that is no hash); NotAllowedNow (not declared beforehand, too few, nothing to draw,
    drawn already).
    """
    require(by, Permission.DECISION_PROPOSE, on=round)
    if not declared(round):
        raise NotAllowedNow("This programme did not declare beforehand that it draws at the line.", code="draw_not_declared")
    if not source.strip():
        raise Refused("Name the public value that will decide, before it exists.", code="source_missing", field="source")
    commitment = secret_sha256.strip().lower()
    if commitment and (len(commitment) != 64 or set(commitment) - HEX):
        raise Refused("The secret's hash must be 64 hexadecimal digits.", code="commitment_malformed", field="secret_sha256")
    with transaction.atomic():
        Budget.objects.select_for_update(no_key=True).get(round=round)
        group = _group(round)
        document, sha256 = methods.freeze(round=round.reference, references=group.references, places=group.places)
        if Draw.objects.filter(frozen_sha256=sha256).exists():
            raise NotAllowedNow("This very list is frozen already: it is drawn once.", code="frozen_already")
        draw = Draw.objects.create(
            round=round, run=group.run, outright=list(group.outright), frozen=document, frozen_sha256=sha256, source=source.strip()[:300],
            secret_sha256=commitment, frozen_at=at, frozen_by=by,
        )  # fmt: skip
        trail.record(
            stream=round.stream,
            kind="draw.frozen",
            actor=by.pk,
            at=at,
            subject=f"assessments.draw:{draw.pk}",
            after={"frozen_sha256": sha256, "source": draw.source, "places": group.places, "secret_sha256": commitment},
        )
    return draw


def _group(round: Round) -> Group:
    group = group_of(round)
    if group is None:
        raise NotAllowedNow("There is no group to draw from: nothing is worked out, or scores have changed since.", code="nothing_to_draw")
    if len(group.run.inputs.get("items", ())) + len(group.run.figures.get("applications", ())) < FEW:
        raise NotAllowedNow(f"A draw is held from {FEW} applications on.", code="too_few")
    return group


def draw(*, draw: Draw, public_value: str, secret: str = "", by: Person, at: datetime) -> Draw:
    """Draw by the value that was named. Raises Denied, Refused (no value, not the secret committed to), NotAllowedNow (drawn already)."""
    require(by, Permission.DECISION_PROPOSE, on=draw.round)
    if not public_value.strip():
        raise Refused("Enter the public value that was named.", code="value_missing", field="public_value")
    if draw.secret_sha256 and hashlib.sha256(secret.encode()).hexdigest() != draw.secret_sha256:
        raise Refused("This is not the secret that was committed to.", code="secret_differs", field="secret")
    if secret and not draw.secret_sha256:
        raise Refused("No secret was committed to, so none may be used.", code="secret_uncommitted", field="secret")
    with transaction.atomic():
        fresh = Draw.objects.select_for_update(of=("self",)).select_related("round__programme").get(pk=draw.pk)
        if fresh.drawn_at is not None:
            raise NotAllowedNow("This draw has been held. It is held once.", code="drawn_already")
        found = methods.draw(json.loads(fresh.frozen)["references"], frozen=fresh.frozen_sha256, public=public_value.strip(), secret=secret)
        fresh.public_value, fresh.secret, fresh.tickets = public_value.strip(), secret, [asdict(one) for one in found]
        fresh.drawn_at, fresh.drawn_by = at, by
        fresh.save(update_fields=["public_value", "secret", "tickets", "drawn_at", "drawn_by"])
        trail.record(
            stream=fresh.round.stream,
            kind="draw.held",
            actor=by.pk,
            at=at,
            subject=f"assessments.draw:{fresh.pk}",
            after={"frozen_sha256": fresh.frozen_sha256, "public_value": fresh.public_value, "first": fresh.tickets[0]["reference"]},
        )
    return fresh
