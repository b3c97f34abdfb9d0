"""Register a company, keep its facts, its team and its earlier assistance."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can
from accounts.actions import invitations
from accounts.models import RoleAssignment
from accounts.refusals import Denied, refusals_on
from accounts.roles import Permission, Role
from applications.actions import companies, enterprises, registers, teams
from applications.forms.companies import (
    ChangeCompanyForm,
    CompanyForm,
    LookUpForm,
    PreviousAwardForm,
    RelatedEnterpriseForm,
    TeamForm,
    checked_before,
    filled_in,
)
from applications.models import Company, PreviousAward, RelatedEnterprise
from applications.presenters import companies as presenter


def _own(request: HttpRequest, pk: int) -> Company:
    return get_object_or_404(Company.objects.of_team(request.user).select_related("organisation", "updated_by"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def look_up(request: HttpRequest) -> HttpResponse:
    """The form of a new company once more, with what the register says of its number and all that was typed."""
    if request.method != "POST":
        return redirect("applications:register")
    before, found, form = request.POST.get("looked_up", "")[:20], None, LookUpForm(request.POST)
    if form.is_valid():
        found = registers.look_up(number=form.cleaned_data["company_number"], at=now())
        if companies.is_here(form.cleaned_data["company_number"]):
            messages.error(request, companies.IS_HERE)
        elif found is None:
            messages.info(
                request, "The register, as we have it, does not know this number. Enter the details by hand; we check them later."
            )
        else:
            messages.success(request, presenter.filled_in(found))
    else:
        messages.error(request, " ".join(str(error) for error in form.errors["company_number"]))
    initial = filled_in(request.POST, found, registers.known(before) if found else None)
    return _registering(request, CompanyForm(initial=initial), looked_up=found.company_number if found else before)


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    initial = {"status": Company.Status.ACTIVE} | checked_before(request.session)
    form = CompanyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            company = companies.register(details=form.details(), by=request.user, at=now())
            messages.success(request, f"{company.name} is registered. You are its owner.")
            return redirect("applications:company", company.pk)
    return _registering(request, form, looked_up=request.POST.get("looked_up", "")[:20])


def _registering(request: HttpRequest, form: CompanyForm, *, looked_up: str) -> HttpResponse:
    context = {"form": form, "title": "Register your company", "back": "/apply/", "may_look_up": True, "looked_up": looked_up}
    return render(request, "applications/company_form.html", context)


@require_safe
def company(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    may_edit = can(request.user, Permission.COMPANY_EDIT, on=found)
    return render(request, "applications/company.html", presenter.page(found, may_edit=may_edit, at=now()))


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    if not can(request.user, Permission.COMPANY_EDIT, on=found):
        raise Denied("The owner of the company keeps its details.")
    form = ChangeCompanyForm(request.POST or None, initial=ChangeCompanyForm.of(found))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            companies.update(company=found, details=form.details(), revision=form.cleaned_data["revision"], by=request.user, at=now())
            messages.success(request, "The company's details are saved")
            return redirect("applications:company", found.pk)
    context = {"form": form, "title": f"Change the details of {found.name}", "back": presenter.path(found)}
    return render(request, "applications/company_form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            sent = teams.bring_in(
                company=found, email=form.cleaned_data["email"], role=Role(form.cleaned_data["role"]), by=request.user, at=now()
            )
            messages.success(request, f"We have sent an invitation to {sent.email}")
            return redirect("applications:team", found.pk)
    return render(request, "applications/team.html", {"form": form} | presenter.team(found, request.user, at=now()))


@require_POST
def invitation(request: HttpRequest, pk: int, invitation: int) -> HttpResponse:
    """Send an invitation into the team again, or take it back."""
    found = _own(request, pk)
    sent = get_object_or_404(teams.invited(found), pk=invitation)
    if "again" in request.POST:
        invitations.resend(invitation=sent, by=request.user, at=now())
        messages.success(request, f"We have sent the invitation to {sent.email} again. The link in the earlier mail no longer works.")
    else:
        invitations.withdraw(invitation=sent, by=request.user, at=now())
        messages.success(request, f"The invitation to {sent.email} is taken back")
    return redirect("applications:team", found.pk)


@require_POST
def leave(request: HttpRequest, pk: int, assignment: int) -> HttpResponse:
    found = _own(request, pk)
    role = get_object_or_404(RoleAssignment, pk=assignment, scope=found.organisation.scope)
    teams.remove(company=found, assignment=role, by=request.user, at=now())
    messages.success(request, f"{role.person.name} is no longer {role.get_role_display().lower()}")
    return redirect("applications:home" if role.person_id == request.user.pk else presenter.team_path(found))


@require_http_methods(["GET", "HEAD", "POST"])
def assistance(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    form = PreviousAwardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            companies.declare_award(company=found, **form.cleaned_data, by=request.user, at=now())
            messages.success(request, "Added")
            return redirect("applications:assistance", found.pk)
    may_edit = can(request.user, Permission.COMPANY_EDIT, on=found)
    return render(request, "applications/assistance.html", {"form": form} | presenter.assistance(found, may_edit=may_edit, at=now()))


@require_POST
def remove_assistance(request: HttpRequest, pk: int, award: int) -> HttpResponse:
    found = _own(request, pk)
    companies.remove_award(award=get_object_or_404(PreviousAward, pk=award, company=found), by=request.user, at=now())
    messages.success(request, "Removed")
    return redirect("applications:assistance", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """The linked and partner enterprises whose figures count with the company's."""
    found = _own(request, pk)
    form = RelatedEnterpriseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            added = enterprises.relate(company=found, **form.given(), by=request.user, at=now())
            messages.success(request, f"{added.name} is added")
            return redirect("applications:group", found.pk)
    may_edit = can(request.user, Permission.COMPANY_EDIT, on=found)
    return render(request, "applications/company_group.html", {"form": form} | presenter.group(found, may_edit=may_edit, at=now()))


@require_POST
def leave_group(request: HttpRequest, pk: int, enterprise: int) -> HttpResponse:
    found = _own(request, pk)
    enterprises.unrelate(enterprise=get_object_or_404(RelatedEnterprise, pk=enterprise, company=found), by=request.user, at=now())
    messages.success(request, "Removed")
    return redirect("applications:group", found.pk)
