"""Panel meetings and interviews: the officer calls them, the chair leads and signs, the company reads and responds."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime, now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, holders
from accounts.refusals import NotAllowedNow, Refused, refusals_on
from accounts.roles import Permission
from applications.actions import documents
from applications.models import Application
from applications.views.files import handed_out
from assessments import agenda, queues, rounds
from assessments.actions import conflicts, meetings
from assessments.answers import paper_for_assessors
from assessments.forms.meetings import CallInForm, MeetingForm, RecordForm, ResponseForm, SlotForm, StepOutForm
from assessments.models import AgendaItem, Assessment, Meeting
from assessments.presenters import case
from assessments.presenters import meetings as shows
from assessments.presenters.feedback import feedback_before_interview
from assessments.scheme import scheme_of
from assessments.views.doors import report, round_or_404
from grants.models import Round

GET_POST = require_http_methods(["GET", "HEAD", "POST"])


@GET_POST
def meeting_list(request: HttpRequest, reference: str) -> HttpResponse:
    """The round's meetings; an officer calls another here when something waits for one."""
    round, at = round_or_404(request, reference), now()
    form = _call_form(request, round)
    if request.method == "POST" and form is not None and form.is_valid():
        with refusals_on(form):
            called = meetings.plan(round=round, by=request.user, at=at, **form.planned())
            messages.success(request, "The meeting is called and its members are told")
            return redirect(called)
    page = queues.page(Meeting.objects.visible_to(request.user).filter(round=round), by="held_at", after=request.GET.get("after", ""))
    context = {"round": round, "form": form, "page": page, "columns": shows.MEETING_COLUMNS, "rows": shows.meeting_rows(page.rows, round)}
    return render(request, "assessments/meetings.html", context)


def _call_form(request: HttpRequest, round: Round) -> MeetingForm | None:
    kinds = shows.waiting(round)
    if not kinds or not can(request.user, Permission.ASSESSMENT_MODERATE, on=round):
        return None
    people = holders(round.scopes(), Permission.PANEL_RANK, Permission.PANEL_CHAIR)
    return MeetingForm(request.POST or None, people=people, kinds=kinds)


def _meeting(request: HttpRequest, reference: str, pk: int) -> Meeting:
    round, seen = round_or_404(request, reference), Meeting.objects.visible_to(request.user)
    return get_object_or_404(seen.select_related("round__programme", "round__version", "round__budget"), pk=pk, round=round)


