"""Changes after an application was sent in: asked for by staff, made by the company."""

from secrets import token_urlsafe

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from accounts.refusals import refusals_on
from applications import changes as requests
from applications.actions import changes
from applications.forms.changes import AskChangesForm, DueForm, ResubmitForm
from applications.models import Application
from applications.presenters import changes as presenter
from applications.views.applications import own
from applications.views.manage import found


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, reference: str) -> HttpResponse:
    """What is to be changed; posting signs the changes and sends them in."""
    application = own(request, reference)
    form = ResubmitForm(request.POST or None, initial={"key": token_urlsafe(12), "name": request.user.name})
    if request.method == "POST" and form.is_valid():
        signed = {name: form.cleaned_data[name] for name in ("reply", "name", "position", "key")}
        with refusals_on(form):
            changes.sign_and_resubmit(application=application, **signed, by=request.user, at=now())
            return redirect("applications:receipt", reference)
    if not application.is_being_changed:
        return redirect(application)
    context = presenter.page(application, request.user, at=now())
    return render(request, "applications/changes.html", {"form": form} | context)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask for changes to chosen sections; where that was done, give more time."""
    application = found(request, reference)
    if application.is_being_changed:
        return _more_time(request, application)
    form = AskChangesForm(request.POST or None, sections=requests.changeable_sections(application), initial=AskChangesForm.fresh())
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("sections", "note", "key")}
        with refusals_on(form):
            changes.request(application=application, **given, until=form.until(), by=request.user, at=now())
            messages.success(request, f"{application.company.name} is asked to change {reference}")
            return redirect(application.staff_path())
    return render(request, "applications/ask_changes.html", {"form": form, "application": application})


def _more_time(request: HttpRequest, application: Application) -> HttpResponse:
    form = DueForm(request.POST or None, initial=DueForm.fresh())
    form.fields["note"].label = "Why is there more time?"
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("note", "key")}
        with refusals_on(form):
            changes.give_time(application=application, **given, until=form.until(), by=request.user, at=now())
            messages.success(request, "There is more time for the changes")
            return redirect(application.staff_path())
    return render(request, "applications/ask_changes.html", {"form": form, "application": application, "is_later": True})
