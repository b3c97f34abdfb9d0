"""What a claim is worth, and why it is not more."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Sum

from grants.money import format_pence, grant_due, share_pence
from payments import terms

if TYPE_CHECKING:
    from payments.models import Award, Claim

COUNTED = ("approved", "paid")
"""States of a claim whose approved amount stands."""


@dataclass(frozen=True)
class Due:
    """`amount_pence` to pay now, `retained_pence` once the final report is accepted, and a sentence for whoever asked for more."""

    amount_pence: int
    retained_pence: int
    reason: str


def work_out(claim: "Claim") -> Due:
    """What this claim is due now. Reads the award afresh: call it under the case's lock when money follows from it."""
    award = apps.get_model("payments", "Award").objects.get(pk=claim.award_id)
    lines = apps.get_model("payments", "ClaimLine").objects
    earlier = (
        lines.filter(claim__award=award, claim__state__in=COUNTED).exclude(claim=claim.pk).aggregate(total=Sum("accepted_pence"))["total"]
    )
    before = award.approved_pence + retained_so_far(award)
    limits: dict[str, Any] = {
        "claimed_pence": claim.claimed_pence,
        "rate_percent": Decimal(award.rate_bp) / 100,
        "accepted_cost_pence": (earlier or 0) + claim.accepted_pence(),
        "approved_before_pence": before,
        "milestone_left_pence": claim.milestone.cap_left_pence,
        "award_pence": award.amount_pence,
    }
    earned = grant_due(**limits, retention_pence=0)
    still_held = max(0, terms.retention(award) - retained_so_far(award))
    now = grant_due(**limits, retention_pence=still_held)
    return Due(now, earned - now, _why(limits, earned, now))


def retained_so_far(award: "Award") -> int:
    """What earlier claims earned and is held until the final report."""
    held = award.claims.filter(state__in=COUNTED, freed_at=None)
    return held.aggregate(total=Sum("retained_pence"))["total"] or 0


def _why(limits: dict, earned: int, now: int) -> str:
    share = share_pence(limits["accepted_cost_pence"], limits["rate_percent"]) - limits["approved_before_pence"]
    if now < earned:
        return f"{format_pence(earned - now)} is held until the final report is accepted"
    if now == limits["claimed_pence"]:
        return "the whole claim"
    if now == max(share, 0):
        return f"the grant's share of the accepted cost to date comes to {format_pence(max(share, 0))} more"
    if now == limits["milestone_left_pence"]:
        return f"the milestone has {format_pence(now)} left"
    return f"the award has {format_pence(max(limits['award_pence'] - limits['approved_before_pence'], 0))} left"
