"""What an upheld appeal does to the reviews and moderation of an application: they stay on file and count no more."""

from datetime import datetime

from accounts.models import Person
from applications.models import Application
from assessments.models import Assessment, Moderation
from workflow import guards
from workflow.engine import fire

WHY = "An appeal was upheld: the application goes to fresh assessors."


@guards.register("assessments.set_aside")
def set_aside(application: Application, *, at: datetime) -> None:
    """In the caller's transaction. Whoever reviewed it is not asked again, for only a withdrawn review can be."""
    system = Person.objects.system()
    steps = Moderation.steps()["overtake"].sources
    for item in Moderation.objects.filter(application=application, state__in=steps).order_by("pk"):
        fire(item, "overtake", by=system, at=at, note=WHY)
    for review in Assessment.objects.filter(application=application, state__in=Assessment.LIVE, is_calibration=False).order_by("pk"):
        fire(review, "set_aside", by=system, at=at, note=WHY)
