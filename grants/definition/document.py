"""The whole document."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from grants import places
from grants.definition.base import Name, Part, Size, Slug, Words
from grants.definition.deciding import Decision
from grants.definition.form import Assessment, Criterion, Eligibility, ExpressionOfInterest, Form, Meeting
from grants.definition.identity import Area, Funding, Parties, Rounds, Route, Strand
from grants.definition.running import AwardTerms, Delivery, Indicator, NoticeText, Report, Retention, SubsidyBasis
from grants.rules.types import Type

Stage = Literal[
    "expression_of_interest",
    "eligibility",
    "assessment",
    "moderation",
    "panel",
    "interview",
    "demonstration",
    "decision",
    "award",
    "delivery",
]
STAGE_ORDER: tuple[Stage, ...] = (
    "expression_of_interest",
    "eligibility",
    "assessment",
    "moderation",
    "panel",
    "interview",
    "demonstration",
    "decision",
    "award",
    "delivery",
)


class Definition(Part):
    """A programme: everything it asks, rules, scores, pays and reports, in one document."""

    schema_version: Literal[1]
    slug: Slug
    name: Name
    strand: Strand
    purpose: Words
    """What the money is for, as the public page says it."""
    audience: Words
    """Who it is for, in a sentence or two."""
    time_zone: Literal["Europe/London"] = "Europe/London"
    control: Literal["small_team", "standard"]
    parties: Parties
    route: Route
    rounds: Rounds = Rounds()
    funding: Funding
    area: Area | None = None
    size_rule: Literal["companies_act_2006", "eu_2003_361"] = "companies_act_2006"
    stages: list[Stage] = Field(min_length=4)
    expression: ExpressionOfInterest | None = None
    interview: Meeting | None = None
    demonstration: Meeting | None = None
    form: Form
    eligibility: Eligibility
    criteria: list[Criterion] = []
    assessment: Assessment | None = None
    decision: Decision = Decision()
    award: AwardTerms
    delivery: Delivery
    indicators: list[Indicator] = Field(min_length=1)
    reports: list[Report] = Field(min_length=1)
    subsidy: SubsidyBasis
    notices: list[NoticeText] = []
    retention: Retention

    @property
    def answer_types(self) -> dict[str, Type]:
        """The types of `answers.…` as rules see them."""
        return {question.id: question.answer_type for question in self.form.questions()}

    @property
    def expression_questions(self) -> set[str]:
        """Ids of the questions that the expression of interest asks; none where there is no such stage."""
        asked = (section for section in self.form.sections if section.asked_in == "expression_of_interest")
        return {question.id for section in asked for question in section.questions}

    def rate_for(self, size: Size | str, activity: str | None = None) -> Decimal | None:
        """The intervention rate in percent for a size of company and an activity; None where the programme pays nothing."""
        for rate in self.funding.rates:
            if size in rate.sizes and (not rate.activities or activity in rate.activities):
                return rate.percent
        return None

    def area_of(self, outcode: str) -> str:
        """`in`, `out` or `unsure`; everywhere is in where the programme names no area."""
        if self.area is None:
            return places.IN
        return places.lies(outcode, within=self.area.includes, unsure=self.area.unsure)

    def criterion(self, id: str) -> Criterion:
        """The criterion with this id. Raises KeyError."""
        return {criterion.id: criterion for criterion in self.criteria}[id]

    def has_stage(self, stage: Stage) -> bool:
        return stage in self.stages
