"""Calibration: one application that everybody scores before they begin, so that they see how differently they mark."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate

from accounts.access import require
from accounts.models import Person
from accounts.refusals import NotAllowedNow
from accounts.roles import Permission
from applications.models import Application
from assessments import fitting, policies
from assessments.actions import conflicts, pool
from assessments.actions.allocation import OPEN_TO_ALLOCATION, due_on, invite
from assessments.models import Assessment
from workflow.engine import lock

TIME = timedelta(days=7)


def set_up(*, application: Application, by: Person, at: datetime, due_at: datetime | None = None) -> list[Assessment]:
    """Ask every assessor of the programme who is there, has what it asks for and no conflict to score this application first.

    Asking again asks those who can be asked only since.

    Raises Denied, and NotAllowedNow (past assessment, another application of the round is the one, nobody can be asked).
    """
    with transaction.atomic():
        fresh = lock(application)
        require(by, Permission.ASSESSMENT_ALLOCATE, on=fresh)
        policies.check_is_disinterested(fresh, by=by)
        if fresh.state not in OPEN_TO_ALLOCATION:
            raise NotAllowedNow(f"This is {fresh.state_now.label.lower()} now, so nobody can be asked to score it.", code="wrong_state")
        if Assessment.objects.filter(application__round=fresh.round_id, is_calibration=True).exclude(application=fresh).exists():
            raise NotAllowedNow("Another application of this round is the one that is scored first.", code="calibrated_elsewhere")
        people = list(pool.members(fresh.round.programme, at=at).order_by("pk"))
        conflicts.record_found(applications=[fresh], people=people, by=by, at=at)
        barred = conflicts.standing(people, [fresh], on=localdate(at))
        asked = set(fresh.assessments.filter(is_calibration=True).values_list("assessor_id", flat=True))
        away = fitting.absent(people, fresh.round, at=at)
        able = [one for one in people if (one.pk, fresh.pk) not in barred and one.pk not in asked and one.pk not in away]
        if not able and not asked:
            raise NotAllowedNow("No assessor without a conflict of interest can be asked now.", code="nobody_free")
        due = due_at or due_on(localdate(at + TIME))
        return [invite(fresh, person, due=due, by=by, at=at, is_calibration=True) for person in able]
