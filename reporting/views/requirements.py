"""The ten minimum requirements of GovS 015, for the staff of a programme and its auditors."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import can, require
from accounts.refusals import refusals_on
from accounts.roles import Permission
from grants.actions import oversight
from grants.models import Programme
from reporting import requirements
from reporting.forms import RequirementForm
from reporting.presenters import requirements as present


@require_safe
def checklist(request: HttpRequest, slug: str) -> HttpResponse:
    """Each requirement with what evidences it."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug)
    standings = requirements.standings(programme, at=now())
    may_note = can(request.user, Permission.PROGRAMME_EDIT, on=programme)
    context = {
        "programme": programme,
        "short": present.in_short(standings),
        "cards": present.cards(programme, standings, may_note=may_note),
    }
    return render(request, "reporting/requirements.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What a person says of one requirement; a POST says it anew."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug)
    require(request.user, Permission.PROGRAMME_EDIT, on=programme)
    requirement = requirements.BY_NUMBER.get(number)
    if requirement is None:
        raise Http404
    form = RequirementForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            oversight.note(programme=programme, requirement=number, **form.cleaned_data, by=request.user, at=now())
            messages.success(request, "Noted")
            return redirect("reporting:requirements", slug)
    earlier = programme.requirement_notes.filter(requirement=number).select_related("noted_by").order_by("-pk")
    context = {"programme": programme, "requirement": requirement, "form": form, "earlier": [present.note(each) for each in earlier]}
    return render(request, "reporting/requirement.html", context)