@require_safe
def meeting(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """The agenda as a live list with its budget line. What somebody has a conflict with is not on their list."""
    found = _meeting(request, reference, pk)
    seen = set(rounds.applications(request.user, found.round).order_by().values_list("pk", flat=True))
    every = agenda.lines(found)
    lines = [line for line in every if line.item.application_id in seen]
    context = {
        "round": found.round,
        "meeting": found,
        "when_and_where": shows.when_and_where(found),
        "facts": shows.facts(found),
        "columns": shows.AGENDA_COLUMNS,
        "rows": shows.agenda_rows(lines),
        "chart": shows.chart(lines, scheme_of(found.round.version).threshold),
        "hidden": len(every) - len(lines),
        "left": every[-1].left_pence if every else 0,
        "acts": shows.acts(found, request.user, at=now()),
        "members": found.members.select_related("person").order_by("person__name", "pk"),
        "call_in": _call_in_form(request, found),
        "may_chair": can(request.user, Permission.PANEL_CHAIR, on=found),
        "may_minute": shows.may_minute(found, request.user),
        "to_declare": [line.item.application for line in lines] if found.state in (Meeting.State.PLANNED, Meeting.State.OPEN) else [],
        "may_send_on": found.state == Meeting.State.SIGNED
        and can(request.user, Permission.ASSESSMENT_MODERATE, on=found)
        and meetings.waiting(found, request.user).exists(),
    }
    return render(request, "assessments/meeting.html", context)


def _call_in_form(request: HttpRequest, found: Meeting) -> CallInForm | None:
    if found.state not in (Meeting.State.PLANNED, Meeting.State.OPEN) or not shows.may_minute(found, request.user):
        return None
    return CallInForm(people=shows.may_be_called_in(found))


@require_POST
def act(request: HttpRequest, reference: str, pk: int, act: str) -> HttpResponse:
    """Open, call somebody in, minute, sign, cancel, or send its applications on."""
    found, by, at, note = _meeting(request, reference, pk), request.user, now(), request.POST.get("note", "")
    if act == "open":
        came = {int(one) for one in request.POST.getlist("present") if one.isdigit()}
        present = [one.person for one in found.members.select_related("person") if one.person_id in came]
        meetings.open_meeting(meeting=found, present=present, by=by, at=at)
    elif act == "call-in":
        form = CallInForm(request.POST, people=shows.may_be_called_in(found))
        if not form.is_valid():
            raise Refused("Choose who is called in.", code="nobody_chosen")
        meetings.call_in(meeting=found, person=form.cleaned_data["person"], by=by, at=at)
        messages.success(request, f"{form.cleaned_data['person']} is called in and told")
    elif act == "conflict":
        seen = rounds.applications(request.user, found.round).filter(agenda_items__meeting=found)
        chosen = get_object_or_404(seen, reference=request.POST.get("application", ""))
        conflicts.declare(application=chosen, reason=note, by=by, at=at)
        messages.success(request, f"Your conflict of interest is recorded, and {chosen.reference} is closed to you")
    elif act == "minutes":
        meetings.minute(meeting=found, minutes=note, by=by, at=at)
        messages.success(request, "Minutes saved")
    elif act == "sign":
        meetings.sign(meeting=found, by=by, at=at)
        messages.success(request, "The minutes are signed")
    elif act == "cancel":
        meetings.cancel(meeting=found, reason=note, by=by, at=at)
    elif act == "send-on":
        report(request, iter(meetings.send_on(meeting=found, by=by, at=at)), done="sent on")
    else:
        raise Http404
    return redirect(found)


@GET_POST
def item(request: HttpRequest, reference: str, pk: int, application: str) -> HttpResponse:
    """One application in a meeting: the reviews side by side, who is out, what the company answered, and what is recorded."""
    found, entry = _entry(request, reference, pk, application)
    form = RecordForm(request.POST if _is(request, "record") else None, initial=shows.recorded(found, entry))
    out = StepOutForm(request.POST if _is(request, "out") else None, item=entry, prefix="out")
    slot = SlotForm(request.POST if _is(request, "slot") else None, prefix="slot")
    done = _item_posted(request, entry, form, out, slot) if request.method == "POST" else None
    return done or render(request, "assessments/meeting_item.html", _item_context(request, found, entry, form, out, slot))


def _entry(request: HttpRequest, reference: str, pk: int, application: str) -> tuple[Meeting, AgendaItem]:
    """A meeting, and on its agenda what the person has no interest in."""
    found = _meeting(request, reference, pk)
    seen = rounds.applications(request.user, found.round)
    items = found.items.filter(application__in=seen.order_by().values("pk")).select_related(
        "application__company__organisation", "application__version", "application__round__programme", "meeting__round__programme"
    )
    entry = get_object_or_404(items, application__reference=application)
    if found.unjudged(entry.application).filter(person=request.user).exists():
        raise NotAllowedNow(shows.TO_JUDGE, code="conflict_to_judge")
    return found, entry


@require_safe
def paper(request: HttpRequest, reference: str, pk: int, application: str) -> HttpResponse:
    """The application as it was sent in, for those who are called to judge it, as its assessors read it."""
    found, entry = _readable(request, reference, pk, application)
    sent = paper_for_assessors(entry.application)
    answers = [answer for q in sent.definition.form.questions() if not (answer := sent.answer(q.id)).is_empty]
    context = {"round": found.round, "meeting": found, "item": entry, "answers": answers, "facts": shows.item_facts(entry)}
    return render(request, "assessments/meeting_paper.html", context)


@require_safe
def document(request: HttpRequest, reference: str, pk: int, application: str, document: int) -> HttpResponse:
    """A file of the paper that was sent in, for those who are called to judge it."""
    _, entry = _readable(request, reference, pk, application)
    sent = [one for files in paper_for_assessors(entry.application).documents.values() for one in files]
    files = [one for one in [*sent, *entry.application.documents.of_the_response()] if one.pk == document]
    if not files or files[0].scan_state in ("waiting", "infected"):
        raise Http404
    shown = "look" in request.GET and files[0].can_be_shown
    return handed_out(files[0], documents.open_document(document=files[0], shown=shown, by=request.user, at=now()), shown=shown)


def _readable(request: HttpRequest, reference: str, pk: int, application: str) -> tuple[Meeting, AgendaItem]:
    found, entry = _entry(request, reference, pk, application)
    if not agenda.may_read(found, request.user):
        raise Http404
    return found, entry


def _is(request: HttpRequest, act: str) -> bool:
    return request.method == "POST" and request.POST.get("act") == act


def _item_posted(request: HttpRequest, entry: AgendaItem, form: RecordForm, out: StepOutForm, slot: SlotForm) -> HttpResponse | None:
    by, at = request.user, now()
    if _is(request, "record") and form.is_valid():
        with refusals_on(form):
            meetings.record(item=entry, by=by, at=at, **form.recorded())
            messages.success(request, f"Recorded for {entry.application.reference}")
            return redirect(entry.meeting)
    if _is(request, "out") and out.is_valid():
        with refusals_on(out):
            meetings.step_out(item=entry, by=by, at=at, **out.cleaned_data)
            return redirect(request.path)
    if _is(request, "slot") and slot.is_valid():
        with refusals_on(slot):
            meetings.set_slot(item=entry, starts_at=slot.starts_at(localtime(entry.meeting.held_at)), by=by, at=at)
            messages.success(request, "The company is told its time")
            return redirect(request.path)
    return None


def _item_context(
    request: HttpRequest, found: Meeting, entry: AgendaItem, form: RecordForm, out: StepOutForm, slot: SlotForm
) -> dict[str, Any]:
    reviews = (
        Assessment.objects.visible_to(request.user)
        .filter(application=entry.application, is_calibration=False)
        .select_related("assessor")
        .order_by("pk")
    )
    cards = case.review_cards(reviews.prefetch_related("scores"), entry.application, case.excluded_from(entry.application))
    may_record = found.state == Meeting.State.OPEN and shows.may_minute(found, request.user)
    return {
        "round": found.round,
        "meeting": found,
        "item": entry,
        "table": case.side_by_side(cards, entry.application),
        "facts": shows.item_facts(entry),
        "cards": cards,
        "score_columns": case.SCORE_COLUMNS,
        "record": form if may_record else None,
        "out": out if found.state in (Meeting.State.PLANNED, Meeting.State.OPEN) else None,
        "may_read": agenda.may_read(found, request.user),
        "files": entry.application.documents.of_the_response() if entry.response else [],
        "slot": slot if _may_give_slot(request, found) else None,
        "absences": entry.absences.select_related("person").order_by("pk"),
        "forms": [one for one in (form, out, slot) if one.is_bound],
    }


def _may_give_slot(request: HttpRequest, found: Meeting) -> bool:
    is_due = found.kind == Meeting.Kind.INTERVIEW and found.state == Meeting.State.PLANNED
    return is_due and can(request.user, Permission.ASSESSMENT_MODERATE, on=found)


@GET_POST
def interview(request: HttpRequest, reference: str) -> HttpResponse:
    """For the company: its time, what the assessors said, and its response."""
    application = get_object_or_404(Application.objects.of_team(request.user).for_pages(), reference=reference)
    entry, at = application.agenda_items.interview(), now()
    if entry is None:
        return redirect(application)
    files = application.documents.of_the_response()
    if "take_off" in request.POST:
        document = get_object_or_404(files, pk=request.POST["take_off"] if request.POST["take_off"].isdecimal() else 0)
        meetings.take_back(item=entry, document=document, by=request.user, at=at)
        return redirect("assessments:interview", application.reference)
    form = ResponseForm(request.POST or None, request.FILES or None, initial={"response": entry.response})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            said = form.cleaned_data
            meetings.respond(item=entry, response=said["response"], upload=said["file"], by=request.user, at=at)
            messages.success(request, "Your response is saved. You can change it until your interview begins.")
            return redirect("assessments:interview", application.reference)
    context = {"application": application, "item": entry, "form": form, "facts": shows.slot_facts(entry)}
    context |= {"feedback": feedback_before_interview(application), "is_open": entry.awaits_response(at), "files": files}
    return render(request, "assessments/interview.html", context)
