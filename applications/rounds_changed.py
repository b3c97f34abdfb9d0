"""What follows where a round changes for everybody: the teams with an application in it are told, and reminded by the new deadline."""

from datetime import datetime

from django.db.models import QuerySet

from applications import reminders
from applications.models import Application
from applications.notices import team_of
from grants.models import RoundChange
from notifications.models import OutboxMessage
from notifications.outbox import Letter, handles, send_notice
from workflow.models import StepTaken

Kind = RoundChange.Kind
NEXT = {
    Kind.EXTENDED: "What you have written is kept. Send it in by the new deadline.",
    Kind.CLOSED_EARLY: "What was not sent in by then cannot be considered. What you have written is kept.",
    Kind.PAUSED: "What you have written is kept. We write again when you can send it in.",
    Kind.RESUMED: "You can send your application in.",
    Kind.PLACES: "What you have written is kept. The first that are sent in have a place; yours has one once it is sent in.",
    Kind.CANCELLED: "Your application cannot be considered in this round. What you have written is kept.",
}


@handles("round.changed")
def changed(message: OutboxMessage, at: datetime) -> None:
    """Tell every team whose application the change touches, and remind drafts by the deadline as it is now. Done twice, it is once."""
    taken = StepTaken.objects.get(pk=message.payload["taken"])
    change = RoundChange.objects.select_related("round").filter(round=message.payload["id"], made_at=taken.at).order_by("-pk").first()
    if change is None:
        return
    reason = f"\n\nThe reason: {change.reason}" if change.reason else ""
    subject = f"{change.round.title}: {change.get_kind_display().lower()}"
    for application in _touched(change).select_related("company__organisation", "case", "round").order_by("pk"):
        body = f"This is about {application.reference}.\n\n{change.sentence}{reason}\n\n{_next(application, change)}"
        for person in team_of(application):
            letter = Letter(person, subject, body, application.get_absolute_url())
            key = f"round.changed:{change.pk}:{application.pk}:{person.pk}"
            if not OutboxMessage.objects.filter(key=key).exists():
                send_notice("round.changed", letter, at=at, stream=application.case.stream, key=key)
        if application.state == Application.State.DRAFT:
            reminders.plan(application, at=at)


def _touched(change: RoundChange) -> QuerySet[Application]:
    """Those being written; with forms that may be taken up again, and where nothing will come of the round, those sent in too."""
    going = Application.objects.filter(round=change.round).going()
    return going if change.reopens_forms or change.kind == Kind.CANCELLED else going.filter(state=Application.State.DRAFT)


def _next(application: Application, change: RoundChange) -> str:
    if application.is_written_in or change.kind != Kind.EXTENDED:
        return NEXT[Kind(change.kind)]
    return "Yours is in. You may reopen it and send it in again by the new deadline; if you do nothing, it stands as it is."
