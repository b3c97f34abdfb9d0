"""Staff: the ranking, proposals, decisions, and telling the companies."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, require
from accounts.refusals import refusals_on
from accounts.roles import Permission
from applications.models import Application
from assessments import ordering, queues, rounds, standings
from assessments.actions import decisions, rankings
from assessments.forms.staff import ProposalForm, ReasonForm
from assessments.ordering import Place, Row
from assessments.presenters import staff as shows
from assessments.views.doors import application_or_404, report, round_or_404
from assessments.views.officer import application_page
from grants.models import Round

ROWS = 50
PARTS = (("deciding",), ("proposed",), shows.DECIDED, ("on_hold",))
"""States of the applications of each section of the page of decisions."""


@require_safe
def ranking_page(request: HttpRequest, reference: str) -> HttpResponse:
    """The order by the mean of totals, with spread, flags and the budget line."""
    round = round_or_404(request, reference)
    ranking = rankings.now_of(round)
    seen = _seen(request, round, ranking.rows)
    chosen, following = _rows_from(request, seen)
    shown = standings.with_applications([ordering.place_of(row) for row in chosen], round)
    context = {
        "round": round,
        "columns": shows.RANKING_COLUMNS,
        "rows": shows.ranking_rows(shown, shows.flags_of(one.application.pk for one in shown)),
        "above": sum(ordering.is_above(row) for row in seen),
        "left": ranking.left_pence,
        "next": following,
        "total": len(seen),
        "run": ranking.run,
        "may_keep": can(request.user, Permission.ASSESSMENT_MODERATE, on=round),
    }
    return render(request, "assessments/ranking.html", context)


@require_safe
def decision_list(request: HttpRequest, reference: str) -> HttpResponse:
    """What awaits a proposal, a decision or its letter, in rank order; below it what the companies were told, the first told first."""
    round = round_or_404(request, reference)
    states, planned = standings.still_to_do(round, hidden=rounds.closed_to(request.user, round))
    waiting = _waiting(round, states) if states else [[], [], [], []]
    rows = iter(shows.decision_rows(standings.with_applications([one for part in waiting for one in part], round)))
    deciding, proposed, untold, held = ([next(rows) for _ in part] for part in waiting)
    known = rounds.applications(request.user, round).filter(state__in=Application.DECIDED, notified_at__isnull=False)
    told = queues.page(known.select_related("decided_by"), by="notified_at", after=request.GET.get("after", ""))
    context = {
        "round": round,
        "told": told,
        "told_columns": shows.TOLD_COLUMNS,
        "told_rows": shows.told_rows(told.rows, round),
        "left": round.budget.amount_pence - round.budget.committed_pence - planned,
        "columns": shows.DECISION_COLUMNS,
        "deciding": deciding,
        "proposed": proposed,
        "untold": untold,
        "held": held,
        "by_what": decisions.by_what(round) if deciding else "",
        "may_propose": can(request.user, Permission.DECISION_PROPOSE, on=round),
        "may_decide": can(request.user, Permission.DECISION_APPROVE, on=round),
        "may_notify": can(request.user, Permission.DECISION_NOTIFY, on=round),
    }
    return render(request, "assessments/decisions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def letters(request: HttpRequest, reference: str) -> HttpResponse:
    """Every letter as it would go out; a press sends the reader a test of each kind."""
    round = round_or_404(request, reference)
    require(request.user, Permission.DECISION_NOTIFY, on=round)
    if request.method == "POST":
        sent = decisions.send_test(round=round, by=request.user, at=now())
        messages.success(request, f"{sent} test {'letter is' if sent == 1 else 'letters are'} on the way to you")
        return redirect("assessments:letters", round.reference)
    found = decisions.letters(round=round, by=request.user)
    context = {"round": round, "letters": shows.letters(found[:ROWS]), "count": len(found)}
    return render(request, "assessments/letters.html", context)


@require_POST
def propose(request: HttpRequest, reference: str, application: str) -> HttpResponse:
    """Propose a decision on one application."""
    found = application_or_404(request, reference, application)
    form = ProposalForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            values = form.cleaned_data | {"amount_pence": form.cleaned_data["amount_pence"] or 0}
            decisions.propose(application=found, by=request.user, at=now(), **values)
            messages.success(request, "Proposed. Another person decides.")
            return redirect("assessments:application", reference, application)
    return application_page(request, found, propose=form)


NEEDS_REASON = {"send-back": decisions.send_back, "take-from-reserve": decisions.take_from_reserve}
NEEDS_NONE = {"agree": decisions.agree, "decide": decisions.decide, "notify": decisions.notify}
SAID = {
    "agree": "You have agreed to the amount for {0}. It can be decided now.",
    "notify": "The company of {0} is told: {1}",
}
"""What is said of an act that leaves the state as it was."""
FOR_ALL: dict[str, Any] = {
    "propose": (decisions.propose_round, "proposed"),
    "decide": (decisions.decide_round, "decided as proposed"),
    "notify": (decisions.notify_round, "told of the decision"),
}


@require_POST
def act_on_one(request: HttpRequest, reference: str, application: str, act: str) -> HttpResponse:
    """Agree to the amount, decide as proposed, send back, tell the company, or take it from the reserve list."""
    found = application_or_404(request, reference, application)
    if act in NEEDS_REASON:
        form = ReasonForm(request.POST)
        if not form.is_valid():
            messages.warning(request, "Give a reason.")
            return application_page(request, found)
        NEEDS_REASON[act](application=found, reason=form.cleaned_data["note"], by=request.user, at=now())
    elif act in NEEDS_NONE:
        NEEDS_NONE[act](application=found, by=request.user, at=now())
    else:
        raise Http404
    now_is = application_or_404(request, reference, application).state_now.label.lower()
    messages.success(request, SAID.get(act, "{0} is now: {1}").format(found.reference, now_is))
    return redirect("assessments:application", reference, application)


@require_POST
def act_on_all(request: HttpRequest, reference: str, act: str) -> HttpResponse:
    """Propose as panel, scenario or budget line have it, decide as proposed, or tell every company."""
    round = round_or_404(request, reference)
    if act not in FOR_ALL:
        raise Http404
    action, done = FOR_ALL[act]
    report(request, action(round=round, by=request.user, at=now()), done=done)
    return redirect("assessments:decisions", round.reference)


def _waiting(round: Round, states: dict[int, str]) -> list[list[Place]]:
    """The first of those to be proposed, to be decided, to be told and on hold, each in rank order."""
    rows = [row for row in rankings.now_of(round).rows if row[0] in states]
    parts = [[row for row in rows if states[row[0]] in named] for named in PARTS]
    return [[ordering.place_of(row) for row in part[:ROWS]] for part in parts]


def _seen(request: HttpRequest, round: Round, rows: list[Row]) -> list[Row]:
    """The ranking without what the person has an interest in; places and line stay as they are in the whole."""
    hidden = rounds.hidden_from(request.user, round)
    return [row for row in rows if row[0] not in hidden]


def _rows_from(request: HttpRequest, ranked: list[Row]) -> tuple[list[Row], str]:
    """A page of a ranking, which is worked out as a whole."""
    typed = request.GET.get("from", "")
    start = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else 0
    following = f"?from={start + ROWS}" if len(ranked) > start + ROWS else ""
    return ranked[start : start + ROWS], following
