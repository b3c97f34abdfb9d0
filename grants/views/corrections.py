"""Corrections of a round that runs, and what differs between any two versions."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can
from accounts.refusals import refusals_on
from accounts.roles import Permission
from grants.actions import corrections as actions
from grants.forms.programmes import CorrectionForm
from grants.models import Correction, Programme, ProgrammeVersion, Round
from grants.presenters import staff


@require_http_methods(["GET", "HEAD", "POST"])
def corrections(request: HttpRequest, reference: str) -> HttpResponse:
    """Every correction of a round; a POST asks for another."""
    found = _round(request, reference)
    others = found.programme.versions.filter(state=ProgrammeVersion.State.PUBLISHED).exclude(pk=found.version_id).order_by("-number")
    choices = {str(each.number): f"Version {each.number}" for each in others}
    form = CorrectionForm(choices, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        version = others.get(number=form.cleaned_data["version"])
        with refusals_on(form):
            actions.propose(round=found, version=version, reason=form.cleaned_data["reason"], by=request.user, at=now())
            messages.success(request, "Asked for. Somebody else decides on it")
            return redirect("grants:corrections", reference)
    return render(request, "grants/manage/corrections.html", _page(request, found, form if choices else None))


@require_POST
def decide(request: HttpRequest, reference: str, pk: int, step: str) -> HttpResponse:
    """Apply or decline a correction that somebody else asked for."""
    correction = get_object_or_404(_round(request, reference).corrections.select_related("round__programme"), pk=pk)
    moved = actions.decide(correction=correction, step=step, note=request.POST.get("note", ""), by=request.user, at=now())
    messages.success(request, f"{moved}: {moved.state_now.label.lower()}")
    return redirect("grants:corrections", reference)


@require_safe
def compare(request: HttpRequest, slug: str, number: int, other: int) -> HttpResponse:
    """What differs between two versions of a programme, in words."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug)
    versions = programme.versions.select_related("programme", "text")
    new, old = (get_object_or_404(versions, number=each) for each in (number, other))
    context = {"programme": programme, "new": new, "old": old, "changes": staff.compared(old, new), "pairs": staff.pairs(old, new)}
    return render(request, "grants/manage/compare.html", context | {"programme_href": staff.programme_href(programme)})


def _round(request: HttpRequest, reference: str) -> Round:
    return get_object_or_404(Round.objects.visible_to(request.user).select_related("programme", "version"), reference=reference)


def _page(request: HttpRequest, round_: Round, form: CorrectionForm | None) -> dict[str, Any]:
    about = ("version", "version_before", "proposed_by", "decided_by", "round__programme")
    cards = [staff.correction_card(each) for each in round_.corrections.select_related(*about).order_by("-pk")]
    base = reverse("grants:corrections", args=[round_.reference])
    for card in cards:
        card["steps"] = actions.steps(correction=card["correction"], by=request.user, at=now())
        card["to"] = f"{base}{card['correction'].pk}/"
    running = round_.state in (Round.State.SCHEDULED, Round.State.OPEN, Round.State.PAUSED)
    waits = any(card["correction"].state == Correction.State.PROPOSED for card in cards)
    may = can(request.user, Permission.PROGRAMME_EDIT, on=round_) and running and not waits
    about_it = {"touches": staff.correction_touches(round_), "programme_href": staff.programme_href(round_.programme)}
    return {"round": round_, "cards": cards, "form": form if may else None, "needs_version": may and form is None} | about_it
