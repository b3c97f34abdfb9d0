"""Appeal against how an application was treated, and judge that."""

from datetime import datetime

from django.db import transaction

from accounts.access import holders, require
from accounts.models import Person
from accounts.refusals import Refused
from accounts.roles import Permission
from applications import notices, redress
from applications.models import Appeal, Application
from audit import trail
from notifications.outbox import Letter, send_notice
from workflow import deadlines, guards
from workflow.engine import fire
from workflow.models import Case, StepTaken


def lodge(*, application: Application, ground: str, statement: str, by: Person, at: datetime) -> Appeal:
    """The company says what went wrong, within its window. Raises NotAllowedNow outside it or where one is open or was judged."""
    require(by, Permission.APPLICATION_SUBMIT, on=application)
    if ground not in Appeal.Ground.values:
        raise Refused("Choose what went wrong.", code="ground_missing", field="ground")
    if not statement.strip():
        raise Refused("Say what went wrong.", code="statement_missing", field="statement")
    with transaction.atomic():
        Case.objects.hold(application.case_id)
        fresh = Application.objects.afresh(application)
        redress.check_may_appeal(fresh, at=at)
        appeal = Appeal.objects.create(
            case=fresh.case, application=fresh, ground=ground, statement=statement.strip(), lodged_at=at, lodged_by=by
        )
        trail.record(
            stream=fresh.stream,
            kind="appeal.lodged",
            actor=by.pk,
            at=at,
            subject=f"applications.appeal:{appeal.pk}",
            after={"ground": ground},
            personal={"statement": appeal.statement},
        )
        for person in judges(appeal):
            body = f"{fresh.company.name} appeals against how {fresh.reference} was treated. You took no part in it: judge the appeal."
            letter = Letter(person, f"An appeal on {fresh.reference}", body, fresh.staff_path())
            send_notice("appeal.lodged", letter, at=at, stream=fresh.stream, key=f"appeal:{appeal.pk}:{person.pk}")
        for letter in notices.appeal_received(appeal):
            send_notice("appeal.received", letter, at=at, stream=fresh.stream, key=f"appeal:{appeal.pk}:received:{letter.person.pk}")
    return appeal


def judges(appeal: Appeal) -> list[Person]:
    """Those who may judge an appeal, took no duty in the application but that, and sat on no panel that judged it."""
    application = appeal.application
    duties = StepTaken.objects.filter(stream=application.stream).exclude(duty__in=("", "judge_appeal"))
    took_part = set(duties.values_list("by_id", flat=True))
    able = [person for person in holders(application.scopes(), Permission.APPLICATION_REINSTATE) if person.pk not in took_part]
    sat_out = guards.resolve("assessments.sat_on_no_panel")
    return [person for person in able if guards.allowed(sat_out, appeal, by=person)[0]]


def admit(*, appeal: Appeal, by: Person, at: datetime, note: str = "", key: str | None = None) -> Appeal:
    """Take it up."""
    return fire(appeal, "admit", by=by, at=at, key=key)


def refuse(*, appeal: Appeal, note: str, by: Person, at: datetime, key: str | None = None) -> Appeal:
    """Do not take it up, and say why."""
    return fire(appeal, "refuse", by=by, at=at, note=note, key=key)


def uphold(*, appeal: Appeal, note: str, by: Person, at: datetime, key: str | None = None) -> Appeal:
    """Find that something went wrong."""
    return fire(appeal, "uphold", by=by, at=at, note=note, key=key)


def dismiss(*, appeal: Appeal, note: str, by: Person, at: datetime, key: str | None = None) -> Appeal:
    """Find that it did not."""
    return fire(appeal, "dismiss", by=by, at=at, note=note, key=key)


def remedy(*, appeal: Appeal, by: Person, at: datetime, note: str = "", key: str | None = None) -> Appeal:
    """Take the application up again for fresh assessors; what others were awarded is untouched."""
    with transaction.atomic():
        if appeal.application.state in (Application.State.DECLINED, Application.State.RESERVE):
            again = fire(appeal.application, "reconsider", by=by, at=at, key=key)
            deadlines.clear(again, "reserve_expires", at=at)
        return fire(appeal, "remedy", by=by, at=at, key=key)


def close(*, appeal: Appeal, by: Person, at: datetime, note: str = "", key: str | None = None) -> Appeal:
    """End an upheld appeal on an application that has won its grant or is out since. Raises NotAllowedNow where it can be put right."""
    return fire(appeal, "close", by=by, at=at, key=key)
