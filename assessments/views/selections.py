"""Staff: selection scenarios of a round, and the one that is frozen as evidence."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can
from accounts.refusals import refusals_on
from accounts.roles import Permission
from assessments import rounds
from assessments.actions import selections
from assessments.forms.selection import SelectionForm
from assessments.models import Run
from assessments.presenters import selections as shows
from assessments.views.doors import round_or_404
from grants.models import Round


@require_http_methods(["GET", "HEAD", "POST"])
def simulator(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask what a budget would fund; the scenarios there are."""
    round = round_or_404(request, reference)
    rule = selections.rule_of(round)
    form = SelectionForm(request.POST or None, rule=rule, budget_pence=round.budget.amount_pence)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            run = selections.request(round=round, settings=form.settings(), by=request.user, at=now())
            return redirect("assessments:scenario", round.reference, run.pk)
    known = Run.objects.visible_to(request.user).scenarios().filter(round=round).order_by("-pk")[:20]
    context = {
        "round": round,
        "form": form,
        "is_portfolio": rule == "portfolio",
        "draws_at_line": selections.draws_at_line(round),
        "declared": [shows.limit_in_words(limit) for limit in selections.declared(round)],
        "columns": shows.SCENARIO_COLUMNS,
        "rows": shows.scenario_rows(known),
        "may_select": can(request.user, Permission.DECISION_PROPOSE, on=round),
    }
    return render(request, "assessments/selection.html", context)


@require_safe
def scenario(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """One scenario: the ranking with its line, other budgets, what limits cost, who is passed over; and whether decisions rest on it."""
    round = round_or_404(request, reference)
    run = get_object_or_404(Run.objects.visible_to(request.user).scenarios(), round=round, pk=pk)
    seen = _addresses(request, round)
    context = {"round": round, "run": run, "settings": shows.settings(run, seen)}
    if run.outcome is not None:
        context |= {
            "chart": shows.chart_of(run, seen),
            "columns": shows.LINE_COLUMNS,
            "rows": shows.line_rows(run, seen),
            "remarks": shows.remarks(run, seen),
            "budget_columns": shows.BUDGET_COLUMNS,
            "budgets": shows.budget_rows(run, seen),
            "price_columns": shows.PRICE_COLUMNS,
            "prices": shows.price_rows(run),
            "leapfrog_columns": shows.LEAPFROG_COLUMNS,
            "leapfrogs": shows.leapfrog_rows(run, seen),
            "is_stale": selections.is_stale(run),
            "is_in_force": run.frozen_at is not None and round.runs.frozen(round) == run,
            "may_freeze": run.frozen_at is None and can(request.user, Permission.DECISION_PROPOSE, on=round),
        }
    return render(request, "assessments/scenario.html", context)


@require_POST
def freeze(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Choose this scenario as the evidence for decisions."""
    round = round_or_404(request, reference)
    run = get_object_or_404(Run.objects.visible_to(request.user).scenarios(), round=round, pk=pk)
    selections.freeze(run=run, reason=request.POST.get("note", ""), by=request.user, at=now())
    messages.success(request, "Frozen. Decisions are made on this scenario from now on.")
    return redirect("assessments:scenario", round.reference, run.pk)


def _addresses(request: HttpRequest, round: Round) -> dict[str, str]:
    """Reference → page, of the applications that the person may see."""
    seen = rounds.applications(request.user, round).order_by().values_list("reference", flat=True)
    return {name: reverse("assessments:application", args=[round.reference, name]) for name in seen}
