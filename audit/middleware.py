"""A request id for every request, and the address it came from, for the events it causes and the lines it logs."""

import re
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from audit import context

ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestContext:
    """Takes X-Request-ID when a proxy gave a sensible one, makes one otherwise, and answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if ACCEPTED.fullmatch(given) else uuid.uuid4().hex
        request.id = request_id  # type: ignore[attr-defined]
        with (
            context.request(request_id_=request_id, ip_=client_address(request)),
            structlog.contextvars.bound_contextvars(request_id=request_id),
        ):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


def client_address(request: HttpRequest) -> str:
    """The address of the client: the one that the outermost trusted proxy saw (TRUSTED_PROXIES says how many there are), else the peer."""
    proxies = getattr(settings, "TRUSTED_PROXIES", 0)
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    if proxies and len(hops) >= proxies:
        return hops[-proxies]
    return request.META.get("REMOTE_ADDR", "")
