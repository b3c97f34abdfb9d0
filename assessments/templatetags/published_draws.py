"""`{% published_draws %}` and `{% published_draws programme %}`: whether there are records of draws for anybody to read."""

from django import template

from assessments.models import Draw
from grants.models import Programme

register = template.Library()


@register.simple_tag
def published_draws(programme: Programme | None = None) -> bool:
    """Of all programmes, or of this one."""
    return Draw.objects.published(programme.slug if programme else "").exists()
