"""The staff's pages: programmes, their versions, their rounds."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, reach, require
from accounts.refusals import Denied, refusals_on
from accounts.roles import Permission
from design.tones import tone_of
from grants.actions import programmes as actions
from grants.actions import rounds
from grants.definition import DocumentRefused
from grants.forms.programmes import BudgetForm, DatesForm, DocumentForm, ExtensionForm, PlacesForm, RoundForm
from grants.models import Programme, ProgrammeVersion, Round
from grants.presenters import lineage, staff
from workflow.engine import available_steps

MOST_PROBLEMS = 50
"""As many as somebody mends before trying again."""


@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """The programmes a person works on."""
    _staff_only(request)
    visible = Programme.objects.visible_to(request.user).prefetch_related("rounds", "versions").order_by("name", "pk")
    context = {
        "columns": staff.PROGRAMMES,
        "rows": staff.programme_rows(visible),
        "may_load": _may_load(request),
        "load_href": reverse("grants:load"),
    }
    return render(request, "grants/manage/programmes.html", context)


@require_safe
def programme(request: HttpRequest, slug: str) -> HttpResponse:
    """One programme: versions, rounds, people."""
    found = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug)
    at = now()
    versions = found.versions.select_related("created_by", "published_by", "programme").order_by("-number")
    context = {
        "programme": found,
        "tone": tone_of(found.state),
        "version_columns": staff.VERSIONS,
        "round_columns": staff.ROUNDS,
        "duty_columns": staff.DUTIES,
        "load_href": reverse("grants:load"),
        "schedule_href": reverse("grants:schedule", args=[slug]),
        "clone_href": reverse("grants:clone", args=[slug]),
        "draft_href": reverse("grants:draft", args=[slug]),
        "draft_words": "Go on writing the draft" if staff.has_draft(versions) else "Write the next version",
        "lineage_href": reverse("grants:lineage", args=[slug]),
        "steps_to": f"{staff.programme_href(found)}steps/",
        "manage_href": reverse("grants:manage"),
        "versions": staff.version_rows(versions),
        "no_rounds": f"No round is scheduled yet.{'' if found.published_version else ' That comes once a version is published.'}",
        "rounds": staff.round_rows(found.rounds.select_related("budget", "programme").order_by("-pk")),
        "duties": staff.duty_rows(found, at),
        "findings": staff.findings(found, at),
        "steps": available_steps(found, request.user, at=at),
        "may_edit": can(request.user, Permission.PROGRAMME_EDIT, on=found),
        "may_schedule": can(request.user, Permission.ROUND_MANAGE, on=found) and found.state == Programme.State.PUBLISHED,
    }
    return render(request, "grants/manage/programme.html", context)


@require_POST
def programme_step(request: HttpRequest, slug: str, step: str) -> HttpResponse:
    """Take a step of a programme's life."""
    found = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug)
    actions.move(programme=found, step=step, reason=request.POST.get("note", ""), by=request.user, at=now())
    messages.success(request, "Programme changed")
    return redirect("grants:manage_programme", slug)


