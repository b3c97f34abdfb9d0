"""What one request, one person or one address may ask for: bytes, uploads, invitations, look-ups, guesses at a link.

Sign-in, codes and resets have allauth's own limits; keys have theirs in the API.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.limits import HOUR, Limit, TooMany, spend
from audit.middleware import client_address
from config.pages import RefusalPages, error_page, too_large

MOST_BYTES = 120 * 1024 * 1024
"""Of one request: five documents of the largest size that a programme may ask for. What is larger is not even read."""
LENGTH_UNSAID = "What was sent did not say how long it is, as browsers do. Nothing of it was read."
UPLOADS = Limit(240, HOUR, "You have sent very many files in a short time. Wait an hour, and send the rest.")
BEGIN_UPLOADS = frozenset({"applications:begin-upload"})
"""Where a file that comes in pieces begins: it counts as one, its pieces do not."""
LIMITS: dict[str, Limit] = {
    "accounts:invite": Limit(40, HOUR, "You have invited many people in a short time. Wait an hour before you invite more."),
    "applications:team": Limit(40, HOUR, "You have invited many people in a short time. Wait an hour before you invite more."),
    "accounts:resend-invitation": Limit(40, HOUR, "You have sent many invitations again. Wait an hour before you send more."),
    "accounts:accept-invitation": Limit(30, HOUR, "Too many tries from your network. Wait an hour, or ask for a new invitation."),
    "accounts:create-key": Limit(20, HOUR, "Many keys were made in a short time. Wait an hour before you make more."),
    "applications:look-up": Limit(60, HOUR, "You have looked up many companies. Wait an hour, or type the details in yourself."),
    "grants:check": Limit(300, HOUR, "Too many checks from your network in a short time. Wait an hour and try again."),
    "payments:bank_reveal": Limit(60, HOUR, "You have looked at many account numbers in a short time. Wait an hour."),
}
"""By the name of the route; only what is sent (POST) counts."""


class Limits:
    """Middleware, after sign-in: turns away what is too large, unread, and what is too much, with a sentence that says how to go on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.refused = RefusalPages(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("CONTENT_LENGTH") or "0"
        if request.META.get("HTTP_TRANSFER_ENCODING"):
            return error_page(request, HTTPStatus.LENGTH_REQUIRED, LENGTH_UNSAID)
        return too_large(request) if given.isdigit() and int(given) > MOST_BYTES else self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        if request.method != "POST" or request.resolver_match is None or settings.DEMO:
            return None
        name = request.resolver_match.view_name
        try:
            if name in LIMITS:
                spend(name, LIMITS[name], who=who(request))
            if request.FILES or name in BEGIN_UPLOADS:
                spend("uploads", UPLOADS, who=who(request))
        except TooMany as refusal:
            return self.refused.process_exception(request, refusal)
        return None


def who(request: HttpRequest) -> str:
    """The person who is signed in, else the address that the request came from."""
    return f"person:{request.user.pk}" if request.user.is_authenticated else f"address:{client_address(request)}"
