"""Staff: everything that was worked out for a round, kept for whoever asks what a decision was made on."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from assessments import rounds
from assessments.actions import rankings
from assessments.models import Run
from assessments.presenters import figures, runs
from assessments.views.doors import round_or_404
from grants.models import Round

ROWS = 50


@require_safe
def run_list(request: HttpRequest, reference: str) -> HttpResponse:
    """Rankings, figures, scenarios, plans and searches, the last first."""
    round = round_or_404(request, reference)
    start = _number(request.GET.get("from", ""))
    found = list(Run.objects.visible_to(request.user).listed(round).order_by("-finished_at", "-pk")[start : start + ROWS + 1])
    context = {
        "round": round,
        "columns": runs.COLUMNS,
        "rows": runs.rows(found[:ROWS], round),
        "next": f"?from={start + ROWS}" if len(found) > ROWS else "",
        "first": "?" if start else "",
    }
    return render(request, "assessments/runs.html", context)


@require_safe
def run(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """A ranking or figures as they were kept; nothing of what the person may not see."""
    round = round_or_404(request, reference)
    found = get_object_or_404(Run.objects.visible_to(request.user).readable(), round=round, pk=pk)
    context = {"round": round, "run": found, "facts": runs.facts(found), "warnings": found.figures.get("warnings", [])}
    context |= _ranking(request, round, found) if found.kind == Run.Kind.RANKING else _figures(request, round, found)
    return render(request, "assessments/run.html", context)


@require_POST
def keep(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep the ranking as it stands."""
    round, at = round_or_404(request, reference), now()
    kept = rankings.keep(round=round, by=request.user, at=at)
    messages.success(request, f"The ranking is kept as run {kept.pk}" if kept.requested_at == at else "This ranking is kept already")
    return redirect("assessments:ranking", round.reference)


def _ranking(request: HttpRequest, round: Round, run: Run) -> dict[str, Any]:
    hidden = rounds.hidden_from(request.user, round)
    seen = [row for row in run.figures["places"] if row[0] not in hidden]
    start = _number(request.GET.get("from", ""))
    ranking = rankings.now_of(round)
    return {
        "columns": runs.RANKED_COLUMNS,
        "rows": runs.ranked(run, seen[start : start + ROWS], ranking.rows, round),
        "next": f"?from={start + ROWS}" if len(seen) > start + ROWS else "",
        "first": "?" if start else "",
        "stands": ranking.run == run,
    }


def _figures(request: HttpRequest, round: Round, run: Run) -> dict[str, Any]:
    seen = set(rounds.applications(request.user, round).order_by().values_list("reference", flat=True))
    return {
        "agreement_columns": figures.FACT_COLUMNS,
        "agreement": figures.agreement(run),
        "columns": figures.RANK_COLUMNS if figures.is_few(run) else figures.EXPECTED_COLUMNS,
        "rows": figures.ranked(run, seen),
        "stands": False,
    }


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else 0
