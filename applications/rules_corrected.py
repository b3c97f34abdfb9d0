"""What follows where the rules of a round that runs are corrected: drafts go by the new ones, and their teams are told."""

from datetime import datetime

from applications.models import Application
from applications.notices import team_of
from grants.definition import differences
from grants.models import Correction
from notifications.models import OutboxMessage
from notifications.outbox import Letter, handles, send_notice


@handles("correction.applied")
def move_drafts(message: OutboxMessage, at: datetime) -> None:
    """Drafts take the corrected version; what was sent in keeps the one that it was sent in under. Done twice, it changes nothing."""
    about = ("round__programme", "version", "version_before")
    correction = Correction.objects.select_related(*about).get(pk=message.payload["id"])
    behind = Application.objects.filter(round=correction.round, version=correction.version_before, state=Application.State.DRAFT)
    changes = "\n".join(f"- {line}" for line in differences.between(correction.version_before.definition, correction.version.definition))
    for application in behind.select_related("company__organisation", "round").order_by("pk"):
        application.version = correction.version
        application.save(update_fields=["version"])
        body = (
            f"The rules of {correction.round.title} were corrected while you are writing {application.reference}. The reason:\n\n"
            f"{correction.reason}\n\nWhat changed:\n{changes}\n\nYour answers are kept. Look at them before you send the application in."
        )
        for person in team_of(application):
            letter = Letter(person, f"The rules of {application.reference} were corrected", body, application.get_absolute_url())
            key = f"correction.applied:{correction.pk}:{application.pk}:{person.pk}"
            send_notice("correction.applied", letter, at=at, stream=application.case.stream, key=key)
