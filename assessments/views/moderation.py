"""Staff and the chair: what the scores show, and how it is settled."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can
from accounts.refusals import refusals_on
from accounts.roles import Permission
from applications.models import Application
from assessments import queues, rounds
from assessments.actions import moderation as moderate
from assessments.forms.staff import SettleForm
from assessments.models import Assessment, Moderation
from assessments.noise import noise_of
from assessments.presenters import case
from assessments.presenters import staff as shows
from assessments.views.doors import application_or_404, report, round_or_404


@require_safe
def queue(request: HttpRequest, reference: str) -> HttpResponse:
    """What is still to be settled in a round, oldest first."""
    round = round_or_404(request, reference)
    seen = rounds.applications(request.user, round).values("pk")
    waiting = Moderation.objects.unsettled().filter(application__in=seen).select_related("application__round")
    page = queues.page(waiting, by="opened_at", after=request.GET.get("after", ""))
    may_moderate = can(request.user, Permission.ASSESSMENT_MODERATE, on=round)
    context = {"round": round, "page": page, "columns": shows.MODERATION_COLUMNS, "rows": shows.moderation_rows(page.rows)}
    context |= {"may_moderate": may_moderate, "noise": noise_of(round)}
    return render(request, "assessments/moderation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: HttpRequest, reference: str, item: int) -> HttpResponse:
    """One item: the scores in question, the officer's reason if there is one, and what may be done."""
    round = round_or_404(request, reference)
    seen = Moderation.objects.visible_to(request.user).filter(application__in=rounds.applications(request.user, round).values("pk"))
    found = get_object_or_404(
        seen.select_related("application__round", "application__version", "assessment__assessor", "proposed_by"), pk=item
    )
    form = SettleForm(request.POST or None, outcomes=case.outcomes(found))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            settled = moderate.resolve(moderation=found, by=request.user, at=now(), **form.cleaned_data)
            messages.success(request, case.SAID_OF_ITEM[settled.state])
            return redirect("assessments:application", reference, found.application.reference)
    others = Assessment.objects.visible_to(request.user).filter(application=found.application).select_related("assessor").order_by("pk")
    cards = case.review_cards(others.prefetch_related("scores"), found.application, case.excluded_from(found.application))
    context = {"round": round, "item": found, "form": form, "review": case.review_in_question(found), "score_columns": case.SCORE_COLUMNS}
    context["reasons"] = case.reasons_of(found)
    context["may_settle"] = case.may_settle(found, request.user)
    context |= {
        "table": case.side_by_side(cards, found.application),
        "results": case.both_results(found),
        "result_columns": case.RESULT_COLUMNS,
        "result_caption": case.result_caption(found),
    }
    return render(request, "assessments/settle.html", context)


FOR_ONE: dict[str, Any] = {"begin": moderate.begin, "finish": moderate.finish}
WITH_REASON: dict[str, Any] = {"fewer": moderate.allow_fewer, "back": moderate.send_back}
FOR_ALL: dict[str, Any] = {"begin": (moderate.begin_round, "sent on"), "finish": (moderate.finish_round, "looked through")}


@require_POST
def act_on_one(request: HttpRequest, reference: str, application: str, act: str) -> HttpResponse:
    """Close scoring of one application, send it on once its items are settled, let fewer reviews suffice, or take it back."""
    found = application_or_404(request, reference, application)
    if act in WITH_REASON:
        WITH_REASON[act](application=found, reason=request.POST.get("note", ""), by=request.user, at=now())
    elif act in FOR_ONE:
        FOR_ONE[act](application=found, by=request.user, at=now())
    else:
        raise Http404
    fresh: Application = application_or_404(request, reference, application)
    messages.success(request, f"{fresh.reference} is now: {fresh.state_now.label.lower()}")
    return redirect("assessments:application", reference, application)


@require_POST
def act_on_all(request: HttpRequest, reference: str, act: str) -> HttpResponse:
    """The same for every application of the round that is ready for it."""
    round = round_or_404(request, reference)
    if act not in FOR_ALL:
        raise Http404
    action, done = FOR_ALL[act]
    report(request, action(round=round, by=request.user, at=now()), done=done)
    return redirect("assessments:moderation", round.reference)
