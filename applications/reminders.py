"""Reminders before an application is due: seven days, two, one, and three hours, only to companies whose application is not sent in."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from applications.policies import check_round_is_open
from applications.reading import Reading
from grants.policies import in_words
from notifications.outbox import Letter, send_notice
from workflow import deadlines
from workflow.deadlines import on_due
from workflow.guards import allowed
from workflow.models import Deadline

if TYPE_CHECKING:
    from applications.models import Application

BEFORE = {
    "remind_7_days": timedelta(days=7),
    "remind_2_days": timedelta(days=2),
    "remind_1_day": timedelta(days=1),
    "remind_3_hours": timedelta(hours=3),
}


def plan(application: "Application", *, at: datetime) -> None:
    """Set the reminders that are still to come, in the caller's transaction; those set before give way."""
    for name, ahead in BEFORE.items():
        due_at = application.due_at - ahead
        if due_at > at:
            deadlines.set_deadline(application, name, due_at, at=at)


def remind(application: "Application", at: datetime, deadline: Deadline) -> None:
    """Tell the team what is missing. A round whose close was moved later is reminded of later; whoever is finished hears nothing, and
    nobody does of a round that takes nothing in: it is paused or cancelled, which they were told.

    After a standstill only the last of several that are due is sent.
    """
    from applications.notices import team_of

    due_at = application.due_at - BEFORE[deadline.name]
    if not application.is_draft or at >= application.due_at:
        return
    if due_at > at:
        Deadline.objects.filter(pk=deadline.pk).update(cancelled_at=at, reason="The close was moved")
        deadlines.set_deadline(application, deadline.name, due_at, at=at, reason="The close was moved")
        return
    if not allowed(check_round_is_open, application, at=at)[0]:
        return
    if any(at >= application.due_at - ahead for ahead in BEFORE.values() if ahead < BEFORE[deadline.name]):
        return
    missing = len(Reading(application, at=at).missing())
    count = f"{missing} answer or file is" if missing == 1 else f"{missing} answers or files are"
    lacks = f"{count} missing." if missing else "Everything is answered: check, sign and send it."
    paper = application.taken_back()
    is_in = f"was reopened: what you sent in at {in_words(paper.frozen_at)} no longer counts." if paper else "is not sent in yet."
    body = (
        f"{application.reference}, “{application.title or 'no title yet'}”, {is_in} {due_in_words(application)}\n\n"
        f"{lacks} What is not sent in{' again' if paper else ''} by then cannot be considered."
    )
    subject = f"{_left(application.due_at - at)} left to send in {application.reference}{' again' if paper else ''}"
    for person in team_of(application):
        is_urgent = paper is not None or BEFORE[deadline.name] <= timedelta(days=1)
        letter = Letter(person, subject, body, f"/apply/{application.reference}/form/", is_urgent=is_urgent)
        send_notice("application.closes_soon", letter, at=at, stream=application.stream, key=f"reminder:{deadline.pk}:{person.pk}")


def due_in_words(application: "Application") -> str:
    """`The round closes at midday on …`, or until when it may come otherwise."""
    until = in_words(application.due_at)
    if application.due_at > application.closes_at:
        return f"You have extra time, until {until}."
    return f"The full application is due at {until}." if application.invited_until else f"The round closes at {until}."


def _left(span: timedelta) -> str:
    """`7 days`, `3 hours`: what is left when the worker comes to it. What is no whole number of days is told in hours, up to three days."""
    hours = max(1, round(span / timedelta(hours=1)))
    number, unit = ((hours + 1) // 24, "day") if hours > 72 or hours % 24 in (0, 23) else (hours, "hour")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


@on_due("applications.application", "changes_due_soon")
def changes_due_soon(application: "Application", at: datetime, deadline: Deadline) -> None:
    """Two days before the changes are due, to a team that has not sent them."""
    from applications.notices import team_of

    if not application.is_being_changed or application.changes_until is None:
        return
    body = f"The changes to {application.reference} are due at {in_words(application.changes_until)}."
    for person in team_of(application):
        letter = Letter(person, f"Changes to {application.reference} are due soon", body, f"/apply/{application.reference}/changes/")
        send_notice("application.changes_due_soon", letter, at=at, stream=application.stream, key=f"changes:{deadline.pk}:{person.pk}")


@on_due("applications.application", "changes_due")
def changes_due(application: "Application", at: datetime, deadline: Deadline) -> None:
    """They were due and are not here: the officers give more time, or go on with what was sent in."""
    from applications.notices import officers_of

    if not application.is_being_changed:
        return
    body = (
        f"{application.company.name} has not sent the changes to {application.reference} that were asked for. Give more time, or go on "
        "with what was sent in before."
    )
    for person in officers_of(application):
        letter = Letter(person, f"No changes came for {application.reference}", body, application.staff_path())
        send_notice("application.changes_overdue", letter, at=at, stream=application.stream, key=f"changes:{deadline.pk}:{person.pk}")


@on_due("applications.application", "taken_back")
def taken_back(application: "Application", at: datetime, deadline: Deadline) -> None:
    """Sent in, reopened, and not sent in again in time: the team hears it at once, and so do the officers, who may give extra time."""
    from applications.notices import officers_of, team_of

    paper = application.taken_back()
    if paper is None or application.round.state == "cancelled":
        return
    if application.due_at > at:
        deadlines.set_deadline(application, deadline.name, application.due_at, at=at, reason="The close was moved")
        return
    about = (
        f"{application.reference}, “{application.title}”, was sent in at {in_words(paper.frozen_at)}, reopened, and not sent in again by "
    )
    about += f"{in_words(application.due_at)}. It is not considered."
    ask = "If something out of your hands kept you from it, write to us at once under “Questions and answers”: extra time can be given."
    give = "Where something out of their hands kept them from it, you can give this application extra time, with the reason."
    subject, page = f"{application.reference} was not sent in again", application.get_absolute_url()
    to = [Letter(person, subject, f"{about}\n\n{ask}", page, is_urgent=True) for person in team_of(application)]
    to += [Letter(person, subject, f"{about}\n\n{give}", "/manage/applications/extra-time/") for person in officers_of(application)]
    for letter in to:
        send_notice("application.taken_back", letter, at=at, stream=application.stream, key=f"taken_back:{deadline.pk}:{letter.person.pk}")


for _name in BEFORE:
    on_due("applications.application", _name)(remind)
