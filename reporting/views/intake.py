"""What comes in to a round against its money."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from accounts.access import require
from accounts.roles import Permission
from grants.models import Round
from reporting import intake
from reporting.presenters import intake as present


@require_safe
def of_round(request: HttpRequest, reference: str) -> HttpResponse:
    """What was asked for so far, and what may still come."""
    seen = Round.objects.visible_to(request.user).select_related("programme", "version", "budget")
    found = get_object_or_404(seen, reference=reference)
    require(request.user, Permission.FIGURES_VIEW, on=found)
    read = intake.of_round(found, at=now())
    context = {
        "round": found,
        "short": present.in_short(read),
        "chart": present.chart(read),
        "outlook_columns": present.OUTLOOKS,
        "outlooks": present.outlook_rows(read),
        "assumption": present.assumption(read),
        "as_at": read.as_at,
    }
    return render(request, "reporting/intake.html", context)
