"""Nobody with a role that asks for a second factor goes on without one."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode

from accounts import second_factor

OPEN_BEFORE = frozenset({
    "account_logout", "account_reauthenticate", "account_email", "account_change_password", "account_set_password",
    "mfa_index", "mfa_activate_totp", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_list_webauthn", "mfa_add_webauthn",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "accounts:second-factor",
})  # fmt: skip
"""The pages on the way to a second factor."""


class SecondFactorMiddleware:
    """Sends people whose role needs a second factor to the page that sets one up, from every page that is not public."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponseBase | None:
        if not getattr(view, "login_required", True) or not request.user.is_authenticated:
            return None
        if request.resolver_match and request.resolver_match.view_name in OPEN_BEFORE:
            return None
        if not second_factor.is_missing(request.user):
            return None
        return redirect("/accounts/second-factor/?" + urlencode({"next": request.path}))
