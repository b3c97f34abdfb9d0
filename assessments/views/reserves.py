"""Staff: the reserve list, and the next one on it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import can, require
from accounts.refusals import refusals_on
from accounts.roles import Permission
from assessments import rounds
from assessments.actions import decisions, reserves
from assessments.forms.staff import PromoteForm
from assessments.presenters import reserves as shows
from assessments.views.doors import round_or_404


@require_safe
def reserve_list(request: HttpRequest, reference: str) -> HttpResponse:
    """Who is next when money comes free, and until when."""
    round = round_or_404(request, reference)
    listed, left = reserves.listed(round), max(decisions.left_pence(round), 0)
    seen = set(rounds.applications(request.user, round).order_by().values_list("pk", flat=True).filter(state="reserve"))
    may_propose = can(request.user, Permission.DECISION_PROPOSE, on=round)
    rows = shows.rows(listed, seen, left=left, round=round, may_promote=may_propose)
    context = {"round": round, "left": left, "columns": shows.COLUMNS, "rows": rows}
    return render(request, "assessments/reserve.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def promote(request: HttpRequest, reference: str, application: str) -> HttpResponse:
    """Propose the grant of one on the list; another person decides."""
    round = round_or_404(request, reference)
    require(request.user, Permission.DECISION_PROPOSE, on=round)
    found = get_object_or_404(rounds.applications(request.user, round), reference=application)
    decision = found.decisions.standing().first()
    form = PromoteForm(request.POST or None, initial={"amount_pence": decision.amount_pence if decision else None})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            reserves.promote(application=found, by=request.user, at=now(), **form.cleaned_data)
            messages.success(request, "Proposed. Another person decides.")
            return redirect("assessments:application", round.reference, found.reference)
    context = {
        "round": round,
        "application": found,
        "form": form,
        "before": [one.application.reference for one in reserves.before(found)],
        "left": max(decisions.left_pence(round), 0),
    }
    return render(request, "assessments/promote.html", context)
