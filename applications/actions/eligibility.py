"""What people decide about eligibility, and ruling out: always with a reason, and where it goes against the company by two people."""

from datetime import datetime

from accounts.models import Person
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


def ask_ruling_out(*, application: Application, note: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """The first of two people says why an application must not go on."""
    return fire(application, "ask_ruling_out", by=by, at=at, note=note, key=key)


def rule_out(*, application: Application, note: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """The second person agrees."""
    return fire(application, "rule_out", by=by, at=at, note=note, key=key)
