"""The team's pages about money that a company pays back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import require
from accounts.refusals import refusals_on
from accounts.roles import Permission
from payments.actions import recoveries
from payments.forms.recoveries import AskBackForm, ReceiveForm
from payments.models import Award, Recovery
from payments.presenters import recoveries as present
from payments.views.posted import posted

GET_AND_POST = require_http_methods(["GET", "HEAD", "POST"])
STEPS: dict[str, tuple[Callable[..., Any], str]] = {
    "confirm": (recoveries.confirm, "The repayment is in the books"),
    "mistake": (recoveries.mistake, "It waits for the repayment again"),
    "cancel": (recoveries.cancel, "The request is taken back"),
    "ask_waiver": (recoveries.ask_waiver, "It waits for somebody else to waive it"),
    "waive": (recoveries.waive, "The repayment is waived"),
    "keep_asking": (recoveries.keep_asking, "It is still asked for"),
}
WITHOUT_NOTE = {"confirm", "waive"}


def _recovery(request: HttpRequest, reference: str, number: int) -> Recovery:
    rows = Recovery.objects.for_staff(request.user).select_related(
        "case", "award__application__version", "award__programme", "award__company__organisation", "award__budget",
        "created_by", "received_by", "recovered_by", "cancelled_by", "waiving_by", "waived_by",
    )  # fmt: skip
    return get_object_or_404(rows, award__reference=reference, number=number)


@GET_AND_POST
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask for what is left of an advance."""
    award = get_object_or_404(
        Award.objects.for_staff(request.user).select_related("programme", "company__organisation"), reference=reference
    )
    require(request.user, Permission.AWARD_MANAGE, on=award)
    form = AskBackForm(posted(request), initial=present.asking(award, now=timezone.now()))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            asked = recoveries.ask(award=award, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, "The company is asked to pay it back")
            return redirect(asked)
    return render(request, "payments/awards/ask_back.html", {"award": award, "form": form, "back_url": award.get_absolute_url()})


@GET_AND_POST
def recovery(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """One repayment; a POST records what came in."""
    found = _recovery(request, reference, number)
    form = ReceiveForm(posted(request), initial={"pence": found.amount_pence})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            recoveries.receive(recovery=found, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, "Recorded. Somebody else confirms it")
            return redirect(found)
    return render(request, "payments/awards/recovery.html", present.page(found, request.user, now=timezone.now()) | {"form": form})


@require_POST
def step(request: HttpRequest, reference: str, number: int, name: str) -> HttpResponse:
    if name not in STEPS:
        raise Http404
    act, done = STEPS[name]
    found = _recovery(request, reference, number)
    about = {} if name in WITHOUT_NOTE else {"note": request.POST.get("note", "")}
    act(recovery=found, by=request.user, at=timezone.now(), **about)
    messages.success(request, done)
    return redirect(found)
