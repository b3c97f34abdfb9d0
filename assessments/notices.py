"""Who is told what about assessment. Letters to assessors name the application and nothing of its content."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.timezone import localtime

from accounts import access
from accounts.models import Person
from accounts.roles import Permission, Role
from applications.models import Application
from assessments import amounts, basis
from assessments.models import AgendaItem, Assessment, Decision, Meeting, Moderation
from grants.money import format_pence
from notifications import outbox
from notifications.outbox import Letter, composes
from workflow.deadlines import on_due
from workflow.models import Deadline


def holders(role: Role, record: Any, at: datetime) -> list[Person]:
    """The people who hold a role on the record's programme at `at`."""
    running = Q(role_assignments__ends_at=None) | Q(role_assignments__ends_at__gt=at)
    held = Q(role_assignments__role=role, role_assignments__scope=record.application.round.programme.scope)
    return list(Person.objects.filter(held & running, role_assignments__starts_at__lte=at, is_active=True).distinct().order_by("pk"))


def overview(record: Any) -> str:
    return f"/manage/assessment/{record.application.round.reference}/"


@composes("assessment.invited")
def invited(assessment: Assessment, taken: Any) -> Iterable[Letter]:
    """The assessor hears which application they are asked to assess, and by when."""
    application = assessment.application
    yield Letter(
        assessment.assessor,
        f"Please assess {application.reference}",
        f"You are invited to assess “{application.title}” by {application.company.name}. Say first whether you have a conflict of "
        f"interest; the application opens after that. The review is due by {_by(assessment.due_at)}.",
        f"/assess/{assessment.pk}/",
    )


@composes("assessment.declined")
def declined(assessment: Assessment, taken: Any) -> Iterable[Letter]:
    """Officers hear that a place is open again."""
    for officer in holders(Role.OFFICER, assessment, taken.at):
        yield Letter(
            officer,
            f"{assessment.application.reference} needs another assessor",
            f"{assessment.assessor} has declined to assess {assessment.application.reference}.",
            overview(assessment),
        )


@composes("assessment.conflicted")
def conflicted(assessment: Assessment, taken: Any) -> Iterable[Letter]:
    """Officers hear that an assessor is out."""
    for officer in holders(Role.OFFICER, assessment, taken.at):
        yield Letter(
            officer,
            f"Conflict of interest on {assessment.application.reference}",
            f"{assessment.assessor} has declared a conflict of interest and can no longer open {assessment.application.reference}. "
            "Any score they gave is kept and does not count.",
            overview(assessment),
        )


@composes("assessment.barred")
def barred(assessment: Assessment, taken: Any) -> Iterable[Letter]:
    """The assessor hears why the application closed to them."""
    parties = assessment.application.version.definition.parties
    yield Letter(
        assessment.assessor,
        f"You can no longer assess {assessment.application.reference}",
        "A conflict of interest was confirmed between you and this application, so it is closed to you. "
        f"What you wrote is kept and does not count. If that is wrong, write to {parties.contact_email or parties.delivery_body}.",
        "/assess/",
    )


@composes("assessment.shut")
def shut(assessment: Assessment, taken: Any) -> Iterable[Letter]:
    """Officers hear that the records put an assessor out."""
    for officer in holders(Role.OFFICER, assessment, taken.at):
        yield Letter(
            officer,
            f"Conflict of interest on {assessment.application.reference}",
            f"The records show a conflict of interest between {assessment.assessor} and {assessment.application.reference}, so it is "
            f"closed to them: {assessment.end_reason} Any score they gave is kept and does not count.",
            overview(assessment),
        )


@composes("moderation.reopened")
def reopened(item: Moderation, taken: Any) -> Iterable[Letter]:
    """Officers hear that something settled is open again."""
    for officer in holders(Role.OFFICER, item, taken.at):
        yield Letter(
            officer,
            f"Something settled about {item.application.reference} is open again",
            "A review changed after its scores were settled in moderation. Look at them again.",
            f"/manage/assessment/{item.application.round.reference}/moderation/{item.pk}/",
        )


