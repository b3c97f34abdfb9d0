"""A company's pages about its awards: set-up, offer, bank details, papers."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import can
from accounts.refusals import refusals_on
from accounts.roles import Permission
from payments.actions import awards, bank
from payments.forms.company import BankForm, NoteForm, SubsidyForm
from payments.models import Award
from payments.presenters import company as present
from payments.views.files import advice_response, paper_of, paper_response
from payments.views.posted import posted


def _award(request: HttpRequest, reference: str) -> Award:
    rows = Award.objects.of_team(request.user).select_related(
        "case", "application__version", "application__round", "company__organisation", "programme"
    )
    return get_object_or_404(rows, reference=reference)


@require_safe
def award_list(request: HttpRequest) -> HttpResponse:
    rows = Award.objects.of_team(request.user).select_related("application", "company__organisation").order_by("-pk")
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    return render(request, "payments/company/awards.html", {"columns": present.AWARD_COLUMNS, "rows": present.awards(page), "page": page})


@require_safe
def award(request: HttpRequest, reference: str) -> HttpResponse:
    return render(request, "payments/company/award.html", present.award_page(_award(request, reference), request.user, now=timezone.now()))


@require_http_methods(["GET", "HEAD", "POST"])
def subsidy(request: HttpRequest, reference: str) -> HttpResponse:
    award = _award(request, reference)
    notification = award.subsidy_notices.filter(kind="notification").order_by("-pk").first()
    if notification is None:
        raise Http404
    form = SubsidyForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            awards.confirm_subsidy(award=award, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, "Thank you. Your confirmation is on file")
            return redirect("payments:company_award", reference)
    return render(
        request,
        "payments/company/subsidy.html",
        present.subsidy_page(award, notification, request.user, now=timezone.now()) | {"form": form},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, reference: str) -> HttpResponse:
    award = _award(request, reference)
    paper = get_object_or_404(award.papers, kind="offer")
    if request.method == "POST":
        awards.accept(award=award, by=request.user, at=timezone.now())
        messages.success(request, "You have accepted the offer. The agreement and your subsidy letter are on this page")
        return redirect("payments:company_award", reference)
    return render(request, "payments/company/offer.html", present.offer_page(award, paper, request.user, now=timezone.now()))


@require_http_methods(["GET", "HEAD", "POST"])
def refuse_offer(request: HttpRequest, reference: str) -> HttpResponse:
    award = _award(request, reference)
    form = NoteForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            awards.refuse(award=award, note=form.cleaned_data["note"], by=request.user, at=timezone.now())
            messages.success(request, "You have refused the offer")
            return redirect("payments:company_award", reference)
    return render(request, "payments/company/refuse.html", {"award": award, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def bank_details(request: HttpRequest, reference: str) -> HttpResponse:
    award = _award(request, reference)
    form = BankForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            bank.enter(company=award.company, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, "We have your bank details. We will ring the company to check them")
            return redirect("payments:company_award", reference)
    cards = present.bank_cards(award)
    context = {
        "award": award,
        "form": form,
        "accounts": cards,
        "form_title": "Change the bank details" if cards else "Enter the bank details",
        "can_enter": can(request.user, Permission.BANK_ENTER, on=award),
    }
    return render(request, "payments/company/bank.html", context)


@require_safe
def paper(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    award = _award(request, reference)
    found = paper_of(award, kind)
    context = {
        "award": award,
        "paper": found,
        "back_url": award.company_url,
        "pdf_url": reverse("payments:company_paper_pdf", args=[reference, kind]) if hasattr(found, "file") else "",
    }
    return render(request, "payments/paper.html", context)


@require_safe
def paper_pdf(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    return paper_response(_award(request, reference), kind)


@require_safe
def payment_advice(request: HttpRequest, reference: str, payment: str) -> HttpResponse:
    return advice_response(_award(request, reference), payment)
