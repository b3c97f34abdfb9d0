"""What becomes of the reviews of an application that goes another way: after an upheld appeal, or when it is withdrawn or ruled out."""

from datetime import datetime

from accounts.models import Person
from applications.models import Application
from assessments.models import Assessment, Decision, Moderation
from notifications.models import OutboxMessage
from notifications.outbox import handles
from workflow import guards
from workflow.engine import fire

WHY = "An appeal was upheld: the application goes to fresh assessors."


@guards.register("assessments.set_aside")
def set_aside(application: Application, *, at: datetime) -> None:
    """In the caller's transaction, the decision too. Whoever reviewed it is not asked again, for only a withdrawn review can be."""
    system = Person.objects.system()
    steps = Moderation.steps()["overtake"].sources
    for item in Moderation.objects.filter(application=application, state__in=steps).order_by("pk"):
        fire(item, "overtake", by=system, at=at, note=WHY)
    for review in Assessment.objects.filter(application=application, state__in=Assessment.LIVE, is_calibration=False).order_by("pk"):
        fire(review, "set_aside", by=system, at=at, note=WHY)
    for decision in Decision.objects.standing().filter(application=application).order_by("pk"):
        decision.ended_at, decision.ended_by, decision.end_reason = at, system, WHY
        decision.save(update_fields=["ended_at", "ended_by", "end_reason"])
    application.fewer_reviews.filter(ended_at=None).update(ended_at=at)


@handles("application.withdrawn")
@handles("application.ruled_out")
def end_reviews(message: OutboxMessage, at: datetime) -> None:
    """What is out needs no review: those who were still to answer or to write are told. Done twice, it is once."""
    application = Application.objects.get(pk=message.payload["id"])
    if application.state not in (Application.State.WITHDRAWN, Application.State.RULED_OUT):
        return
    why = f"The application is {application.state_now.label.lower()}."
    for review in Assessment.objects.filter(application=application, state__in=Assessment.WAITING).order_by("pk"):
        fire(review, "end", by=Person.objects.system(), at=at, note=why)
