"""What a claim is worth, and why it is not more."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Q, Sum

from grants.money import format_pence, grant_due, share_pence
from payments import terms

if TYPE_CHECKING:
    from payments.models import Award, Claim

COUNTED = ("approved", "paid")
"""States of a claim whose approved amount stands."""
ASKED = ("raised", "received", "waiving")
"""States of a recovery that is not done with."""


@dataclass(frozen=True)
class Due:
    """`amount_pence` to pay now, `retained_pence` once the final report is accepted, `offset_pence` that was paid in advance already, and a
    sentence for whoever asked for more."""

    amount_pence: int
    retained_pence: int
    reason: str
    offset_pence: int = 0

    @property
    def earned_pence(self) -> int:
        """All that it is worth, whenever it is paid."""
        return self.amount_pence + self.retained_pence + self.offset_pence


def work_out(claim: "Claim") -> Due:
    """What this claim is due now. Reads the award afresh: call it under the case's lock when money follows from it."""
    award = apps.get_model("payments", "Award").objects.get(pk=claim.award_id)
    if claim.milestone is None:
        return _advance(claim, award)
    earned, why = _outcome(claim, award) if claim.kind == "outcome" else _share_of_costs(claim, award)
    left = advance_left(award)
    offset = min(earned, max(0, left - asked_back(award))) if left else 0
    still_held = max(0, terms.retention(award) - retained_so_far(award))
    now = min(earned - offset, max(0, award.amount_pence - award.approved_pence - retained_so_far(award) - still_held))
    held = earned - offset - now
    parts = [f"{format_pence(offset)} was paid in advance"] if offset else []
    parts += [f"{format_pence(held)} is held until the final report is accepted"] if held else []
    return Due(now, held, " and ".join(parts) or why, offset)


def _advance(claim: "Claim", award: "Award") -> Due:
    """What is asked in advance, within the programme's share of the award and what is left of it."""
    amount = max(0, min(claim.claimed_pence, terms.advance_at_most(award), award.amount_pence - award.approved_pence))
    return Due(amount, 0, "the whole advance" if amount == claim.claimed_pence else f"the advance may be {format_pence(amount)} at most")


def _outcome(claim: "Claim", award: "Award") -> tuple[int, str]:
    """The milestone's fixed sum where its outcome is there; nothing where it is not."""
    if claim.milestone is None or claim.milestone_outcome not in ("", "met"):
        return 0, "the outcome is not there"
    earned = max(0, min(claim.claimed_pence, claim.milestone.cap_left_pence, award.amount_pence - earned_so_far(award)))
    return earned, "the milestone's fixed sum"


def _share_of_costs(claim: "Claim", award: "Award") -> tuple[int, str]:
    """The grant's share of what was spent, within the milestone and the award."""
    lines = apps.get_model("payments", "ClaimLine").objects
    earlier = (
        lines.filter(claim__award=award, claim__state__in=COUNTED).exclude(claim=claim.pk).aggregate(total=Sum("accepted_pence"))["total"]
    )
    limits: dict[str, Any] = {
        "claimed_pence": claim.claimed_pence,
        "rate_percent": Decimal(award.rate_bp) / 100,
        "accepted_cost_pence": (earlier or 0) + claim.accepted_pence(),
        "approved_before_pence": earned_so_far(award),
        "milestone_left_pence": claim.milestone.cap_left_pence if claim.milestone else 0,
        "award_pence": award.amount_pence,
    }
    earned = grant_due(**limits, retention_pence=0)
    return earned, _why(limits, earned)


def earned_so_far(award: "Award") -> int:
    """What the milestones earned, whether it was paid, is held back or had been paid in advance: by the award's running total."""
    return award.approved_pence + retained_so_far(award) - advance_left(award)


def advance_left(award: "Award") -> int:
    """What was paid in advance, no milestone has earned yet, and was neither paid back nor waived."""
    done = award.claims.filter(state__in=COUNTED)
    given = done.filter(kind="advance").aggregate(total=Sum("approved_pence"))["total"] or 0
    if not given:
        return 0
    back = award.recoveries.aggregate(
        paid=Sum("received_pence", filter=Q(state="recovered")), waived=Sum("amount_pence", filter=Q(state="waived"))
    )
    return max(0, given - (done.aggregate(total=Sum("offset_pence"))["total"] or 0) - (back["paid"] or 0) - (back["waived"] or 0))


def asked_back(award: "Award") -> int:
    """What of an advance the company is asked to pay back: no milestone is set off against it meanwhile."""
    return award.recoveries.filter(state__in=ASKED).aggregate(total=Sum("amount_pence"))["total"] or 0


def retained_so_far(award: "Award") -> int:
    """What earlier claims earned and is held until the final report."""
    held = award.claims.filter(state__in=COUNTED, freed_at=None)
    return held.aggregate(total=Sum("retained_pence"))["total"] or 0


def _why(limits: dict, earned: int) -> str:
    share = share_pence(limits["accepted_cost_pence"], limits["rate_percent"]) - limits["approved_before_pence"]
    if earned == limits["claimed_pence"]:
        return "the whole claim"
    if earned == max(share, 0):
        return f"the grant's share of the accepted cost to date comes to {format_pence(max(share, 0))} more"
    if earned == limits["milestone_left_pence"]:
        return f"the milestone has {format_pence(earned)} left"
    return f"the award has {format_pence(max(limits['award_pence'] - limits['approved_before_pence'], 0))} left"
