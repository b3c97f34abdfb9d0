"""Say when somebody will be away, so that it shows in time what would have nobody. It takes no right away."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from accounts.access import held_by, require
from accounts.models import Person, TimeAway
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from accounts.scopes import Place
from audit import trail

LONGEST = timedelta(days=366)


@transaction.atomic
def enter(*, person: Person, scope: str, first_on: date, last_on: date, by: Person, at: datetime) -> TimeAway:
    """Enter days away, one's own or, for those who grant roles on the scope, a colleague's. Raises Denied, Refused."""
    _check_may(person, scope, by=by, at=at)
    if last_on < first_on:
        raise Refused("The last day must not be before the first.", code="ends_before_it_begins", field="last_on")
    if last_on < localdate(at):
        raise Refused("Those days are over.", code="in_the_past", field="last_on")
    if last_on - first_on > LONGEST:
        raise Refused("For more than a year, end the role instead.", code="too_long", field="last_on")
    away = TimeAway.objects.create(person=person, first_on=first_on, last_on=last_on, entered_at=at, entered_by=by)
    _record(away, "away.entered", by=by, at=at)
    return away


@transaction.atomic
def take_back(*, away: TimeAway, scope: str, by: Person, at: datetime) -> None:
    """Take days away back: the plan changed. Raises Denied, NotAllowedNow."""
    _check_may(away.person, scope, by=by, at=at)
    if away.ends_at <= at:
        raise NotAllowedNow("Those days are over.", code="in_the_past")
    _record(away, "away.taken_back", by=by, at=at)
    away.delete()


def _check_may(person: Person, scope: str, *, by: Person, at: datetime) -> None:
    if by.pk != person.pk:
        require(by, Permission.ROLE_GRANT, on=Place(scope), held=held_by(by, at=at))


def _record(away: TimeAway, kind: str, *, by: Person, at: datetime) -> None:
    trail.record(
        stream=f"person:{away.person_id}",
        kind=kind,
        actor=by.pk,
        at=at,
        subject=f"{away._meta.label_lower}:{away.pk}",
        after={"person": away.person_id},
        personal={"first_on": away.first_on.isoformat(), "last_on": away.last_on.isoformat()},
    )
