"""How long records are kept: what is due, one application's records, and the company's own page about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import reach, require
from accounts.refusals import Denied, refusals_on
from accounts.roles import Permission
from applications.models import Application
from records import keeping, presenters
from records.actions import erasures, holds
from records.forms import ReasonForm


def staff_only(request: HttpRequest) -> None:
    """Raise Denied for whoever looks after no records."""
    where = reach(request.user, Permission.RECORDS_HOLD)
    if not (where.everywhere or where.programmes):
        raise Denied("Your role does not allow this.", code="no_permission")


def found(request: HttpRequest, reference: str) -> Application:
    """An application whose records this person looks after; anything else is not found."""
    seen = keeping.seen_by(request.user).for_pages()
    application = get_object_or_404(seen, reference=reference)
    require(request.user, Permission.RECORDS_HOLD, on=application)
    return application


@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """The dry run as a page: what goes when, and what is kept back."""
    staff_only(request)
    return render(request, "records/due.html", presenters.due(keeping.seen_by(request.user), at=now()))


@require_safe
def record(request: HttpRequest, reference: str) -> HttpResponse:
    application = found(request, reference)
    return render(request, "records/record.html", presenters.record(application, request.user, at=now()))


def _with_a_reason(
    request: HttpRequest, reference: str, act: Callable[..., Any], *, label: str, said: str, title: str, lede: str, do: str
) -> HttpResponse:
    """A page that asks why, and then does it."""
    application = found(request, reference)
    form = ReasonForm(request.POST or None, label=label)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            act(application=application, reason=form.cleaned_data["reason"], by=request.user, at=now())
            messages.success(request, said)
            return redirect("records:record", reference)
    return render(request, "records/reason.html", {"form": form, "application": application, "title": title, "lede": lede, "do": do})


@require_http_methods(["GET", "HEAD", "POST"])
def place_hold(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep these records, whatever their years."""
    return _with_a_reason(
        request, reference, holds.place,
        label="Why must these records be kept?",
        said=f"Nothing of {reference} is erased until the hold is lifted",
        title="Place a legal hold",
        lede="For a dispute, an inquiry or an audit. Nothing is erased while it stands.",
        do="Place the hold",
    )  # fmt: skip


@require_POST
def lift_hold(request: HttpRequest, reference: str) -> HttpResponse:
    """Let the records go by their years again."""
    application = found(request, reference)
    hold = get_object_or_404(application.holds.standing(), application=application)
    holds.lift(hold=hold, reason=request.POST.get("note", ""), by=request.user, at=now())
    messages.success(request, "The hold is lifted")
    return redirect("records:record", reference)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask on somebody's behalf that these records be erased; somebody else decides."""
    return _with_a_reason(
        request, reference, erasures.ask,
        label="Who asks, and why?",
        said="Asked for. Somebody else decides",
        title="Ask for these records to be erased",
        lede="What is erased cannot be brought back. A second person decides.",
        do="Ask for it",
    )  # fmt: skip


@require_POST
def answer(request: HttpRequest, reference: str, step: str) -> HttpResponse:
    """Erase, or refuse, what somebody else asked for."""
    application = found(request, reference)
    erasure = get_object_or_404(application.erasures.asked(), application=application)
    moved = erasures.answer(erasure=erasure, step=step, note=request.POST.get("note", ""), by=request.user, at=now())
    messages.success(request, f"{reference}: {moved.state_now.label.lower()}")
    return redirect("records:record", reference)


@require_http_methods(["GET", "HEAD", "POST"])
def company(request: HttpRequest, reference: str) -> HttpResponse:
    """The company's own page: until when we keep this, and to ask that it goes."""
    application = get_object_or_404(Application.objects.of_team(request.user).for_pages(), reference=reference)
    form = ReasonForm(request.POST or None, label="Why should we erase it?")
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            erasures.ask(application=application, reason=form.cleaned_data["reason"], by=request.user, at=now())
            messages.success(request, "You have asked for it. A second person decides, within a month")
            return redirect("records:company", reference)
    return render(request, "records/company.html", {"form": form} | presenters.company(application, request.user, at=now()))
