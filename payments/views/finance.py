"""Finance: bank details, payments, runs, statements."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import reach, require
from accounts.refusals import refusals_on
from accounts.roles import Permission
from assessments.queues import page as page_of
from grants.models import Programme
from payments.actions import bank, payments, runs, statements
from payments.forms.staff import CallBackForm, PayingAccountForm, RevealForm, RunForm, StatementForm
from payments.models import BankAccount, Payment, PaymentRun, Statement
from payments.presenters import finance as present
from payments.views.posted import posted

GET_AND_POST = require_http_methods(["GET", "HEAD", "POST"])
Acts = dict[str, tuple[Callable[..., Any], str]]
BANK_STEPS: Acts = {"verify": (bank.verify, "The account is verified"), "set_aside": (bank.set_aside, "The details are set aside")}
PAYMENT_STEPS: Acts = {
    "hold": (payments.hold, "The payment is held"),
    "lift": (payments.lift, "The hold is lifted"),
    "fail": (payments.fail, "The payment is marked as failed"),
    "retry": (payments.retry, "The payment is due again"),
    "cancel": (payments.cancel, "The payment is cancelled and the claim is checked again"),
}
RUN_STEPS: Acts = {
    "approve": (runs.approve, "The run is approved"),
    "release": (runs.release, "The run is released. Its file can be downloaded"),
    "void": (runs.void, "The run is void, and its payments are due again"),
}
WITH_NOTE = {"set_aside", "hold", "lift", "fail", "retry", "cancel", "void"}


def _act(request: HttpRequest, acts: Acts, name: str, **about: Any) -> None:
    """Take the step that a button names. Raises Http404 for a name that is none."""
    if name not in acts:
        raise Http404
    act, done = acts[name]
    note = {"note": request.POST.get("note", "")} if name in WITH_NOTE else {}
    act(**about, **note, by=request.user, at=timezone.now())
    messages.success(request, done)


def programmes_with(request: HttpRequest, permission: Permission) -> Any:
    """The programmes on which the person holds a permission."""
    held = reach(request.user, permission)
    rows = Programme.objects.order_by("name", "pk")
    return rows if held.everywhere else rows.filter(slug__in=held.programmes)


def only_for(request: HttpRequest, permission: Permission) -> None:
    """404 for whoever has nothing to do with money."""
    held = reach(request.user, permission)
    if not (held.everywhere or held.programmes):
        raise Http404


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    only_for(request, Permission.PAYMENT_VIEW)
    return render(request, "payments/finance/front.html", {"cards": present.front(request.user)})


@require_safe
def bank_list(request: HttpRequest) -> HttpResponse:
    only_for(request, Permission.PAYMENT_VIEW)
    rows = BankAccount.objects.for_staff(request.user).select_related("company__organisation")
    if request.GET.get("all") != "1":
        rows = rows.waiting()
    page = page_of(rows, by="entered_at", after=request.GET.get("after", ""))
    context = {"columns": present.BANK_COLUMNS, "rows": present.bank_rows(page.rows, now=timezone.now()), "page": page}
    return render(request, "payments/finance/bank.html", context | {"is_all": request.GET.get("all") == "1"})


def _account(request: HttpRequest, pk: int) -> BankAccount:
    rows = BankAccount.objects.for_staff(request.user).select_related("company__organisation", "entered_by", "checked_by", "verified_by")
    return get_object_or_404(rows, pk=pk)


@GET_AND_POST
def bank_account(request: HttpRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    form = CallBackForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            bank.check(account=account, **form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, "The call-back is recorded. A second person verifies the account")
            return redirect("payments:bank_account", pk)
    context = present.bank_page(account, request.user, now=timezone.now())
    return render(request, "payments/finance/bank_account.html", {**context, "form": form})


@require_POST
def bank_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    _act(request, BANK_STEPS, name, account=_account(request, pk))
    return redirect("payments:bank_account", pk)


@never_cache
@GET_AND_POST
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    account = _account(request, pk)
    require(request.user, Permission.BANK_REVEAL, on=account)
    form = RevealForm(posted(request))
    revealed = None
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            revealed = bank.reveal(account=account, **form.cleaned_data, by=request.user, at=timezone.now())
    return render(request, "payments/finance/reveal.html", {"account": account, "form": form, "revealed": revealed})


@require_safe
def payment_list(request: HttpRequest) -> HttpResponse:
    only_for(request, Permission.PAYMENT_VIEW)
    state = request.GET.get("state", "")
    rows = Payment.objects.for_staff(request.user).for_a_list()
    rows = rows.filter(state=state) if state in set(Payment.State) else rows.unpaid()
    page = page_of(rows, by="due_at", after=request.GET.get("after", ""))
    context = {
        "columns": present.PAYMENT_COLUMNS,
        "rows": present.payment_rows(page.rows),
        "page": page,
        "states": present.payment_states(state),
    }
    return render(request, "payments/finance/payments.html", context)


def _payment(request: HttpRequest, pk: int) -> Payment:
    rows = Payment.objects.for_staff(request.user).select_related(
        "case",
        "award__company__organisation",
        "award__programme",
        "award__budget",
        "claim__award",
        "run",
        "held_by",
        "released_by",
        "failed_by",
        "bank_account",
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "payments/finance/payment.html", present.payment_page(_payment(request, pk), request.user, now=timezone.now()))


@require_POST
def payment_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    _act(request, PAYMENT_STEPS, name, payment=_payment(request, pk))
    return redirect("payments:payment", pk)


@GET_AND_POST
def run_list(request: HttpRequest) -> HttpResponse:
    only_for(request, Permission.PAYMENT_VIEW)
    programmes = programmes_with(request, Permission.RUN_BUILD)
    form = RunForm(posted(request), programmes=programmes)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            run = runs.build(**form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, f"{run.reference} is built from everything that is due")
            return redirect(run)
    page = Paginator(PaymentRun.objects.visible_to(request.user).select_related("programme").order_by("-pk"), 25).get_page(
        request.GET.get("page")
    )
    context = {"columns": present.RUN_COLUMNS, "rows": present.run_rows(page), "page": page, "form": form, "can_build": programmes.exists()}
    return render(request, "payments/finance/runs.html", context)


def _run(request: HttpRequest, reference: str) -> PaymentRun:
    rows = PaymentRun.objects.visible_to(request.user).select_related("programme__delivery_body", "built_by", "approved_by", "released_by")
    return get_object_or_404(rows, reference=reference)


@require_safe
def run(request: HttpRequest, reference: str) -> HttpResponse:
    return render(request, "payments/finance/run.html", present.run_page(_run(request, reference), request.user, now=timezone.now()))


@require_POST
def run_step(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    _act(request, RUN_STEPS, name, run=_run(request, reference))
    return redirect("payments:run", reference)


@never_cache
@require_POST
def run_file(request: HttpRequest, reference: str) -> HttpResponse:
    found = _run(request, reference)
    text = runs.hand_over_file(run=found, by=request.user, at=timezone.now())
    return HttpResponse(
        text.encode(), content_type="application/xml", headers={"Content-Disposition": f'attachment; filename="{found.reference}.xml"'}
    )


@GET_AND_POST
def statement_list(request: HttpRequest) -> HttpResponse:
    only_for(request, Permission.PAYMENT_VIEW)
    programmes = programmes_with(request, Permission.STATEMENT_IMPORT)
    form = StatementForm(posted(request), request.FILES if request.method == "POST" else None, programmes=programmes)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            file = form.cleaned_data["file"]
            kept = statements.import_file(
                programme=form.cleaned_data["programme"], name=file.name, data=file.read(), by=request.user, at=timezone.now()
            )
            count = kept.lines.count()
            messages.success(request, "1 new line is imported" if count == 1 else f"{count} new lines are imported")
            return redirect("payments:statement", kept.pk)
    rows = Statement.objects.visible_to(request.user).select_related("imported_by").annotate(line_count=Count("lines")).order_by("-pk")
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    context = {"columns": present.STATEMENT_COLUMNS, "rows": present.statement_rows(page), "page": page, "form": form}
    return render(request, "payments/finance/statements.html", context | {"can_import": programmes.exists()})


@require_safe
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Statement.objects.visible_to(request.user), pk=pk)
    page = Paginator(found.lines.order_by("pk"), 100).get_page(request.GET.get("page"))
    context = {
        "statement": found,
        "told": present.told(found),
        "columns": present.BOOKING_COLUMNS,
        "rows": present.booking_rows(page),
        "page": page,
    }
    return render(request, "payments/finance/statement.html", context)


@GET_AND_POST
def paying_account(request: HttpRequest, slug: str) -> HttpResponse:
    programme = get_object_or_404(programmes_with(request, Permission.PAYMENT_VIEW), slug=slug)
    require(request.user, Permission.PROGRAMME_PUBLISH, on=programme)
    form = PayingAccountForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            bank.set_paying_account(
                organisation=programme.delivery_body, programme=programme, **form.cleaned_data, by=request.user, at=timezone.now()
            )
            messages.success(request, "The account to pay from is set")
            return redirect("payments:finance")
    return render(request, "payments/finance/paying_account.html", {"programme": programme, "form": form})
