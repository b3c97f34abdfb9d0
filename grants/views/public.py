"""Pages that need no account."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from grants import calendars, precheck
from grants.forms.programmes import PreCheckForm
from grants.models import Programme, ProgrammeVersion, Round, RoundQuerySet
from grants.presenters import other_rounds, public
from grants.presenters import sample as sample_pdf
from grants.privacy import notice


@login_not_required
@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """Every published programme, open ones first."""
    rounds = Round.objects.public().select_related("version", "programme")
    listed = Programme.objects.public().order_by("name", "pk")
    return render(request, "grants/programmes.html", {"cards": public.cards(listed, rounds, now())})


@login_not_required
@require_safe
def programme(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything one programme asks, rules, scores and pays."""
    page = _page(slug)
    beside = other_rounds.beside(_rounds(page.programme), page.round, now())
    return render(request, "grants/programme.html", {"page": page, "other_rounds": beside} | public.COLUMNS)


@login_not_required
@require_safe
def privacy(request: HttpRequest, slug: str) -> HttpResponse:
    """What the programme does with personal data."""
    definition = _page(slug).definition
    return render(request, "grants/privacy.html", {"definition": definition, "notice": notice(definition)})


@login_not_required
@require_safe
def dates(request: HttpRequest, slug: str) -> HttpResponse:
    """The dates of the round that the programme's page shows, as a calendar file."""
    page = _page(slug)
    if page.round is None:
        raise Http404
    address = f"{settings.BASE_URL}{page.programme.get_absolute_url()}"
    text = calendars.of_round(page.round, address=address, at=now())
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{page.round.reference.lower()}.ics"'
    return response


@login_not_required
@require_safe
def sample(request: HttpRequest, slug: str) -> HttpResponse:
    """A blank application as a PDF, of the version that the page shows."""
    page, version = _read(slug)
    address = f"{settings.BASE_URL}{page.programme.get_absolute_url()}"
    response = HttpResponse(sample_pdf.pdf(page, version, address=address), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{slug}-sample-application.pdf"'
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """The eligibility check: every reason at once. What was given stays in the browser's session, for an application that follows."""
    page = _page(slug)
    form = PreCheckForm(page.definition, request.POST if request.method == "POST" else None)
    results = None
    if request.method == "POST" and form.is_valid():
        given = form.given()
        request.session[precheck.session_key(slug)] = precheck.kept(given)
        outcomes = precheck.answer(page.definition, given, round_facts=precheck.round_facts(page.definition, page.round), at=now())
        results = public.check_results(page.definition, outcomes)
    context = {"page": page, "form": form, "results": results, "left_out": precheck.left_out(page.definition)}
    return render(request, "grants/check.html", context)


def _page(slug: str) -> public.ProgrammePage:
    return _read(slug)[0]


def _read(slug: str) -> tuple[public.ProgrammePage, ProgrammeVersion]:
    """What the public page shows, and the version that it is of: the shown round's, or the one published last."""
    found = get_object_or_404(Programme.objects.public(), slug=slug)
    round_ = public.current_round(_rounds(found), now())
    version = round_.version if round_ else found.published_version
    if version is None:
        raise Http404
    return public.ProgrammePage(found, version.definition, round_, now()), version


def _rounds(programme: Programme) -> RoundQuerySet:
    return Round.objects.public().filter(programme=programme).select_related("version", "budget")
