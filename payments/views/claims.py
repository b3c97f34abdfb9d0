"""The claim queue, and the split view in which a claim is checked and approved."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.refusals import refusals_on
from accounts.roles import Permission
from applications.views.files import handed_out
from assessments.queues import page as page_of
from payments.actions import claims
from payments.actions import evidence as files
from payments.forms.staff import ClaimFilters, LineDecisionForm, QuestionForm, RecommendForm
from payments.models import Claim, ClaimLine, Evidence
from payments.presenters import claims as present
from payments.views.finance import only_for

STEPS: dict[str, tuple[Callable[..., Any], str]] = {
    "start_checking": (claims.start_checking, "You are checking this claim"),
    "query": (claims.query, "The questions are sent"),
    "approve": (claims.approve, "The claim is approved and its payment is due"),
    "send_back": (claims.send_back, "The claim is sent back to be checked"),
    "return_to_company": (claims.return_to_company, "The claim is returned to the company"),
    "reject": (claims.reject, "The claim is rejected"),
}
WITH_NOTE = {"send_back", "return_to_company", "reject"}


def _claim(request: HttpRequest, reference: str, number: int) -> Claim:
    rows = Claim.objects.for_staff(request.user).select_related(
        "case", "milestone", "award__application__version", "award__company__organisation", "award__programme",
        "submitted_by", "recommended_by", "approved_by",
    )  # fmt: skip
    return get_object_or_404(rows, award__reference=reference, number=number)


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    only_for(request, Permission.CLAIM_VIEW)
    form = ClaimFilters(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    rows = Claim.objects.for_staff(request.user).for_a_list()
    rows = rows.filter(state=given["state"]) if given.get("state") else rows.waiting()
    if asked := given.get("q"):
        rows = rows.filter(Q(award__reference__icontains=asked) | Q(award__company__organisation__name__icontains=asked))
    page = page_of(rows, by="submitted_at", after=request.GET.get("after", ""))
    context = {
        "columns": present.QUEUE_COLUMNS,
        "rows": present.queue_rows(page.rows, now=timezone.now()),
        "page": page,
        "filter_form": form,
    }
    return render(request, "payments/finance/claims.html", context)


@require_safe
def claim(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    return _page(request, _claim(request, reference, number), chosen=request.GET.get("line", ""))


def _page(request: HttpRequest, claim: Claim, *, chosen: str, **forms: Any) -> HttpResponse:
    context = present.claim_page(claim, request.user, chosen=chosen, now=timezone.now())
    line = context["line"]
    given = {"outcome": line.outcome, "reason": line.reason, "accepted_pence": line.accepted_pence or None} if line else {}
    context |= {"decision": LineDecisionForm(initial=given), "question": QuestionForm(), "recommendation": RecommendForm(claim)}
    return render(request, "payments/finance/claim.html", context | forms | {"forms": list(forms.values())})


def _line(claim: Claim, number: int) -> ClaimLine:
    return get_object_or_404(claim.lines.select_related("claim__case"), number=number)


@require_POST
def decide(request: HttpRequest, reference: str, number: int, line: int) -> HttpResponse:
    claim = _claim(request, reference, number)
    found = _line(claim, line)
    form = LineDecisionForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            claims.decide_line(line=found, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, f"Line {line} is decided")
            following = claim.lines.filter(number__gt=line).order_by("number").first()
            return redirect(present.address(claim, following or found))
    return _page(request, claim, chosen=str(line), decision=form)


@require_POST
def ask(request: HttpRequest, reference: str, number: int, line: int) -> HttpResponse:
    claim = _claim(request, reference, number)
    form = QuestionForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            found = _line(claim, line)
            claims.ask(claim=claim, line=found, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, "The question is written. Send it when you have asked everything")
            return redirect(present.address(claim, found))
    return _page(request, claim, chosen=str(line), question=form)


@require_POST
def ask_about_claim(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    claim = _claim(request, reference, number)
    form = QuestionForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            claims.ask(claim=claim, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, "The question is written. Send it when you have asked everything")
            return redirect(present.address(claim))
    return _page(request, claim, chosen="", question=form)


@require_POST
def recommend(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    claim = _claim(request, reference, number)
    form = RecommendForm(claim, request.POST)
    if form.is_valid():
        with refusals_on(form):
            claims.recommend(claim=claim, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, "The claim is recommended for approval")
            return redirect(present.address(claim))
    return _page(request, claim, chosen=request.GET.get("line", ""), recommendation=form)


@require_POST
def step(request: HttpRequest, reference: str, number: int, name: str) -> HttpResponse:
    if name not in STEPS:
        raise Http404
    act, done = STEPS[name]
    found = _claim(request, reference, number)
    act(claim=found, by=request.user, at=timezone.now(), **({"note": request.POST.get("note", "")} if name in WITH_NOTE else {}))
    messages.success(request, done)
    return redirect(present.address(found))


@require_safe
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    claims_seen = Claim.objects.for_staff(request.user)
    found = get_object_or_404(Evidence.objects.kept().filter(claim__in=claims_seen).select_related("claim__case"), pk=pk)
    return handed_out(found, files.open_evidence(evidence=found, by=request.user, at=timezone.now()), shown="save" not in request.GET)
