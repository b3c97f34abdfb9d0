"""The ways through the house that one person has, drawn at the top of every page."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import slugify

from accounts.access import held_by
from accounts.navigation import exists, places_for
from accounts.roles import COMPANY_ROLES, Role
from grants.rehearsals import clock

WIDE = ("/manage/", "/finance/", "/funder/", "/audit/", "/assess/")
"""Parts of the house where dense tables get a wider page."""

FOOTER = (("Accessibility", "/accessibility/"), ("API", "/api/docs/"))


@dataclass(frozen=True)
class Link:
    text: str
    href: str
    is_here: bool = False


def house(request: HttpRequest) -> dict[str, Any]:
    """Context for `base.html`: who is here, which part they play, where they can go."""
    person = getattr(request, "user", None)
    slug = _slug(request)
    is_in = bool(person and person.is_authenticated)
    return {
        "house": {
            "person": person if is_in else None,
            "part": _part(person) if is_in else "",
            "links": _links(request) if is_in else [],
            "footer": [Link(text, href) for text, href in FOOTER if exists(href)],
            "is_wide": request.path.startswith(WIDE) or (is_in and _is_staff(person)),
            "is_demo": settings.DEMO,
            "rehearsed_at": clock.now() if settings.REHEARSAL else None,
            "look": reverse("look", args=[slug]),
            "name": _name(slug),
        }
    }


LONGEST = 60
"""Characters of a slug in a cache's key: an address may hold thousands."""


def name_key(slug: str) -> str:
    """Where the name of who runs a programme is kept for the head of its pages."""
    return f"house-name:{slug}"


def _name(slug: str) -> str:
    """Who runs this, as far as a style sheet has told."""
    known = cache.get_many([name_key(slug), name_key("house")])
    return known.get(name_key(slug)) or known.get(name_key("house")) or "Pumphouse"


def _slug(request: HttpRequest) -> str:
    """The programme that the page's address names (a slug, or a reference that begins with it), whose look and name it wears. No query."""
    match = getattr(request, "resolver_match", None)
    given = match.kwargs if match else {}
    slug = str(given.get("slug") or str(given.get("reference") or given.get("round") or "").rpartition("-")[0])
    return slugify(slug)[:LONGEST] or "house"


def _is_staff(person: Any) -> bool:
    """Whether the person works in the house: their pages keep one width, whichever they are on."""
    return any(role not in COMPANY_ROLES for role, _ in held_by(person).pairs)


def _part(person: Any) -> str:
    roles = {role for role, _ in held_by(person).pairs}
    ranked = [role for role in Role if role in roles and role not in COMPANY_ROLES] or [role for role in Role if role in roles]
    return ranked[0].label if ranked else ""


def _links(request: HttpRequest) -> list[Link]:
    found = [("Home", "/home/"), *((place.text, place.href) for place in places_for(held_by(request.user))), ("Messages", "/messages/")]
    here = max((href for _, href in found if request.path.startswith(href)), key=len, default="")
    return [Link(text, href, href == here) for text, href in found]
