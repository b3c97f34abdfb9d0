"""Who can do what next, for the staff of a programme."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can
from accounts.actions import away as actions
from accounts.refusals import Denied, refusals_on
from accounts.roles import Permission
from applications.models import Application
from grants.models import Programme
from reporting.forms import AwayForm
from reporting.presenters import staffing as present
from workflow import staffing


@require_safe
def who_can(request: HttpRequest, slug: str) -> HttpResponse:
    """Each duty with who may do it, where the cases are, and what breaks while one person is away."""
    programme, at = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug), now()
    context = {
        "programme": programme,
        "control": present.CONTROLS.get(programme.control(), programme.control()),
        "findings": staffing.check(programme.slug, programme.control(), at=at, agreeing=programme.agreeing()),
        "holder_columns": present.HOLDERS,
        "holders": present.holder_rows(programme, Application.objects.for_staff(request.user), at=at),
        "duty_columns": present.DUTIES,
        "duties": present.duty_rows(programme, at=at),
        "when_columns": present.WHEN,
        "when": present.when_rows(programme, at=at),
        "away_columns": present.AWAY,
        "away": present.away_rows(programme, at=at),
        "may_tell": bool(present.may_tell_of(programme, request.user, at=at)),
        "may_grant": can(request.user, Permission.ROLE_GRANT, on=programme),
    }
    return render(request, "reporting/staffing.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def away(request: HttpRequest, slug: str) -> HttpResponse:
    """Days on which somebody of the team will be away: one's own, and for those who grant roles anybody's."""
    programme, at = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug), now()
    people = present.may_tell_of(programme, request.user, at=at)
    if not people:
        raise Denied("This page is for the people who run the programme.", code="no_permission")
    form = AwayForm(people, request.POST if request.method == "POST" else None, initial={"person": request.user.pk})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.enter(scope=programme.scope, **form.cleaned_data, by=request.user, at=at)
            messages.success(request, "Entered. This page says what it means")
            return redirect("reporting:staffing", slug)
    rows = present.times_away(programme, request.user, at=at)
    return render(request, "reporting/away.html", {"programme": programme, "form": form, "rows": rows})


@require_POST
def back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take days away back."""
    programme, at = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug), now()
    row = get_object_or_404(present.of_team(programme, at=at), pk=pk)
    actions.take_back(away=row, scope=programme.scope, by=request.user, at=at)
    messages.success(request, "Taken back")
    return redirect("reporting:away", slug)
