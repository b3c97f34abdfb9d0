"""The decision: whose agreement a large grant needs, how long reserves are kept, which words are not sent."""

from typing import Literal

from pydantic import Field

from grants.definition.base import Days, Line, Part, Pence


class Agreement(Part):
    """Grants above this amount need somebody's agreement, besides whoever proposes and whoever decides."""

    above: Pence
    by: list[Literal["chair", "lead", "independent_approver"]] = Field(min_length=1)
    """Any one of these: the panel's chair, another programme lead, or the independent approver (the funder's agreed officer)."""


class Decision(Part):
    """What the programme asks of its decisions."""

    agreements: list[Agreement] = []
    """The highest amount that a grant exceeds says whose agreement it needs."""
    reserve_days: Days = 180
    """How long an application stays on the reserve list after its company is told."""
    words_not_sent: list[Line] = []
    """Words that no letter of feedback should hold; whoever checks the letters is warned of them."""

    def agreeing(self) -> list[list[str]]:
        """For each size of grant that needs an agreement, who gives it."""
        return [list(each.by) for each in self.agreements]

    def agreement_for(self, amount_pence: int) -> Agreement | None:
        """Whose agreement a grant of this amount needs; None where it needs nobody's."""
        reached = [each for each in self.agreements if amount_pence > each.above]
        return max(reached, key=lambda each: each.above, default=None)
