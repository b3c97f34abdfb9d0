"""One error shape: application/problem+json (RFC 9457), with a stable type, the machine code and JSON pointers."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.views import set_rollback

from accounts.refusals import Refusal

TYPE_BASE = "urn:pumphouse:problem:"
SENTENCES: tuple[tuple[type[exceptions.APIException], str], ...] = (
    (exceptions.ValidationError, "Some of what was sent is not valid."),
    (exceptions.NotAuthenticated, "Send your key with every request, as the header “Authorization: Bearer …”."),
    (exceptions.NotAcceptable, "What this address answers is application/json: ask for that, or for anything."),
    (exceptions.MethodNotAllowed, "This address does not take that method. The header Allow says which it takes."),
)
"""What is said in place of the framework's own words."""


def handle(error: Exception, context: dict[str, Any]) -> JsonResponse | None:
    """DRF's exception handler: every refusal and every DRF error becomes a problem document, always JSON; bugs stay bugs."""
    error = _known(error)
    if isinstance(error, Refusal):
        return _problem(error.status, error.code, error.sentence)
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    response = _problem(error.status_code, _code(error), _sentence(error), errors=_pointers(error.detail))
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    return response


def _known(error: Exception) -> Exception:
    if isinstance(error, Http404):
        return exceptions.NotFound("There is nothing here that your key may see.")
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    return error


def _problem(status: int, code: str, sentence: str, errors: list[dict[str, str]] | None = None) -> JsonResponse:
    body: dict[str, Any] = {"type": f"{TYPE_BASE}{code}", "title": sentence, "status": status, "code": code}
    if errors:
        body["errors"] = errors
    return JsonResponse(body, status=status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False})


def _code(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else "invalid"


def _sentence(error: exceptions.APIException) -> str:
    return next((sentence for kind, sentence in SENTENCES if isinstance(error, kind)), str(error.detail))


def _pointers(detail: Any, pointer: str = "") -> list[dict[str, str]]:
    """Flatten DRF's nested error detail into {pointer, detail} rows."""
    if isinstance(detail, dict):
        return [row for name, inner in detail.items() for row in _pointers(inner, f"{pointer}/{name}")]
    if isinstance(detail, list):
        return [row for inner in detail for row in _pointers(inner, pointer)]
    return [{"pointer": pointer, "detail": str(detail)}] if pointer else []
