"""From the award to the last report: terms, checks, costs, claims, indicators, subsidy, notices, retention."""

from typing import Annotated, Literal

from pydantic import Field

from grants.definition.base import Code, Days, Few, Id, Line, Part, Pence, Percent, Words

Months = Annotated[int, Field(ge=0, le=120)]


class Condition(Part):
    """Something the company must do or keep to."""

    id: Id
    text: Words
    due: Literal["before_offer", "before_start", "before_first_claim", "always"] = "always"


class SetUpCheck(Part):
    """One line of due diligence and set-up, done before the offer unless it says otherwise.

    The one called `assistance` passes only once the subsidy was notified to the company, and confirmed by it.
    """

    id: Id
    title: Line
    guidance: Words | None = None
    above: Pence | None = None
    """Only for grants larger than this."""
    due: Literal["before_offer", "before_start"] = "before_offer"


class AwardTerms(Part):
    """What an offer says."""

    offer_valid_days: Days
    start_within_days: Days = 90
    project_months_at_most: Annotated[int, Field(ge=1, le=60)]
    conditions: list[Condition] = []
    checklist: list[SetUpCheck] = Field(min_length=1)


class FlatRate(Part):
    """A category reckoned as a share of another, such as overheads at 20 % of labour."""

    of: Id
    percent: Percent


class CostCategory(Part):
    """A kind of cost. Categories that are not eligible may be listed so that applicants see why."""

    id: Id
    title: Line
    guidance: Words | None = None
    is_eligible: bool = True
    cap_percent: Percent | None = None
    """The largest share of the eligible cost."""
    flat_rate: FlatRate | None = None


class Assurance(Part):
    """What comes with a claim, by the size of the grant."""

    up_to: Pence
    asks: list[Line] = Field(min_length=1)


class Delivery(Part):
    """How money follows work."""

    payment: Literal["arrears", "advance"] = "arrears"
    advance_percent: Percent | None = None
    """The largest share of the award that may be paid before any work is shown."""
    milestone_basis: Literal["costs", "outcomes"] = "costs"
    """`costs`: a share of what was spent, up to the milestone's part. `outcomes`: that part, once what it promises is accepted."""
    vat: Literal["excluded", "irrecoverable"] | None = None
    """`excluded`: VAT is never paid for. `irrecoverable`: VAT that the company cannot recover is; the form asks whether it does, and for
    the VAT of each cost. Without this line it is left to whoever checks a claim."""
    retention_percent: Percent
    """Held from the award until the final report is accepted."""
    claims_at_most: Few
    claim_window_days: Days
    """Days after a milestone's date in which it is claimed."""
    virement_percent: Percent
    """Moving less than this between categories needs only telling."""
    cost_categories: list[CostCategory] = Field(min_length=1)
    ineligible: list[Line] = []
    evidence: list[Line] = Field(min_length=1)
    """What each claim line is evidenced with."""
    assurance: list[Assurance] = []


class Indicator(Part):
    """Something counted, with the definition that was in force when the agreement was signed."""

    id: Id
    code: Code
    """The funder's code for it."""
    title: Line
    kind: Literal["output", "outcome"]
    unit: Line
    decimals: Annotated[int, Field(ge=0, le=4)] = 0
    definition: Words
    evidence: Words
    counted_by: Literal["award", "enterprise"] = "award"
    """`enterprise`: each company counts once a programme, however many awards it has."""


class Report(Part):
    """A report the company owes: so many months after its project starts or ends, once or again and again until it ends."""

    id: Id
    title: Line
    after: Literal["start", "end"]
    months: Months
    every_months: Annotated[int, Field(ge=1, le=24)] | None = None
    due_days: Days = 30
    asks: list[Id] = Field(min_length=1)
    """Ids of indicators."""


class SubsidyBasis(Part):
    """The law the money is given under."""

    basis: Literal["mfa", "spei", "streamlined_route", "scheme", "none"]
    scheme_number: Line | None = None
    objective: Line
    grounds: Words | None = None


class NoticeText(Part):
    """A programme's own words for a notice, added before the standard text."""

    kind: Line
    words: Words


class Retention(Part):
    """Years that records are kept after the event that ends them."""

    unsuccessful_years: Annotated[int, Field(ge=1, le=12)]
    awarded_years: Annotated[int, Field(ge=6, le=15)]
    subsidy_years: Annotated[int, Field(ge=6, le=15)] = 6
