"""Panel meetings and interviews: planned by an officer, led and signed by the chair."""

from collections.abc import Iterable
from datetime import datetime

from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet

from accounts.access import require
from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refusal, Refused
from accounts.roles import Permission
from applications.actions import documents
from applications.models import Application, Document
from assessments import policies, standings
from assessments.actions import conflicts
from assessments.agenda import suggested
from assessments.models import Absence, AgendaItem, Conflict, Meeting, MeetingMember
from assessments.stages import step_after
from audit import trail
from grants.models import Round
from grants.money import format_pence
from notifications import outbox
from workflow.engine import fire, lock

KINDS = {Meeting.Kind.PANEL: "panel", Meeting.Kind.INTERVIEW: "interview"}
"""The state of the applications that a meeting of each kind is about."""


def plan(
    *, round: Round, kind: str, held_at: datetime, place: str = "", members: Iterable[Person], by: Person, at: datetime,
    applications: Iterable[Application] | None = None,
) -> Meeting:  # fmt: skip
    """Call a meeting: its members are invited, and every application of the round that waits for it is put on the agenda in rank order.

    Raises Refused (nobody sits, nothing waits, a member without the panel's role) and Denied.
    """
    members = list(members)
    require(by, Permission.ASSESSMENT_MODERATE, on=round)
    if kind not in Meeting.Kind.values:
        raise Refused("Choose a panel meeting or interviews.", code="kind_unknown", field="kind")
    _check_members(round, members)
    with transaction.atomic():
        waiting = _waiting(round, Meeting.Kind(kind), None if applications is None else [one.pk for one in applications])
        if not waiting:
            raise NotAllowedNow("No application of this round waits for such a meeting.", code="nothing_waits")
        meeting = Meeting.objects.create(round=round, kind=kind, held_at=held_at, place=place.strip(), planned_at=at, planned_by=by)
        MeetingMember.objects.bulk_create(MeetingMember(meeting=meeting, person=person) for person in members)
        AgendaItem.objects.bulk_create(
            AgendaItem(meeting=meeting, application_id=pk, place=number, rank_by_mean=rank)
            for number, (pk, rank) in enumerate(waiting, start=1)
        )
        _search(meeting, members, at=at)
        _record_absences(meeting, by=by, at=at)
        _trace(meeting, "meeting.planned", by=by, at=at, after={"kind": kind, "items": len(waiting), "members": len(members)})
        _tell("meeting.planned", meeting, key=f"meeting.planned:{meeting.pk}", at=at)
    return meeting


def open_meeting(*, meeting: Meeting, present: Iterable[Person] | None = None, by: Person, at: datetime) -> Meeting:
    """The chair opens it, with those who came (everybody unless said otherwise). Conflicts found since the agenda went out are recorded."""
    with transaction.atomic():
        require(by, Permission.PANEL_CHAIR, on=meeting)
        if present is not None:
            meeting.members.exclude(person__in=list(present)).update(is_present=False)
        _search(meeting, [member.person for member in meeting.members.select_related("person")], at=at)
        _record_absences(meeting, by=by, at=at)
        return fire(meeting, "open", by=by, at=at)


def record(
    *, item: AgendaItem, outcome: str, amount_pence: int = 0, place: int | None = None, reason: str = "", notes: str = "", by: Person,
    at: datetime,
) -> AgendaItem:  # fmt: skip
    """Record what the meeting makes of one application. Leaving the order of the scores, or what the budget line says, needs a reason.

    Raises Refused (no reason, amount above the request), NotAllowedNow (not in session, too few without a conflict), Denied.
    """
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update(no_key=True, of=("self",)).select_related(*Meeting.reads_with).get(pk=item.meeting_id)
        fresh = AgendaItem.objects.select_related("application__round").get(pk=item.pk)
        _check_may_record(meeting, fresh, by)
        amount = _amount(fresh, outcome, amount_pence)
        wanted = fresh.place if place is None else place
        leaves = outcome != suggested(meeting).get(fresh.pk, outcome) or _jumps(meeting, fresh, wanted)
        if leaves and not reason.strip():
            raise Refused("This leaves the order of the scores or the budget line: give the reason.", code="reason_missing", field="reason")
        _move(meeting, fresh, wanted)
        fresh.outcome, fresh.amount_pence, fresh.leaves_order = outcome, amount, leaves
        fresh.reason, fresh.notes = reason.strip(), notes.strip()
        fresh.recorded_at, fresh.recorded_by, fresh.place = at, by, wanted
        fresh.save(update_fields=["outcome", "amount_pence", "leaves_order", "reason", "notes", "recorded_at", "recorded_by", "place"])
        trail.record(
            stream=fresh.application.stream,
            kind="meeting.recorded",
            actor=by.pk,
            at=at,
            subject=f"assessments.agendaitem:{fresh.pk}",
            after={"outcome": outcome, "amount_pence": amount, "leaves_order": leaves, "place": wanted},
            personal={"reason": fresh.reason, "notes": fresh.notes},
        )
    return fresh


