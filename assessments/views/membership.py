"""An assessor's own part in the pool, and what officers do about it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.refusals import refusals_on
from accounts.roles import Permission
from assessments import agreement
from assessments.actions import membership, pool
from assessments.forms.people import InterestsForm
from assessments.presenters import membership as shows
from assessments.views.doors import round_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """The agreement, the declaration of this year and the induction; declaring anew."""
    at = now()
    form = InterestsForm(request.POST or None, interests=shows.interests_of(request.user))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            membership.declare(by=request.user, at=at, **form.declared())
            messages.success(request, "Your declaration is recorded for a year")
            return redirect("assessments:membership")
    facts = shows.facts(request.user, at=at)
    context = {"form": form, "facts": facts, "clauses": agreement.TEXT, "has_signed": shows.has_signed(request.user)}
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
    round = round_or_404(request, reference)
    require(request.user, Permission.ASSESSMENT_ALLOCATE, on=round)
    assessor = get_object_or_404(pool.members(round.programme, at=now()), pk=person)
    context = {"round": round, "assessor": assessor, "columns": shows.STATEMENT_COLUMNS, **shows.statement(assessor, round)}
    return render(request, "assessments/statement.html", context)