@composes("decision.voided")
def voided(application: Application, taken: Any) -> Iterable[Letter]:
    """Officers and leads hear that a proposal or decision no longer stands, and why."""
    decision = application.decisions.standing().first()
    why = " ".join(basis.since(decision, application)) if decision else ""
    scope = {application.round.programme.scope}
    for person in access.holders(scope, Permission.DECISION_PROPOSE, Permission.DECISION_APPROVE):
        yield Letter(
            person,
            f"The decision on {application.reference} no longer stands",
            f"{why} It awaits a new proposal.",
            f"/manage/assessment/{application.round.reference}/{application.reference}/",
        )


@composes("decision.agreement_asked")
def agreement_asked(application: Application, taken: Any) -> Iterable[Letter]:
    """Whoever the programme names hears that a grant of this size needs their agreement before it is decided."""
    asked = amounts.asked_of(application)
    for person in amounts.may_be_asked(application):
        yield Letter(
            person,
            f"Please look at the amount proposed for {application.reference}",
            f"{amounts.in_words(asked) if asked else ''} {format_pence(application.proposed_amount_pence or 0)} is proposed, and it is "
            "decided once one of them has agreed.",
            f"/manage/assessment/{application.round.reference}/{application.reference}/",
        )


@composes("round.money_freed")
def money_freed(award: Any, taken: Any) -> Iterable[Letter]:
    """Whoever proposes hears that an award ended, and who is next on the reserve list; nobody does where the list is empty."""
    round = award.application.round
    listed = Decision.objects.on_reserve(round)
    if not listed:
        return
    nearest = listed[0]
    for person in access.holders({round.programme.scope}, Permission.DECISION_PROPOSE):
        yield Letter(
            person,
            f"Money has come free in {round}",
            f"The award on {award.application.reference} has ended before it began, so its money can be promised again. Next on the "
            f"reserve list is {nearest.application.reference} from {nearest.application.company.name}, with "
            f"{format_pence(nearest.amount_pence)}. One person proposes it, another decides.",
            f"/manage/assessment/{round.reference}/reserve/",
        )


@composes("assessment.returned")
def returned(assessment: Assessment, taken: Any) -> Iterable[Letter]:
    """The assessor hears what to look at again."""
    yield Letter(
        assessment.assessor,
        f"Please look again at your review of {assessment.application.reference}",
        f"Your review came back with this note: {assessment.return_reason}",
        f"/assess/{assessment.pk}/review/",
    )


@composes("assessment.withdrawn")
def withdrawn(assessment: Assessment, taken: Any) -> Iterable[Letter]:
    """The assessor hears that nothing more is asked of them."""
    why = "It is no longer considered." if taken.step == "end" else "The invitation to assess it has been withdrawn."
    yield Letter(
        assessment.assessor,
        f"{assessment.application.reference} no longer needs your review",
        f"{why} There is nothing left for you to do.",
        "/assess/",
    )


@composes("assessment.submitted")
def all_in(assessment: Assessment, taken: Any) -> Iterable[Letter]:
    """Officers hear once the last review is in, where no place is still to be filled."""
    is_short = assessment.application.state == Application.State.ELIGIBLE
    if is_short or assessment.application.assessments.filter(state__in=Assessment.WAITING).exists():
        return
    for officer in holders(Role.OFFICER, assessment, taken.at):
        yield Letter(
            officer,
            f"All reviews of {assessment.application.reference} are in",
            "Close scoring to see what needs settling, or send it on for a decision.",
            overview(assessment),
        )


@composes("moderation.exclusion_proposed")
def exclusion_proposed(item: Moderation, taken: Any) -> Iterable[Letter]:
    """The chair hears that a score waits for their word."""
    for chair in holders(Role.CHAIR, item, taken.at):
        yield Letter(
            chair,
            f"A score of {item.application.reference} is proposed for exclusion",
            "Look at the score, its comments and the officer's reason, then confirm or refuse it. The score is kept either way.",
            f"/manage/assessment/{item.application.round.reference}/moderation/",
        )


