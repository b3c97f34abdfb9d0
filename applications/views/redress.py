"""What a company does about a finding it thinks is wrong."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from accounts.refusals import refusals_on
from applications.actions import appeals, eligibility
from applications.forms.redress import AppealForm, ReviewForm
from applications.presenters import redress as presenter
from applications.views.applications import own


@require_http_methods(["GET", "HEAD", "POST"])
def ask_review(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask for a second person to look at a finding of ineligibility."""
    application = own(request, reference)
    form = ReviewForm(request.POST or None, initial=ReviewForm.fresh())
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            eligibility.ask_review(application=application, **form.cleaned_data, by=request.user, at=now())
            messages.success(request, "You have asked for a review. A second person looks at it.")
            return redirect(application)
    return render(request, "applications/review.html", {"form": form} | presenter.ask_review(application, request.user, at=now()))


@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: HttpRequest, reference: str) -> HttpResponse:
    """Appeal against how the application was treated."""
    application = own(request, reference)
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            appeals.lodge(application=application, **form.cleaned_data, by=request.user, at=now())
            messages.success(request, "Your appeal is lodged. Somebody who took no part in your application looks at it.")
            return redirect(application)
    return render(request, "applications/appeal.html", {"form": form} | presenter.appeal(application, request.user, at=now()))
