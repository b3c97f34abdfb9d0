"""Who can do what next, for the staff of a programme."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from applications.models import Application
from grants.models import Programme
from reporting.presenters import staffing as present
from workflow import staffing


@require_safe
def who_can(request: HttpRequest, slug: str) -> HttpResponse:
    """Each duty with who may do it, where the cases are, and what breaks while one person is away."""
    programme, at = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug), now()
    context = {
        "programme": programme,
        "control": present.CONTROLS.get(programme.control(), programme.control()),
        "findings": staffing.check(programme.slug, programme.control(), at=at),
        "holder_columns": present.HOLDERS,
        "holders": present.holder_rows(programme, Application.objects.for_staff(request.user), at=at),
        "duty_columns": present.DUTIES,
        "duties": present.duty_rows(programme, at=at),
        "away_columns": present.AWAY,
        "away": present.away_rows(programme, at=at),
    }
    return render(request, "reporting/staffing.html", context)
