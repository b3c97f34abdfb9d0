"""Staff: allocation plans of a round, from asking for one to sending its invitations."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can
from accounts.refusals import refusals_on
from accounts.roles import Permission
from assessments import fitting, handpicked, queues, rounds
from assessments.actions import plans, searches
from assessments.forms.allocation import PlanForm, PlanItemForm
from assessments.models import Run
from assessments.presenters import plans as shows
from assessments.scheme import scheme_of
from assessments.views.doors import application_or_404, report, round_or_404
from grants.models import Round

GET_POST = require_http_methods(["GET", "HEAD", "POST"])


@GET_POST
def plan_list(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask for a plan; the plans there are. `base` is the plan whose changes by hand are kept."""
    round = round_or_404(request, reference)
    form, known = PlanForm(request.POST or None), Run.objects.visible_to(request.user).plans().filter(round=round)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            base = known.filter(pk=form.cleaned_data["base"] or 0).first()
            run = searches.request(round=round, plan=form.settings(), base=base, by=request.user, at=now())
            return redirect("assessments:search", round.reference, run.pk)
    context = {
        "round": round,
        "form": form,
        "columns": shows.PLAN_COLUMNS,
        "rows": shows.plan_rows(known.order_by("-pk")[:20], shows.sent_of(round)),
        "may_allocate": can(request.user, Permission.ASSESSMENT_ALLOCATE, on=round),
    }
    return render(request, "assessments/plans.html", context)


@require_safe
def plan(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """One plan: how far it is, then who would get what and why, before anything is sent."""
    round = round_or_404(request, reference)
    run = get_object_or_404(Run.objects.visible_to(request.user).plans(), round=round, pk=pk)
    context: dict[str, Any] = {"round": round, "run": run, "settings": shows.settings(run)}
    context["may_allocate"] = can(request.user, Permission.ASSESSMENT_ALLOCATE, on=round)
    if run.outcome is not None:
        context |= _preview(request, round, run, may_change=context["may_allocate"])
    return render(request, "assessments/plan.html", context)


def _preview(request: HttpRequest, round: Round, run: Run, *, may_change: bool) -> dict[str, Any]:
    seen = rounds.applications(request.user, round).filter(pk__in=[one["number"] for one in run.inputs["applications"]])
    references = dict(seen.values_list("pk", "reference"))
    page = queues.page(seen, by="submitted_at", after=request.GET.get("after", ""), size=25)
    pairs, names, sent = plans.pairs_of(run), shows.names_of(run), shows.sent_of(round)[run.pk]
    minutes = scheme_of(round.version).minutes_expected
    stats = shows.stats(run, pairs, sent, minutes)
    return {
        "stats": stats,
        "verdict": shows.verdict(run),
        "missing": shows.missing(run, references, names),
        "load_columns": shows.LOAD_COLUMNS,
        "loads": shows.workload(run, pairs, names, minutes),
        "columns": shows.PAIR_COLUMNS,
        "rows": shows.pair_rows(run, page.rows, pairs, names, may_change),
        "page": page,
        "left_out": shows.left_out(run, names),
        "changes": shows.changes(run),
        "to_send": stats[1]["value"] - sent,
        "asked": {name: "" if value is None else value for name, value in run.inputs["settings"].items()},
    }


@GET_POST
def plan_item(request: HttpRequest, reference: str, pk: int, application: str) -> HttpResponse:
    """One application of a plan: have others for its open places, for a reason."""
    found = application_or_404(request, reference, application)
    run = get_object_or_404(Run.objects.visible_to(request.user).plans(), round=found.round, outcome__isnull=False, pk=pk)
    if found.pk not in {one["number"] for one in run.inputs["applications"]}:
        return redirect("assessments:plan", reference, pk)
    names, pairs = shows.names_of(run), plans.pairs_of(run)
    invited = set(found.assessments.asked().values_list("assessor_id", flat=True))
    form = PlanItemForm(
        request.POST or None,
        choices=shows.choices(run, found, pairs, names, invited),
        chosen=[str(person) for one, person in pairs if one == found.pk and person not in invited],
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            plans.choose(run=run, application=found, assessors=form.people(), reason=form.cleaned_data["reason"], by=request.user, at=now())
            messages.success(request, f"The plan is changed for {found.reference}")
            everybody = {one.pk: one for one in [*handpicked.holders(found), *form.people()]}
            for sentence in handpicked.remarks(found, everybody.values()):
                messages.warning(request, sentence)
            return redirect("assessments:plan", reference, pk)
    context = {"round": found.round, "run": run, "application": found, "form": form, "barred": shows.barred(run, found, names)}
    context["places"] = fitting.places_of([found])[found.pk]
    return render(request, "assessments/plan_item.html", context)


@require_POST
def plan_send(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Invite everybody in the plan who is not invited yet."""
    round = round_or_404(request, reference)
    run = get_object_or_404(Run.objects.visible_to(request.user).plans(), round=round, outcome__isnull=False, pk=pk)
    report(request, plans.send(run=run, by=request.user, at=now()), done="sent to assessors")
    return redirect("assessments:plan", round.reference, run.pk)
