"""Staff: the letters of feedback, read one by one and then released."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.refusals import NotAllowedNow, refusals_on
from accounts.roles import Permission
from applications.models import Application
from assessments import feedback as letters
from assessments import queues, rounds
from assessments.actions import feedback
from assessments.forms.feedback import CheckForm
from assessments.presenters import feedback as shows
from assessments.views.doors import report, round_or_404
from grants.models import Round


@require_safe
def letter_list(request: HttpRequest, reference: str) -> HttpResponse:
    """The letters that are owed, in the order of the decisions."""
    round = round_or_404(request, reference)
    require(request.user, Permission.DECISION_NOTIFY, on=round)
    page = queues.page(_owed(request, round), by="decided_at", after=request.GET.get("after", ""))
    context = {
        "round": round,
        "page": page,
        "columns": shows.COLUMNS,
        "rows": shows.rows(page.rows),
        "unchecked": rounds.applications(request.user, round).filter(pk__in=feedback.to_check(round).values("pk")).count(),
    }
    return render(request, "assessments/feedback_letters.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, reference: str, application: str) -> HttpResponse:
    """One letter as the company would read it, with what warns; marked as checked, the next one follows."""
    round = round_or_404(request, reference)
    require(request.user, Permission.DECISION_NOTIFY, on=round)
    found = get_object_or_404(rounds.applications(request.user, round), reference=application)
    form = CheckForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            feedback.check(application=found, left_out=form.left_out(), note=form.cleaned_data["note"], by=request.user, at=now())
            messages.success(request, f"The letter on {found.reference} is checked")
            return _on_to_the_next(request, round)
    kept = feedback.letters_of([found]).get(found.pk)
    whole = kept.content if kept and kept.released_at else letters.of(found) if found.state in Application.DECIDED else None
    left_out = form.left_out() if form.is_bound else (kept.left_out if kept else [])
    context = {
        "round": round,
        "application": found,
        "form": form,
        "letter": kept,
        "state": shows.state(kept, whole) if whole else None,
        "content": whole,
        "missing": [each.sentence for each in feedback.warnings_on(found, whole) if not each.key] if whole else [],
        "sections": shows.sections(whole, feedback.warnings_on(found, whole), left_out) if whole else [],
    }
    return render(request, "assessments/feedback_letter.html", context)


@require_POST
def release(request: HttpRequest, reference: str) -> HttpResponse:
    """Release the letters to every company that knows its decision; which of them nobody has checked is said above the list."""
    round = round_or_404(request, reference)
    require(request.user, Permission.DECISION_NOTIFY, on=round)
    try:
        report(request, feedback.release_round(round=round, by=request.user, at=now()), done="given feedback")
    except NotAllowedNow as refusal:
        messages.warning(request, refusal.sentence)
    return redirect("assessments:feedback_letters", round.reference)


def _owed(request: HttpRequest, round: Round) -> QuerySet[Application]:
    return rounds.applications(request.user, round).filter(pk__in=feedback.owed(round).values("pk"))


def _on_to_the_next(request: HttpRequest, round: Round) -> HttpResponse:
    """The next letter that nobody has checked; the list once all are."""
    unread = rounds.applications(request.user, round).filter(pk__in=feedback.to_check(round).values("pk"))
    following = unread.order_by("decided_at", "pk").first()
    if following is None:
        return redirect("assessments:feedback_letters", round.reference)
    return redirect("assessments:feedback_letter", round.reference, following.reference)
