"""Ask and answer: what a company and the programme's staff write to each other about one application."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.models import Person
from accounts.refusals import Refused
from accounts.roles import Permission
from applications.models import Application, Message
from applications.notices import officers_of, team_of
from applications.policies import check_not_erased
from audit import trail
from notifications.outbox import Letter, send_notice
from workflow.models import Case

Write = Callable[..., Message]
MOST = 5_000
"""Characters of a message."""


def ask(*, application: Application, body: str, by: Person, at: datetime) -> Message:
    """The company writes to the programme's officers."""
    require(by, Permission.APPLICATION_EDIT, on=application)
    subject = f"{application.company.name} wrote about {application.reference}"
    readers = [Letter(person, subject, body, f"{application.staff_path()}messages/") for person in officers_of(application)]
    return _send(application, Message.Side.COMPANY, body, readers, by=by, at=at)


def answer(*, application: Application, body: str, by: Person, at: datetime) -> Message:
    """Staff write to the company's team."""
    require(by, Permission.APPLICATION_SCREEN, on=application)
    subject = f"A message about {application.reference}"
    readers = [Letter(person, subject, body, f"{application.get_absolute_url()}messages/") for person in team_of(application)]
    return _send(application, Message.Side.STAFF, body, readers, by=by, at=at)


def _send(application: Application, side: Message.Side, body: str, readers: list[Letter], *, by: Person, at: datetime) -> Message:
    if not body.strip():
        raise Refused("Write a message.", code="message_empty", field="body")
    if len(body) > MOST or "\0" in body:
        raise Refused(f"Write plain text of at most {MOST:,} characters.", code="message_unfit", field="body")
    with transaction.atomic():
        Case.objects.hold(application.case_id)
        check_not_erased(Application.objects.get(pk=application.pk), at=at)
        message = Message.objects.create(application=application, side=side, body=body.strip(), sent_at=at, sent_by=by)
        trail.record(
            stream=application.stream,
            kind="message.sent",
            actor=by.pk,
            at=at,
            subject=f"applications.message:{message.pk}",
            after={"side": str(side)},
            personal={"body": message.body},
        )
        for letter in readers:
            if letter.person != by:
                send_notice("message.sent", letter, at=at, stream=application.stream, key=f"message:{message.pk}:{letter.person.pk}")
    return message
