"""Staff: rounds in assessment, who assesses what, conflicts, and the page of one application."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, held_by
from accounts.refusals import refusals_on
from accounts.roles import Permission
from applications.models import Application
from assessments import dossier, fitting, handpicked, policies, queues, rounds
from assessments.actions import allocation as allocations
from assessments.actions import calibration, conflicts, pool, reviews
from assessments.forms.allocation import AllocateForm
from assessments.forms.people import ProfileForm
from assessments.forms.staff import AdviceForm, JudgementForm, ProposalForm, ReasonForm
from assessments.models import Assessment, Conflict, Moderation, Run
from assessments.presenters import case, membership
from assessments.presenters import staff as shows
from assessments.rounds import companies_of, people_known
from assessments.views.doors import application_or_404, round_or_404
from workflow.engine import available_steps

GET_POST = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def round_list(request: HttpRequest) -> HttpResponse:
    """The rounds that the person has a part in."""
    mine = rounds.readable_by(request.user).select_related("programme")
    page = queues.page(mine, by="closes_at", after=request.GET.get("after", ""))
    return render(request, "assessments/rounds.html", {"page": page, "columns": shows.ROUND_COLUMNS, "rows": shows.round_rows(page.rows)})


@require_safe
def overview(request: HttpRequest, reference: str) -> HttpResponse:
    """How far the round is, who has how many, and what can be done for all at once."""
    round, at = round_or_404(request, reference), now()
    may_allocate = can(request.user, Permission.ASSESSMENT_ALLOCATE, on=round)
    people, following = shows.assessors_from(round, request.GET.get("after", ""), at=at)
    context = {
        "round": round,
        "cards": shows.cards(round, rounds.applications(request.user, round)),
        "columns": shows.ASSESSOR_COLUMNS,
        "assessors": shows.assessor_rows(round, people, at=at, may_edit=may_allocate),
        "next": following,
        "first": "?" if "after" in request.GET else "",
        "conflicts": shows.conflict_counts(round),
        "may_allocate": may_allocate,
        "may_ask_in": can(request.user, Permission.ROLE_GRANT, on=round),
        "may_moderate": can(request.user, Permission.ASSESSMENT_MODERATE, on=round),
    }
    return render(request, "assessments/overview.html", context)


@require_safe
def allocation(request: HttpRequest, reference: str) -> HttpResponse:
    """Applications with their places, in the order they came in."""
    round = round_or_404(request, reference)
    waiting = rounds.applications(request.user, round).filter(state__in=["eligible", "assessing", "moderating"])
    page = queues.page(waiting, by="submitted_at", after=request.GET.get("after", ""))
    context = {"round": round, "page": page, "columns": shows.ALLOCATION_COLUMNS, "rows": shows.allocation_rows(page.rows)}
    return render(request, "assessments/allocation.html", context)


@GET_POST
def assessor(request: HttpRequest, reference: str, person: int) -> HttpResponse:
    """What allocation knows of one assessor of the programme."""
    round, at = round_or_404(request, reference), now()
    assessor = get_object_or_404(pool.members(round.programme, at=at), pk=person)
    form = ProfileForm(request.POST or None, profile=getattr(assessor, "assessor_profile", None))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            pool.describe(person=assessor, programme=round.programme, by=request.user, at=at, **form.described())
            messages.success(request, f"What is known of {assessor.name} is saved")
            return redirect("assessments:overview", round.reference)
    context = {"round": round, "assessor": assessor, "form": form, "facts": membership.facts(assessor, at=at)}
    context["may_attest"] = fitting.profile_of(assessor).inducted_at is None and can(request.user, Permission.ASSESSMENT_ALLOCATE, on=round)
    return render(request, "assessments/assessor.html", context)


@require_POST
def declare_own(request: HttpRequest, reference: str, application: str) -> HttpResponse:
    """Whoever works on it says that they have an interest: it closes to them."""
    found = application_or_404(request, reference, application)
    conflicts.declare(application=found, reason=request.POST.get("note", ""), by=request.user, at=now())
    messages.success(request, f"Your conflict of interest is recorded, and {found.reference} is closed to you")
    return redirect("assessments:overview", reference)


@require_POST
def calibrate(request: HttpRequest, reference: str, application: str) -> HttpResponse:
    """Ask every assessor to score this one first."""
    found = application_or_404(request, reference, application)
    asked = calibration.set_up(application=found, by=request.user, at=now())
    messages.success(request, f"{len(asked)} assessors are asked to score {found.reference} first")
    return redirect("assessments:application", reference, application)


@GET_POST
def advice(request: HttpRequest, reference: str) -> HttpResponse:
    """Note who of the cluster advised which company, so that conflicts are found by it."""
    round, at = round_or_404(request, reference), now()
    form = AdviceForm(request.POST or None, people=people_known(round, at=at), companies=companies_of(round))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            noted = pool.note_advice(programme=round.programme, by=request.user, at=at, **form.cleaned_data)
            messages.success(request, f"Noted: {noted.person.name} advised {noted.company.name}. The next search for conflicts goes by it.")
            return redirect("assessments:advice", round.reference)
    context = {"round": round, "form": form, "columns": shows.ADVICE_COLUMNS, "rows": shows.advice_rows(round)}
    return render(request, "assessments/advice.html", context)


@require_safe
def conflict_list(request: HttpRequest, reference: str) -> HttpResponse:
    """Conflicts that the records suggest and nobody has judged, oldest first."""
    round = round_or_404(request, reference)
    seen = Conflict.objects.filter(application__in=rounds.applications(request.user, round).values("pk"))
    waiting = seen.to_judge().select_related("person", "application__company__organisation")
    page = queues.page(waiting, by="recorded_at", after=request.GET.get("after", ""))
    context = {"round": round, "page": page, "columns": shows.CONFLICT_COLUMNS, "rows": shows.conflict_rows(page.rows, round)}
    context |= {"running": round.runs.under_way(round, Run.Kind.SEARCH), "searched": round.runs.latest_done(round, Run.Kind.SEARCH)}
    context["may_search"] = can(request.user, Permission.ASSESSMENT_ALLOCATE, on=round)
    if context["may_search"] or can(request.user, Permission.AUDIT_VIEW, on=round):
        known = seen.exclude(status=Conflict.Status.SUGGESTED).select_related("person", "judged_by", "application")
        context |= {
            "register_columns": shows.REGISTER_COLUMNS,
            "register": shows.register_rows(known.order_by("-recorded_at", "-pk")[: shows.MOST_RECORDED], round),
        }
    return render(request, "assessments/conflicts.html", context)


@GET_POST
def judge_conflict(request: HttpRequest, reference: str, conflict: int) -> HttpResponse:
    """One suggested conflict: confirm it, which bars the person, or dismiss it, with the reason."""
    round = round_or_404(request, reference)
    seen = Conflict.objects.filter(application__in=rounds.applications(request.user, round).values("pk"))
    found = get_object_or_404(seen.select_related("person", "application__company__organisation"), pk=conflict)
    form = JudgementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            confirm = form.cleaned_data["outcome"] == "confirm"
            conflicts.judge(conflict=found, confirm=confirm, reason=form.cleaned_data["reason"], by=request.user, at=now())
            messages.success(request, "Conflict confirmed" if confirm else "Conflict dismissed")
            return redirect("assessments:conflicts", round.reference)
    context = {"round": round, "conflict": found, "form": form, "facts": shows.conflict_facts(found)}
    return render(request, "assessments/conflict.html", context)


@require_safe
def application(request: HttpRequest, reference: str, application: str) -> HttpResponse:
    """Everything about the assessment of one application, and what can be done about it now."""
    return application_page(request, application_or_404(request, reference, application))


def application_page(request: HttpRequest, application: Application, **forms: Any) -> HttpResponse:
    """The page, with a form that was refused in the place of the fresh one."""
    at, person = now(), request.user
    reviews_seen = dossier.read(application, person)
    items = list(application.moderations.all())
    excluded = {item.assessment_id for item in items if item.state == Moderation.State.EXCLUDED}
    cards = case.review_cards(reviews_seen, application, excluded)
    named, may_invite = request.GET.get("named", "").strip(), _may_invite(application, person)
    wanted, kept = allocations.places_left(application) if may_invite else 0, request.GET.getlist("kept")
    candidates = _candidates(application, person, at) if wanted > 0 or {"named", "another"} & request.GET.keys() else []
    votes = [one.as_vote() for one in reviews_seen if one.counts]
    steps = available_steps(application, person, at=at, only=case.ALL_STEPS, held=held_by(person))
    every = sorted(application.decisions.all(), key=lambda one: -one.pk)
    decision = policies.standing_decision(application)
    context = {
        "round": application.round,
        "application": application,
        "figures": case.figures_card(votes, application),
        "reviews": cards,
        "table": case.side_by_side(cards, application),
        "first": case.side_by_side(cards, application, is_calibration=True),
        "items": case.item_cards(items, person, application),
        "invite": AllocateForm(candidates=candidates, wanted=wanted, named=named, kept=kept, typed=request.GET) if candidates else None,
        "may_invite": may_invite,
        "barred": [one for one in candidates if not one.may_be_asked and named.lower() in one.person.name.lower()],
        "propose": _proposal(application, person),
        "decision": decision,
        "decision_rows": case.decision_facts(decision),
        "ended": case.ended(every, application),
        "acts": case.acts(application, person, {one.step.name: one for one in steps}),
        "fewer": case.fewer(application, person, have=len(votes)),
        "about": case.about(application),
        "score_columns": case.SCORE_COLUMNS,
        "may_read": can(person, Permission.APPLICATION_VIEW, on=application),
        "may_check_feedback": application.state in Application.DECIDED and can(person, Permission.DECISION_NOTIFY, on=application),
        "may_moderate": can(person, Permission.ASSESSMENT_MODERATE, on=application),
        "may_allocate": can(person, Permission.ASSESSMENT_ALLOCATE, on=application),
    } | forms
    context["forms"] = list(forms.values())
    return render(request, "assessments/application.html", context)


def _may_invite(application: Application, person: Any) -> bool:
    return application.state in allocations.OPEN_TO_ALLOCATION and can(person, Permission.ASSESSMENT_ALLOCATE, on=application)


def _candidates(application: Application, person: Any, at: datetime) -> list[allocations.Candidate]:
    if not _may_invite(application, person):
        return []
    return allocations.candidates(applications=[application], at=at)[application.pk]


def _proposal(application: Application, person: Any) -> ProposalForm | None:
    if application.state != "deciding" or not can(person, Permission.DECISION_PROPOSE, on=application):
        return None
    return ProposalForm(initial={"amount_pence": application.grant_requested_pence})


@require_POST
def invite(request: HttpRequest, reference: str, application: str) -> HttpResponse:
    """Invite the assessors that were ticked, or find more by name and keep the ticks."""
    found, at = application_or_404(request, reference, application), now()
    if "find" in request.POST:
        typed = {name: request.POST[name] for name in AllocateForm.TYPED if request.POST.get(name)}
        asked = urlencode({"named": request.POST.get("named", ""), "kept": request.POST.getlist("assessors"), **typed}, doseq=True)
        return redirect(f"{reverse('assessments:application', args=[reference, application])}?{asked}#invite")
    form = AllocateForm(request.POST, candidates=_candidates(found, request.user, at), wanted=0)
    if form.is_valid():
        with refusals_on(form):
            day = form.cleaned_data["due_on"]
            due = allocations.due_on(day) if day else None
            allocations.allocate(application=found, assessors=form.chosen(), by=request.user, at=at, due_at=due)
            messages.success(request, "Invitations sent")
            for sentence in handpicked.remarks(found, handpicked.holders(found)):
                messages.warning(request, sentence)
            return redirect("assessments:application", reference, application)
    return application_page(request, found, invite=form)


ACTS: dict[str, tuple[Callable[..., Any], str]] = {
    "return": (reviews.return_to_assessor, "Review returned for correction"),
    "withdraw": (reviews.withdraw, "Invitation withdrawn"),
}


@require_POST
def act_on_review(request: HttpRequest, reference: str, application: str, pk: int, act: str) -> HttpResponse:
    """Return a review for correction, or withdraw an invitation, with the reason."""
    found = application_or_404(request, reference, application)
    review = get_object_or_404(Assessment.objects.visible_to(request.user), pk=pk, application=found)
    if act not in ACTS:
        raise Http404
    action, done = ACTS[act]
    form = ReasonForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            action(assessment=review, reason=form.cleaned_data["note"], by=request.user, at=now())
            messages.success(request, done)
            return redirect("assessments:application", reference, application)
    for errors in form.errors.values():
        messages.warning(request, " ".join(str(error) for error in errors))
    return application_page(request, found)
