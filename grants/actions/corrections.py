"""Correct the rules of a round that runs: asked by one person with a reason, decided by another, told to whoever it touches."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Permission
from audit import trail
from grants.models import Correction, ProgrammeVersion, Round
from workflow.engine import AvailableStep, available_steps, fire

ANOTHER_DECIDES = "You asked for this correction, so somebody else decides on it."


def propose(*, round: Round, version: ProgrammeVersion, reason: str, by: Person, at: datetime) -> Correction:
    """Ask that a round goes by another published version of its programme. Raises Denied, Refused, NotAllowedNow."""
    require(by, Permission.PROGRAMME_EDIT, on=round)
    if not reason.strip():
        raise Refused("Say why the rules of a round that runs must change. Applicants read it.", code="reason_missing", field="reason")
    if version.programme_id != round.programme_id or version.state != ProgrammeVersion.State.PUBLISHED:
        raise Refused("Choose a published version of this programme.", code="version_unknown", field="version")
    if version.pk == round.version_id:
        raise Refused(f"{round.reference} goes by that version already.", code="version_same", field="version")
    if round.state not in (Round.State.SCHEDULED, Round.State.OPEN, Round.State.PAUSED):
        raise NotAllowedNow(f"{round.reference} is {round.state_now.label.lower()}: its rules stand.", code="round_not_running")
    try:
        with transaction.atomic():
            correction = Correction.objects.create(
                round=round, version_before=round.version, version=version, reason=reason.strip(), proposed_at=at, proposed_by=by
            )
    except IntegrityError:
        raise NotAllowedNow("A correction of this round waits already. Decide on it first.", code="correction_waits") from None
    trail.record(
        stream=correction.stream,
        kind="correction.proposed",
        actor=by.pk,
        at=at,
        subject=f"{correction.record_type()}:{correction.pk}",
        before={"version": round.version.number},
        after={"version": version.number, "round": round.reference},
        personal={"reason": reason.strip()},
    )
    return correction


def decide(*, correction: Correction, step: str, note: str = "", by: Person, at: datetime) -> Correction:
    """Apply or decline a correction. Raises Denied where the same person asked for it."""
    if step not in ("apply", "decline"):
        raise Refused("There is no such step.", code="step_unknown")
    if step == "apply" and correction.proposed_by_id == by.pk:
        raise Denied(ANOTHER_DECIDES, code="separation_of_duties")
    return fire(correction, step, note=note, by=by, at=at)


def steps(*, correction: Correction, by: Person, at: datetime) -> list[AvailableStep]:
    """What a person may do with a correction now, by the same rule as `decide`."""
    found = available_steps(correction, by, at=at)
    if correction.proposed_by_id != by.pk:
        return found
    return [
        AvailableStep(each.step, False, ANOTHER_DECIDES, "separation_of_duties") if each.step.name == "apply" else each for each in found
    ]
