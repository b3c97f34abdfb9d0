"""Ask a company to change sections of what it sent in, and take the changes."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Person
from accounts.refusals import Refused
from applications import changes
from applications.actions import applications
from applications.models import Application
from workflow import deadlines
from workflow.engine import fire

REMIND = timedelta(days=2)


def request(
    *, application: Application, sections: list[str], until: datetime, note: str, by: Person, at: datetime, key: str | None = None
) -> Application:
    """Open these sections to the company until then. Raises Refused for no section or a time that is past."""
    with transaction.atomic():
        asked = fire(application, "request_changes", by=by, at=at, note=note, key=key, sections=sections, until=until)
        if asked.is_being_changed:
            _set_deadlines(asked, until, at=at)
    return asked


def give_time(*, application: Application, until: datetime, note: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """A later date for what is being changed."""
    with transaction.atomic():
        later = fire(application, "give_time_for_changes", by=by, at=at, note=note, key=key, until=until)
        if later.is_being_changed:
            _set_deadlines(later, until, at=at)
    return later


def keep_as_sent(*, application: Application, note: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """Go on with what was sent in before."""
    with transaction.atomic():
        kept = fire(application, "keep_as_sent", by=by, at=at, note=note, key=key)
        _clear(kept, at=at)
    return kept


def sign_and_resubmit(
    *, application: Application, reply: str, name: str, position: str, by: Person, at: datetime, key: str | None = None
) -> Application:
    """Sign the declaration over the changed answers, and send them in as a new paper beside the one before.

    However often it is sent with one `key`, it is sent in once. Raises what signing and sending in raise.
    """
    if not reply.strip():
        raise Refused("Say what you changed, or why you did not.", code="reply_missing", field="reply")
    with transaction.atomic():
        fresh = applications.locked(application)
        if fresh.is_being_changed and not fresh.is_expression:
            applications.sign(application=application, name=name, position=position, by=by, at=at)
        sent = fire(application, "resubmit", by=by, at=at, note=reply, key=key)
        _clear(sent, at=at)
    return sent


def open_sections(application: Application) -> list[str]:
    """The titles of what is asked to be changed now."""
    asked = changes.open_request(application)
    return [section.title for section in changes.changeable_sections(application) if asked and section.id in asked.sections]


def _set_deadlines(application: Application, until: datetime, *, at: datetime) -> None:
    deadlines.set_deadline(application, "changes_due", until, at=at)
    if until - REMIND > at:
        deadlines.set_deadline(application, "changes_due_soon", until - REMIND, at=at)


def _clear(application: Application, *, at: datetime) -> None:
    for name in ("changes_due", "changes_due_soon"):
        deadlines.clear(application, name, at=at)
