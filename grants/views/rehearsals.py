"""Rehearse a programme, look at what came of it, take it away."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.refusals import refusals_on
from accounts.roles import Permission
from grants.actions import rehearsals
from grants.forms.rehearsals import RehearsalForm
from grants.models import Programme, ProgrammeVersion, Rehearsal
from grants.presenters import rehearsals as present
from grants.rehearsals import walking


@require_http_methods(["GET", "HEAD", "POST"])
def rehearse(request: HttpRequest, slug: str) -> HttpResponse:
    """The rehearsals that are kept, and a form for another; a POST asks for it."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug)
    require(request.user, Permission.PROGRAMME_EDIT, on=programme)
    versions = programme.versions.exclude(state=ProgrammeVersion.State.SET_ASIDE).select_related("programme", "text").order_by("-number")
    initial = {"opens_on": localdate(now() + timedelta(days=7))}
    form = RehearsalForm(list(versions[:5]), request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            asked = rehearsals.request(version=form.chosen(), plan=form.plan(), by=request.user, at=now())
            messages.success(request, "The rehearsal begins as soon as the worker is free")
            return redirect(asked)
    kept = programme.rehearsals.select_related("programme", "version__programme", "asked_by").order_by("-pk")
    context = {"programme": programme, "form": form, "crumbs": present.list_crumbs(programme)[:-1], "columns": present.COLUMNS}
    return render(request, "grants/rehearsals/list.html", context | {"rows": present.rows(kept)})


@require_safe
def rehearsal(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One rehearsal: how far it is, or what it came to."""
    return render(request, "grants/rehearsals/rehearsal.html", present.page(_rehearsal(request, slug, pk)))


@require_POST
def delete(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a rehearsal away whole."""
    rehearsals.delete(rehearsal=_rehearsal(request, slug, pk), by=request.user, at=now())
    messages.success(request, "The rehearsal is deleted: its database, its files, its mail and its report")
    return redirect("grants:rehearsals", slug)


@require_POST
def walk(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Go into a rehearsal: from here on this browser sees its pages, until it is left."""
    found = _rehearsal(request, slug, pk)
    rehearsals.walk(rehearsal=found, by=request.user, at=now())
    response = redirect("/demo/")
    response.set_cookie(
        walking.COOKIE,
        walking.ticket(found.pk),
        max_age=walking.LASTS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _rehearsal(request: HttpRequest, slug: str, pk: int) -> Rehearsal:
    found = Rehearsal.objects.visible_to(request.user).select_related("programme", "version__programme", "asked_by")
    one = get_object_or_404(found, programme__slug=slug, pk=pk)
    require(request.user, Permission.PROGRAMME_EDIT, on=one.programme)
    return one