def step_out(*, item: AgendaItem, person: Person, reason: str, by: Person, at: datetime) -> Absence:
    """Record that a member was not in the room for an item. Raises Refused without a reason or for somebody who does not sit."""
    require(by, Permission.PANEL_RANK, on=item.meeting)
    if not reason.strip():
        raise Refused("Say why they stepped out.", code="reason_missing", field="reason")
    if item.meeting.state not in (Meeting.State.PLANNED, Meeting.State.OPEN):
        raise NotAllowedNow("The minutes of this meeting stand.", code="meeting_over")
    if not item.meeting.members.filter(person=person).exists():
        raise Refused(f"{person} does not sit in this meeting.", code="not_a_member", field="person")
    with transaction.atomic():
        absence, _ = Absence.objects.get_or_create(
            item=item, person=person, defaults={"reason": reason.strip()[:300], "recorded_at": at, "recorded_by": by}
        )
        _trace(item.meeting, "meeting.stepped_out", by=by, at=at, after={"item": item.pk, "person": person.pk})
    return absence


def call_in(*, meeting: Meeting, person: Person, by: Person, at: datetime) -> Meeting:
    """Call one more of the panel to a meeting that is planned or in session, so that enough may judge each item; they are told.

    Raises Refused (without the panel's role, or sitting already) and NotAllowedNow (signed or cancelled).
    """
    with transaction.atomic():
        fresh = lock(meeting)
        _require_either(fresh, by)
        if fresh.state not in (Meeting.State.PLANNED, Meeting.State.OPEN):
            raise NotAllowedNow("This meeting is over.", code="meeting_over")
        _check_members(fresh.round, [person])
        member, is_new = MeetingMember.objects.get_or_create(meeting=fresh, person=person)
        if not is_new and member.is_present:
            raise Refused(f"{person} sits in this meeting already.", code="sits_already", field="person")
        member.is_present = True
        member.save(update_fields=["is_present"])
        _search(fresh, [person], at=at)
        _record_absences(fresh, by=by, at=at)
        _trace(fresh, "meeting.called_in", by=by, at=at, after={"person": person.pk})
        letters = [letter for letter in outbox.COMPOSERS["meeting.planned"](fresh, None) if letter.person == person]
        for letter in letters:
            outbox.send_notice("meeting.planned", letter, at=at, stream=fresh.stream, key=f"meeting.called_in:{member.pk}:{at.timestamp()}")
    return fresh


def minute(*, meeting: Meeting, minutes: str, by: Person, at: datetime) -> Meeting:
    """Write the meeting's minutes, until they are signed."""
    with transaction.atomic():
        fresh = lock(meeting)
        _require_either(fresh, by)
        if fresh.state != Meeting.State.OPEN:
            raise NotAllowedNow("Minutes are written while the meeting is in session.", code="not_in_session")
        fresh.minutes = minutes.strip()
        fresh.save(update_fields=["minutes"])
        _trace(fresh, "meeting.minuted", by=by, at=at, after={"length": len(fresh.minutes)})
    return fresh


def sign(*, meeting: Meeting, by: Person, at: datetime) -> Meeting:
    """The chair signs. Raises NotAllowedNow while an application has no outcome."""
    return fire(meeting, "sign", by=by, at=at)


def cancel(*, meeting: Meeting, reason: str, by: Person, at: datetime) -> Meeting:
    """It is not held; what was on its agenda waits for another."""
    return fire(meeting, "cancel", by=by, at=at, note=reason)


def waiting(meeting: Meeting, person: Person) -> QuerySet[Application]:
    """What was on the agenda and has not gone on to its next stage yet, as far as this person sees it."""
    return Application.objects.for_staff(person).filter(agenda_items__meeting=meeting, state=KINDS[Meeting.Kind(meeting.kind)]).for_pages()


