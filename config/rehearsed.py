"""Walking through a rehearsal by hand: while a browser is in one, every page it asks for is answered by the rehearsal's own process.

The house hands over the request and hands back the answer. Neither the person's session nor any other cookie of the house goes along,
and no cookie of the rehearsal is taken for one of the house: those of the rehearsal bear a name of their own in the browser.
"""

import http.client
import socket
from collections.abc import Callable
from http.cookies import SimpleCookie
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts.access import can
from accounts.roles import Permission
from config.pages import error_page
from grants.models import Rehearsal
from grants.rehearsals import apart, walking

AS = "rehearsal-"
"""What the names of a rehearsal's own cookies begin with, in the browser."""
LEAVE = "/rehearsal/leave/"
ITS_HOST = "127.0.0.1"
"""The host that the rehearsal's process thinks it is asked for."""
NOT_TAKEN_ALONG = {"cookie", "host", "connection", "authorization", "content-length", "accept-encoding", "origin", "referer", "forwarded"}
NOT_HANDED_BACK = {"set-cookie", "connection", "transfer-encoding", "content-length", "date", "server", "keep-alive"}
PATIENCE = 60.0


class Rehearsing:
    """Middleware, after sign-in: who walks through a rehearsal, and still may, is answered by it; who may not any more is taken home."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if walking.COOKIE not in request.COOKIES:
            return self.get_response(request)
        rehearsal = _walked(request)
        if rehearsal is None or request.path == LEAVE:
            return _home(request, rehearsal)
        try:
            return _answer(request, rehearsal)
        except (OSError, http.client.HTTPException, apart.BrokeOff):
            sentence = "The rehearsal does not answer. Nothing you sent to it just now is kept. Try again, or begin the walk anew."
            return _without_cookies(request, error_page(request, 409, sentence))


def _walked(request: HttpRequest) -> Rehearsal | None:
    """The rehearsal that the browser is in, if it is still there and still for this person."""
    number = walking.number_in(request.COOKIES[walking.COOKIE])
    if number is None or not request.user.is_authenticated:
        return None
    found = Rehearsal.objects.visible_to(request.user).select_related("programme").filter(pk=number).first()
    return found if found is not None and can(request.user, Permission.PROGRAMME_EDIT, on=found.programme) else None


def _home(request: HttpRequest, rehearsal: Rehearsal | None) -> HttpResponse:
    """Back in the house. What was sent to the rehearsal is done nowhere."""
    if rehearsal is None:
        messages.info(request, "You are back from the rehearsal: it is gone, or you may no longer walk through it.")
    return _without_cookies(request, HttpResponseRedirect(rehearsal.get_absolute_url() if rehearsal else "/"))


def _without_cookies(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    for name in request.COOKIES:
        if name == walking.COOKIE or name.startswith(AS):
            response.delete_cookie(name)
    return response


class _Connection(http.client.HTTPConnection):
    """HTTP to a process that listens on a socket in the rehearsal's folder."""

    def __init__(self, path: str) -> None:
        super().__init__(ITS_HOST, timeout=PATIENCE)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


def _answer(request: HttpRequest, rehearsal: Rehearsal) -> HttpResponse:
    connection = _Connection(str(apart.served(rehearsal.key)))
    try:
        connection.request(request.method or "GET", _address(request), body=_body(request), headers=_headers(request))
        return _handed_back(connection.getresponse())
    finally:
        connection.close()


def _address(request: HttpRequest) -> str:
    query = request.META.get("QUERY_STRING", "")
    return quote(request.path, safe="/~:@!$&'()*+,;=-._") + (f"?{query}" if query else "")


def _body(request: HttpRequest) -> bytes:
    given = request.META.get("CONTENT_LENGTH") or "0"
    return request.META["wsgi.input"].read(int(given)) if given.isdigit() and int(given) else b""


def _headers(request: HttpRequest) -> dict[str, str]:
    """The request's own, but for what tells of the house; where it came from is said in the rehearsal's terms, if it came from us."""
    kept = {
        name: value
        for name, value in request.headers.items()
        if name.lower() not in NOT_TAKEN_ALONG and not name.lower().startswith("x-forwarded") and value
    }
    for name in ("Origin", "Referer"):
        if value := request.headers.get(name, ""):
            kept[name] = _from_here(request, value)
    own = {name.removeprefix(AS): value for name, value in request.COOKIES.items() if name.startswith(AS)}
    return kept | {"Host": ITS_HOST, "Cookie": "; ".join(f"{name}={value}" for name, value in own.items())}


def _from_here(request: HttpRequest, address: str) -> str:
    try:
        ours = f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        return address
    return f"http://{ITS_HOST}{address.removeprefix(ours)}" if address == ours or address.startswith(f"{ours}/") else address


def _handed_back(answer: http.client.HTTPResponse) -> HttpResponse:
    response = HttpResponse(answer.read(), status=answer.status)
    for name, value in answer.getheaders():
        if name.lower() not in NOT_HANDED_BACK:
            response.headers[name] = value
    for line in answer.headers.get_all("Set-Cookie") or ():
        for name, cookie in SimpleCookie(line).items():
            age = int(cookie["max-age"]) if cookie["max-age"].isdecimal() else None
            response.set_cookie(
                f"{AS}{name}",
                cookie.coded_value,
                max_age=age,
                path="/",
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
    return response
