"""Who writes what, handing a company over, and what staff type for a company."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import can, require
from accounts.models import Person
from accounts.refusals import refusals_on
from accounts.roles import Permission
from applications.actions import assignments, assisted, teams
from applications.forms.rows import with_other_rows
from applications.forms.sections import SectionPage
from applications.forms.teamwork import AssignForm, AssistForm, HandOverForm
from applications.models import Application, Company
from applications.presenters import teamwork as presenter
from applications.reading import Reading
from applications.views.applications import own
from applications.views.manage import staff_only


@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest, reference: str) -> HttpResponse:
    """Who has which part of the form; give one to a colleague."""
    application = own(request, reference)
    if not application.is_written_in:
        return redirect(application)
    form = AssignForm(request.POST or None, application=application, writers=assignments.writers(application))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            made = assignments.assign(application=application, **form.given(), by=request.user, at=now())
            messages.success(request, f"{made.assignee.name} is asked to write “{made.title}”")
            return redirect("applications:assign", reference)
    return render(request, "applications/assign.html", {"form": form} | presenter.shared_out(application, request.user))


@require_POST
def give_back(request: HttpRequest, reference: str, assignment: int) -> HttpResponse:
    application = own(request, reference)
    found = get_object_or_404(application.assignments.select_related("assignee", "assigned_by"), pk=assignment)
    assignments.give_back(assignment=found, by=request.user, at=now())
    messages.success(request, f"“{found.title}” is given back")
    return redirect("applications:form", reference)


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Make somebody else the owner."""
    company = get_object_or_404(Company.objects.of_team(request.user).select_related("organisation"), pk=pk)
    require(request.user, Permission.TEAM_MANAGE, on=company)
    others = [person for person, _ in teams.people(company, at=now()) if person != request.user]
    form = HandOverForm(request.POST or None, others=others, initial={"stays": "yes"})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            teams.hand_over(company=company, **form.cleaned_data, by=request.user, at=now())
            messages.success(request, f"{form.cleaned_data['to'].name} is now the owner of {company.name}")
            return redirect("applications:home")
    return render(request, "applications/hand_over.html", {"form": form, "company": company, "others": others})


@require_http_methods(["GET", "HEAD", "POST"])
def typed(request: HttpRequest, reference: str) -> HttpResponse:
    """What staff typed for the company; posting one confirms it or turns it down."""
    application = own(request, reference)
    if request.method == "POST":
        given = request.POST.get("answer", "")
        waiting = application.assisted_answers.filter(settled_at=None).select_related("typed_by")
        found = get_object_or_404(waiting, pk=int(given) if given.isdecimal() and len(given) < 12 else 0)
        found.application = application
        act = {"confirm": assisted.confirm, "turn_down": assisted.turn_down}.get(request.POST.get("act", ""))
        if act is None:
            raise Http404
        act(assisted=found, by=request.user, at=now())
        messages.success(request, "It is your answer now" if found.is_confirmed else "It is set aside; your answer stays as it was")
        return redirect("applications:typed", reference)
    return render(request, "applications/typed.html", presenter.typed(application, request.user))


def _drafts(person: Person) -> presenter.Found:
    return Application.objects.staff_may_write_about(person).filter(state__in=Application.WRITTEN_IN).for_pages()


@require_http_methods(["GET", "HEAD", "POST"])
def find_to_assist(request: HttpRequest) -> HttpResponse:
    """The draft of the company on the telephone, by the reference it tells."""
    staff_only(request)
    form = AssistForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reference = form.cleaned_data["reference"].strip().upper()
        found = _drafts(request.user).filter(reference=reference).first()
        if found is not None and can(request.user, Permission.APPLICATION_SCREEN, on=found):
            return redirect("manage_applications:assist", reference)
        form.add_error("reference", "There is no draft with this reference on your programmes.")
    return render(request, "applications/find_to_assist.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def assist(request: HttpRequest, reference: str) -> HttpResponse:
    """One section of a draft, empty: staff type what they are told and read nothing that is there."""
    application = get_object_or_404(_drafts(request.user), reference=reference)
    require(request.user, Permission.APPLICATION_SCREEN, on=application)
    reading = Reading(application, at=now())
    sections = presenter.sections_to_type(reading)
    chosen = request.GET.get("section") or sections[0][0]
    if chosen not in dict(sections):
        raise Http404
    other_rows = with_other_rows(request.POST)
    data = other_rows if other_rows is not None else request.POST
    page = SectionPage(presenter.emptied(reading), chosen, data=data if request.method == "POST" else None)
    if request.method == "POST" and other_rows is None and page.is_valid():
        with refusals_on(page.form):
            given = {question: typed.value for question, typed in page.typed().items()}
            assisted.take_down(application=application, typed=given, by=request.user, at=now())
            messages.success(request, "The company's owner is asked to confirm what you typed")
            return redirect(f"{request.path}?section={chosen}")
    return render(request, "applications/assist.html", presenter.to_type(application, page, sections, chosen))
