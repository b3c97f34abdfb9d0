"""The look of the organisations that run programmes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import presenters
from accounts.actions import organisations
from accounts.forms import LookForm
from accounts.models import Organisation
from accounts.refusals import refusals_on


@require_safe
def organisation_list(request: HttpRequest) -> HttpResponse:
    """Those who run programmes, and how their pages look."""
    presenters.check_dresses(request.user)
    return render(request, "accounts/organisations.html", presenters.looks(Organisation.objects.visible_to(request.user)))


@require_http_methods(["GET", "HEAD", "POST"])
def dress(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose colours and typeface out of the vetted ones."""
    presenters.check_dresses(request.user)
    found = get_object_or_404(Organisation.objects.visible_to(request.user), pk=pk)
    form = LookForm(request.POST or None, initial={"palette": found.palette, "typeface": found.typeface})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            organisations.dress(organisation=found, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, f"The pages of {found.name} have their new look. Browsers show it within five minutes.")
            return redirect("accounts:organisations")
    return render(request, "accounts/organisation_look.html", {"organisation": found, "form": form})
