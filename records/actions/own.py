"""What people ask about their own data: that it goes, or that it is kept and not used."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.access import holders, require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from accounts.scopes import SITE, Place
from audit import trail
from notifications.outbox import Letter, send_notice
from records import keeping, notices
from records.actions import erasures
from records.models import Restriction


def erase_account(*, email: str, by: Person, at: datetime) -> None:
    """Erase one's own account, at once (UK GDPR article 17). Raises Refused for another address, NotAllowedNow where something keeps it."""
    if email.strip().lower() != by.email.lower():
        raise Refused("Type the email address of your account, to be sure that it is yours.", code="not_your_address", field="email")
    with transaction.atomic():
        person = Person.objects.get_queryset().select_for_update().get(pk=by.pk)
        if kept := keeping.what_keeps(person, at=at):
            raise NotAllowedNow(" ".join(kept), code="account_kept")
        erasures.forget(person=person, by=person, at=at)


def restrict(*, reason: str, by: Person, at: datetime) -> Restriction:
    """Ask that what we hold about oneself be kept and not used otherwise. It stands at once, and administrators are told."""
    if not reason.strip():
        raise Refused("Say why.", code="reason_missing", field="reason")
    try:
        with transaction.atomic():
            placed = Restriction.objects.create(person=by, reason=reason.strip(), placed_at=at)
            _note(placed, "restriction.placed", placed.reason, by=by, at=at)
            for letter in notices.of_a_restriction(placed, holders({SITE}, Permission.PERSON_MANAGE)):
                send_notice(
                    "restriction.placed", letter, at=at, stream=f"person:{by.pk}", key=f"restriction:{placed.pk}:{letter.person.pk}"
                )
    except IntegrityError:
        raise NotAllowedNow("You have asked for this already, and it stands.", code="restricted") from None
    return placed


def lift(*, restriction: Restriction, reason: str, by: Person, at: datetime) -> Restriction:
    """End it: its person, when they say so, or an administrator, and then its person is told why (article 18(3)). Raises Denied."""
    if restriction.person_id != by.pk:
        require(by, Permission.PERSON_MANAGE, on=Place(SITE))
    if not reason.strip():
        raise Refused("Give a reason.", code="reason_missing", field="reason")
    with transaction.atomic():
        standing = Restriction.objects.standing().filter(pk=restriction.pk)
        if not standing.update(lifted_at=at, lifted_by=by, lifted_because=reason.strip()):
            raise NotAllowedNow("This is lifted already.", code="lifted")
        _note(restriction, "restriction.lifted", reason.strip(), by=by, at=at)
        if restriction.person_id != by.pk:
            asked = "You asked us to keep what we hold about you and not to use it otherwise."
            body = f"{asked} We use it as before from now on: {reason.strip()}"
            letter = Letter(restriction.person, "We use your data as before", body, "/accounts/data/")
            send_notice("restriction.lifted", letter, at=at, key=f"restriction.lifted:{restriction.pk}")
    return Restriction.objects.select_related("person", "lifted_by").get(pk=restriction.pk)


def _note(restriction: Restriction, kind: str, reason: str, *, by: Person, at: datetime) -> None:
    subject = f"records.restriction:{restriction.pk}"
    stream = f"person:{restriction.person_id}"
    trail.record(stream=stream, kind=kind, actor=by.pk, at=at, subject=subject, personal={"reason": reason})
