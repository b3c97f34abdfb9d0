"""Asking somebody in by email, and their coming in."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from accounts import mail, scopes
from accounts.access import can, held_by, require
from accounts.actions import roles
from accounts.models import Invitation, Person, RoleAssignment
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import COMPANY_ROLES, Permission, Role
from accounts.scopes import Place
from audit import trail
from design.words import in_words

LIFETIME = timedelta(days=14)
PAUSE = timedelta(minutes=1)
"""Between two sendings of one invitation."""


def invite(*, email: str, role: str, scope: str, by: Person, at: datetime) -> Invitation:
    """Invite an address to a role, by a link that works once, for 14 days. Raises Denied, Refused.

    A company's people invite into its team; everybody else is invited by who grants roles there. SYSTEM invites a new site's first people.
    """
    address = _address(email)
    scopes.check(role, scope)
    if not by.is_system:
        require(by, _needed(role), on=Place(scope), held=held_by(by, at=at))
    if address == by.email.lower():
        raise Denied("Nobody grants a role to themselves.", code="self_granted")
    _check_not_held(address, role, scope)
    token = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                email=address, role=role, scope=scope, token_sha256=_digest(token), invited_at=at, invited_by=by, sent_at=at,
                expires_at=at + LIFETIME,
            )  # fmt: skip
            _record(invitation, "invitation.sent", by=by, at=at)
            _send(invitation, token, at=at)
    except IntegrityError:
        raise Refused(
            "That address has an invitation to this role already. Send it again.", code="invited_already", field="email"
        ) from None
    return invitation


def invite_first(*, admin: str, approver: str, at: datetime) -> list[Invitation]:
    """Invite a new site's administrator and independent approver, two people. Raises NotAllowedNow once anybody administers it, Refused."""
    system = Person.objects.system()
    if admin.strip().lower() == approver.strip().lower():
        raise Refused("The administrator and the independent approver are two people.", code="same_person")
    if RoleAssignment.objects.current(at=at).filter(role=Role.ADMIN, scope=scopes.SITE, person__is_active=True).exists():
        raise NotAllowedNow("This site has an administrator already, who can invite people.", code="site_has_people")
    wanted = ((admin, Role.ADMIN), (approver, Role.INDEPENDENT_APPROVER))
    with transaction.atomic():
        Invitation.objects.waiting().filter(invited_by=system).update(withdrawn_at=at, withdrawn_by=system)
        return [invite(email=email, role=role, scope=scopes.SITE, by=system, at=at) for email, role in wanted]


def resend(*, invitation: Invitation, by: Person, at: datetime) -> Invitation:
    """Send a fresh link, good for another 14 days; the old one stops working. Raises Denied, NotAllowedNow."""
    with transaction.atomic():
        invitation = _locked(invitation)
        require(by, _needed(invitation.role), on=invitation, held=held_by(by, at=at))
        _check_waits(invitation)
        if at < invitation.sent_at + PAUSE:
            raise NotAllowedNow("This was sent a moment ago. Wait a minute before you send it again.", code="sent_just_now")
        token = secrets.token_urlsafe(32)
        invitation.earlier_sha256s += f"{invitation.token_sha256}\n"
        invitation.token_sha256, invitation.sent_at, invitation.expires_at = _digest(token), at, at + LIFETIME
        invitation.times_sent += 1
        invitation.save(update_fields=["token_sha256", "earlier_sha256s", "sent_at", "expires_at", "times_sent"])
        _record(invitation, "invitation.sent_again", by=by, at=at)
        _send(invitation, token, at=at)
    return invitation


def withdraw(*, invitation: Invitation, by: Person, at: datetime) -> Invitation:
    """Take an invitation back; its link stops working. Raises Denied, NotAllowedNow."""
    with transaction.atomic():
        invitation = _locked(invitation)
        require(by, _needed(invitation.role), on=invitation, held=held_by(by, at=at))
        _check_waits(invitation)
        invitation.withdrawn_at, invitation.withdrawn_by = at, by
        invitation.save(update_fields=["withdrawn_at", "withdrawn_by"])
        _record(invitation, "invitation.withdrawn", by=by, at=at)
    return invitation


def find(*, token: str, at: datetime) -> Invitation:
    """The open invitation that a link is for. Raises NotAllowedNow, and Invitation.DoesNotExist for a token we never made."""
    invitation = Invitation.objects.by_link(_digest(token)).select_related("invited_by").get()
    _check_open(invitation, at=at)
    if invitation.token_sha256 != _digest(token):
        raise NotAllowedNow("A newer invitation was sent: use the link in the latest letter.", code="invitation_sent_again")
    return invitation


def known(invitation: Invitation) -> Person | None:
    """The person who has an account for the invited address already."""
    return Person.objects.filter(email__iexact=invitation.email).first()


