"""Staff: what the scores of a round say, and the stored runs behind it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from accounts.access import can
from accounts.refusals import NotAllowedNow
from accounts.roles import Permission
from assessments import rounds, standings
from assessments.actions import runs
from assessments.methods.figures import FEW
from assessments.presenters import figures as shows
from assessments.views.doors import round_or_404


@require_safe
def page(request: HttpRequest, reference: str) -> HttpResponse:
    """Charts of the counted scores as they stand, and the last run with its inputs' hash; nothing of what the person may not see."""
    round, at = round_or_404(request, reference), now()
    names = dict(rounds.applications(request.user, round).order_by().values_list("pk", "reference"))
    reviews = [review for review in standings.given(round, at=at) if review.application in names]
    run, waiting, failed = round.runs.last_of(round)
    charts = (shows.progress(reviews), shows.distribution(reviews), shows.severity(reviews), shows.spread(reviews, names))
    context = {
        "round": round,
        "charts": [chart for chart in charts if chart],
        "at": at,
        "run": run,
        "waiting": waiting,
        "failed": failed,
        "is_stale": run is not None and run.inputs_sha256 != runs.digest(runs.inputs_of(round)),
        "few": run is not None and shows.is_few(run),
        "least": FEW,
        "facts": shows.agreement(run) if run else [],
        "rows": shows.ranked(run, set(names.values())) if run else [],
        "fact_columns": shows.FACT_COLUMNS,
        "columns": shows.RANK_COLUMNS if run and shows.is_few(run) else shows.EXPECTED_COLUMNS,
        "may_work_out": can(request.user, Permission.ASSESSMENT_MODERATE, on=round),
    }
    return render(request, "assessments/figures.html", context)


@require_POST
def work_out(request: HttpRequest, reference: str) -> HttpResponse:
    """Have the figures worked out in the background."""
    round = round_or_404(request, reference)
    try:
        run = runs.request(round=round, by=request.user, at=now())
    except NotAllowedNow as refusal:
        messages.warning(request, refusal.sentence)
    else:
        messages.success(request, "These figures are worked out already" if run.finished_at else "The figures are being worked out")
    return redirect("assessments:figures", round.reference)
