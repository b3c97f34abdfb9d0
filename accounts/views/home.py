"""The landing page after sign-in, and one's own account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import home as landing
from accounts import presenters
from accounts import second_factor as factor
from accounts.access import held_by
from accounts.actions import sessions
from accounts.navigation import places_for


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    groups = landing.items_for(request.user, at=timezone.now())
    title = f"Hello, {request.user.name}"
    return render(request, "accounts/home.html", {"title": title, "groups": groups, "places": places_for(held_by(request.user))})


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/account.html", presenters.account(request.user, at=timezone.now()))


@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    if factor.has_one(request.user):
        return redirect(reverse("mfa_index"))
    return render(request, "accounts/second_factor.html", {"is_needed": factor.is_needed_by(request.user)})


@require_POST
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    sessions.end_all(request=request, person=request.user, at=timezone.now())
    return redirect(reverse("account_login"))
