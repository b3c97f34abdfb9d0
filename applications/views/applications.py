"""An application from its start to its decision, as the company sees it."""

from secrets import token_urlsafe

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.refusals import NotAllowedNow, refusals_on
from applications.actions import applications, tries
from applications.forms.companies import KeyForm, SignForm, StartForm
from applications.models import Application, Company
from applications.presenters import pages
from applications.reading import read
from grants import precheck
from grants.models import Round


def own(request: HttpRequest, reference: str) -> Application:
    """The application of one of this person's companies; anybody else's is not found."""
    try:
        return Application.objects.one_of_team(request.user, reference)
    except Application.DoesNotExist:
        raise Http404 from None


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "applications/home.html", pages.home(request.user, at=now()))


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, round: str) -> HttpResponse:
    opened = get_object_or_404(Round.objects.public().select_related("programme", "version"), reference=round)
    written_for = Company.objects.of_team(request.user).written_for_by(request.user)
    companies = written_for.select_related("organisation").order_by("organisation__name", "pk")
    earlier = Application.objects.of_team(request.user).for_pages().order_by("-started_at", "-pk")
    form = StartForm(request.POST or None, companies=companies, earlier=earlier, initial={"company": companies.first()})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            checked = request.session.get(precheck.session_key(opened.programme.slug), {})
            chosen = {"company": form.cleaned_data["company"], "earlier": form.cleaned_data.get("earlier")}
            started = tries.begin(round=opened, **chosen, checked=checked, by=request.user, at=now())
            if started.answers.exists():
                source = "your earlier application" if chosen["earlier"] else "the eligibility check"
                messages.success(request, f"Your answers from {source} are filled in.")
            return redirect("applications:form", started.reference)
    return render(request, "applications/start.html", {"form": form} | pages.start(opened, companies, request.user, at=now()))


@require_safe
def form(request: HttpRequest, reference: str) -> HttpResponse:
    application = own(request, reference)
    if not application.is_draft:
        return redirect("applications:changes" if application.is_being_changed else "applications:status", reference)
    return render(request, "applications/form.html", pages.task_list(read(application, at=now()), request.user))


@require_safe
def check(request: HttpRequest, reference: str) -> HttpResponse:
    application = own(request, reference)
    if not application.is_draft:
        return redirect("applications:changes" if application.is_being_changed else "applications:status", reference)
    sign = SignForm(initial={"key": token_urlsafe(12), "name": request.user.name})
    return render(request, "applications/check.html", {"form": sign} | pages.check(read(application, at=now()), request.user))


@require_POST
def submit(request: HttpRequest, reference: str) -> HttpResponse:
    """Sign where this person signs now, and send it in; sent twice with one key it is one submission."""
    application = own(request, reference)
    sign, key = SignForm(request.POST), KeyForm(request.POST)
    if "agreed" not in request.POST and key.is_valid() and pages.is_signed(application):
        applications.submit(application=application, key=key.cleaned_data["key"] or None, by=request.user, at=now())
        return redirect("applications:receipt", reference)
    if sign.is_valid():
        with refusals_on(sign):
            signed = {name: sign.cleaned_data[name] for name in ("name", "position", "key")}
            applications.sign_and_submit(application=application, **signed, by=request.user, at=now())
            return redirect("applications:receipt", reference)
    return render(request, "applications/check.html", {"form": sign} | pages.check(read(application, at=now()), request.user))


@require_POST
def sign(request: HttpRequest, reference: str) -> HttpResponse:
    """Sign only: somebody else sends it in."""
    application = own(request, reference)
    given = SignForm(request.POST)
    if given.is_valid():
        with refusals_on(given):
            name, position = given.cleaned_data["name"], given.cleaned_data["position"]
            applications.sign(application=application, name=name, position=position, by=request.user, at=now())
            messages.success(request, "The declaration is signed. It can now be sent in.")
            return redirect("applications:check", reference)
    return render(request, "applications/check.html", {"form": given} | pages.check(read(application, at=now()), request.user))


@require_safe
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    application = own(request, reference)
    if application.submitted_at is None:
        return redirect("applications:form", reference)
    return render(request, "applications/receipt.html", pages.receipt(application, application.current_paper()))


@require_safe
def receipt_pdf(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """The receipt of one submission, byte for byte as it was first given."""
    paper = get_object_or_404(own(request, reference).papers.select_related("receipt"), number=number)
    if not hasattr(paper, "receipt"):
        raise NotAllowedNow("Your receipt is being written. Open it again in a minute.", code="receipt_not_written")
    headers = {"Content-Disposition": f'attachment; filename="{reference}-receipt-{number}.pdf"', "Cache-Control": "private, no-store"}
    return HttpResponse(bytes(paper.receipt.pdf), content_type="application/pdf", headers=headers)


@require_safe
def paper_json(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """One submission as it was frozen, byte for byte: its SHA-256 is the one on the receipt."""
    paper = get_object_or_404(own(request, reference).papers, number=number)
    headers = {"Content-Disposition": f'attachment; filename="{reference}-{number}.json"', "Cache-Control": "private, no-store"}
    return HttpResponse(paper.document.encode(), content_type="application/json", headers=headers)


@require_safe
def status(request: HttpRequest, reference: str) -> HttpResponse:
    application = own(request, reference)
    if application.is_draft:
        return redirect("applications:form", reference)
    return render(request, "applications/status.html", pages.status(application, request.user, at=now()))


@require_safe
def answers(request: HttpRequest, reference: str) -> HttpResponse:
    """What was sent in, as it was frozen."""
    application = own(request, reference)
    paper = application.current_paper()
    if paper is None:
        return redirect("applications:form", reference)
    return render(request, "applications/answers.html", pages.paper(application, paper))


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    application = own(request, reference)
    if request.method == "POST":
        applications.withdraw(application=application, key=_key(request), by=request.user, at=now())
        messages.success(request, f"{reference} is withdrawn")
        return redirect("applications:home")
    context = {"application": application, "may_reopen": application.round.is_open_at(now())}
    return render(request, "applications/withdraw.html", context)


@require_POST
def reopen(request: HttpRequest, reference: str) -> HttpResponse:
    applications.reopen(application=own(request, reference), key=_key(request), by=request.user, at=now())
    messages.success(request, "Your application is a draft again. Send it in before the round closes, or it will not be considered.")
    return redirect("applications:form", reference)


def _key(request: HttpRequest) -> str | None:
    given = KeyForm(request.POST)
    return given.cleaned_data["key"] or None if given.is_valid() else None
