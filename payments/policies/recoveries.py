"""What must be true before money is asked back, and before it is in the books."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils.timezone import localtime

from accounts.refusals import NotAllowedNow, Refused
from design.words import pounds_exact
from payments.due import advance_left, asked_back

if TYPE_CHECKING:
    from payments.models import Award, Recovery

ASKS_IN = ("accepted", "live", "suspended")
"""States of an award in which an advance can be asked back: before the work is found to be done."""


def check_can_be_asked(award: "Award", *, pence: int, due_on: date, at: datetime) -> None:
    """No more is asked back than was paid in advance, is not earned and is not asked back already."""
    if award.state not in ASKS_IN:
        raise NotAllowedNow(f"This award is {award.state_now.label.lower()}: nothing is asked back now.", code="wrong_state")
    left = advance_left(award) - asked_back(award)
    if left <= 0:
        raise NotAllowedNow(
            "There is no advance to ask back: none was paid, it is covered by milestones, or it is asked back already.",
            code="nothing_to_ask_back",
        )
    if award.payments.filter(kind="advance").exclude(state__in=("settled", "cancelled")).exists():
        raise NotAllowedNow("The advance has not reached the company yet. Hold or cancel its payment instead.", code="advance_on_its_way")
    if not 0 < pence <= left:
        raise Refused(
            f"Ask for between £0.01 and {pounds_exact(left)}: so much is not covered.", code="too_much_back", field="amount_pence"
        )
    if due_on <= localtime(at).date():
        raise Refused("Give the company a day to come.", code="day_has_passed", field="due_on")


def check_repayment(recovery: "Recovery", *, pence: int, on: date, at: datetime) -> None:
    """A repayment of at most what was asked for, on a day between the request and now."""
    if not 0 < pence <= recovery.amount_pence:
        raise Refused(
            f"{pounds_exact(recovery.amount_pence)} was asked for. Enter what came in, up to that; send back what is beyond it.",
            code="too_much_back",
            field="pence",
        )
    if not localtime(recovery.created_at).date() <= on <= localtime(at).date():
        raise Refused("Enter the day on which the bank shows it, after it was asked for.", code="day_not_so", field="on")


def check_advance_bears(recovery: "Recovery", *, at: datetime) -> None:
    """It was still part of the advance when it came."""
    left = advance_left(recovery.award)
    if recovery.received_pence > left:
        raise NotAllowedNow(f"Only {pounds_exact(left)} of the advance is left to pay back.", code="too_much_back")
