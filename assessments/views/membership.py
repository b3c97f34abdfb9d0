"""An assessor's own part in the pool, and what officers do about it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.models import Person
from accounts.refusals import refusals_on
from accounts.roles import Permission
from assessments import agreement, fitting, rounds, statements
from assessments.actions import membership, pool
from assessments.forms.people import InterestsForm, TimesForm
from assessments.presenters import membership as shows
from assessments.views.doors import round_or_404
from grants.models import Round


@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """The agreement, the declaration of this year, when to be asked, and the induction; declaring anew."""
    form = InterestsForm(request.POST or None, interests=shows.interests_of(request.user))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            membership.declare(by=request.user, at=now(), **form.declared())
            messages.success(request, "Your declaration is recorded for a year")
            return redirect("assessments:membership")
    return _own(request, form=form)


@require_POST
def times(request: HttpRequest) -> HttpResponse:
    """Say when to be asked, and for how many reviews."""
    form = TimesForm(request.POST, profile=fitting.profile_of(request.user))
    if form.is_valid():
        with refusals_on(form):
            membership.say_when(by=request.user, at=now(), **form.cleaned_data)
            messages.success(request, "Saved: assessors are found by it from now on")
            return redirect("assessments:membership")
    return _own(request, times=form)


def _own(request: HttpRequest, *, form: InterestsForm | None = None, times: TimesForm | None = None) -> HttpResponse:
    """The page, with a form that was refused in the place of the fresh one."""
    form = form or InterestsForm(interests=shows.interests_of(request.user))
    times = times or TimesForm(profile=fitting.profile_of(request.user))
    context = {"form": form, "times": times, "forms": [times], "facts": shows.facts(request.user, at=now())}
    context |= {"clauses": agreement.TEXT, "has_signed": shows.has_signed(request.user)}
    return render(request, "assessments/membership.html", context)


@require_POST
def sign(request: HttpRequest) -> HttpResponse:
    """Agree to the text as it stands."""
    membership.sign(by=request.user, at=now())
    messages.success(request, "Signed")
    return redirect("assessments:membership")


@require_POST
def attest(request: HttpRequest, reference: str, person: int) -> HttpResponse:
    """An officer attests that an assessor was inducted."""
    round, at = round_or_404(request, reference), now()
    assessor = get_object_or_404(pool.members(round.programme, at=at), pk=person)
    membership.attest_induction(person=assessor, programme=round.programme, by=request.user, at=at)
    messages.success(request, f"{assessor.name}'s induction is attested")
    return redirect("assessments:assessor", round.reference, person)


@require_safe
def statement(request: HttpRequest, reference: str, person: int) -> HttpResponse:
    """What an assessor has submitted in a round, for their payment."""
    round, assessor = _round_and_assessor(request, reference, person)
    context = {"round": round, "assessor": assessor, **shows.statement(assessor, round, reader=request.user)}
    return render(request, "assessments/statement.html", context)


@require_safe
def statement_file(request: HttpRequest, reference: str, person: int) -> HttpResponse:
    """The same as a file."""
    round, assessor = _round_and_assessor(request, reference, person)
    return _file(request, round, name=f"statement-{round.reference}-{assessor.pk}", of=assessor)


@require_safe
def payments(request: HttpRequest, reference: str) -> HttpResponse:
    """What everybody is to be paid for a round."""
    round = round_or_404(request, reference)
    require(request.user, Permission.ASSESSMENT_ALLOCATE, on=round)
    return render(request, "assessments/payments.html", {"round": round, **shows.payments(round)})


@require_safe
def payments_file(request: HttpRequest, reference: str) -> HttpResponse:
    """The same as a file, a row for each review."""
    round = round_or_404(request, reference)
    require(request.user, Permission.ASSESSMENT_ALLOCATE, on=round)
    return _file(request, round, name=f"statement-{round.reference}")


def _round_and_assessor(request: HttpRequest, reference: str, person: int) -> tuple[Round, Person]:
    """An assessor of the programme, or who was one when they reviewed in this round."""
    round = round_or_404(request, reference)
    require(request.user, Permission.ASSESSMENT_ALLOCATE, on=round)
    return round, get_object_or_404(pool.paid_for(round, at=now()), pk=person)


def _file(request: HttpRequest, round: Round, *, name: str, of: Person | None = None) -> HttpResponse:
    content = statements.as_csv(round, fee_pence=shows.fee_pence(round), hidden=rounds.hidden_from(request.user, round), of=of)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response
