"""One's own data: what we hold, a copy, that it goes, that it is kept and not used; and the administrators' list of who asked so."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from accounts.access import require
from accounts.refusals import refusals_on
from accounts.roles import Permission
from accounts.scopes import SITE, Place
from records import presenters
from records.actions import own as actions
from records.forms import EraseAccountForm, ReasonForm
from records.models import Restriction

WHY = "Why should we keep it and not use it?"


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """What people can ask about their own data."""
    return _page(request)


@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """Erase one's own account, and sign out."""
    form = EraseAccountForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.erase_account(email=form.cleaned_data["email"], by=request.user, at=now())
            logout(request)
            messages.success(request, "Your account is erased")
            return redirect("/")
    return _page(request, erase_form=form)


@require_POST
def restrict(request: HttpRequest) -> HttpResponse:
    """Ask that what is held be kept and not used otherwise."""
    form = ReasonForm(request.POST, label=WHY)
    if form.is_valid():
        with refusals_on(form):
            actions.restrict(reason=form.cleaned_data["reason"], by=request.user, at=now())
            messages.success(request, "It stands from now on. We answer within a month")
            return redirect("records:data")
    return _page(request, restrict_form=form)


@require_POST
def lift(request: HttpRequest) -> HttpResponse:
    """Take one's own restriction back."""
    standing = get_object_or_404(Restriction.objects.visible_to(request.user).standing().of(request.user))
    actions.lift(restriction=standing, reason="Taken back by the person who asked for it.", by=request.user, at=now())
    messages.success(request, "We use your data as before")
    return redirect("records:data")


@require_safe
def restrictions(request: HttpRequest) -> HttpResponse:
    """Who asked that their data be kept and not used."""
    require(request.user, Permission.PERSON_MANAGE, on=Place(SITE))
    return render(request, "records/restrictions.html", presenters.restrictions(request.user))


@require_POST
def lift_restriction(request: HttpRequest, pk: int) -> HttpResponse:
    """End somebody's restriction; they are told why."""
    require(request.user, Permission.PERSON_MANAGE, on=Place(SITE))
    found = get_object_or_404(Restriction.objects.visible_to(request.user).select_related("person"), pk=pk)
    actions.lift(restriction=found, reason=request.POST.get("note", ""), by=request.user, at=now())
    messages.success(request, f"{found.person} is told why")
    return redirect("records:restrictions")


def _page(request: HttpRequest, *, erase_form: Any = None, restrict_form: Any = None) -> HttpResponse:
    erase_form, restrict_form = erase_form or EraseAccountForm(), restrict_form or ReasonForm(label=WHY)
    drawn = {"erase_form": erase_form, "restrict_form": restrict_form, "forms": [restrict_form, erase_form]}
    return render(request, "records/data.html", drawn | presenters.own_data(request.user, at=now()))
