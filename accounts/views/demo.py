"""The demo's front door. These routes exist in demo mode only, and answer 404 even if somebody wires them elsewhere."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import demo

View = Callable[..., HttpResponse]


def demo_only(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return login_not_required(guarded)


@demo_only
@require_safe
def cast(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/demo.html", {"characters": demo.characters()})


@demo_only
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    person = demo.people().get(request.POST.get("who", ""))
    if person is None:
        raise Http404
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    UserSession.objects.create_from_request(request)
    return redirect(settings.LOGIN_REDIRECT_URL)


@demo_only
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/outbox.html", {"letters": demo.letters()})