def send_on(*, meeting: Meeting, by: Person, at: datetime) -> list[tuple[Application, Refusal | None]]:
    """After the chair signed: every application goes on to the next stage, each in its own transaction; every one is reported."""
    if meeting.state != Meeting.State.SIGNED:
        raise NotAllowedNow("The chair has not signed this meeting's minutes yet.", code="not_signed")
    results: list[tuple[Application, Refusal | None]] = []
    for application in waiting(meeting, by).order_by("pk"):
        try:
            results.append((fire(application, step_after(application), by=by, at=at), None))
        except Refusal as refusal:
            results.append((application, refusal))
    return results


def set_slot(*, item: AgendaItem, starts_at: datetime, by: Person, at: datetime) -> AgendaItem:
    """Give a company its time; its team is told, with what the assessors said, and may respond before it."""
    require(by, Permission.ASSESSMENT_MODERATE, on=item.meeting)
    if item.meeting.kind != Meeting.Kind.INTERVIEW or item.meeting.state != Meeting.State.PLANNED:
        raise NotAllowedNow("Times are given for interviews that are planned.", code="no_slot_now")
    if starts_at < at:
        raise Refused("That time has passed.", code="slot_passed", field="begins")
    if item.meeting.items.filter(starts_at=starts_at).exclude(pk=item.pk).exists():
        raise Refused("Another company has that time.", code="slot_taken", field="begins")
    with transaction.atomic():
        item.starts_at = starts_at
        item.save(update_fields=["starts_at"])
        _trace(item.meeting, "meeting.slot", by=by, at=at, after={"item": item.pk, "starts_at": starts_at.isoformat()})
        _tell("meeting.slot", item, key=f"meeting.slot:{item.pk}:{int(starts_at.timestamp())}", at=at)
    return item


def respond(*, item: AgendaItem, response: str, upload: File | None = None, by: Person, at: datetime) -> AgendaItem:
    """The company answers what the assessors said, with a file if it likes, until its interview begins.

    Raises Denied for others, NotAllowedNow afterwards, Refused (nothing written, too long, a file that may not be kept).
    """
    require(by, Permission.APPLICATION_EDIT, on=item.application)
    if not response.strip():
        raise Refused("Write your response.", code="response_missing", field="response")
    if len(response) > policies.COMMENT_MAX:
        raise Refused(f"Shorten your response to {policies.COMMENT_MAX:,} characters.", code="response_too_long", field="response")
    _check_awaits_response(item, at)
    if upload is not None:
        documents.attach_to_response(application=item.application, upload=upload, by=by, at=at)
    with transaction.atomic():
        item.response, item.responded_at, item.responded_by = response.strip(), at, by
        item.save(update_fields=["response", "responded_at", "responded_by"])
        trail.record(
            stream=item.application.stream, kind="meeting.responded", actor=by.pk, at=at, subject=f"assessments.agendaitem:{item.pk}",
            personal={"response": item.response},
        )  # fmt: skip
    return item


def take_back(*, item: AgendaItem, document: Document, by: Person, at: datetime) -> None:
    """The company takes a file of its response back, until its interview begins."""
    _check_awaits_response(item, at)
    documents.take_from_response(document=document, by=by, at=at)


def _check_awaits_response(item: AgendaItem, at: datetime) -> None:
    if not item.awaits_response(at):
        raise NotAllowedNow("The interview has begun, so the response can no longer be changed.", code="interview_begun")


def _check_members(round: Round, members: list[Person]) -> None:
    if not members:
        raise Refused("Choose who sits on the panel.", code="nobody_chosen", field="members")
    for person in members:
        try:
            require(person, Permission.PANEL_RANK, on=round)
        except Denied:
            raise Refused(f"{person} is not on this programme's panel.", code="not_on_panel", field="members") from None


def _waiting(round: Round, kind: Meeting.Kind, only: list[int] | None) -> list[tuple[int, int | None]]:
    """(application, rank by mean) of what waits for such a meeting and is on no other agenda of the same kind, best first."""
    waiting = Application.objects.filter(round=round, state=KINDS[kind]).exclude(
        agenda_items__in=AgendaItem.objects.filter(meeting__kind=kind, meeting__state__in=["planned", "open"])
    )
    if only is not None:
        waiting = waiting.filter(pk__in=only)
    left = set(waiting.values_list("pk", flat=True))
    ranked = [(one.application, one.rank) for one in standings.places(round) if one.application in left]
    return ranked + [(pk, None) for pk in sorted(left - {pk for pk, _ in ranked})]


