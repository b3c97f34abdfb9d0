"""Equality questions for whoever sent something in, and the counts that staff may read."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.refusals import refusals_on
from accounts.roles import Permission
from applications.actions import equality
from applications.forms.equality import EqualityForm
from applications.presenters import equality as presenter
from applications.views.applications import own
from grants.models import Programme


@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, reference: str) -> HttpResponse:
    """One's own answers, seen by nobody else."""
    application = own(request, reference)
    said = equality.own(person=request.user, programme=application.round.programme.slug)
    form = EqualityForm(request.POST or None, initial=said)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            equality.give(application=application, answers=form.cleaned_data, by=request.user, at=now())
            messages.success(request, "Thank you. Your answers are kept apart from your application")
            return redirect("applications:equality", reference)
    return render(request, "applications/equality.html", {"form": form, "application": application, "has_said": bool(said)})


@require_POST
def take_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Delete one's own answers."""
    application = own(request, reference)
    equality.take_back(person=request.user, programme=application.round.programme.slug)
    messages.success(request, "Your answers are deleted")
    return redirect("applications:equality", reference)


@require_safe
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """The last published counts of one programme."""
    programme = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug)
    require(request.user, Permission.FIGURES_VIEW, on=programme)
    return render(request, "applications/equality_report.html", presenter.report(programme))
