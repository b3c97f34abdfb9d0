"""From a decision to a live award: draft, check, notify, clear, offer, accept, go live, and the ways it ends."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils.timezone import localtime, make_aware

from accounts.access import holders, require
from accounts.models import Person
from accounts.refusals import NotAllowedNow, Refused
from accounts.roles import Permission
from applications.models import Application
from applications.subsidies import limit_pence, total_pence
from design.words import in_words, pounds
from notifications.outbox import Letter, send_notice
from payments import papers, terms
from payments.actions.tracing import trace
from payments.models import Award, AwardCheck, SubsidyNotice
from payments.policies.awards import UNACCEPTED, check_subsidy_confirmed, check_subsidy_notified
from workflow import deadlines, guards
from workflow.engine import fire
from workflow.models import Case

SET_UP = ("drafted", "checking", "cleared")
"""States in which due diligence is done."""


def draft(*, application: Application, by: Person, at: datetime) -> Award:
    """Draft the award of an approved and notified application, with its checklist. Doing it again answers the same award."""
    with transaction.atomic():
        Case.objects.hold(application.case_id)
        earlier = Award.objects.filter(application=application).first()
        if earlier is not None:
            return earlier
        fresh = Application.objects.select_related("case", "round__programme", "round__budget", "version").get(pk=application.pk)
        if fresh.state != "approved" or fresh.notified_at is None or not fresh.decided_amount_pence:
            raise NotAllowedNow("Only an approved application whose company was told becomes an award.", code="not_approved")
        award = Award.objects.create(
            case=fresh.case,
            application=fresh,
            programme=fresh.round.programme,
            company=fresh.company,
            budget=fresh.round.budget,
            reference=fresh.reference,
            amount_pence=fresh.decided_amount_pence,
            rate_bp=_rate_bp(fresh),
            conditions="\n".join(terms.of(fresh.version).conditions("before_start")),
            starts_on=fresh.starts_on,
            ends_on=fresh.ends_on,
            created_at=at,
            created_by=by,
        )
        for check in award.terms.checks(award.amount_pence):
            AwardCheck.objects.create(award=award, code=check.id, name=check.title[:160], due=check.due)
        trace(award, "award.drafted", by=by, at=at, after={"amount_pence": award.amount_pence, "rate_bp": award.rate_bp})
        Case.objects.filter(pk=award.case_id).update(holder=award.state_now.owner, held_since=at)
    return award


def _rate_bp(application: Application) -> int:
    """The grant's share of the project's cost in basis points, rounded up so that rounding never costs the company a penny of its award."""
    if application.project_cost_pence <= 0:
        return 10_000
    return max(1, min(10_000, -(-application.grant_requested_pence * 10_000 // application.project_cost_pence)))


def start_checking(*, award: Award, by: Person, at: datetime) -> Award:
    """Take up the due diligence."""
    return fire(award, "start_checking", by=by, at=at)


def record_check(*, award: Award, code: str, result: str, by: Person, at: datetime, note: str = "") -> AwardCheck:
    """Say what one check found: passed, failed or referred. A failure or a referral needs a note; the last word counts.

    The first check takes the award up. That the subsidy was notified and confirmed passes only once both papers are there.
    """
    require(by, Permission.AWARD_CHECK, on=award)
    if result not in ("passed", "failed", "referred"):
        raise Refused("Choose what the check found.", code="result_missing", field="result")
    if result != "passed" and not note.strip():
        raise Refused("Say what you found.", code="note_missing", field="note")
    with transaction.atomic():
        Case.objects.hold(award.case_id)
        fresh = Award.objects.get(pk=award.pk)
        check = fresh.checks.filter(code=code).first()
        if check is None:
            raise Refused("That check is not on this award's list.", code="check_unknown", field="code")
        if fresh.state not in (*SET_UP, *(("accepted",) if check.due == "before_start" else ())):
            raise NotAllowedNow(f"This award is {fresh.state_now.label.lower()}: its checks are closed.", code="checks_closed")
        if code == terms.SUBSIDY_CHECK and result == "passed":
            check_subsidy_notified(fresh, at=at)
            check_subsidy_confirmed(fresh, at=at)
        if fresh.state == "drafted":
            fire(fresh, "start_checking", by=by, at=at)
        before = {"result": check.result}
        check.result, check.note, check.checked_at, check.checked_by = result, note, at, by
        check.save(update_fields=["result", "note", "checked_at", "checked_by"])
        trace(
            award,
            "award.checked",
            by=by,
            at=at,
            subject=f"payments.awardcheck:{check.pk}",
            before=before,
            after={"check": code, "result": result},
            personal={"note": note} if note else {},
        )
    return check


def notify_subsidy(*, award: Award, by: Person, at: datetime) -> SubsidyNotice:
    """Tell the company that the grant would be Minimal Financial Assistance, and ask for its written confirmation."""
    require(by, Permission.AWARD_CHECK, on=award)
    with transaction.atomic():
        Case.objects.hold(award.case_id)
        fresh = Award.objects.get(pk=award.pk)
        if not fresh.terms.is_mfa:
            raise NotAllowedNow("This programme's money is not given as Minimal Financial Assistance.", code="not_mfa")
        if fresh.state not in SET_UP:
            raise NotAllowedNow(f"This award is {fresh.state_now.label.lower()} already.", code="wrong_state")
        earlier = fresh.subsidy_notices.filter(kind="notification", amount_pence=fresh.amount_pence).first()
        if earlier is not None:
            return earlier
        notice = papers.notice(fresh, kind="notification", body=papers.notification(fresh, at=at), by=by, at=at)
        trace(fresh, "award.subsidy_notified", by=by, at=at, after={"amount_pence": notice.amount_pence, "sha256": notice.sha256})
        for person in holders({fresh.organisation.scope}, Permission.AWARD_ACCEPT):
            letter = Letter(
                person, f"Please confirm your subsidy position: {fresh.reference}", notice.body, f"/apply/awards/{fresh.reference}/"
            )
            send_notice("award.subsidy_notified", letter, at=at, stream=fresh.stream, key=f"subsidy:{notice.pk}:{person.pk}")
    return notice


def confirm_subsidy(*, award: Award, other_pence: int, is_agreed: bool, by: Person, at: datetime) -> SubsidyNotice:
    """The company's written confirmation, by a signatory: `other_pence` is the assistance from others that counts.

    Sent again with the same amount it is one confirmation; with another it is not taken, for it may be too late or need a person to look.
    Raises Refused where the limit of section 36(1) of the Subsidy Control Act 2022 would be exceeded, by what it says or by what we know.
    """
    require(by, Permission.AWARD_ACCEPT, on=award)
    if is_agreed is not True:
        raise Refused("Confirm the statement before you send it.", code="declaration_missing", field="is_agreed")
    if other_pence < 0:
        raise Refused("The amount must not be negative.", code="money_negative", field="other_pence")
    with transaction.atomic():
        Case.objects.hold(award.case_id)
        fresh = Award.objects.get(pk=award.pk)
        if not fresh.subsidy_notices.filter(kind="notification", amount_pence=fresh.amount_pence).exists():
            raise NotAllowedNow("We have not sent you the subsidy notification yet.", code="subsidy_not_notified")
        if fresh.state not in SET_UP:
            raise NotAllowedNow(f"This award is {fresh.state_now.label.lower()} already.", code="wrong_state")
        earlier = fresh.subsidy_notices.filter(kind="confirmation", amount_pence=fresh.amount_pence).first()
        if earlier is not None and earlier.other_pence == other_pence:
            return earlier
        if earlier is not None:
            raise NotAllowedNow(
                f"{pounds(earlier.other_pence)} from others was confirmed on {in_words(earlier.made_at)}. If that is not right, tell us "
                "under “Questions and answers” on the page of the application before you accept an offer.",
                code="subsidy_confirmed_already",
            )
        _check_under_limit(fresh, other_pence, at=at)
        body = papers.confirmation(fresh, signed_by=by, other_pence=other_pence, at=at)
        notice = papers.notice(fresh, kind="confirmation", body=body, other_pence=other_pence, by=by, at=at)
        trace(fresh, "award.subsidy_confirmed", by=by, at=at, after={"other_pence": other_pence, "sha256": notice.sha256})
    return notice


def _check_under_limit(award: Award, other_pence: int, *, at: datetime) -> None:
    on = localtime(at).date()
    counted = total_pence(award.company, on, said_pence=other_pence)
    if counted + award.amount_pence > limit_pence(on):
        raise Refused(
            f"{pounds(counted)} received and {pounds(award.amount_pence)} of this grant come to more than the limit of "
            f"{pounds(limit_pence(on))}. Talk to us before you go on.",
            code="subsidy_limit_exceeded",
            field="other_pence",
        )


def clear(*, award: Award, by: Person, at: datetime) -> Award:
    """Find that everything that comes before an offer is done."""
    return fire(award, "clear", by=by, at=at)


def offer(*, award: Award, by: Person, at: datetime, until: datetime | None = None) -> Award:
    """Make the offer and commit its money; it stands until the end of the programme's offer period unless told otherwise.

    Raises BudgetExhausted where the round cannot bear it.
    """
    last_day = localtime(at).date() + timedelta(days=award.terms.offer_days)
    until = until or make_aware(datetime.combine(last_day, time(23, 59)))
    if until <= at:
        raise Refused("An offer must stand for some time.", code="offer_until_past", field="until")
    with transaction.atomic():
        offered = fire(award, "offer", by=by, at=at, until=until)
        deadlines.set_deadline(offered, "lapse", until, at=at)
    return offered


def accept(*, award: Award, by: Person, at: datetime) -> Award:
    """Sign for the company: the agreement stands, the subsidy is given, milestones and reports are planned.

    One person's pressing twice is one acceptance: an offer is accepted once.
    """
    with transaction.atomic():
        accepted = fire(award, "accept", by=by, at=at, key=f"accept:{by.pk}")
        deadlines.clear(accepted, "lapse", at=at)
    return accepted


def refuse(*, award: Award, note: str, by: Person, at: datetime) -> Award:
    """Turn the offer down."""
    return _without_deadline(fire_step="refuse", award=award, note=note, by=by, at=at)


def rescind(*, award: Award, note: str, by: Person, at: datetime) -> Award:
    """Take the award back before it is accepted."""
    return _without_deadline(fire_step="rescind", award=award, note=note, by=by, at=at)


@guards.register("payments.withdraw_award")
def withdraw_with(application: Application, *, by: Person, at: datetime, note: str) -> None:
    """In the caller's transaction: the application is ruled out, and with it goes an award that was not accepted yet."""
    award = Award.objects.filter(application=application, state__in=UNACCEPTED).first()
    if award is not None:
        rescind(award=award, note=note, by=by, at=at)