@require_http_methods(["GET", "HEAD", "POST"])
def load(request: HttpRequest) -> HttpResponse:
    """Load a document as the next version of the programme it names."""
    if not _may_load(request):
        raise Denied("Your role does not allow this.", code="no_permission")
    form = DocumentForm(*_sent(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        with refusals_on(form):
            try:
                at = now()
                version = actions.load(document=given["document"], source=given["source"], put_forward=False, by=request.user, at=at)
            except DocumentRefused as refused:
                for problem in refused.problems[:MOST_PROBLEMS]:
                    form.add_error(None, str(problem)[:1].upper() + str(problem)[1:])
            except Denied as denied:
                form.add_error(None, denied.sentence)
            else:
                is_new = version.created_at >= at
                messages.success(request, f"{version} is stored" if is_new else f"Nothing differs from {version}, so nothing was stored")
                return redirect(staff.version_href(version))
    return render(request, "grants/manage/load.html", {"form": form, "manage_href": reverse("grants:manage")})


@require_safe
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One version: who did what, what it changes, its text."""
    found = _version(request, slug, number)
    since, lines = staff.changes(found)
    context = {
        "version": found,
        "title": f"Version {number}",
        "tone": tone_of(found.state),
        "manage_href": reverse("grants:manage"),
        "programme_href": staff.programme_href(found.programme),
        "document_href": reverse("grants:document", args=[slug, number]),
        "summary": staff.version_summary(found),
        "waits_for": staff.waits_for(found, now()),
        "touched": staff.touched(found),
        "since": since,
        "changes": lines,
        "inherited": lineage.still_as_in_parent(found) if found.published_at is None else [],
        "steps": available_steps(found, request.user, at=now()),
        "base": staff.version_href(found),
    }
    return render(request, "grants/manage/version.html", context)


@require_safe
def document(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The document exactly as it was stored."""
    found = _version(request, slug, number)
    response = HttpResponse(found.document, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-{number}.yaml"'
    return response


@require_POST
def version_step(request: HttpRequest, slug: str, number: int, step: str) -> HttpResponse:
    """Put forward, publish, send back or set aside a version."""
    found = _version(request, slug, number)
    moved = actions.move_version(version=found, step=step, reason=request.POST.get("note", ""), by=request.user, at=now())
    messages.success(request, f"{moved}: {moved.state_now.label.lower()}")
    is_published = moved.state == ProgrammeVersion.State.PUBLISHED
    return redirect(staff.programme_href(moved.programme) if is_published else staff.version_href(moved))


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: HttpRequest, slug: str) -> HttpResponse:
    """Schedule a round of the version published last."""
    found = get_object_or_404(Programme.objects.visible_to(request.user), slug=slug)
    published = found.published_version
    zone = published.definition.time_zone if published else "Europe/London"
    initial = {"budget_pence": published.definition.funding.round_budget} if published else {}
    form = RoundForm(zone, *_sent(request), initial=initial, at=now())
    if request.method == "POST" and form.is_valid():
        opens_at, closes_at = form.times()
        given = form.cleaned_data
        with refusals_on(form):
            round_ = rounds.schedule(
                programme=found,
                title=given["title"],
                opens_at=opens_at,
                closes_at=closes_at,
                budget_pence=given["budget_pence"],
                most_applications=given["most_applications"],
                by=request.user,
                at=now(),
            )
            messages.success(request, f"{round_.reference} is scheduled")
            return redirect(round_)
    context = {"programme": found, "form": form, "back_href": staff.programme_href(found), "running": staff.running(found)}
    return render(request, "grants/manage/schedule.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def round_page(request: HttpRequest, reference: str) -> HttpResponse:
    """One round: its times, its steps, its money; a POST sets the budget."""
    found = _round(request, reference)
    form = BudgetForm(*_sent(request), initial={"amount_pence": found.budget.amount_pence})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            budget = rounds.set_budget(round=found, **form.cleaned_data, by=request.user, at=now())
            messages.success(request, staff.budget_changed(found, budget))
            return redirect(found)
    steps = available_steps(found, request.user, at=now())
    context = {
        "round": found,
        "tone": tone_of(found.state),
        "manage_href": reverse("grants:manage"),
        "programme_href": staff.programme_href(found.programme),
        "base": found.get_absolute_url(),
        "summary": staff.round_summary(found),
        "changes": staff.round_changes(found),
        "is_spent": staff.is_spent(found),
        "is_overdue": staff.is_overdue(found, now()),
        "closes_itself": staff.closes_itself(found),
        "overlaps": staff.overlaps(found),
        "steps": [each for each in steps if each.step.name not in staff.PAGES],
        "with_pages": staff.with_pages(found, steps),
        "form": form if staff.may_set_budget(found, request.user) else None,
    }
    return render(request, "grants/manage/round.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest, reference: str) -> HttpResponse:
    """Give everybody more time."""
    found = _round(request, reference)
    require(request.user, Permission.ROUND_MANAGE, on=found)
    form = ExtensionForm(found.definition.time_zone, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        with refusals_on(form):
            about = {"reason": given["reason"], "reopens_forms": given["reopens_forms"]}
            rounds.extend(round=found, until=form.until(), **about, by=request.user, at=now())
            messages.success(request, "The deadline is moved, and everybody is told")
            return redirect(found)
    return render(request, "grants/manage/extend.html", {"round": found, "form": form, "closes": staff.closes(found)})


@require_http_methods(["GET", "HEAD", "POST"])
def dates(request: HttpRequest, reference: str) -> HttpResponse:
    """Change the dates of a round that has not opened."""
    found = _round(request, reference)
    require(request.user, Permission.ROUND_MANAGE, on=found)
    form = DatesForm(found, request.POST if request.method == "POST" else None, at=now())
    if request.method == "POST" and form.is_valid():
        opens_at, closes_at = form.times()
        with refusals_on(form):
            about = {"opens_at": opens_at, "closes_at": closes_at, "reason": form.cleaned_data["reason"]}
            rounds.reschedule(round=found, **about, by=request.user, at=now())
            messages.success(request, "The dates are changed, and whoever asked to hear of them is told")
            return redirect(found)
    return render(request, "grants/manage/dates.html", {"round": found, "form": form, "when": staff.when(found)})


@require_http_methods(["GET", "HEAD", "POST"])
def places(request: HttpRequest, reference: str) -> HttpResponse:
    """Let a round take more applications, or fewer."""
    found = _round(request, reference)
    require(request.user, Permission.ROUND_MANAGE, on=found)
    form = PlacesForm(request.POST if request.method == "POST" else None, initial={"places": found.most_applications})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            rounds.change_places(round=found, **form.cleaned_data, by=request.user, at=now())
            messages.success(request, "Changed, and everybody is told")
            return redirect(found)
    return render(request, "grants/manage/places.html", {"round": found, "form": form, "takes": staff.places(found)})


@require_POST
def round_step(request: HttpRequest, reference: str, step: str) -> HttpResponse:
    """Open, pause, resume, close, cancel, decide or announce a round."""
    moved = rounds.move(round=_round(request, reference), step=step, reason=request.POST.get("note", ""), by=request.user, at=now())
    messages.success(request, f"{moved.reference} is {moved.state_now.label.lower()}")
    return redirect(moved)


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    """What a form was sent, even when that is nothing; (None, None) when the page is only looked at."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _version(request: HttpRequest, slug: str, number: int) -> ProgrammeVersion:
    programmes_seen = Programme.objects.visible_to(request.user)
    versions = ProgrammeVersion.objects.select_related("programme", "created_by", "prepared_by", "published_by")
    return get_object_or_404(versions, programme__in=programmes_seen, programme__slug=slug, number=number)


def _round(request: HttpRequest, reference: str) -> Round:
    return get_object_or_404(Round.objects.visible_to(request.user).select_related("programme", "version", "budget"), reference=reference)


def _may_load(request: HttpRequest) -> bool:
    seen = reach(request.user, Permission.PROGRAMME_EDIT)
    return seen.everywhere or bool(seen.programmes)


def _staff_only(request: HttpRequest) -> None:
    seen = reach(request.user, Permission.PROGRAMME_VIEW)
    if not (seen.everywhere or seen.programmes or seen.organisations):
        raise Denied("This page is for the people who run a programme.", code="no_permission")
