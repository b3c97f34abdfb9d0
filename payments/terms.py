"""What the programme version that an award was made under says of awards, claims and reports.

One adapter between the definition and everything in this package, so that a new section of the document is read in one place.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models import Organisation
    from grants.models import Programme, ProgrammeVersion
    from payments.models import Award


@dataclass(frozen=True)
class Indicator:
    """One number that an outcome report asks for."""

    code: str
    name: str
    unit: str


@dataclass(frozen=True)
class Terms:
    """The parts of a definition that awards are run by."""

    is_mfa: bool
    mfa_limit_pence: int
    granting_authority: str
    offer_days: int
    retention_bp: int
    conditions: tuple[str, ...]
    checks: tuple[tuple[str, str], ...]
    categories: tuple[tuple[str, str], ...]
    indicators: tuple[Indicator, ...]


def of(version: "ProgrammeVersion") -> Terms:
    """Read a version's definition."""
    raise NotImplementedError


def payer(programme: "Programme") -> "Organisation":
    """Whose account pays: the delivery body's, or the funder's where the programme says so."""
    raise NotImplementedError


def milestones(award: "Award") -> list[dict[str, Any]]:
    """The milestones of the plan, with the award split over them exactly."""
    raise NotImplementedError


def retention(award: "Award", *, is_final: bool) -> int:
    """What is held back from this claim on."""
    raise NotImplementedError
