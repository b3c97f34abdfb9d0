"""What is rehearsed: how many companies, from when, how far."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

LEGS = (
    ("publish", "Publish the programme and open a round"),
    ("apply", "Companies apply"),
    ("screen", "Eligibility is screened"),
    ("assess", "Assessors score, differences are settled"),
    ("decide", "Decide, and tell the companies"),
    ("award", "Offers are made and accepted"),
    ("deliver", "Milestones are claimed and paid"),
)
"""The stages of a rehearsal, each with its name."""
TITLES = dict(LEGS)
SHORT = {"apply": "Applied", "screen": "Screened", "assess": "Scored", "decide": "Decided", "award": "Awarded", "deliver": "Paid"}
"""What an application is when a stage is over, for a picture."""
MOST_COMPANIES = 60


@dataclass(frozen=True)
class Plan:
    """How a rehearsal goes: the same plan and document give the same rehearsal."""

    companies: int
    opens_at: datetime
    until: str = "deliver"
    seed: int = 1

    def as_json(self) -> dict[str, Any]:
        return {"companies": self.companies, "opens_at": self.opens_at.isoformat(), "until": self.until, "seed": self.seed}

    @classmethod
    def of_json(cls, given: dict[str, Any]) -> Self:
        return cls(given["companies"], datetime.fromisoformat(given["opens_at"]), given["until"], given["seed"])
