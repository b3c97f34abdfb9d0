"""Ask a company to pay back what it did not earn of an advance, take the money in, or let it go."""

from datetime import date, datetime

from django.db import transaction

from accounts.access import holders, require
from accounts.models import Person
from accounts.refusals import Refused
from accounts.roles import Permission
from design.words import in_words, pounds_exact
from notifications.outbox import Letter, send_notice
from payments.actions.tracing import trace
from payments.models import Award, Recovery
from payments.policies.recoveries import check_can_be_asked
from workflow.engine import fire
from workflow.models import Case


def ask(*, award: Award, amount_pence: int, reason: str, due_on: date, by: Person, at: datetime) -> Recovery:
    """Ask for part of an advance back, for a reason that the company reads. Raises NotAllowedNow, Refused."""
    require(by, Permission.AWARD_MANAGE, on=award)
    if not reason.strip():
        raise Refused("Say why it is to be paid back.", code="reason_missing", field="reason")
    with transaction.atomic():
        Case.objects.hold(award.case_id)
        fresh = Award.objects.select_related("case", "programme", "company__organisation").get(pk=award.pk)
        check_can_be_asked(fresh, pence=amount_pence, due_on=due_on, at=at)
        recovery = Recovery.objects.create(
            case=fresh.case,
            award=fresh,
            number=fresh.recoveries.count() + 1,
            amount_pence=amount_pence,
            reason=reason.strip(),
            due_on=due_on,
            created_at=at,
            created_by=by,
        )
        about = {"number": recovery.number, "amount_pence": amount_pence}
        trace(recovery, "recovery.raised", by=by, at=at, after=about, personal={"reason": recovery.reason})
        _tell(recovery, at=at)
    return recovery


def _tell(recovery: Recovery, *, at: datetime) -> None:
    award = recovery.award
    body = (
        f"Please pay back {pounds_exact(recovery.amount_pence)} of the advance on {award.reference} by {in_words(recovery.due_on)}.\n\n"
        f"{recovery.reason}\n\nThe award's page says where to, and with which reference."
    )
    for person in holders({award.organisation.scope}, Permission.AWARD_ACCEPT, Permission.CLAIM_SUBMIT):
        letter = Letter(person, f"Money to pay back on {award.reference}", body, f"/apply/awards/{award.reference}/")
        send_notice("recovery.raised", letter, at=at, stream=award.stream, key=f"recovery:{recovery.pk}:{person.pk}")


def receive(*, recovery: Recovery, pence: int, on: date, bank_reference: str, by: Person, at: datetime) -> Recovery:
    """Record what the bank's statement shows; somebody else confirms it."""
    return fire(recovery, "receive", by=by, at=at, pence=pence, on=on, bank_reference=bank_reference)


def confirm(*, recovery: Recovery, by: Person, at: datetime) -> Recovery:
    """Confirm that it arrived: it goes into the books."""
    return fire(recovery, "confirm", by=by, at=at)


def mistake(*, recovery: Recovery, note: str, by: Person, at: datetime) -> Recovery:
    """What was recorded was not this repayment."""
    return fire(recovery, "mistake", by=by, at=at, note=note)


def cancel(*, recovery: Recovery, note: str, by: Person, at: datetime) -> Recovery:
    """Take the request back."""
    return fire(recovery, "cancel", by=by, at=at, note=note)


def ask_waiver(*, recovery: Recovery, note: str, by: Person, at: datetime) -> Recovery:
    """Propose that the company keeps it."""
    return fire(recovery, "ask_waiver", by=by, at=at, note=note)


def waive(*, recovery: Recovery, by: Person, at: datetime) -> Recovery:
    """Let the company keep it, as somebody else proposed."""
    return fire(recovery, "waive", by=by, at=at)


def keep_asking(*, recovery: Recovery, note: str, by: Person, at: datetime) -> Recovery:
    """Do not waive it."""
    return fire(recovery, "keep_asking", by=by, at=at, note=note)
