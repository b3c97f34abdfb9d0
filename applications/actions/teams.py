"""Who belongs to a company's team, and as what."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts.access import require
from accounts.actions import invitations
from accounts.models import Invitation, Person, RoleAssignment
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import COMPANY_ROLES, Permission, Role
from applications.actions import assignments
from applications.models import Company
from audit import trail
from notifications.outbox import Letter, send_notice


def add(*, company: Company, person: Person, role: Role, by: Person, at: datetime) -> RoleAssignment:
    """Give somebody a part in the company. Raises Refused where the role is not a company's or is held already."""
    require(by, Permission.TEAM_MANAGE, on=company)
    if role not in COMPANY_ROLES:
        raise Refused("Choose one of the company's own roles.", code="role_unknown", field="role")
    scope = company.organisation.scope
    try:
        with transaction.atomic():
            assignment = RoleAssignment.objects.create(person=person, role=role, scope=scope, starts_at=at, granted_by=by)
            trail.record(
                stream=company.stream,
                kind="team.added",
                actor=by.pk,
                at=at,
                subject=f"accounts.person:{person.pk}",
                after={"role": str(role), "person": person.pk},
            )
    except IntegrityError:
        raise Refused(f"{person.name} is already {Role(role).label.lower()} here.", code="role_held_already", field="email") from None
    person.__dict__.pop("_held", None)
    return assignment


def remove(*, company: Company, assignment: RoleAssignment, by: Person, at: datetime) -> None:
    """End one person's part. The last owner stays: hand ownership over first. Anybody may leave."""
    if assignment.person_id != by.pk:
        require(by, Permission.TEAM_MANAGE, on=company)
    with transaction.atomic():
        held = list(members(company, at=at).select_for_update(of=("self",)).order_by("pk"))
        check_an_owner_stays(assignment, held=held)
        if not _end(company, assignment, by=by, at=at):
            return
        left = [row for row in held if row.person_id == assignment.person_id and row.pk != assignment.pk]
        if not left:
            assignments.end_all_of(company=company, person=assignment.person, by=by, at=at)
        if assignment.person_id != by.pk:
            _tell_of_removal(company, assignment, is_out=not left, by=by, at=at)
    assignment.person.__dict__.pop("_held", None)


def check_an_owner_stays(assignment: RoleAssignment, *, held: Iterable[RoleAssignment]) -> None:
    """Of the parts `held` in the company, the last owner's does not end."""
    owners = [row for row in held if row.role == Role.OWNER]
    if assignment.role == Role.OWNER and len(owners) == 1:
        raise NotAllowedNow("A company needs an owner. Make somebody else an owner first.", code="last_owner")


def _end(company: Company, assignment: RoleAssignment, *, by: Person, at: datetime) -> bool:
    """End one part, once."""
    if not RoleAssignment.objects.filter(pk=assignment.pk, scope=company.organisation.scope, ends_at=None).update(ends_at=at):
        return False
    trail.record(
        stream=company.stream,
        kind="team.removed",
        actor=by.pk,
        at=at,
        subject=f"accounts.person:{assignment.person_id}",
        before={"role": assignment.role, "person": assignment.person_id},
    )
    return True


def _tell_of_removal(company: Company, assignment: RoleAssignment, *, is_out: bool, by: Person, at: datetime) -> None:
    part = assignment.get_role_display().lower()
    now = f"You can no longer see the company's applications. Ask {by.name} if this is wrong." if is_out else "Your other parts stay."
    letter = Letter(
        assignment.person, f"You are no longer {part} of {company.name}", f"{by.name} ended your part as {part}. {now}", "/apply/"
    )
    send_notice("team.removed", letter, at=at, stream=company.stream, key=f"team.removed:{assignment.pk}")


def hand_over(*, company: Company, to: Person, by: Person, at: datetime, stays: bool) -> None:
    """Make somebody of the team the owner in one's own place; one stays as a team member, or leaves. An owner is a member anyway.

    Raises Denied for whoever is not an owner, Refused where `to` is oneself or not in the team.
    """
    require(by, Permission.TEAM_MANAGE, on=company)
    with transaction.atomic():
        held = list(members(company, at=at).select_for_update(of=("self",)).order_by("pk"))
        theirs = {row.role for row in held if row.person_id == to.pk}
        if to == by or not theirs:
            raise Refused("Choose somebody else of the team.", code="not_in_team", field="to")
        if Role.OWNER not in theirs:
            add(company=company, person=to, role=Role.OWNER, by=by, at=at)
        if stays and not any(row.person_id == by.pk and row.role != Role.OWNER for row in held):
            add(company=company, person=by, role=Role.MEMBER, by=by, at=at)
        for row in held:
            if row.person_id == to.pk and row.role == Role.MEMBER:
                _end(company, row, by=by, at=at)
            if row.person_id == by.pk and (row.role == Role.OWNER or not stays):
                remove(company=company, assignment=row, by=by, at=at)
        body = f"{by.name} made you the owner of {company.name}: you decide who is in the team, and keep the company's details."
        letter = Letter(to, f"You are now the owner of {company.name}", body, f"/apply/companies/{company.pk}/team/")
        send_notice("team.handed_over", letter, at=at, stream=company.stream, key=f"team.handed_over:{company.pk}:{at.isoformat()}")


def members(company: Company, *, at: datetime) -> QuerySet[RoleAssignment]:
    """The roles held on the company now, with their people."""
    return (
        RoleAssignment.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), scope=company.organisation.scope, role__in=COMPANY_ROLES)
        .select_related("person")
        .order_by("person__name", "role", "pk")
    )


def people(company: Company, *, at: datetime) -> list[tuple[Person, list[RoleAssignment]]]:
    """Everybody of the team once, with the parts they hold."""
    found: dict[int, tuple[Person, list[RoleAssignment]]] = {}
    for row in members(company, at=at):
        found.setdefault(row.person_id, (row.person, []))[1].append(row)
    return list(found.values())


def bring_in(*, company: Company, email: str, role: Role, by: Person, at: datetime) -> Invitation:
    """Invite an address into the team. Whoever has an account already accepts too: nobody is put into a company unasked, and staff who
    were would have to keep away from its applications."""
    require(by, Permission.TEAM_MANAGE, on=company)
    if role not in COMPANY_ROLES:
        raise Refused("Choose one of the company's own roles.", code="role_unknown", field="role")
    return invitations.invite(email=email, role=role, scope=company.organisation.scope, by=by, at=at)


def invited(company: Company) -> QuerySet[Invitation]:
    """Invitations to the team that nobody has taken up yet."""
    return Invitation.objects.waiting().filter(scope=company.organisation.scope).order_by("email", "pk")
