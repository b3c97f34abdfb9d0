"""What every answer says to browsers, whoever made it: those of health checks and of errors before any page too."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Set where nothing inside has said otherwise."""
SIGN_OUT = "account_logout"


class Headers:
    """Middleware, outermost. Pages that know who is reading are kept by nobody between, and leave the browser at sign-out.

    They are not `no-store`: a browser then forgets on the way back what somebody had typed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if "Cookie" in response.get("Vary", ""):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        if request.method == "POST" and request.resolver_match and request.resolver_match.view_name == SIGN_OUT:
            response["Clear-Site-Data"] = '"cache"'
        return response
