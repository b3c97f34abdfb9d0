"""`{% expect page %}`: what a company may expect, on the programme's public page, before an account is asked for."""

from typing import Any

from django import template

from applications.presenters import flow, pages

register = template.Library()


@register.inclusion_tag("applications/parts/expect.html")
def expect(page: Any) -> dict[str, Any]:
    """By when it is decided, the odds of earlier rounds, and when the money of the largest grant would arrive."""
    return {"facts": pages.prospects(page.programme, page.round), "flow": flow.example(page.definition)}
