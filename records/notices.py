"""Who is told about erasures."""

from collections.abc import Iterable

from accounts.access import holders
from accounts.roles import Permission
from applications.notices import team_of
from notifications.outbox import Letter, composes
from records.models import Erasure
from workflow.models import StepTaken


def to_judge(erasure: Erasure) -> list[Letter]:
    """Those who may accept it, but for whoever asked."""
    application = erasure.application
    body = f"{erasure.asked_by} asks that the records of {application.reference} be erased: {erasure.reason}\n\nAccept or refuse it."
    people = holders(application.scopes(), Permission.RECORDS_ERASE)
    path = f"/manage/records/{application.reference}/"
    return [Letter(person, f"Erase {application.reference}, or not", body, path) for person in people if person != erasure.asked_by]


@composes("erasure.answered")
def answered(erasure: Erasure, taken: StepTaken) -> Iterable[Letter]:
    """The company's team, and whoever asked."""
    application = erasure.application
    path = f"{application.get_absolute_url()}erasure/"
    if taken.target == Erasure.State.REFUSED:
        body = f"We cannot erase what we hold about {application.reference}: {erasure.answer}"
        subject = f"We keep the records of {application.reference}"
    else:
        body = (
            f"The words, files and names in {application.reference} are erased. What stays is that there was an application, its amounts, "
            "what was decided and when."
        )
        subject = f"The records of {application.reference} are erased"
    return [Letter(person, subject, body, path) for person in team_of(application)]
