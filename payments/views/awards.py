"""The programme team's pages about awards."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.refusals import refusals_on
from accounts.roles import Permission
from assessments.queues import page as page_of
from payments.actions import awards, reports
from payments.forms.staff import AwardFilters, CheckForm, ConditionsForm
from payments.models import Award, OutcomeReport
from payments.presenters import awards as present
from payments.views.files import paper_of, paper_response
from payments.views.finance import only_for
from payments.views.posted import posted

GET_AND_POST = require_http_methods(["GET", "HEAD", "POST"])
STEPS: dict[str, tuple[Callable[..., Any], str]] = {
    "start_checking": (awards.start_checking, "Checking has started"),
    "clear": (awards.clear, "Cleared to offer"),
    "rescind": (awards.rescind, "The award is rescinded"),
    "go_live": (awards.go_live, "The award is live"),
    "suspend": (awards.suspend, "The award is suspended"),
    "resume": (awards.resume, "The suspension is lifted"),
    "complete": (awards.complete, "The award is completed"),
    "close": (awards.close, "The award is closed"),
}
WITH_NOTE = {"rescind", "suspend", "resume"}
REPORT_STEPS: dict[str, tuple[Callable[..., Any], str]] = {
    "accept": (reports.accept, "The report is accepted"),
    "return_to_company": (reports.return_to_company, "The report is returned"),
}


def _award(request: HttpRequest, reference: str) -> Award:
    rows = Award.objects.for_staff(request.user).select_related(
        "case", "application__version", "application__round", "company__organisation", "programme", "budget"
    )
    return get_object_or_404(rows, reference=reference)


@require_safe
def award_list(request: HttpRequest) -> HttpResponse:
    only_for(request, Permission.AWARD_VIEW)
    form = AwardFilters(request.GET)
    rows = Award.objects.for_staff(request.user).select_related("application", "company__organisation")
    if form.is_valid() and form.cleaned_data["state"]:
        rows = rows.filter(state=form.cleaned_data["state"])
    if form.is_valid() and (asked := form.cleaned_data["q"]):
        rows = rows.filter(Q(reference__icontains=asked) | Q(company__organisation__name__icontains=asked))
    page = page_of(rows, by="created_at", after=request.GET.get("after", ""))
    context = {"columns": present.LIST_COLUMNS, "rows": present.award_rows(page.rows), "page": page, "filter_form": form}
    return render(request, "payments/awards/list.html", context)


@require_safe
def award(request: HttpRequest, reference: str) -> HttpResponse:
    return render(request, "payments/awards/award.html", present.award_page(_award(request, reference), request.user, now=timezone.now()))


@require_POST
def step(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    if name not in STEPS:
        raise Http404
    act, done = STEPS[name]
    about = {"note": request.POST.get("note", "")} if name in WITH_NOTE else {}
    act(award=_award(request, reference), by=request.user, at=timezone.now(), **about)
    messages.success(request, done)
    return redirect("payments:award", reference)


@GET_AND_POST
def check(request: HttpRequest, reference: str, code: str) -> HttpResponse:
    award = _award(request, reference)
    found = get_object_or_404(award.checks, code=code)
    form = CheckForm(posted(request), initial={"result": found.result, "note": found.note})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            awards.record_check(award=award, code=code, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, f"{found.name}: saved")
            return redirect("payments:award", reference)
    return render(request, "payments/awards/check.html", {**present.check_page(award, code), "form": form})


@require_POST
def notify_subsidy(request: HttpRequest, reference: str) -> HttpResponse:
    awards.notify_subsidy(award=_award(request, reference), by=request.user, at=timezone.now())
    messages.success(request, "The company has been sent the subsidy notification")
    return redirect("payments:award", reference)


@GET_AND_POST
def offer(request: HttpRequest, reference: str) -> HttpResponse:
    award = _award(request, reference)
    if request.method == "POST":
        awards.offer(award=award, by=request.user, at=timezone.now())
        messages.success(request, "The offer is made and its money committed")
        return redirect("payments:award", reference)
    require(request.user, Permission.AWARD_OFFER, on=award)
    return render(request, "payments/awards/offer.html", present.offer_preview(award))


@GET_AND_POST
def conditions(request: HttpRequest, reference: str) -> HttpResponse:
    award = _award(request, reference)
    form = ConditionsForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            awards.meet_conditions(award=award, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, "The conditions are met")
            return redirect("payments:award", reference)
    return render(request, "payments/awards/conditions.html", {"award": award, "form": form, "back_url": award.get_absolute_url()})


@require_safe
def paper(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    award = _award(request, reference)
    found = paper_of(award, kind)
    context = {
        "award": award,
        "paper": found,
        "back_url": award.get_absolute_url(),
        "pdf_url": reverse("payments:award_paper_pdf", args=[reference, kind]) if hasattr(found, "file") else "",
    }
    return render(request, "payments/paper.html", context)


@require_safe
def paper_pdf(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    return paper_response(_award(request, reference), kind)


def _report(request: HttpRequest, reference: str, pk: int) -> OutcomeReport:
    rows = OutcomeReport.objects.filter(award__in=Award.objects.for_staff(request.user)).select_related(
        "case", "award__application__version", "award__programme", "award__company__organisation"
    )
    return get_object_or_404(rows, award__reference=reference, pk=pk)


@require_safe
def report(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    found = _report(request, reference, pk)
    return render(request, "payments/awards/report.html", present.report_page(found, request.user, now=timezone.now()))


@require_POST
def report_step(request: HttpRequest, reference: str, pk: int, name: str) -> HttpResponse:
    if name not in REPORT_STEPS:
        raise Http404
    act, done = REPORT_STEPS[name]
    about = {"note": request.POST.get("note", "")} if name == "return_to_company" else {}
    act(report=_report(request, reference, pk), by=request.user, at=timezone.now(), **about)
    messages.success(request, done)
    return redirect("payments:award_report", reference, pk)
