"""Who holds which role where: granting, confirming, ending."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import presenters
from accounts.access import require
from accounts.actions import people as accounts_of
from accounts.actions import roles
from accounts.forms import CorrectionForm, GrantForm, NameForm
from accounts.models import Person, RoleAssignment, RoleGrant
from accounts.refusals import refusals_on
from accounts.roles import Permission
from accounts.scopes import SITE, Place


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    presenters.check_sees_people(request.user)
    who = request.GET.get("who", "").strip()[:254]
    found = presenters.people(request.user, at=timezone.now()) | presenters.found(request.user, who)
    return render(request, "accounts/people.html", found)


@require_http_methods(["GET", "HEAD", "POST"])
def grant(request: HttpRequest) -> HttpResponse:
    presenters.check_sees_people(request.user)
    form = GrantForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            about: dict[str, Any] = {name: form.cleaned_data[name] for name in ("role", "scope", "reason")} | form.times()
            roles.propose(person=form.cleaned_data["email"], **about, by=request.user, at=timezone.now())
            messages.success(request, "Role proposed. It waits for an independent person to confirm it.")
            return redirect("accounts:people")
    return render(request, "accounts/grant.html", {"form": form})


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    waiting = get_object_or_404(RoleGrant.objects.visible_to(request.user), pk=pk)
    roles.confirm(grant=waiting, by=request.user, at=timezone.now())
    messages.success(request, "Role confirmed. It is in force in 24 hours.")
    return redirect("accounts:people")


@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    waiting = get_object_or_404(RoleGrant.objects.visible_to(request.user), pk=pk)
    roles.refuse(grant=waiting, reason=request.POST.get("note", "")[:500], by=request.user, at=timezone.now())
    messages.success(request, "The role will not be given")
    return redirect("accounts:people")


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    assignment = get_object_or_404(RoleAssignment.objects.visible_to(request.user), pk=pk)
    roles.end(assignment=assignment, by=request.user, at=timezone.now())
    messages.success(request, f"{assignment.person.name} is no longer {assignment.get_role_display().lower()}")
    return redirect("accounts:people" if presenters.sees_people(request.user) else "accounts:account")


@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    somebody = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    return render(request, "accounts/person.html", presenters.person(somebody, by=request.user, at=timezone.now()))


@require_http_methods(["GET", "HEAD", "POST"])
def own_name(request: HttpRequest) -> HttpResponse:
    """Everybody puts their own name right."""
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            accounts_of.correct(person=request.user, name=form.cleaned_data["name"], email="", by=request.user, at=timezone.now())
            messages.success(request, "Your name is changed")
            return redirect("accounts:account")
    return render(request, "accounts/correct.html", {"form": form, "title": "Your name", "back": "/accounts/"})


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """An administrator puts a name or an address right that its person cannot."""
    somebody = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    require(request.user, Permission.PERSON_MANAGE, on=Place(SITE))
    form = CorrectionForm(request.POST or None, initial={"name": somebody.name, "email": somebody.email})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            accounts_of.correct(person=somebody, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, "Corrected. What it said before is committed to in the trail")
            return redirect("accounts:person", pk=pk)
    return render(request, "accounts/correct.html", {"form": form, "title": "Correct a name or address", "back": f"/accounts/people/{pk}/"})


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    somebody = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    accounts_of.close(person=somebody, by=request.user, at=timezone.now())
    messages.success(request, f"The account of {somebody.name} is closed")
    return redirect("accounts:person", pk=pk)


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    somebody = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    accounts_of.reopen(person=somebody, by=request.user, at=timezone.now())
    messages.success(request, f"The account of {somebody.name} is open again")
    return redirect("accounts:person", pk=pk)
