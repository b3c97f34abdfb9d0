"""The one page that only a rehearsal has: its clock, moved on by hand, and the way out."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from design.fields import MemorableDateField
from design.words import moment_in_words
from grants.rehearsals import clock
from reporting.demo.stage import Clock
from workflow.models import Deadline

SHOWN = 10
SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


class ClockForm(forms.Form):
    """A day to go on to."""

    day = MemorableDateField(label="Or go on to a day", help_text="To nine in the morning. The clock only goes forward.")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def clock_page(request: HttpRequest) -> HttpResponse:
    """Where the clock stands and what falls due next; a POST moves it on, and what falls due on the way happens."""
    if not settings.REHEARSAL:
        raise Http404
    now = timezone.now()
    by_day = "day_day" in request.POST
    form = ClockForm(request.POST if by_day else None)
    moment = _asked_for(request, form, now) if request.method == "POST" else None
    if moment is not None:
        said = move_on(moment)
        messages.success(request, f"It is now {moment_in_words(said)}, and what fell due has happened")
        return redirect("rehearsal_clock")
    return render(request, "reporting/rehearsal_clock.html", {"form": form, "now": now, **_due(now)})


def move_on(moment: datetime) -> datetime:
    """Stand at a moment, one deadline after the other, and keep it for the next process."""
    hand = Clock(timezone.now())
    for due_at in Deadline.objects.live().filter(due_at__lte=moment).order_by("due_at").values_list("due_at", flat=True):
        hand.to(due_at)
    hand.to(moment)
    clock.keep()
    return hand.now


def _asked_for(request: HttpRequest, form: ClockForm, now: datetime) -> datetime | None:
    if "day_day" in request.POST:
        if not form.is_valid():
            return None
        moment = datetime.combine(form.cleaned_data["day"], time(9), tzinfo=timezone.get_current_timezone())
        if moment > now:
            return moment
        form.add_error("day", "Choose a day after the one on which the rehearsal stands")
        return None
    if request.POST.get("to") == "next":
        following = Deadline.objects.live().filter(due_at__gt=now).order_by("due_at").first()
        return following.due_at + timedelta(minutes=1) if following else None
    span = SPANS.get(request.POST.get("to", ""))
    return now + span if span else None


def _due(now: datetime) -> dict[str, Any]:
    waiting = list(Deadline.objects.live().filter(due_at__gt=now).order_by("due_at", "pk")[:SHOWN])
    rows = [[moment_in_words(each.due_at), each.name.replace("_", " ").capitalize(), _about(each)] for each in waiting]
    return {"next": moment_in_words(waiting[0].due_at) if waiting else "", "rows": rows, "columns": ["When", "What falls due", "Of"]}


def _about(deadline: Deadline) -> str:
    record = apps.get_model(deadline.record_type)._base_manager.filter(pk=deadline.record_id).first()
    return str(record or "")
