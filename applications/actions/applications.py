"""Start, sign, send in, reopen and withdraw an application; give one company more time."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.access import held_by, require
from accounts.models import Person
from accounts.refusals import Denied, Refused
from accounts.roles import Permission, Role
from applications import notices, policies, reminders, shapes
from applications.models import Answer, Application, Company
from applications.papers import answers_digest
from applications.references import new_reference
from audit import trail
from grants.models import Round
from grants.policies import check_has_room, check_round_takes_applications
from notifications.outbox import send_notice
from workflow import deadlines
from workflow.engine import fire
from workflow.models import Case


def start(*, round: Round, company: Company, by: Person, at: datetime) -> Application:
    """Begin an application, under the version the round pins. Raises RoundClosed, or NotAllowedNow where one is on its way already."""
    require(by, Permission.APPLICATION_EDIT, on=company)
    check_round_takes_applications(round, at=at)
    check_has_room(round, at=at)
    with transaction.atomic():
        Company.objects.select_for_update(of=("self",)).get(pk=company.pk)
        policies.refuse_beside(Application.objects.filter(round=round, company=company))
        reference = new_reference(round.programme.slug)
        case = Case.objects.create(reference=reference, holder=Application.State.DRAFT.owner, held_since=at)
        application = Application.objects.create(
            case=case, round=round, version=round.version, company=company, reference=reference, started_at=at, started_by=by
        )
        trail.record(
            stream=case.stream,
            kind="application.started",
            actor=by.pk,
            at=at,
            subject=f"applications.application:{application.pk}",
            after={"round": round.reference, "version": round.version.number, "company": company.pk},
        )
        reminders.plan(application, at=at)
    return application


def sign(*, application: Application, name: str, position: str, by: Person, at: datetime) -> Application:
    """Sign the declaration over the answers as they stand. Raises Denied for whoever may not sign, SectionsIncomplete."""
    with transaction.atomic():
        return _sign(locked(application), name=name, position=position, by=by, at=at)


def _sign(fresh: Application, *, name: str, position: str, by: Person, at: datetime) -> Application:
    """The same, for an application that is locked."""
    check_may_sign(fresh, by)
    policies.check_can_be_edited(fresh, at=at)
    policies.check_sections_are_complete(fresh, at=at)
    declaration = policies.declaration_of(fresh)
    value = {"agreed": True, "name": name.strip(), "position": position.strip()}
    problem = shapes.refusal(fresh.version.definition, declaration, value) or shapes.unfinished(
        fresh.version.definition, declaration, value
    )
    if problem:
        raise Refused(problem, code="declaration_incomplete", field="name")
    Answer.objects.update_or_create(application=fresh, question=declaration.id, defaults={"value": value, "saved_at": at, "saved_by": by})
    fresh.declared_at, fresh.declared_by, fresh.declared_sha256 = at, by, answers_digest(fresh)
    fresh.save(update_fields=["declared_at", "declared_by", "declared_sha256"])
    trail.record(
        stream=fresh.stream,
        kind="application.declared",
        actor=by.pk,
        at=at,
        subject=f"applications.application:{fresh.pk}",
        after={"answers_sha256": fresh.declared_sha256},
        personal={"name": value["name"], "position": value["position"]},
    )
    return fresh


def check_may_sign(application: Application, person: Person) -> None:
    """Raise Denied unless this person may sign: a signatory, or the owner where the programme lets an owner sign."""
    declaration = policies.declaration_of(application)
    held = {role for role, scope in held_by(person).pairs if scope == application.company.organisation.scope}
    if not held & ({Role.SIGNATORY, Role.OWNER} if declaration.signed_by == "owner_or_signatory" else {Role.SIGNATORY}):
        raise Denied(f"{policies.who_signs(application)} must sign the declaration.", code="not_a_signatory")
    if declaration.signed_by == "another_signatory" and _wrote(application, person, but=declaration.id):
        raise Denied("You wrote part of this application, so another signatory must sign the declaration.", code="signed_by_preparer")


def _wrote(application: Application, person: Person, *, but: str) -> bool:
    """Whether an answer, as it stands or as it stood, is this person's."""
    answers = application.answers.exclude(question=but)
    return answers.filter(Q(saved_by=person) | Q(earlier__saved_by=person)).exists()


def submit(*, application: Application, by: Person, at: datetime, key: str | None = None) -> Application:
    """Send the application in and run the eligibility rules, in one go.

    However often it is sent with one `key`, it is one submission. Raises RoundClosed, SectionsIncomplete, CostsDoNotFit,
    GrantOutOfLimits, DeclarationMissing, Denied.
    """
    with transaction.atomic():
        sent = fire(application, "submit", by=by, at=at, key=key)
        if sent.state == Application.State.SUBMITTED:
            sent = fire(sent, "screen", by=Person.objects.system(), at=at)
    return sent


def sign_and_submit(*, application: Application, name: str, position: str, by: Person, at: datetime, key: str | None = None) -> Application:
    """Sign the declaration and send the application in, as one person in one go."""
    with transaction.atomic():
        fresh = locked(application)
        if fresh.is_draft and not fresh.is_expression:
            _sign(fresh, name=name, position=position, by=by, at=at)
        return submit(application=application, by=by, at=at, key=key)


def reopen(*, application: Application, by: Person, at: datetime, key: str | None = None) -> Application:
    """Take it back to change it, while the round is open."""
    with transaction.atomic():
        Company.objects.select_for_update(of=("self",)).get(pk=application.company_id)  # as `start`: one of the two goes first
        draft = fire(application, "reopen", by=by, at=at, key=key)
        if draft.is_draft:
            deadlines.set_deadline(draft, "taken_back", draft.due_at, at=at)
    return draft


def withdraw(*, application: Application, by: Person, at: datetime, key: str | None = None) -> Application:
    """Ask no longer to be considered."""
    return fire(application, "withdraw", by=by, at=at, key=key)


def extend(*, application: Application, until: datetime, note: str, by: Person, at: datetime) -> Application:
    """Give one company more time, with the reason on record. Raises Refused where the new time is no later."""
    require(by, Permission.ROUND_MANAGE, on=application)
    if not note.strip():
        raise Refused("Give the reason for the extra time.", code="reason_missing", field="note")
    if until <= max(application.closes_at, at):
        raise Refused("The extra time must end after the round closes, and in the future.", code="extension_too_early", field="until")
    with transaction.atomic():
        fresh = locked(application)
        policies.check_not_erased(fresh, at=at)
        fresh.extended_until, fresh.extended_at, fresh.extended_by, fresh.extension_reason = until, at, by, note.strip()[:300]
        fresh.save(update_fields=["extended_until", "extended_at", "extended_by", "extension_reason"])
        trail.record(
            stream=fresh.stream,
            kind="application.extended",
            actor=by.pk,
            at=at,
            subject=f"applications.application:{fresh.pk}",
            after={"until": until.isoformat()},
            personal={"note": note},
        )
        reminders.plan(fresh, at=at)
        for letter in notices.more_time(fresh):
            key = f"extended:{fresh.pk}:{until.isoformat()}:{letter.person.pk}"
            send_notice("application.extended", letter, at=at, stream=fresh.stream, key=key)
    return fresh


def locked(application: Application) -> Application:
    """The application read afresh, its case held until the transaction ends."""
    Case.objects.hold(application.case_id)
    return Application.objects.afresh(application)
