"""Granting a role, which takes two people and a day, and ending one, which takes a moment."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from accounts import mail, scopes
from accounts.access import held_by, require
from accounts.models import Person, RoleAssignment, RoleGrant
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import COMPANY_ROLES, HOLDS, Permission, Role
from accounts.scopes import Place
from audit import trail
from design.words import in_words

COMES_INTO_FORCE = timedelta(hours=24)
"""Between confirmation and force, so that somebody who should not have been granted a role can be noticed in time."""
ONLY_READ = frozenset({Role.AUDITOR, Role.FUNDER})


def propose(
    *,
    person: Person,
    role: str,
    scope: str,
    reason: str = "",
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    by: Person,
    at: datetime,
) -> RoleGrant:
    """Propose that somebody holds a role, as a deputy only from one moment until another. It waits for an independent person.

    Company roles are not for this: a company's owner gives them. Raises Denied, Refused.
    """
    if until_at is not None and until_at <= max(at, from_at or at):
        raise Refused("A deputy's time must end after it begins, and not in the past.", code="ends_before_it_begins", field="until_on")
    scopes.check(role, scope)
    if role in COMPANY_ROLES:
        raise Refused("A company's owner gives the roles in its team.", code="company_role", field="role")
    require(by, Permission.ROLE_GRANT, on=Place(scope), held=held_by(by, at=at))
    if by.pk == person.pk:
        raise Denied("Nobody grants a role to themselves.", code="self_granted")
    if is_held(person=person, role=role, scope=scope):
        raise Refused(f"{person.name} is {Role(role).label.lower()} there already.", code="role_held_already", field="role")
    if clash := _kept_apart(person, role, scope, starts_at=_begins(from_at, at), ends_at=until_at):
        raise Refused(clash, code="role_kept_apart", field="role")
    try:
        with transaction.atomic():
            grant = RoleGrant.objects.create(
                person=person,
                role=role,
                scope=scope,
                reason=reason.strip(),
                from_at=from_at,
                until_at=until_at,
                proposed_at=at,
                proposed_by=by,
            )
            _record(grant, "role.proposed", by=by, at=at, reason=reason.strip())
            _tell_confirmers(grant, at=at)
    except IntegrityError:
        raise Refused("That role is proposed already, and waits to be confirmed.", code="role_waits_already", field="role") from None
    return grant


def confirm(*, grant: RoleGrant, by: Person, at: datetime) -> RoleAssignment:
    """Confirm somebody else's proposal about a third person; the role is in force 24 hours later, a deputy's on its day.

    Raises Denied, and NotAllowedNow where a deputy's time would be over by then.
    """
    with transaction.atomic():
        grant = _locked(grant)
        require(by, Permission.ROLE_CONFIRM, on=grant, held=held_by(by, at=at))
        if by.pk in {grant.proposed_by_id, grant.person_id}:
            raise Denied("Somebody who neither proposed this role nor gets it must confirm it.", code="not_independent")
        _check_waits(grant)
        if is_held(person=grant.person, role=grant.role, scope=grant.scope):
            raise NotAllowedNow(f"{grant.person.name} holds this role already.", code="role_held_already")
        starts_at = _begins(grant.from_at, at)
        if grant.until_at is not None and grant.until_at <= starts_at:
            raise NotAllowedNow("A role is in force 24 hours after it is confirmed, and by then this one would be over.", code="too_late")
        if clash := _kept_apart(grant.person, grant.role, grant.scope, starts_at=starts_at, ends_at=grant.until_at):
            raise NotAllowedNow(clash, code="role_kept_apart")
        assignment = RoleAssignment.objects.create(
            person=grant.person,
            role=grant.role,
            scope=grant.scope,
            starts_at=starts_at,
            ends_at=grant.until_at,
            granted_by=grant.proposed_by,
        )
        grant.confirmed_at, grant.confirmed_by, grant.assignment = at, by, assignment
        grant.save(update_fields=["confirmed_at", "confirmed_by", "assignment"])
        _record(grant, "role.confirmed", by=by, at=at)
        begins = f"from {in_words(starts_at)}" if grant.from_at else "from this time tomorrow"
        until = f" until {in_words(grant.until_at - timedelta(seconds=1))}" if grant.until_at else ""
        _tell(grant.person, f"You will be {_words(grant)}", f"Your new role is confirmed, and is in force {begins}{until}.", at=at)
    return assignment


def refuse(*, grant: RoleGrant, reason: str, by: Person, at: datetime) -> RoleGrant:
    """Turn a proposal down, or take one's own back. Raises Denied, NotAllowedNow, and Refused without a reason."""
    with transaction.atomic():
        grant = _locked(grant)
        if by.pk != grant.proposed_by_id:
            require(by, Permission.ROLE_CONFIRM, on=grant, held=held_by(by, at=at))
        if not reason.strip():
            raise Refused("Give a reason.", code="reason_missing", field="note")
        _check_waits(grant)
        grant.refused_at, grant.refused_by = at, by
        grant.save(update_fields=["refused_at", "refused_by"])
        _record(grant, "role.refused", by=by, at=at, reason=reason.strip())
        _tell(grant.proposed_by, f"Not confirmed: {grant.person.name} as {_words(grant)}", reason.strip(), at=at)
    return grant


