"""What must be true before an award moves."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.timezone import localtime

from accounts.refusals import NotAllowedNow
from applications import subsidies
from design.words import deadline_in_words, in_words, pounds
from payments import ledger
from payments.due import ASKED, advance_left
from workflow import guards

if TYPE_CHECKING:
    from applications.models import Application
    from payments.models import Award


class OfferRanOut(NotAllowedNow):
    """The offer's last day has passed."""

    code = "offer_ran_out"


class BudgetExhausted(NotAllowedNow):
    """The round's budget cannot bear another commitment of this size."""

    code = "budget_exhausted"


ENDED = ("refused", "lapsed", "rescinded")
UNACCEPTED = ("drafted", "checking", "cleared", "offered")
"""States of an award in which the company is bound to nothing yet."""


@guards.register("payments.award_not_accepted")
def check_award_not_accepted(application: "Application", *, at: datetime) -> None:
    """An application is ruled out until its company has accepted its award; from then on the award ends, by its own steps."""
    award = getattr(application, "award", None) if application.state == application.State.APPROVED else None
    if award is not None and award.state not in (*UNACCEPTED, *ENDED):
        raise NotAllowedNow(
            "The company has accepted its award, so its application cannot be ruled out any more. Go on from the award’s page.",
            code="award_accepted",
        )


def check_due_diligence_passed(award: "Award", *, at: datetime) -> None:
    """Every line of the due diligence list has passed; a referral waits for somebody to settle it."""
    waiting = list(award.checks.filter(due="before_offer").exclude(result="passed").order_by("pk").values_list("name", flat=True))
    if waiting:
        raise NotAllowedNow(f"Due diligence is not finished: {'; '.join(waiting)}.", code="due_diligence_open")


def check_subsidy_notified(award: "Award", *, at: datetime) -> None:
    """The enterprise was told that the grant would be Minimal Financial Assistance (Subsidy Control Act 2022 s.37(2))."""
    if award.terms.is_mfa and not award.subsidy_notices.filter(kind="notification", amount_pence=award.amount_pence).exists():
        raise NotAllowedNow("Send the company the subsidy notification first.", code="subsidy_not_notified")


def check_subsidy_confirmed(award: "Award", *, at: datetime) -> None:
    """The enterprise confirmed in writing that its limit would not be exceeded (Subsidy Control Act 2022 s.37(3))."""
    if award.terms.is_mfa and not award.subsidy_notices.filter(kind="confirmation", amount_pence=award.amount_pence).exists():
        raise NotAllowedNow("The company has not confirmed its subsidy position in writing.", code="subsidy_not_confirmed")


def check_subsidy_room(award: "Award", *, at: datetime) -> None:
    """With this award the group stays within the limit by all that is confirmed, declared and known (Subsidy Control Act 2022 s.36(1)).

    Asked again at each step up to acceptance: another award to the group may have been accepted since the confirmation.
    """
    if award.terms.is_mfa and not award.subsidy_notices.filter(kind="giving").exists():
        subsidies.lock_group(award.company)
        said = award.assistance_from_others()
        subsidies.check_room(award.company, award.amount_pence, on=localtime(at).date(), said_pence=said)


def check_budget_bears(award: "Award", *, at: datetime) -> None:
    """The round's budget bears the whole award. The commitment itself asks again under the budget's lock."""
    budget = ledger.lock_budget(award.budget_id)
    if budget.over_committed:
        raise BudgetExhausted("This round is committed beyond its budget, so no offers can be made.", code="budget_over_committed")
    if budget.left_pence < award.amount_pence:
        raise BudgetExhausted(f"The round has {pounds(budget.left_pence)} left, and this award is {pounds(award.amount_pence)}.")


def check_offer_stands(award: "Award", *, at: datetime) -> None:
    """An offer can be accepted up to the moment it runs out."""
    if award.offer_until is not None and at >= award.offer_until:
        raise OfferRanOut(f"This offer ran out at {deadline_in_words(award.offer_until)}.")


def check_offer_ran_out(award: "Award", *, at: datetime) -> None:
    """The machine lets an offer lapse only after its time."""
    if award.offer_until is None or at < award.offer_until:
        raise NotAllowedNow("This offer still stands.", code="offer_stands")


def check_agreement_signed(award: "Award", *, at: datetime) -> None:
    """The signed agreement is on file."""
    if not award.papers.filter(kind="agreement").exists():
        raise NotAllowedNow("The grant agreement is not signed.", code="agreement_missing")


def check_bank_verified(award: "Award", *, at: datetime) -> None:
    """Two people have found the company's bank account to be its own."""
    if not award.company.bank_accounts.filter(state="verified").exists():
        raise NotAllowedNow("The company's bank account is not verified yet.", code="bank_not_verified")


def check_conditions_met(award: "Award", *, at: datetime) -> None:
    """Whatever the award was made subject to is met, and every set-up check passed."""
    waiting = list(award.checks.exclude(result="passed").order_by("pk").values_list("name", flat=True))
    if waiting:
        raise NotAllowedNow(f"Set-up is not finished: {'; '.join(waiting)}.", code="checks_open")
    if award.conditions and award.conditions_met_at is None:
        raise NotAllowedNow("The award's conditions are not met yet.", code="conditions_open")


def check_nothing_open(award: "Award", *, at: datetime) -> None:
    """No claim is being worked on and no money is on its way."""
    if award.claims.filter(state__in=("draft", "submitted", "checking", "queried", "recommended", "returned", "approved")).exists():
        raise NotAllowedNow("A claim is still open.", code="claim_open")
    if award.payments.exclude(state__in=("settled", "cancelled")).exists():
        raise NotAllowedNow("A payment is still owed or on its way.", code="payment_open")
    if award.recoveries.filter(state__in=ASKED).exists():
        raise NotAllowedNow("Money is still asked back from the company.", code="recovery_open")


def check_work_is_over(award: "Award", *, at: datetime) -> None:
    """Every milestone was judged, or the days in which it could be claimed are over: nobody ends paid work by completing it early."""
    window = timedelta(days=award.terms.claim_window_days)
    for milestone in award.milestones.exclude(state__in=("met", "part_met", "not_met")).order_by("number"):
        last = milestone.due_on + window
        if localtime(at).date() <= last:
            raise NotAllowedNow(
                f"Milestone {milestone.number}, “{milestone.title}”, can still be claimed, until {in_words(last)}.",
                code="milestone_open",
            )


def check_advance_is_earned(award: "Award", *, at: datetime) -> None:
    """What was paid before any work was shown is covered by milestones that were accepted."""
    if left := advance_left(award):
        raise NotAllowedNow(
            f"{pounds(left)} of the advance is not covered by accepted milestones yet: it is claimed for, paid back or waived.",
            code="advance_not_earned",
        )


def check_reports_accepted(award: "Award", *, at: datetime) -> None:
    """Every outcome report that has fallen due is in and accepted."""
    waiting = award.outcome_reports.exclude(state="accepted").filter(due_on__lte=localtime(at).date()).order_by("due_on", "pk").first()
    if waiting:
        raise NotAllowedNow(f"The report “{waiting.name}” is not accepted yet.", code="report_open")
