"""Opening alerts, without an account: ask, confirm, stop. Opening a link changes nothing; its button does."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import limits
from audit.middleware import client_address
from grants.actions import alerts as actions
from grants.forms.programmes import AlertForm
from grants.models import Programme

ASKED = limits.Limit(10, limits.HOUR, "Too many addresses were given from your network. Try again in an hour.")
SENT = "If that address can be written to, a message is on its way. Follow the link in it within 7 days"


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Give an address; the answer is the same whatever is known of it."""
    programme = get_object_or_404(Programme.objects.public(), slug=slug)
    form = AlertForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        limits.spend("opening_alert", ASKED, who=client_address(request))
        actions.ask(programme=programme, address=form.cleaned_data["address"], at=now())
        messages.success(request, SENT)
        return redirect(programme)
    return render(request, "grants/alert.html", {"programme": programme, "form": form})


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm the address that the link went to."""
    alert = actions.read(token, purpose=actions.CONFIRM)
    if request.method == "POST":
        actions.confirm(alert=alert, at=now())
        messages.success(request, "Confirmed. We write when it opens")
        return redirect(alert.programme)
    text = "We write to the address that this link went to, and to nobody else."
    words = {"title": f"Hear when {alert.programme.name} opens", "button": "Confirm", "text": text}
    return render(request, "grants/alert_link.html", words)


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Take the address off the list and forget it."""
    alert = actions.read(token, purpose=actions.STOP)
    if request.method == "POST":
        actions.stop(alert=alert)
        messages.success(request, "Stopped. The address is forgotten")
        return redirect(alert.programme)
    text = "Press the button, and we forget this address and do not write to it again about this programme."
    words = {"title": f"Hear no more of {alert.programme.name}", "button": "Stop and forget my address", "text": text}
    return render(request, "grants/alert_link.html", words)
