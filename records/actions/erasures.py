"""Ask that records be erased, answer that, and erase what is due."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from accounts.access import can, require
from accounts.actions import people
from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refusal, Refused
from accounts.roles import Permission
from applications.actions import equality
from applications.actions.applications import locked
from applications.models import Application
from audit import trail
from design.words import in_words
from notifications.models import FailingAddress, MailChoice, Notice, OutboxMessage
from notifications.outbox import Letter, send_notice
from records import erasing, keeping, notices, policies
from records.keeping import Kept
from records.models import Erasure, Restriction
from workflow.engine import fire

STEPS = ("erase", "refuse")


def ask(*, application: Application, reason: str, by: Person, at: datetime) -> Erasure:
    """The company's owner, or staff on somebody's behalf, ask. Raises Denied, Refused, NotAllowedNow where it cannot be done."""
    if not can(by, Permission.COMPANY_EDIT, on=application):
        require(by, Permission.RECORDS_HOLD, on=application)
    if not reason.strip():
        raise Refused("Say why.", code="reason_missing", field="reason")
    with transaction.atomic():
        fresh = locked(application)
        erasure = Erasure(
            case=fresh.case, application=fresh, ground=Erasure.Ground.REQUEST, reason=reason.strip(), asked_at=at, asked_by=by
        )
        policies.check_nothing_is_open(erasure, at=at)
        policies.check_may_go_on_request(erasure, at=at)
        if Erasure.objects.asked().filter(application=fresh).exists():
            raise NotAllowedNow("Somebody has asked for this already. A second person decides.", code="erasure_asked")
        erasure.save(force_insert=True)
        _note(erasure, by=by, at=at)
        for letter in notices.to_judge(erasure):
            send_notice("erasure.asked", letter, at=at, stream=fresh.stream, key=f"erasure:{erasure.pk}:{letter.person.pk}")
    return erasure


def answer(*, erasure: Erasure, step: str, note: str = "", by: Person, at: datetime) -> Erasure:
    """Erase, or refuse with a reason. Raises Denied for whoever asked."""
    if step not in STEPS:
        raise Refused("There is no such step.", code="step_unknown")
    if erasure.asked_by_id == by.pk:
        raise Denied("You asked for this, so somebody else decides.", code="separation_of_duties")
    return fire(erasure, step, by=by, at=at, note=note)


def fall_due(*, kept: Kept, at: datetime) -> Erasure:
    """Erase one application's records whose years are over. Raises NotAllowedNow where something keeps them."""
    system = Person.objects.system()
    with transaction.atomic():
        fresh = locked(kept.application)
        erasure, is_new = Erasure.objects.asked().get_or_create(
            application=fresh,
            defaults={"case": fresh.case, "ground": Erasure.Ground.RETENTION, "reason": kept.because, "asked_at": at, "asked_by": system},
        )
        if is_new:
            _note(erasure, by=system, at=at)
        return fire(erasure, "fall_due", by=system, at=at)


def run(*, at: datetime) -> Iterator[tuple[Kept, Erasure | Refusal]]:
    """The retention job: erase what is due, each application in its own transaction, and say of every one what came of it.

    Whose team was not told a month ago waits until it was.
    """
    for kept in keeping.due(Application.objects.all(), at=at):
        goes_on = keeping.goes_on(kept, at=at)
        if not kept.obstacles and goes_on > localdate(at):
            yield kept, NotAllowedNow(f"Its people hear a month before. It goes on {in_words(goes_on)}.", code="people_not_told")
            continue
        try:
            yield kept, fall_due(kept=kept, at=at)
        except Refusal as refusal:
            yield kept, refusal


def forget_dormant(*, at: datetime) -> int:
    """Erase accounts that nobody has used for two years and of whose companies nothing is kept any longer; returns how many."""
    system, number = Person.objects.system(), 0
    for person in keeping.dormant(at=at):
        forget(person=person, by=system, at=at)
        number += 1
    return number


def forget(*, person: Person, by: Person, at: datetime) -> None:
    """An account and all that only hung on it; the caller has made sure that nothing keeps it."""
    with transaction.atomic():
        equality.take_back_everywhere(person=person)
        erasing.messages_about(person).delete()
        people.forget(person=person, by=by, at=at)
        Notice.objects.to(person).delete()
        MailChoice.objects.filter(person=person).delete()
        FailingAddress.objects.of(person.email).delete()
        Restriction.objects.of(person).delete()


def warn(*, at: datetime) -> int:
    """Tell people a month before what is about to go: each team of its records, once for each day on which they fall due; how many."""
    told = 0
    for kept in keeping.due(Application.objects.all(), at=at, within=keeping.WARNED):
        if kept.obstacles:
            continue
        for letter in notices.before_records_go(kept, on=keeping.goes_on(kept, at=at)):
            told += _once(
                f"records.going:{kept.application.pk}:{kept.until}:{letter.person.pk}", letter, stream=kept.application.stream, at=at
            )
    for person in keeping.dormant(at=at + keeping.WARNED):
        told += _once(f"account.going:{person.pk}:{person.last_login}", notices.before_an_account_goes(person, at=at), at=at)
    return told


def _once(key: str, letter: Letter, *, stream: str = "", at: datetime) -> int:
    if OutboxMessage.objects.filter(key=key).exists():
        return 0
    with transaction.atomic():
        send_notice("records.going", letter, at=at, stream=stream, key=key)
    return 1


def _note(erasure: Erasure, *, by: Person, at: datetime) -> None:
    trail.record(
        stream=erasure.stream,
        kind="erasure.asked",
        actor=by.pk,
        at=at,
        subject=f"{erasure.record_type()}:{erasure.pk}",
        after={"ground": str(erasure.ground)},
        personal={"reason": erasure.reason},
    )
