"""Draws: frozen and held by staff, read and replayed by anybody."""

from pathlib import Path

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import can
from accounts.refusals import refusals_on
from accounts.roles import Permission
from assessments.actions import draws
from assessments.forms.selection import FreezeDrawForm, HoldDrawForm
from assessments.methods import replay_draw
from assessments.models import Draw
from assessments.presenters import draws as shows
from assessments.views.doors import round_or_404

GET_POST = require_http_methods(["GET", "HEAD", "POST"])
SCRIPT = "replay_draw.py"
MOST_SHOWN = 200


@GET_POST
def draw_list(request: HttpRequest, reference: str) -> HttpResponse:
    """The draws of a round; freeze the group that stands to be drawn."""
    round = round_or_404(request, reference)
    form = FreezeDrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            draw = draws.freeze(round=round, by=request.user, at=now(), **form.cleaned_data)
            messages.success(request, "Frozen and published. Hold the draw once the value that you named is known.")
            return redirect("assessments:draw", round.reference, draw.pk)
    known = list(Draw.objects.visible_to(request.user).filter(round=round).order_by("-pk"))
    context = {
        "round": round,
        "form": form,
        "group": draws.group_of(round) if draws.declared(round) else None,
        "is_declared": draws.declared(round),
        "columns": shows.DRAW_COLUMNS,
        "rows": shows.draw_rows(known),
        "open": [one for one in known if one.drawn_at is None],
        "may_draw": can(request.user, Permission.DECISION_PROPOSE, on=round),
    }
    return render(request, "assessments/draws.html", context)


@GET_POST
def draw(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """One draw: hold it by the value that was named."""
    round = round_or_404(request, reference)
    found = get_object_or_404(Draw.objects.visible_to(request.user).select_related("round__programme"), round=round, pk=pk)
    form = HoldDrawForm(request.POST or None, has_secret=bool(found.secret_sha256))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            draws.draw(draw=found, by=request.user, at=now(), **form.given())
            messages.success(request, "Drawn, and published")
            return redirect("assessments:draw", round.reference, pk)
    context = {"round": round, "draw": found, "form": form, **_shown(found)}
    context["may_draw"] = found.drawn_at is None and can(request.user, Permission.DECISION_PROPOSE, on=round)
    return render(request, "assessments/draw.html", context)


@login_not_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The draws that have been published, the last first; of one programme, where the address names it."""
    found = Draw.objects.published(request.GET.get("programme", "")).order_by("-frozen_at", "-pk")[:MOST_SHOWN]
    return render(request, "assessments/draw_index.html", {"columns": shows.PUBLIC_COLUMNS, "rows": shows.public_rows(found)})


@login_not_required
@require_safe
def record(request: HttpRequest, sha256: str) -> HttpResponse:
    """The public record of a draw."""
    found = get_object_or_404(Draw.objects.published(), frozen_sha256=sha256)
    return render(request, "assessments/draw_record.html", {"draw": found, **_shown(found)})


@login_not_required
@require_safe
def record_file(request: HttpRequest, sha256: str) -> HttpResponse:
    """The record as the replay script reads it; there once the draw is held."""
    found = get_object_or_404(Draw.objects.published(), frozen_sha256=sha256)
    if found.drawn_at is None:
        raise Http404("This draw has not been held yet.")
    name = f"draw-{found.frozen_sha256[:12]}.json"
    return JsonResponse(found.record(), headers={"Content-Disposition": f'attachment; filename="{name}"'})


@login_not_required
@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The stand-alone replay script: nothing but Python 3."""
    text = Path(replay_draw.__file__).read_text(encoding="utf-8")
    return HttpResponse(
        text, content_type="text/x-python; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{SCRIPT}"'}
    )


def _shown(draw: Draw) -> dict[str, object]:
    return {
        "facts": shows.facts(draw),
        "columns": shows.TICKET_COLUMNS,
        "rows": shows.tickets(draw),
        "references": shows.references(draw),
        "script": SCRIPT,
    }
