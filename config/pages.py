"""Pages for what went wrong (Django's error handlers, and the one place that turns a refusal into a page), the accessibility statement,
and the style sheet of an organisation's look.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.refusals import Refusal, Refused
from config import held
from config.navigation import name_key
from config.refused import page_again
from design import palettes
from grants.models import Programme

TITLES = {
    400: "That could not be done",
    403: "You cannot do this",
    404: "Page not found",
    409: "That cannot be done now",
    413: "That file is too large",
    429: "Too many tries",
}
ALWAYS_UP = ("/healthz", "/readyz", "/static/", "/metrics")


class RefusalPages:
    """Middleware: a refusal that no view took is told on the page it came from, else on one of its own, or as problem+json."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return self._told(request, Refused("No address of ours holds this character.", code="address_unfit"))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return self._told(request, exception) if isinstance(exception, Refusal) else None

    def _told(self, request: HttpRequest, exception: Refusal) -> HttpResponse:
        if _wants_json(request):
            title = TITLES.get(exception.status, "")
            return problem(exception.status, code=exception.code, title=title, detail=exception.sentence)
        return page_again(request, exception) or error_page(request, exception.status, exception.sentence)


class Maintenance:
    """Middleware: with MAINTENANCE set, everything but the health checks answers 503 with one page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if getattr(settings, "MAINTENANCE", False) and not request.path.startswith(ALWAYS_UP):
            response = _at_rest(request)
            response.headers["Retry-After"] = "600"
            return response
        return self.get_response(request)


def _at_rest(request: HttpRequest) -> HttpResponse:
    if _is_for_machines(request):
        return problem(503, code="maintenance", title="The service is being worked on. Try again in a few minutes.")
    return HttpResponse(render_to_string("errors/maintenance.html"), status=HTTPStatus.SERVICE_UNAVAILABLE)


def _is_for_machines(request: HttpRequest) -> bool:
    """Whether the address is the API's: all below /api/ but its guide, which is a page."""
    return f"{request.path}/".startswith("/api/") and not request.path.startswith("/api/docs/")


def problem(status: int, *, code: str, title: str, detail: str = "") -> HttpResponse:
    """What went wrong, for machines: application/problem+json (RFC 9457), as the API tells it."""
    body = {"type": f"urn:pumphouse:problem:{code}", "title": title, "status": status, "code": code} | (
        {"detail": detail} if detail else {}
    )
    return JsonResponse(body, status=status, content_type="application/problem+json")


def error_page(request: HttpRequest, status: int, sentence: str = "") -> HttpResponse:
    """The page for one status; `sentence` says why in the words of the refusal. Below /api/ it is a problem document."""
    if _is_for_machines(request):
        title = "There is nothing at this address." if status == HTTPStatus.NOT_FOUND else TITLES.get(status, TITLES[400])
        return problem(status, code=HTTPStatus(status).name.lower(), title=title, detail=sentence)
    context = {"sentence": sentence, "title": TITLES.get(status, TITLES[400]), "way_back": _way_back(request)}
    template = f"errors/{status}.html" if status in TITLES else "errors/400.html"
    return render(request, template, context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, (RequestDataTooBig, TooManyFilesSent)):
        return too_large(request, exception)
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def too_large(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 413)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    """Drawn without the database or anything else that may be what failed."""
    reference = getattr(request, "id", "") or request.headers.get("X-Request-ID", "")
    if _is_for_machines(request):
        return problem(500, code="internal_server_error", title="Sorry, something went wrong. Try again in a few minutes.")
    return HttpResponse(render_to_string("errors/500.html", {"reference": str(reference)[:64]}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came too late or from elsewhere: nothing was changed. What was typed on a page of ours is held on the next one."""
    if held.holds(request):
        return held.page(request)
    sentence = (
        "This page was open for too long, or your browser refused our cookie. Nothing was changed: go back, reload and send it again."
    )
    return error_page(request, 403, sentence)


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What these pages are tested for, what they may still fail, and to whom to turn."""
    shown = Programme.objects.public().select_related("delivery_body").order_by("name", "pk")
    versions = [(programme, programme.published_version) for programme in shown]
    contacts = [(programme.delivery_body.name, version.definition.parties.contact_email) for programme, version in versions if version]
    return render(request, "accessibility.html", {"contacts": [(body, email) for body, email in dict.fromkeys(contacts) if email]})


@login_not_required
@require_safe
@cache_control(public=True, max_age=300)
def look(request: HttpRequest, slug: str) -> HttpResponse:
    """The style sheet of who runs a programme; pages of no programme wear that of the first one here.

    Every page asks for it, so the name at the head of those pages is learned here, and costs them no query.
    """
    found = Programme.objects.public().select_related("delivery_body").order_by("pk")
    worn = found.filter(slug=slug).first() or found.first()
    body = worn.delivery_body if worn else None
    text = palettes.sheet(body.palette, body.typeface) if body else palettes.sheet("", "")
    if worn and body:
        cache.set(name_key(worn.slug if worn.slug == slug else "house"), body.name, None)
    return HttpResponse(text, content_type="text/css; charset=utf-8", headers={"X-Content-Type-Options": "nosniff"})


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _way_back(request: HttpRequest) -> str:
    """The page of ours that the person came from, if it is another than this."""
    came_from = request.META.get("HTTP_REFERER", "")
    try:
        is_ours = url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure())
        return came_from if is_ours and came_from != request.build_absolute_uri() else ""
    except DisallowedHost:
        return ""