def end(*, assignment: RoleAssignment, by: Person, at: datetime) -> RoleAssignment:
    """End a role at once: those who grant roles there may, and everybody may lay down their own. The last administrator stays."""
    with transaction.atomic():
        assignment = RoleAssignment.objects.select_for_update(of=("self",)).select_related("person").get(pk=assignment.pk)
        needed = Permission.TEAM_MANAGE if assignment.role in COMPANY_ROLES else Permission.ROLE_GRANT
        if by.pk != assignment.person_id or assignment.role == Role.SYSTEM:
            require(by, needed, on=assignment, held=held_by(by, at=at))
        if assignment.ends_at is not None and assignment.ends_at <= at:
            raise NotAllowedNow("This role has ended already.", code="role_ended")
        _check_not_the_last(assignment, at=at)
        assignment.ends_at, assignment.ended_by = max(at, assignment.starts_at), by
        assignment.save(update_fields=["ends_at", "ended_by"])
        _record(assignment, "role.ended", by=by, at=at)
    assignment.person.__dict__.pop("_held", None)
    return assignment


def assign(*, person: Person, role: str, scope: str, by: Person, at: datetime) -> RoleAssignment:
    """Write a role that needs no second person: a company's own, or the first ones of a new site. For the actions of this package."""
    assignment = RoleAssignment.objects.create(person=person, role=role, scope=scope, starts_at=at, granted_by=by)
    _record(assignment, "role.given", by=by, at=at)
    person.__dict__.pop("_held", None)
    return assignment


def is_held(*, person: Person, role: str, scope: str) -> bool:
    """Whether the person holds that role there, or is about to."""
    return RoleAssignment.objects.filter(person=person, role=role, scope=scope, ends_at=None).exists()


def _begins(from_at: datetime | None, confirmed_at: datetime) -> datetime:
    """When a role is in force that is confirmed at that moment."""
    return max(confirmed_at + COMES_INTO_FORCE, from_at or confirmed_at)


def _kept_apart(person: Person, role: str, scope: str, *, starts_at: datetime, ends_at: datetime | None) -> str:
    """Why this person cannot hold the role then: whoever audits a programme, or reads it for its funder, never approves in it.

    Nor the other way round, as a deputy either, on any day on which both would be in force. Empty where nothing is against it.
    """
    others = {Role.INDEPENDENT_APPROVER} if role in ONLY_READ else ONLY_READ if role == Role.INDEPENDENT_APPROVER else frozenset()
    held = RoleAssignment.objects.current(at=starts_at).filter(person=person, role__in=others)
    if ends_at is not None:
        held = held.filter(starts_at__lt=ends_at)
    for each in held.order_by("pk"):
        if scopes.meet(each.scope, scope):
            return (
                f"{person.name} is {Role(each.role).label.lower()}, {scopes.label(each.scope)}. Whoever approves in a programme neither "
                "audits it nor reads it for its funder: choose somebody else."
            )
    return ""


def _locked(grant: RoleGrant) -> RoleGrant:
    return RoleGrant.objects.select_for_update(of=("self",)).select_related("person", "proposed_by").get(pk=grant.pk)


def _check_waits(grant: RoleGrant) -> None:
    if grant.confirmed_at is not None:
        raise NotAllowedNow("This role was confirmed already.", code="already_confirmed")
    if grant.refused_at is not None:
        raise NotAllowedNow("This proposal was turned down or taken back.", code="already_refused")


def _check_not_the_last(assignment: RoleAssignment, *, at: datetime) -> None:
    if assignment.role not in {Role.ADMIN, Role.OWNER}:
        return
    same = RoleAssignment.objects.filter(role=assignment.role, scope=assignment.scope, starts_at__lte=at).current(at=at)
    if not same.exclude(pk=assignment.pk).exists():
        label = Role(assignment.role).label.lower()
        raise NotAllowedNow(f"This is the last {label} there. Make somebody else {label} first.", code=f"last_{assignment.role}")


def _record(about: RoleGrant | RoleAssignment, kind: str, *, by: Person, at: datetime, reason: str = "") -> None:
    trail.record(
        stream=f"person:{about.person_id}",
        kind=kind,
        actor=by.pk,
        at=at,
        subject=f"{about._meta.label_lower}:{about.pk}",
        after={"role": str(about.role), "scope": about.scope, "person": about.person_id},
        personal={"reason": reason} if reason else None,
    )


def _words(grant: RoleGrant) -> str:
    return f"{Role(grant.role).label.lower()}, {scopes.label(grant.scope)}"


def _tell(person: Person, subject: str, body: str, *, at: datetime) -> None:
    mail.post(to=person.email, subject=subject, body=body, at=at)


def _tell_confirmers(grant: RoleGrant, *, at: datetime) -> None:
    confirming = [str(role) for role in Role if Permission.ROLE_CONFIRM in HOLDS[role]]
    held = RoleAssignment.objects.current(at=at).filter(role__in=confirming, scope__in={grant.scope, scopes.SITE}, starts_at__lte=at)
    people = Person.objects.filter(pk__in=held.values("person"), is_active=True).exclude(pk__in=[grant.person_id, grant.proposed_by_id])
    for person in people.order_by("pk"):
        asked = f"{grant.proposed_by.name} proposes that {grant.person.name} becomes {_words(grant)}."
        body = f"{asked}\n\nConfirm or refuse it: {mail.link('/accounts/people/')}"
        _tell(person, "A role waits for you to confirm it", body, at=at)
