"""Staff: searching the records of a round for conflicts of interest."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from accounts.refusals import NotAllowedNow
from assessments.actions import searches
from assessments.models import Run
from assessments.presenters import searches as shows
from assessments.views.doors import round_or_404


@require_POST
def begin(request: HttpRequest, reference: str) -> HttpResponse:
    """Have the records searched in the background."""
    round = round_or_404(request, reference)
    try:
        run = searches.request(round=round, by=request.user, at=now())
    except NotAllowedNow as refusal:
        messages.warning(request, refusal.sentence)
        return redirect("assessments:conflicts", round.reference)
    return redirect("assessments:search", round.reference, run.pk)


@require_safe
def search(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """One search: how far it is, then how much was found; where a plan was asked for, its page takes over."""
    round = round_or_404(request, reference)
    run = get_object_or_404(Run.objects.visible_to(request.user).searches(), round=round, pk=pk)
    if run.outcome and "plan" in run.outcome:
        return redirect("assessments:plan", round.reference, run.outcome["plan"])
    context = {"round": round, "run": run, "facts": shows.facts(run), "stats": shows.stats(run)}
    return render(request, "assessments/search.html", context)
