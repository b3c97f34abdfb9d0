"""How machines show who they are to the API: `Authorization: Bearer ph_live_…`."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied, Throttled
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts import limits
from accounts.actions.keys import digest
from accounts.models import ApiKey
from audit.middleware import client_address

if TYPE_CHECKING:
    from rest_framework.views import APIView

GUESSES = limits.Limit(60, 600, "Too many unknown keys from your network. Wait ten minutes, and check the key.")
NOTED_EVERY = timedelta(minutes=5)
"""`last_used_at` is written at most this often: a poll a second is not a write a second."""


class Machine:
    """Who a request with a key is: a funder's system. It holds no roles; what it may do is in the key, `request.auth`."""

    is_authenticated = True
    is_anonymous = False
    is_active = False
    pk = None

    def __init__(self, key: ApiKey) -> None:
        self.key = key

    def __str__(self) -> str:
        return str(self.key)


class ApiKeyAuthentication(BaseAuthentication):
    """Takes a live key; gives (Machine, ApiKey). Anything wrong with the key is 401, and says what only to who has the key."""

    def authenticate(self, request: Request) -> tuple[Machine, ApiKey] | None:
        scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        now = timezone.now()
        key = ApiKey.objects.select_related("organisation").filter(key_sha256=digest(secret.strip())).first()
        if key is None:
            _count_a_guess(request)
            raise AuthenticationFailed("This key is not known.", code="key_unknown")
        _check(key, at=now)
        if key.last_used_at is None or key.last_used_at < now - NOTED_EVERY:
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
        return Machine(key), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class KeyAllows(BasePermission):
    """Reading needs a key with `read`, anything else one with `write`. No key, no answer.

    A method that the address does not take is let through: it is told so (405), whatever the key may do.
    """

    message = "This key may not do that."
    code = "key_scope"

    def has_permission(self, request: Request, view: "APIView") -> bool:
        key = request.auth
        if isinstance(key, ApiKey) and request.method not in view.allowed_methods:
            return True
        return isinstance(key, ApiKey) and key.may(ApiKey.Scope.READ if request.method in SAFE_METHODS else ApiKey.Scope.WRITE)


def _count_a_guess(request: Request) -> None:
    """An address that brings one unknown key after another is turned away for a while. Raises Throttled."""
    try:
        limits.spend("api_key", GUESSES, who=client_address(request))
    except limits.TooMany as refusal:
        raise Throttled(wait=GUESSES.seconds, detail=refusal.sentence) from refusal


def _check(key: ApiKey, *, at: datetime) -> None:
    if key.revoked_at is not None:
        raise AuthenticationFailed("This key was revoked.", code="key_revoked")
    if key.starts_at is None:
        raise AuthenticationFailed("This key waits to be confirmed.", code="key_unconfirmed")
    if key.is_test and not settings.DEMO:
        raise PermissionDenied("This key is for tests, and this service holds real records.", code="key_is_for_tests")
    if at < key.starts_at:
        raise AuthenticationFailed("This key is not in force yet.", code="key_not_in_force")
    if at >= key.expires_at:
        raise AuthenticationFailed("This key has expired.", code="key_expired")
