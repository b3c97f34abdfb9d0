"""Keys for funders' machines."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import presenters
from accounts.actions import keys
from accounts.forms import KeyForm
from accounts.models import ApiKey
from accounts.refusals import refusals_on


@require_safe
def key_list(request: HttpRequest) -> HttpResponse:
    presenters.check_sees_keys(request.user)
    return render(request, "accounts/keys.html", presenters.keys(request.user, at=timezone.now()))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    presenters.check_issues_keys(request.user)
    form = KeyForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            key, secret = keys.create(**form.values(), by=request.user, at=timezone.now())
            return render(request, "accounts/key_created.html", {"key": key, "secret": secret})
    return render(request, "accounts/key_form.html", {"form": form})


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiKey.objects.visible_to(request.user), pk=pk)
    keys.confirm(key=key, by=request.user, at=timezone.now())
    messages.success(request, f"{key.name} is confirmed. It works in 24 hours.")
    return redirect("accounts:keys")


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiKey.objects.visible_to(request.user), pk=pk)
    keys.revoke(key=key, by=request.user, at=timezone.now())
    messages.success(request, f"{key.name} is revoked and no longer works")
    return redirect("accounts:keys")