def accept(*, token: str, name: str = "", password: str = "", by: Person | None, at: datetime) -> Person:
    """Come in: make the account (or use the one that is signed in), and take up the role. Returns the person.

    A role in a company, and a new site's first roles, are held at once. Any other role is then proposed by who invited, and waits to be
    confirmed. Raises Denied, NotAllowedNow, and Invitation.DoesNotExist.
    """
    with transaction.atomic():
        invitation = _locked(find(token=token, at=at))
        person = known(invitation)
        if person is not None and (by is None or by.pk != person.pk):
            raise Denied(f"Sign in as {invitation.email} to accept this invitation.", code="sign_in_first")
        if person is None and by is not None:  # one person with two accounts would be two people to the separation of duties
            raise Denied(f"You are signed in as {by.email}, and this is for {invitation.email}. Sign out first.", code="sign_out_first")
        return _accept(invitation, person or _come_in(invitation, name=name, password=password), at=at)


def accept_own(*, invitation: Invitation, by: Person, at: datetime) -> Person:
    """Take up a role as whoever is signed in with the invited address, which was shown to be theirs. Raises Denied, NotAllowedNow."""
    with transaction.atomic():
        if known(invitation) != by:
            raise Denied(f"Sign in as {invitation.email} to accept this invitation.", code="sign_in_first")
        return _accept(_locked(invitation), by, at=at)


def _accept(invitation: Invitation, person: Person, *, at: datetime) -> Person:
    """An invitation that is locked is taken up by its person."""
    _check_open(invitation, at=at)
    inviter = invitation.invited_by
    if not inviter.is_system and not can(inviter, _needed(invitation.role), on=invitation, held=held_by(inviter, at=at)):
        raise NotAllowedNow("The person who invited you may no longer do so. Ask for a new invitation.", code="inviter_gone")
    invitation.accepted_at, invitation.accepted_by = at, person
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    _record(invitation, "invitation.accepted", by=person, at=at)
    _take_up(invitation, person, at=at)
    return person


def _come_in(invitation: Invitation, *, name: str, password: str) -> Person:
    """A new account. The link came by mail, so that the address is the person's own is shown."""
    if not name.strip() or not password:
        raise Refused("Give your name and choose a password.", code="name_or_password_missing")
    person = Person.objects.create_user(email=invitation.email, name=name, password=password)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def _take_up(invitation: Invitation, person: Person, *, at: datetime) -> None:
    role, scope, inviter = invitation.role, invitation.scope, invitation.invited_by
    if roles.is_held(person=person, role=role, scope=scope):
        return
    if role in COMPANY_ROLES or inviter.is_system:
        roles.assign(person=person, role=role, scope=scope, by=inviter, at=at)
    elif not person.role_grants.waiting().filter(role=role, scope=scope).exists():
        roles.propose(person=person, role=role, scope=scope, reason="Invited", by=inviter, at=at)


def _needed(role: str) -> Permission:
    return Permission.TEAM_MANAGE if role in COMPANY_ROLES else Permission.ROLE_GRANT


def _address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Refused(
            f"“{address[:60]}” is not an email address. Write it as name@example.org.", code="email_wrong", field="email"
        ) from None
    return address


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _locked(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_for_update(of=("self",)).select_related("invited_by").get(pk=invitation.pk)


def _check_not_held(address: str, role: str, scope: str) -> None:
    person = Person.objects.filter(email__iexact=address).first()
    if person is not None and roles.is_held(person=person, role=role, scope=scope):
        raise Refused(f"{person.name} is {Role(role).label.lower()} there already.", code="role_held_already", field="email")


def _check_waits(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        raise NotAllowedNow("This invitation was accepted already. Sign in instead.", code="invitation_accepted")
    if invitation.withdrawn_at is not None:
        raise NotAllowedNow("This invitation was withdrawn.", code="invitation_withdrawn")


def _check_open(invitation: Invitation, *, at: datetime) -> None:
    _check_waits(invitation)
    if not invitation.is_open(at=at):
        raise NotAllowedNow("This invitation has expired. Ask for a new one.", code="invitation_expired")


def _send(invitation: Invitation, token: str, *, at: datetime) -> None:
    part = f"{Role(invitation.role).label.lower()}, {scopes.label(invitation.scope)}"
    inviter = invitation.invited_by
    asked = f"You are invited to Pumphouse as {part}." if inviter.is_system else f"{inviter.name} invites you to Pumphouse as {part}."
    body = (
        f"{asked}\n\nAccept here, by {in_words(invitation.expires_at)}:\n{mail.link(f'/accounts/invitations/{token}/')}\n\n"
        "The link is for you alone and works once. If you did not expect it, you need do nothing."
    )
    mail.post(to=invitation.email, subject="You are invited to Pumphouse", body=body, at=at)


def _record(invitation: Invitation, kind: str, *, by: Person, at: datetime) -> None:
    """On the stream of the person who acted: whom an invitation is for may have no account. The address is personal."""
    trail.record(
        stream=f"person:{by.pk}",
        kind=kind,
        actor=by.pk,
        at=at,
        subject=f"accounts.invitation:{invitation.pk}",
        after={"role": str(invitation.role), "scope": invitation.scope, "times_sent": invitation.times_sent},
        personal={"email": invitation.email},
    )
