"""What somebody typed in a session that had ended is held on a page until they have signed in again, with scripts or without."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

WHERE = ("/apply/", "/assess/", "/manage/")
"""Where people write. No page below these asks for a password."""
LONG = 40
"""Characters from which a text is shown, to be copied if all else fails."""


class SignInFirst(LoginRequiredMiddleware):
    """Whoever is not signed in is sent to sign in; what they had typed is not thrown away on the way."""

    def handle_no_permission(  # type: ignore[override]  # a page in place of the way to sign in
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        return page(request) if holds(request) else super().handle_no_permission(request, view_func)


def holds(request: HttpRequest) -> bool:
    """Whether this is a form of ours that somebody filled in: sent from our own pages, as the browser itself says, and not by a script."""
    if request.method != "POST" or not request.path.startswith(WHERE) or "application/json" in request.headers.get("Accept", ""):
        return False
    return _is_from_here(request) and any(_typed(request))


def _is_from_here(request: HttpRequest) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    return site == "same-origin" if site else urlsplit(request.headers.get("Origin", "")).netloc == request.get_host()


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values]


def page(request: HttpRequest) -> HttpResponse:
    """The page that holds it: everything that was posted, to be sent again as it was."""
    typed = _typed(request)
    texts = [value for _, value in typed if len(value) >= LONG]
    context = {"typed": typed, "texts": texts, "had_files": bool(request.FILES), "is_signed_in": request.user.is_authenticated}
    return render(request, "errors/held.html", context, status=403)
