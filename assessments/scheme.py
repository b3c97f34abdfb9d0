"""How a programme version wants its applications assessed, in the exact numbers that the arithmetic uses."""

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from accounts.refusals import NotAllowedNow
from assessments.ranking import Triggers

if TYPE_CHECKING:
    from grants.definition.form import Criterion, Skill
    from grants.models import ProgrammeVersion


@dataclass(frozen=True)
class Scheme:
    """Criteria as declared, and the numbers of the assessment stage. `threshold` is in percent."""

    criteria: "tuple[Criterion, ...]"
    assessors: int
    may_rest_on: int
    """How many counted reviews suffice with an officer's recorded reason; as many as `assessors` where the programme allows no fewer."""
    threshold: Fraction
    majority_needed: bool
    time_to_review: timedelta
    minutes_expected: int
    triggers: Triggers
    tie_break: tuple[str, ...]
    skills: "tuple[Skill, ...]" = ()
    """What so many of an application's assessors must know."""
    asks: tuple[str, ...] = ()
    """What an assessor must have before being invited."""

    def criterion(self, id: str) -> "Criterion":
        return next(criterion for criterion in self.criteria if criterion.id == id)


def scheme_of(version: "ProgrammeVersion") -> Scheme:
    """The scheme of a version. Raises NotAllowedNow where the programme has no assessment stage."""
    definition = version.definition
    stage = definition.assessment
    if stage is None:
        raise NotAllowedNow("This programme does not have its applications scored.", code="no_assessment_stage")
    looks = stage.moderation
    return Scheme(
        criteria=tuple(definition.criteria),
        assessors=stage.assessors,
        may_rest_on=stage.may_rest_on or stage.assessors,
        threshold=Fraction(stage.quality_percent),
        majority_needed=stage.majority_must_recommend,
        time_to_review=timedelta(days=stage.due_days),
        minutes_expected=stage.minutes_expected,
        triggers=Triggers(
            spread=Fraction(looks.spread_percent),
            outlier=Fraction(looks.outlier_percent),
            question=Fraction(looks.criterion_marks),
            split=looks.split_recommendation,
            near_line=looks.near_line,
            thin=looks.thin_comment,
        )
        if looks
        else Triggers(),
        tie_break=tuple(stage.tie_break),
        skills=tuple(stage.skills),
        asks=tuple(stage.asks),
    )
