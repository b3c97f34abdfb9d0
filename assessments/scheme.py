"""How a programme version wants its applications assessed, in the exact numbers that the arithmetic uses."""

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grants.models import ProgrammeVersion


@dataclass(frozen=True)
class Scheme:
    """Criteria as declared (id, title, weight, maximum, bands, the answers they read), and the numbers of the assessment stage."""

    criteria: tuple[Any, ...]
    assessors: int
    threshold: Fraction
    time_to_review: timedelta


def scheme_of(version: "ProgrammeVersion") -> Scheme:
    """The scheme of a version, worked out once for each text of the document."""
    return _read(version.sha256, version)


@lru_cache(maxsize=64)
def _read(sha256: str, version: "ProgrammeVersion") -> Scheme:
    definition = version.definition
    return Scheme(
        criteria=tuple(definition.criteria),
        assessors=definition.assessment.assessors,
        threshold=Fraction(str(definition.assessment.threshold)),
        time_to_review=timedelta(days=definition.assessment.days),
    )
