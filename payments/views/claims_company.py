"""A company's pages about its claims and reports."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.refusals import refusals_on
from applications.views.files import handed_out
from payments.actions import claims, evidence, lines, reports
from payments.forms.company import AdvanceForm, AnswersForm, EvidenceForm, LineForm, NarrativeForm, ReportForm, SubmitForm
from payments.models import Award, Claim, ClaimLine, Evidence, OutcomeReport
from payments.presenters import company as present
from payments.presenters import company_claims
from payments.views.posted import posted

GET_AND_POST = require_http_methods(["GET", "HEAD", "POST"])


def _claim(request: HttpRequest, reference: str, number: int) -> Claim:
    rows = Claim.objects.filter(award__in=Award.objects.of_team(request.user)).select_related(
        "case", "milestone", "award__application__version", "award__company__organisation", "award__programme"
    )
    return get_object_or_404(rows, award__reference=reference, number=number)


def _line(request: HttpRequest, reference: str, number: int, line: int) -> ClaimLine:
    return get_object_or_404(_claim(request, reference, number).lines.select_related("claim__case"), number=line)


@require_POST
def start(request: HttpRequest, reference: str, milestone: int) -> HttpResponse:
    award = get_object_or_404(Award.objects.of_team(request.user), reference=reference)
    chosen = get_object_or_404(award.milestones.select_related("award__programme", "award__company"), number=milestone)
    claim = claims.start(milestone=chosen, by=request.user, at=timezone.now())
    return redirect("payments:company_claim", reference, claim.number)


@require_POST
def start_advance(request: HttpRequest, reference: str) -> HttpResponse:
    award = get_object_or_404(Award.objects.of_team(request.user).select_related("programme", "company"), reference=reference)
    claim = claims.start_advance(award=award, by=request.user, at=timezone.now())
    return redirect("payments:company_claim", reference, claim.number)


@GET_AND_POST
def claim(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    claim = _claim(request, reference, number)
    made, save = (AdvanceForm, claims.ask_for) if claim.is_advance else (NarrativeForm, claims.describe)
    form = made(posted(request), initial={"narrative": claim.narrative, "asked_pence": claim.asked_pence})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            save(claim=claim, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, "Saved")
            return redirect("payments:company_claim", reference, number)
    return _claim_page(request, claim, form)


def _claim_page(request: HttpRequest, claim: Claim, form: Any, upload: EvidenceForm | None = None) -> HttpResponse:
    context = {**company_claims.claim_page(claim, request.user), "form": form, "upload": upload or EvidenceForm()}
    return render(request, "payments/company/claim.html", context | ({"forms": [upload]} if upload else {}))


@require_POST
def attach_to_claim(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    claim = _claim(request, reference, number)
    upload = EvidenceForm(request.POST, request.FILES)
    if upload.is_valid():
        with refusals_on(upload):
            file = evidence.attach(claim=claim, upload=upload.cleaned_data["file"], by=request.user, at=timezone.now())
            messages.success(request, f"{file.name} is added")
            return redirect("payments:company_claim", reference, number)
    return _claim_page(request, claim, NarrativeForm(initial={"narrative": claim.narrative}), upload)


def _line_form(claim: Claim, *args: Any, **kwargs: Any) -> LineForm:
    return LineForm(*args, categories=claim.award.terms.categories, vat=present.vat_in_words(claim.award), **kwargs)


@GET_AND_POST
def add_line(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    claim = _claim(request, reference, number)
    form = _line_form(claim, posted(request))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            line = lines.add(claim=claim, cost=form.cost(), by=request.user, at=timezone.now())
            messages.success(request, f"Line {line.number} is added. Now add its evidence")
            return redirect("payments:company_line", reference, number, line.number)
    return render(request, "payments/company/line_add.html", {"award": claim.award, "claim": claim, "form": form})


@GET_AND_POST
def line(request: HttpRequest, reference: str, number: int, line: int) -> HttpResponse:
    found = _line(request, reference, number, line)
    form = _line_form(found.claim, posted(request), initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            lines.change(line=found, cost=form.cost(), by=request.user, at=timezone.now())
            messages.success(request, f"Line {line} is changed")
            return redirect("payments:company_claim", reference, number)
    return render(
        request, "payments/company/line.html", {**company_claims.line_page(found, request.user), "form": form, "upload": EvidenceForm()}
    )


def _initial(line: ClaimLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in LineForm.base_fields}


@require_POST
def remove_line(request: HttpRequest, reference: str, number: int, line: int) -> HttpResponse:
    lines.remove(line=_line(request, reference, number, line), by=request.user, at=timezone.now())
    messages.success(request, f"Line {line} is removed")
    return redirect("payments:company_claim", reference, number)


@require_POST
def attach(request: HttpRequest, reference: str, number: int, line: int) -> HttpResponse:
    found = _line(request, reference, number, line)
    upload = EvidenceForm(request.POST, request.FILES)
    if upload.is_valid():
        with refusals_on(upload):
            file = evidence.attach(claim=found.claim, line=found, upload=upload.cleaned_data["file"], by=request.user, at=timezone.now())
            messages.success(request, f"{file.name} is added")
            return redirect("payments:company_line", reference, number, line)
    form = _line_form(found.claim, initial=_initial(found))
    return render(
        request,
        "payments/company/line.html",
        {**company_claims.line_page(found, request.user), "form": form, "upload": upload, "forms": [upload]},
    )


@require_POST
def remove_evidence(request: HttpRequest, reference: str, number: int, pk: int) -> HttpResponse:
    file = get_object_or_404(_claim(request, reference, number).evidence.kept().select_related("claim__case", "line"), pk=pk)
    evidence.remove(evidence=file, by=request.user, at=timezone.now())
    messages.success(request, f"{file.name} is removed")
    if file.line is None:
        return redirect("payments:company_claim", reference, number)
    return redirect("payments:company_line", reference, number, file.line.number)


@require_safe
def evidence_file(request: HttpRequest, reference: str, number: int, pk: int) -> HttpResponse:
    claim = _claim(request, reference, number)
    found = get_object_or_404(Evidence.objects.visible_to(request.user).kept().select_related("claim__case"), claim=claim, pk=pk)
    return handed_out(found, evidence.open_evidence(evidence=found, by=request.user, at=timezone.now()), shown="save" not in request.GET)


@GET_AND_POST
def submit(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    claim = _claim(request, reference, number)
    form = SubmitForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            claims.submit(claim=claim, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, "Your claim is submitted")
            return redirect("payments:company_claim", reference, number)
    return render(request, "payments/company/submit.html", {**company_claims.claim_page(claim, request.user), "form": form})


@GET_AND_POST
def answer(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    claim = _claim(request, reference, number)
    queries = claim.queries.filter(answered_at=None).select_related("line").order_by("pk")
    form = AnswersForm(posted(request), queries=queries)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            claims.answer(claim=claim, answers=form.answers(), by=request.user, at=timezone.now())
            messages.success(request, "Your answers are sent")
            return redirect("payments:company_claim", reference, number)
    return render(request, "payments/company/answer.html", {"award": claim.award, "claim": claim, "form": form})


@require_POST
def withdraw(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    claims.withdraw(claim=_claim(request, reference, number), by=request.user, at=timezone.now())
    messages.success(request, f"Claim {number} is withdrawn")
    return redirect("payments:company_award", reference)


@require_POST
def reopen(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    claims.reopen(claim=_claim(request, reference, number), by=request.user, at=timezone.now())
    return redirect("payments:company_claim", reference, number)


@GET_AND_POST
def report(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    rows = OutcomeReport.objects.filter(award__in=Award.objects.of_team(request.user)).select_related(
        "case", "award__application__version", "award__programme", "award__company__organisation"
    )
    report = get_object_or_404(rows, award__reference=reference, pk=pk)
    form = ReportForm(posted(request), indicators=report.indicators(), initial={**report.values, "narrative": report.narrative})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            reports.submit(
                report=report, values=form.values(), narrative=form.cleaned_data["narrative"], by=request.user, at=timezone.now()
            )
            messages.success(request, "Your report is sent")
            return redirect("payments:company_award", reference)
    return render(request, "payments/company/report.html", {**present.report_page(report, request.user), "form": form})
