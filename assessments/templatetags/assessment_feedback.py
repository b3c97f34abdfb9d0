"""`{% feedback application %}`: what the assessors wrote, on the company's own page, once it has been told."""

from typing import Any

from django import template

from applications.models import Application
from assessments.presenters.feedback import feedback_on

register = template.Library()


@register.inclusion_tag("assessments/_feedback.html")
def feedback(application: Application) -> dict[str, Any]:
    """Draws nothing before the company is told."""
    return {"feedback": feedback_on(application)}
