"""`{% feedback application %}` and `{% interview application %}`: what assessment has for the company, on the company's own page."""

from typing import Any

from django import template

from applications.models import Application
from assessments.presenters.feedback import feedback_on, threshold_in_words
from assessments.presenters.meetings import slot_facts

register = template.Library()


@register.inclusion_tag("assessments/_feedback.html")
def feedback(application: Application) -> dict[str, Any]:
    """What the assessors wrote. Draws nothing before the company is told."""
    content = feedback_on(application)
    return {"feedback": content, "asks": threshold_in_words(application) if content else ""}


@register.inclusion_tag("assessments/_interview.html")
def interview(application: Application) -> dict[str, Any]:
    """When the company is interviewed, and the way to its response. Draws nothing where it has no time."""
    item = application.agenda_items.interview() if application.state == Application.State.INTERVIEW else None
    return {"application": application, "item": item, "facts": slot_facts(item) if item else []}
