"""What hangs on one application, read at once: its page, and the checks of the steps that it offers, then ask for it no more."""

from django.db.models import Prefetch, prefetch_related_objects

from accounts.models import Person
from applications.models import Application
from assessments import basis, policies
from assessments.models import Assessment, Conflict, Decision, Moderation

WEIGHED = ("proposed", "approved", "reserve", "declined")
"""States in which what a decision rests on is compared with what it rested on."""


def read(application: Application, person: Person) -> list[Assessment]:
    """Its reviews as this person may see them, each with whether it counts; moderation and decisions are read along with them."""
    seen = Assessment.objects.visible_to(person).with_counts().select_related("assessor").order_by("pk")
    prefetch_related_objects([application], Prefetch("assessments", seen))
    reviews = list(application.assessments.all())
    prefetch_related_objects([one for one in reviews if one.submitted_at], "scores")
    items = Moderation.objects.select_related("assessment__assessor", "proposed_by").order_by("pk")
    decisions = Decision.objects.select_related("proposed_by", "agreed_by", "decided_by", "ended_by", "run").order_by("pk")
    if application.state in WEIGHED:
        decisions = decisions.weighed(basis.PANEL)
    is_new = application.state == Application.State.ELIGIBLE and not reviews  # nothing can have been settled or decided
    if is_new:
        items, decisions = items.none(), decisions.none()
    prefetch_related_objects([application], Prefetch("moderations", items), Prefetch("decisions", decisions))
    if application.decisions.all():
        prefetch_related_objects([application], Prefetch("conflicts", Conflict.objects.select_related("person").order_by("pk")))
    for decision in application.decisions.all()[:1] if application.state in WEIGHED else ():
        basis.know_panel(application, decision.panel)
        policies.know_planned(application, decision.planned)
    policies.know_counting(application, [one for one in reviews if one.counts])
    return reviews
