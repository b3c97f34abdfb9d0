"""Have a programme rehearsed, and take a rehearsal away again."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from audit import trail
from grants.definition import loading
from grants.models import Programme, ProgrammeVersion, Rehearsal
from grants.rehearsals import apart
from grants.rehearsals.plan import MOST_COMPANIES, TITLES, Plan
from notifications import outbox

MOST_KEPT = 5
"""Rehearsals of a programme: each is a database and its files."""
REACH = timedelta(days=3 * 366)
"""How far from today a rehearsed round may open."""


@transaction.atomic
def request(*, version: ProgrammeVersion, plan: Plan, by: Person, at: datetime) -> Rehearsal:
    """Have a version, a draft too, gone through with invented companies, in the background and apart from everything here.

    Raises Denied, Refused (a plan that cannot be, a document that does not hold together), NotAllowedNow (as many as are kept).
    """
    programme = Programme.objects.select_for_update(no_key=True).get(pk=version.programme_id)
    require(by, Permission.PROGRAMME_EDIT, on=programme)
    _check(plan, at)
    loading.parse(version.document, source=f"Version {version.number}")
    if programme.rehearsals.count() >= MOST_KEPT:
        raise NotAllowedNow(f"{MOST_KEPT} rehearsals of this programme are kept already. Delete one first.", code="rehearsals_kept")
    rehearsal = Rehearsal.objects.create(
        programme=programme, version=version, text=version.text, key=apart.new_key(), given=plan.as_json(), asked_at=at, asked_by=by
    )
    trail.record(
        stream=programme.stream,
        kind="programme.rehearsed",
        actor=by.pk,
        at=at,
        subject=f"grants.programme:{programme.pk}",
        after={"rehearsal": rehearsal.pk, "version": version.number, "sha256": version.sha256} | plan.as_json(),
    )
    outbox.put("programme.rehearsed", {"rehearsal": rehearsal.pk}, key=f"programme.rehearsed:{rehearsal.pk}", at=at)
    return rehearsal


@transaction.atomic
def delete(*, rehearsal: Rehearsal, by: Person, at: datetime) -> None:
    """Take a rehearsal away whole: its database, its files, its mail and its report. One that is being played ends."""
    programme = rehearsal.programme
    require(by, Permission.PROGRAMME_EDIT, on=programme)
    apart.clear(rehearsal.key)
    trail.record(
        stream=programme.stream,
        kind="programme.rehearsal_deleted",
        actor=by.pk,
        at=at,
        subject=f"grants.programme:{programme.pk}",
        before={"rehearsal": rehearsal.pk, "version": rehearsal.version.number},
    )
    rehearsal.delete()


@transaction.atomic
def walk(*, rehearsal: Rehearsal, by: Person, at: datetime) -> None:
    """Let somebody who builds the programme act as its invented people, inside the rehearsal only. Raises Denied, NotAllowedNow."""
    programme = rehearsal.programme
    require(by, Permission.PROGRAMME_EDIT, on=programme)
    if rehearsal.finished_at is None or not apart.home(rehearsal.key).is_dir():
        raise NotAllowedNow("There is nothing to walk through: it has not been played, or not on this machine.", code="rehearsal_not_there")
    trail.record(
        stream=programme.stream,
        kind="programme.rehearsal_walked",
        actor=by.pk,
        at=at,
        subject=f"grants.programme:{programme.pk}",
        after={"rehearsal": rehearsal.pk, "version": rehearsal.version.number},
    )


def _check(plan: Plan, at: datetime) -> None:
    if not 1 <= plan.companies <= MOST_COMPANIES:
        raise Refused(f"Choose from 1 to {MOST_COMPANIES} companies.", code="companies_out_of_range", field="companies")
    if plan.until not in TITLES:
        raise Refused("Choose how far it goes.", code="stage_unknown", field="until")
    if abs(plan.opens_at - at) > REACH:
        raise Refused("Choose a day within three years of today.", code="opening_out_of_range", field="opens_on")
