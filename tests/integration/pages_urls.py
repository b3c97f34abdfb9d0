"""Routes that fail in every way a page can, beside the house's own."""

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path

from accounts.refusals import Denied, NotAllowedNow, Refusal, Refused, refusals_on
from config.urls import handler400, handler403, handler404, handler500  # noqa: F401
from config.urls import urlpatterns as of_the_house


class NoteForm(forms.Form):
    note = forms.CharField(label="Note")


FAILURES = {
    "denied": Denied("Your role does not allow this."),
    "not-now": NotAllowedNow("This round closed at midday.", code="round_closed"),
    "refused": Refused("Give a reason."),
    "permission": PermissionDenied(),
    "suspicious": SuspiciousOperation(),
    "too-big": RequestDataTooBig(),
    "missing": Http404(),
    "broken": RuntimeError("secret detail"),
}


@login_not_required
def fail(request, how):
    raise FAILURES[how]


@login_not_required
def note(request, how):
    form = NoteForm(request.POST or None)
    if form.is_valid():
        with refusals_on(form):
            failure = FAILURES.get(how)
            if isinstance(failure, Refusal):
                raise type(failure)(failure.sentence, field="note")
            return HttpResponse("taken")
    return render(request, "demo/form.html", {"form": form})


urlpatterns = [path("fail/<how>/", fail), path("note/<how>/", note), *of_the_house]