def _search(meeting: Meeting, members: Iterable[Person], *, at: datetime) -> None:
    """What the records show between those who sit and what they are to judge, as it is searched for assessors."""
    conflicts.look_again(people=members, applications=meeting.items.values_list("application_id", flat=True), at=at)


def _record_absences(meeting: Meeting, *, by: Person, at: datetime) -> None:
    """Members with a confirmed conflict are out for the item, on record."""
    items = {item.application_id: item for item in meeting.items.all()}
    people = meeting.members.values_list("person_id", flat=True)
    for conflict in Conflict.objects.barring().filter(person__in=people, application__in=items).order_by("pk"):
        reason = f"Conflict of interest: {conflict.get_ground_display().lower()}"
        Absence.objects.get_or_create(
            item=items[conflict.application_id], person_id=conflict.person_id,
            defaults={"reason": reason, "recorded_at": at, "recorded_by": by},
        )  # fmt: skip


def _require_either(meeting: Meeting, by: Person) -> None:
    """The chair records, or the officer who takes the minutes."""
    try:
        require(by, Permission.PANEL_CHAIR, on=meeting)
    except Denied:
        require(by, Permission.ASSESSMENT_MODERATE, on=meeting)


def _check_may_record(meeting: Meeting, item: AgendaItem, by: Person) -> None:
    _require_either(meeting, by)
    policies.check_is_disinterested(item.application, by=by)
    if meeting.state != Meeting.State.OPEN:
        raise NotAllowedNow("Outcomes are recorded while the meeting is in session.", code="not_in_session")
    out = set(item.absences.values_list("person_id", flat=True))
    out |= set(Conflict.objects.barring().filter(application=item.application_id).values_list("person_id", flat=True))
    unjudged = meeting.unjudged(item.application).exclude(person__in=out).select_related("person").order_by("person__name", "pk").first()
    if unjudged is not None:
        said = (
            f"Our records suggest a possible conflict of interest of {unjudged.person}. An officer judges it first, or record here that "
            "they step out."
        )
        raise NotAllowedNow(said, code="conflict_to_judge")
    left = meeting.members.filter(is_present=True).exclude(person__in=out).count()
    if left < policies.QUORUM:
        sentence = f"Only {left} of the panel may judge this one; it takes {policies.QUORUM}. Call somebody else in, on the meeting’s page."
        raise NotAllowedNow(sentence, code="no_quorum")


def _amount(item: AgendaItem, outcome: str, amount_pence: int) -> int:
    if outcome not in AgendaItem.Outcome.values:
        raise Refused("Choose what the panel recommends.", code="outcome_unknown", field="outcome")
    if outcome == AgendaItem.Outcome.DECLINE:
        return 0
    asked = item.application.grant_requested_pence
    amount = amount_pence or asked
    if not 0 < amount <= asked:
        raise Refused(
            f"The company asked for {format_pence(asked)}: recommend that or less.", code="amount_above_request", field="amount_pence"
        )
    return amount


def _jumps(meeting: Meeting, item: AgendaItem, place: int) -> bool:
    """Whether this place puts the application before or behind one that the scores rank otherwise."""
    if place == item.place or item.rank_by_mean is None:
        return False
    if not 1 <= place <= meeting.items.count():
        raise Refused("There is no such place on the agenda.", code="place_unknown", field="place")
    return True


def _move(meeting: Meeting, item: AgendaItem, place: int) -> None:
    """Give the item its place; those between move up or down by one."""
    order = [one for one in meeting.items.order_by("place", "pk") if one.pk != item.pk]
    order.insert(place - 1, item)
    for number, one in enumerate(order, start=1):
        if one.place != number and one.pk != item.pk:
            AgendaItem.objects.filter(pk=one.pk).update(place=number)


def _trace(meeting: Meeting, kind: str, *, by: Person, at: datetime, after: dict[str, object]) -> None:
    trail.record(stream=meeting.stream, kind=kind, actor=by.pk, at=at, subject=f"assessments.meeting:{meeting.pk}", after=after)


def _tell(kind: str, record: Meeting | AgendaItem, *, key: str, at: datetime) -> None:
    stream = record.stream if isinstance(record, Meeting) else record.application.stream
    for number, letter in enumerate(outbox.COMPOSERS[kind](record, None)):
        outbox.send_notice(kind, letter, at=at, stream=stream, key=f"{key}:{number}")
