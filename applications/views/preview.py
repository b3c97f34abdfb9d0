"""The form of a draft as an applicant would see it, with nothing to save."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import require
from accounts.refusals import NotAllowedNow
from accounts.roles import Permission
from applications.presenters import preview as presenter
from grants.models import Programme, ProgrammeVersion


@require_safe
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Every section with its questions, of the draft that is being written, or else of the newest version."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug)
    require(request.user, Permission.PROGRAMME_EDIT, on=programme)
    versions = programme.versions.select_related("programme", "text").order_by("-number")
    version = versions.filter(state=ProgrammeVersion.State.DRAFT).first() or versions.first()
    if version is None:
        raise NotAllowedNow("There is no version yet to look at.", code="no_version")
    return render(request, "applications/preview.html", presenter.page(version))