def _without_deadline(*, fire_step: str, award: Award, note: str, by: Person, at: datetime) -> Award:
    with transaction.atomic():
        ended = fire(award, fire_step, by=by, at=at, note=note)
        deadlines.clear(ended, "lapse", at=at)
    return ended


def meet_conditions(*, award: Award, note: str, by: Person, at: datetime) -> Award:
    """Record that the award's conditions are met, and how that was seen."""
    require(by, Permission.AWARD_MANAGE, on=award)
    if not note.strip():
        raise Refused("Say how you know that the conditions are met.", code="note_missing", field="note")
    with transaction.atomic():
        Case.objects.hold(award.case_id)
        fresh = Award.objects.get(pk=award.pk)
        if fresh.state in Award.FELL:
            raise NotAllowedNow(f"This award is {fresh.state_now.label.lower()}, so nothing of it is set up any more.", code="wrong_state")
        fresh.conditions_met_at, fresh.conditions_met_by, fresh.conditions_note = at, by, note
        fresh.save(update_fields=["conditions_met_at", "conditions_met_by", "conditions_note"])
        trace(fresh, "award.conditions_met", by=by, at=at, personal={"note": note})
    return fresh


def go_live(*, award: Award, by: Person, at: datetime) -> Award:
    """Agreement, bank account and conditions are in place: work and claims can begin."""
    return fire(award, "go_live", by=by, at=at)


def suspend(*, award: Award, note: str, by: Person, at: datetime) -> Award:
    """Stop claims and payments for now."""
    return fire(award, "suspend", by=by, at=at, note=note)


def resume(*, award: Award, note: str, by: Person, at: datetime) -> Award:
    """Let claims and payments go on."""
    return fire(award, "resume", by=by, at=at, note=note)


def complete(*, award: Award, by: Person, at: datetime) -> Award:
    """The work is done and everything claimed is paid."""
    return fire(award, "complete", by=by, at=at)


def close(*, award: Award, by: Person, at: datetime) -> Award:
    """Every report is in; what was not spent goes back to the budget."""
    return fire(award, "close", by=by, at=at)
