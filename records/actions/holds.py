"""Keep an application's records from being erased, and let go of them again."""

from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from applications.actions.applications import locked
from applications.models import Application
from audit import trail
from records import keeping
from records.models import LegalHold


def place(*, application: Application, reason: str, by: Person, at: datetime) -> LegalHold:
    """Nothing of it is erased until somebody lifts this. Raises Denied, Refused, NotAllowedNow."""
    require(by, Permission.RECORDS_HOLD, on=application)
    with transaction.atomic():
        kept = keeping.of(locked(application), at=at)
        fresh = kept.application
        if fresh.erased_at is not None:
            raise NotAllowedNow(f"The records of {fresh.reference} are erased already.", code="erased")
        if kept.is_held:
            raise NotAllowedNow(f"A hold keeps {fresh.reference} already.", code="held")
        hold = LegalHold.objects.create(application=fresh, reason=_said(reason), placed_at=at, placed_by=by)
        _note(hold, "hold.placed", hold.reason, by=by, at=at)
    return hold


def lift(*, hold: LegalHold, reason: str, by: Person, at: datetime) -> LegalHold:
    """The records are kept as long as any others again. Raises Denied, Refused, NotAllowedNow."""
    require(by, Permission.RECORDS_HOLD, on=hold.application)
    with transaction.atomic():
        locked(hold.application)
        said = _said(reason)
        if not LegalHold.objects.standing().filter(pk=hold.pk).update(lifted_at=at, lifted_by=by, lifted_because=said):
            raise NotAllowedNow("This hold is lifted already.", code="lifted")
        _note(hold, "hold.lifted", said, by=by, at=at)
    return LegalHold.objects.select_related("application").get(pk=hold.pk)


def _said(reason: str) -> str:
    if not reason.strip():
        raise Refused("Give a reason.", code="reason_missing", field="reason")
    return reason.strip()


def _note(hold: LegalHold, kind: str, reason: str, *, by: Person, at: datetime) -> None:
    subject = f"records.legalhold:{hold.pk}"
    trail.record(stream=hold.application.stream, kind=kind, actor=by.pk, at=at, subject=subject, personal={"reason": reason})
