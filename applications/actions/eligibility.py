"""What people decide about eligibility, and ruling out: always with a reason, and where it goes against the company by two people."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils.timezone import localtime, make_aware

from accounts.models import Person
from accounts.refusals import NotAllowedNow
from applications import reminders
from applications.models import Application
from workflow.engine import fire


def clear(*, application: Application, note: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """An officer finds a referred application eligible."""
    return fire(application, "clear_referral", by=by, at=at, note=note, key=key)


def refuse(*, application: Application, note: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """An officer finds a referred application ineligible."""
    return fire(application, "refuse_referral", by=by, at=at, note=note, key=key)


def reinstate(*, application: Application, note: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """A second person reverses a finding of ineligibility."""
    return fire(application, "reinstate", by=by, at=at, note=note, key=key)


def ask_review(*, application: Application, note: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """The company asks for a second person to look, and says which rule was applied wrongly."""
    return fire(application, "ask_review", by=by, at=at, note=note, key=key)


def keep_finding(*, application: Application, note: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """A second person reviewed a finding of ineligibility and it stands."""
    return fire(application, "keep_finding", by=by, at=at, note=note, key=key)


def invite(*, application: Application, note: str = "", by: Person, at: datetime, key: str | None = None) -> Application:
    """Ask a company whose expression of interest was read to apply in full, by midday so many days later as the programme says."""
    expression = application.version.definition.expression
    if expression is None:
        raise NotAllowedNow("This programme has no expression of interest.", code="no_expression")
    last_day = localtime(at).date() + timedelta(days=expression.full_days)
    until = make_aware(datetime.combine(last_day, time(12)))
    with transaction.atomic():
        invited = fire(application, "invite", by=by, at=at, note=note, key=key, until=until)
        reminders.plan(invited, at=at)
    return invited


def decline_interest(*, application: Application, note: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """Do not ask for the full application, with the reason."""
    return fire(application, "decline_interest", by=by, at=at, note=note, key=key)


def ask_ruling_out(*, application: Application, note: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """The first of two people says why an application must not go on."""
    return fire(application, "ask_ruling_out", by=by, at=at, note=note, key=key)


def rule_out(*, application: Application, note: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """The second person agrees."""
    return fire(application, "rule_out", by=by, at=at, note=note, key=key)


def refuse_ruling_out(*, application: Application, note: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """The second person does not agree, and says why."""
    return fire(application, "refuse_ruling_out", by=by, at=at, note=note, key=key)


def take_back_ruling_out(*, application: Application, note: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """Whoever asked for it does so no longer."""
    return fire(application, "take_back_ruling_out", by=by, at=at, note=note, key=key)
