"""A step that was refused: the page its button was on is drawn again, with the sentence on top and the reason still in its box."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import resolve
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import second_factor
from accounts.refusals import NotAllowedNow, Refusal, Refused

NOTE = "refused-note"
"""The id of the box whose words were refused."""


@dataclass(frozen=True)
class Answer:
    """What templates show of it, as `request.refused`: the sentence, which form it answers, and what was typed there."""

    sentence: str
    action: str
    note: str
    is_about_note: bool

    @property
    def anchor(self) -> str:
        return NOTE if self.is_about_note else "main-content"


def page_again(request: HttpRequest, refusal: Refusal) -> HttpResponse | None:
    """The page that the form was sent from, with the refusal on it and its status; None where there is no such page (any more)."""
    came_from = request.META.get("HTTP_REFERER", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    if request.method != "POST" or not is_ours or not isinstance(refusal, (Refused, NotAllowedNow)):
        return None
    about_note = refusal.details.get("field") == "note" and "note" in request.POST
    again = _asked_for(request, came_from, Answer(refusal.sentence, request.path, request.POST.get("note", ""), about_note))
    try:
        again.resolver_match = match = resolve(again.path_info)
        if not _may_be_asked_for(again, match.func):
            return None
        page = match.func(again, *match.args, **match.kwargs)
    except (Http404, Refusal, PermissionDenied):
        return None
    if page.status_code != 200 or not page.headers.get("Content-Type", "").startswith("text/html"):
        return None
    page.status_code = refusal.status
    return page


def _may_be_asked_for(request: HttpRequest, view: Callable[..., Any]) -> bool:
    """Whether the middleware would have let the page be asked for: it is called here without them."""
    if not getattr(view, "login_required", True):
        return True
    return request.user.is_authenticated and not second_factor.is_missing(request.user)


def _asked_for(request: HttpRequest, address: str, answer: Answer) -> HttpRequest:
    """The same person's request for a page, made of the request whose form was refused."""
    parts = urlsplit(address)
    again = copy(request)
    again.method, again.path, again.path_info = "GET", parts.path, parts.path
    again.GET, again.POST = QueryDict(parts.query), QueryDict()
    again.META = request.META | {"REQUEST_METHOD": "GET", "PATH_INFO": parts.path, "QUERY_STRING": parts.query}
    again.refused = answer  # type: ignore[attr-defined]
    return again
