"""Questions and answers about one application, between its company and the programme's staff."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from accounts.access import can
from accounts.marks import marks_on
from accounts.refusals import refusals_on
from accounts.roles import Permission
from applications.actions import messages as actions
from applications.forms.changes import MessageForm
from applications.models import Application
from applications.views.applications import own


@require_http_methods(["GET", "HEAD", "POST"])
def company(request: HttpRequest, reference: str) -> HttpResponse:
    """The company asks, and reads the answers."""
    application = own(request, reference)
    may_write = can(request.user, Permission.APPLICATION_EDIT, on=application)
    return _thread(request, application, actions.ask, may_write=may_write, back=application.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
def staff(request: HttpRequest, reference: str) -> HttpResponse:
    """Staff answer, and ask; about a draft too, of which they read nothing else."""
    found = Application.objects.staff_may_write_about(request.user).for_pages()
    application = get_object_or_404(found, reference=reference)
    may_write = can(request.user, Permission.APPLICATION_SCREEN, on=application)
    back = "/manage/applications/" if application.is_draft else application.staff_path()
    return _thread(request, application, actions.answer, may_write=may_write, back=back, marks=marks_on(application.company.people()))


def _thread(request: HttpRequest, application: Application, write: actions.Write, *, may_write: bool, **shown: Any) -> HttpResponse:
    form = MessageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            write(application=application, body=form.cleaned_data["body"], by=request.user, at=now())
            messages.success(request, "Your message is sent")
            return redirect(request.path)
    thread = application.messages.select_related("sent_by").order_by("pk")
    context = {"application": application, "thread": thread, "form": form, "may_write": may_write} | shown
    return render(request, "applications/messages.html", context)