@composes("meeting.planned")
def meeting_planned(meeting: Meeting, taken: Any) -> Iterable[Letter]:
    """Who sits hears when and where, and is asked for conflicts before anything is read."""
    for member in meeting.members.select_related("person").order_by("pk"):
        yield Letter(
            member.person,
            f"{meeting.get_kind_display()}: {_by(meeting.held_at)}",
            f"You sit on the panel of {meeting.round}. Look at the agenda, and say where you have a conflict of interest first.",
            meeting.get_absolute_url(),
        )


@composes("meeting.slot")
def meeting_slot(item: AgendaItem, taken: Any) -> Iterable[Letter]:
    """The company hears its time, and that it may respond to the assessors."""
    scope = {f"organisation:{item.application.company.organisation_id}"}
    for person in access.holders(scope, Permission.APPLICATION_EDIT):
        yield Letter(
            person,
            f"Your interview about {item.application.reference}",
            f"It is at {_by(item.starts_at or item.meeting.held_at)}. {item.meeting.place} You can read what the assessors said, and "
            "answer it in writing until then.",
            f"/apply/{item.application.reference}/interview/",
        )


@composes("meeting.cancelled")
def meeting_cancelled(meeting: Meeting, taken: Any) -> Iterable[Letter]:
    """Who sits need not come; a company that was given a time hears that it no longer holds."""
    for member in meeting.members.select_related("person").order_by("pk"):
        body = f"It was to be {_by(meeting.held_at)}, and is not held. What was on its agenda waits for another meeting."
        yield Letter(member.person, f"{meeting.get_kind_display()} cancelled: {meeting.round}", body, meeting.get_absolute_url())
    for item in meeting.items.filter(starts_at__isnull=False).select_related("application__company").order_by("pk"):
        for person in access.holders({f"organisation:{item.application.company.organisation_id}"}, Permission.APPLICATION_EDIT):
            yield Letter(
                person,
                f"Your interview about {item.application.reference} is cancelled",
                f"The time we gave you, {_by(item.starts_at or meeting.held_at)}, no longer holds. We write to you again with a new one.",
                f"/apply/{item.application.reference}/",
            )


@composes("meeting.signed")
def meeting_signed(meeting: Meeting, taken: Any) -> Iterable[Letter]:
    """Officers hear that they can send the applications on."""
    for person in access.holders(meeting.scopes(), Permission.ASSESSMENT_MODERATE):
        yield Letter(
            person,
            f"The minutes are signed: {meeting}",
            "Its applications can go on to the next stage.",
            meeting.get_absolute_url(),
        )


@on_due("assessments.assessment", "reminder")
def remind(assessment: Assessment, at: datetime, deadline: Deadline) -> None:
    """Three days before it is due, once."""
    if assessment.state in Assessment.WAITING:
        letter = Letter(
            assessment.assessor,
            f"Your review of {assessment.application.reference} is due by {_by(assessment.due_at)}",
            "If you cannot finish it in time, decline it now so that somebody else can be asked.",
            f"/assess/{assessment.pk}/",
        )
        outbox.send_notice("assessment.reminder", letter, at=at, stream=assessment.stream, key=f"assessment.reminder:{deadline.pk}")


@on_due("assessments.assessment", "overdue")
def overdue(assessment: Assessment, at: datetime, deadline: Deadline) -> None:
    """When the due date has passed officers hear who is late; what becomes of it is theirs to say."""
    if assessment.state not in Assessment.WAITING:
        return
    for officer in holders(Role.OFFICER, assessment, at):
        letter = Letter(
            officer,
            f"A review of {assessment.application.reference} is overdue",
            f"{assessment.assessor} has not submitted the review that was due by {_by(assessment.due_at)}.",
            overview(assessment),
        )
        key = f"assessment.overdue:{deadline.pk}:{officer.pk}"
        outbox.send_notice("assessment.overdue", letter, at=at, stream=assessment.stream, key=key)


def _by(moment: datetime) -> str:
    local = localtime(moment)
    return f"{local:%H:%M} on {local.day} {local:%B %Y}"
