"""`{% load trail %}{% case_trail application %}`: a case's last events on a staff page, for those who work on the case."""

from typing import Any

from django import template
from django.template import Context
from django.urls import reverse

from applications.models import Application
from audit.models import Event
from reporting.presenters.trail import timeline
from reporting.trails import may_read_case

register = template.Library()


@register.inclusion_tag("reporting/case_trail.html", takes_context=True)
def case_trail(context: Context, application: Application, most: int = 10, level: int = 3) -> dict[str, Any]:
    """The case's last events, newest first, and the way to all of them; nothing for who does not work on the case."""
    if not may_read_case(context["request"].user, application):
        return {"events": []}
    events = Event.objects.filter(stream=f"case:{application.reference}").order_by("-sequence")[:most]
    return {
        "events": timeline(list(events), full=False),
        "level": level,
        "all": reverse("reporting:case_history", args=[application.reference]),
    }
