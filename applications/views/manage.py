"""Screening: the queue of what was sent in, one application with its outcomes, and what staff may do about it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import reach
from accounts.refusals import Denied, refusals_on
from accounts.roles import Permission
from applications.actions import appeals, applications, changes, eligibility, enterprises
from applications.forms.companies import KeyForm, PlaceForm
from applications.forms.queues import ExtensionForm, QueueFilters
from applications.models import Appeal, Application
from applications.presenters import queues, staff
from grants.models import Round

STEPS: dict[str, Callable[..., Application]] = {
    "clear_referral": eligibility.clear,
    "refuse_referral": eligibility.refuse,
    "invite": eligibility.invite,
    "decline_interest": eligibility.decline_interest,
    "reinstate": eligibility.reinstate,
    "keep_finding": eligibility.keep_finding,
    "keep_as_sent": changes.keep_as_sent,
    "ask_ruling_out": eligibility.ask_ruling_out,
    "rule_out": eligibility.rule_out,
    "refuse_ruling_out": eligibility.refuse_ruling_out,
    "take_back_ruling_out": eligibility.take_back_ruling_out,
}
SAID = {
    "ask_ruling_out": "asked. Another person rules it out, or not",
    "refuse_ruling_out": "it is not ruled out and goes on",
    "take_back_ruling_out": "nobody asks to rule it out any more",
}
"""What is said of a step that leaves the state as it was."""


APPEALS: dict[str, Callable[..., Appeal]] = {
    "admit": appeals.admit,
    "refuse": appeals.refuse,
    "uphold": appeals.uphold,
    "dismiss": appeals.dismiss,
    "remedy": appeals.remedy,
    "close": appeals.close,
}


def staff_only(request: HttpRequest) -> None:
    """Raise Denied for whoever works on no programme."""
    seen = reach(request.user, Permission.APPLICATION_VIEW)
    if not (seen.everywhere or seen.programmes):
        raise Denied("Only the programmes' staff work here.")


def found(request: HttpRequest, reference: str) -> Application:
    """What this person may work on as staff; anything else is not found."""
    return get_object_or_404(Application.objects.for_staff(request.user).for_pages(), reference=reference)


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    staff_only(request)
    rounds = Round.objects.visible_to(request.user).only("reference", "title", "state").order_by("-opens_at", "-pk")
    filters = QueueFilters(request.GET or None, rounds=rounds)
    given = filters.cleaned_data if filters.is_valid() else {}
    rows = queues.filtered(Application.objects.for_staff(request.user), given)
    kept = {name: request.GET.get(name, "") for name in ("q", "round", "state")}
    page = queues.page(rows, cursor=request.GET.get("cursor", ""), given=kept, at=now())
    return render(request, "applications/queue.html", {"filters": filters, "page": page, "columns": queues.COLUMNS, "clear": request.path})


@require_safe
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    return render(request, "applications/detail.html", staff.page(found(request, reference), request.user, at=now()))


@require_POST
def step(request: HttpRequest, reference: str, step: str) -> HttpResponse:
    """One of the steps of screening and ruling out, with its reason."""
    if step not in STEPS:
        raise Http404
    given = KeyForm(request.POST)
    key, note = (given.cleaned_data["key"] or None, given.cleaned_data["note"]) if given.is_valid() else (None, "")
    application = STEPS[step](application=found(request, reference), note=note, key=key, by=request.user, at=now())
    messages.success(request, f"{reference}: {SAID.get(step) or application.state_now.label}")
    return redirect(application.staff_path())


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest) -> HttpResponse:
    """More time for one company's draft, by its reference: staff do not read drafts, so the reference must be told to them."""
    staff_only(request)
    form = ExtensionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        drafts = Application.objects.drafts_for_staff(request.user).for_pages()
        with refusals_on(form):
            application = form.draft(drafts)
            applications.extend(application=application, until=form.until(), note=form.cleaned_data["note"], by=request.user, at=now())
            messages.success(request, f"{application.reference} has more time")
            return redirect("manage_applications:queue")
    return render(request, "applications/extend.html", {"form": form})


@require_POST
def appeal_step(request: HttpRequest, reference: str, appeal: int, step: str) -> HttpResponse:
    """Take up, refuse, judge or put right what an appeal says."""
    if step not in APPEALS:
        raise Http404
    one = get_object_or_404(
        Appeal.objects.visible_to(request.user).select_related(*Appeal.reads_with), application=found(request, reference), pk=appeal
    )
    given = KeyForm(request.POST)
    key, note = (given.cleaned_data["key"] or None, given.cleaned_data["note"]) if given.is_valid() else (None, "")
    moved = APPEALS[step](appeal=one, note=note, key=key, by=request.user, at=now())
    messages.success(request, f"The appeal is {moved.state_now.label.lower()}")
    return redirect(one.application.staff_path())


@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, reference: str) -> HttpResponse:
    """Which region the company works in, as an officer found it."""
    application = found(request, reference)
    form = PlaceForm(request.POST or None, initial={"region": application.company.region})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            company = enterprises.set_place(application=application, **form.cleaned_data, by=request.user, at=now())
            messages.success(request, f"{company.name} is in {company.region}")
            return redirect(application.staff_path())
    return render(request, "applications/place.html", {"form": form, "application": application})
