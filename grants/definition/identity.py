"""Who a programme belongs to, how companies come to it, where, and how much it pays."""

from typing import Annotated, Literal

from pydantic import Field

from grants.definition.base import Body, Email, Id, Line, Part, Pence, Percent, Size, Words

Strand = Literal["data", "devices", "diagnostics", "digital", "open"]


class Parties(Part):
    """The bodies behind the money. The granting authority is the public body whose subsidy it is, usually the funder."""

    funder: Body
    granting_authority: Line
    delivery_body: Body
    senior_officer: Line | None = None
    """Senior Officer Responsible (GovS 015, requirement 1)."""
    supporters: list[Line] = []
    contact_name: Line | None = None
    """The person whom companies ask."""
    contact_email: Email | None = None
    data_controller: Line | None = None
    """Who answers for personal data; the delivery body where nobody is named."""
    data_basis: Literal["public_task", "legitimate_interests"] = "legitimate_interests"
    """Why applications may be processed (UK GDPR article 6(1)(e) or (f)); agreements rest on contract, accounts and subsidies on law."""
    data_contact: Line | None = None
    """The data protection officer, or whoever answers."""


class Route(Part):
    """How applicants are found. Anything but an open call needs its justification (GovS 015, requirement 5)."""

    kind: Literal["open_call", "closed_call", "direct"] = "open_call"
    justification: Words | None = None


class Rounds(Part):
    """How rounds follow each other. In a rolling programme the next round opens in the second in which one closes, its cut-off."""

    kind: Literal["competition", "rolling"] = "competition"
    every_months: Annotated[int, Field(ge=1, le=12)] | None = None
    """Months from one cut-off to the next; only where it is rolling."""
    applications_at_most: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """As many applications as a round takes; it may be set anew for each round."""
    close_when_committed: bool = False
    """A round closes itself, and says why, when what is left of its money would not make the smallest grant."""
    decide_within_days: Annotated[int, Field(ge=1, le=365)] | None = None
    """How long companies wait for the answer, as the public page says."""


class Rate(Part):
    """The largest share of eligible cost that the grant may be, for these sizes of company and kinds of activity."""

    sizes: list[Size] = Field(min_length=1)
    activities: list[Id] = []
    """Ids of activities; empty means every one."""
    percent: Percent


class Activity(Part):
    """A kind of work the programme supports, where the rate or the form depends on it."""

    id: Id
    title: Line
    guidance: Words | None = None


class CoFunder(Part):
    """Somebody else whose money is in the budget."""

    name: Line
    percent: Percent


class Funding(Part):
    """Amounts and rates."""

    currency: Literal["GBP"] = "GBP"
    grant_min: Pence
    grant_max: Pence
    round_budget: Pence
    """What a new round is given unless it is told otherwise."""
    rates: list[Rate] = Field(min_length=1)
    activities: list[Activity] = []
    co_funders: list[CoFunder] = []
    cost_code: Line | None = None


class Area(Part):
    """Where a company must work, by the first half of its postcode: areas (`WS`), outcodes (`DE13`) or ranges (`SY1-SY13`).

    The postcode is a presumption only. Outcodes that straddle the edge are listed as unsure, so that a person looks.
    """

    name: Line
    includes: list[str] = Field(min_length=1)
    unsure: list[str] = []
