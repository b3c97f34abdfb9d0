"""Inviting, and coming in by an invitation."""

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import presenters
from accounts.actions import invitations
from accounts.forms import AcceptForm, InviteForm
from accounts.models import Invitation, Person
from accounts.refusals import refusals_on


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    presenters.check_sees_people(request.user)
    form = InviteForm(request.POST or None, person=request.user)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            invitation = invitations.invite(**form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, f"Invitation sent to {invitation.email}")
            return redirect("accounts:people")
    return render(request, "accounts/invite.html", {"form": form})


@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.visible_to(request.user), pk=pk)
    invitations.resend(invitation=invitation, by=request.user, at=timezone.now())
    messages.success(request, f"Invitation sent again to {invitation.email}. The earlier link no longer works.")
    return redirect("accounts:people")


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.visible_to(request.user), pk=pk)
    invitations.withdraw(invitation=invitation, by=request.user, at=timezone.now())
    messages.success(request, f"Invitation to {invitation.email} withdrawn")
    return redirect("accounts:people")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    try:
        invitation = invitations.find(token=token, at=timezone.now())
    except Invitation.DoesNotExist:
        raise Http404 from None
    if not getattr(request.user, "is_authenticated", False):
        return _come_in(request, invitation, token) if invitations.known(invitation) is None else redirect_to_login(request.path)
    if request.method == "POST":
        invitations.accept(token=token, by=request.user, at=timezone.now())
        messages.success(request, presenters.taken_up(invitation))
        return redirect("accounts:home")
    return render(request, "accounts/accept.html", presenters.invitation(invitation, request.user))


@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, pk: int) -> HttpResponse:
    """An invitation to whoever is signed in, reached from their landing page and not from the mail."""
    invitation = get_object_or_404(Invitation.objects.of(request.user), pk=pk)
    if request.method == "POST":
        invitations.accept_own(invitation=invitation, by=request.user, at=timezone.now())
        messages.success(request, presenters.taken_up(invitation))
        return redirect("accounts:home")
    return render(request, "accounts/accept.html", presenters.invitation(invitation, request.user))


def _come_in(request: HttpRequest, invitation: Invitation, token: str) -> HttpResponse:
    """For an address without an account: name and password, then signed in."""
    form = AcceptForm(request.POST or None, email=invitation.email)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            person: Person = invitations.accept(token=token, **form.cleaned_data, by=None, at=timezone.now())
            messages.success(request, presenters.taken_up(invitation))
            return perform_login(request, person, redirect_url="/home/")
    return render(request, "accounts/accept.html", presenters.invitation(invitation, None) | {"form": form})
