"""The auditor's pages: streams, one stream's timeline, one event, checkpoints; and a case's history for those who work on it."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from accounts.access import reach
from accounts.roles import Permission
from applications.models import Application
from audit import checkpoints as signed
from audit.models import Checkpoint, Event, StreamHead
from reporting.actions import trails
from reporting.exports import csv_response
from reporting.forms import EventFilter, StreamSearch
from reporting.presenters import audit as present
from reporting.presenters import trail as told
from reporting.trails import may_read_case, streams_visible_to

PAGE = 50


@require_safe
def streams(request: HttpRequest) -> HttpResponse:
    """The streams, the one that grew last first."""
    _auditor(request)
    search = StreamSearch(request.GET or None)
    found = search.narrowed(streams_visible_to(request.user)).order_by("-last_at", "stream")
    before = parse_datetime(request.GET.get("before", "").replace(" ", "+"))
    if before:
        found = found.filter(last_at__lte=before).exclude(last_at=before, stream__lte=request.GET.get("after", ""))
    page = list(found[: PAGE + 1])
    return render(request, "reporting/audit.html", present.streams_page(request, search, page, PAGE))


@require_safe
def stream(request: HttpRequest, stream: str) -> HttpResponse:
    """One stream's timeline, newest first."""
    head = _head(request, stream)
    events = _events(stream)
    search = EventFilter(request.GET or None, kinds=present.kinds_in(events))
    found = search.narrowed(events)
    before = request.GET.get("before", "")
    if before.isdecimal():
        found = found.filter(sequence__lt=int(before[:9]))
    page = list(found.order_by("-sequence")[: PAGE + 1])
    return render(request, "reporting/audit_stream.html", present.stream_page(request, head, search, page, PAGE))


@require_safe
def event(request: HttpRequest, stream: str, sequence: int) -> HttpResponse:
    """One event: its sentence, what it holds, its very bytes and its place in the sealed order."""
    _head(request, stream)
    found = get_object_or_404(_events(stream), sequence=sequence)
    return render(request, "reporting/audit_event.html", present.event_page(found))


@require_POST
def verify_stream(request: HttpRequest, stream: str) -> HttpResponse:
    """Verify one stream and say the result."""
    head = _head(request, stream)
    report = trails.verify_trail(stream=head.stream, by=request.user, at=timezone.now())
    return render(request, "reporting/audit_verified.html", present.verified_page(report, stream=head.stream))


@require_POST
def verify_all(request: HttpRequest) -> HttpResponse:
    """Verify the whole trail and say the result."""
    _auditor(request, everywhere=True)
    report = trails.verify_trail(by=request.user, at=timezone.now())
    return render(request, "reporting/audit_verified.html", present.verified_page(report))


@require_POST
def export(request: HttpRequest, stream: str) -> HttpResponseBase:
    """A stream as CSV, oldest first."""
    head = _head(request, stream)
    trails.export_trail(stream=head.stream, by=request.user, at=timezone.now())
    rows = told.export_rows(_events(stream).order_by("sequence").iterator(chunk_size=500))
    return csv_response(f"trail-{stream.replace(':', '-')}", told.HEADS, rows)


@require_safe
def checkpoints(request: HttpRequest) -> HttpResponse:
    """The checkpoints signed last."""
    _auditor(request)
    rows = present.checkpoint_rows(Checkpoint.objects.order_by("-pk")[:PAGE])
    return render(request, "reporting/audit_checkpoints.html", {"columns": present.CHECKPOINT_COLUMNS, "rows": rows})


@require_safe
def checkpoint(request: HttpRequest, number: int) -> JsonResponse:
    """One checkpoint as the signed document that an outsider keeps."""
    _auditor(request)
    found = get_object_or_404(Checkpoint.objects.select_related("key"), pk=number)
    name = f"checkpoint-{found.size}-{timezone.localdate(found.at)}.json"
    return JsonResponse(signed.as_document(found), headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_safe
def case_history(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything that happened in a case, for those who work on it."""
    application = get_object_or_404(Application.objects.visible_to(request.user), reference=reference)
    if not may_read_case(request.user, application):
        raise Http404
    events = list(_events(application.case.stream).order_by("-sequence")[: PAGE * 4])
    return render(
        request, "reporting/case_history.html", {"application": application, "events": told.timeline(events, full=False), "most": PAGE * 4}
    )


def _events(stream: str) -> QuerySet[Event]:
    return Event.objects.filter(stream=stream).select_related("position")


def _head(request: HttpRequest, stream: str) -> StreamHead:
    return get_object_or_404(streams_visible_to(request.user), stream=stream)


def _auditor(request: HttpRequest, *, everywhere: bool = False) -> None:
    """Nobody else is told that these pages are there."""
    seen = reach(request.user, Permission.AUDIT_VIEW)
    if not (seen.everywhere or (seen.programmes and not everywhere)):
        raise Http404
