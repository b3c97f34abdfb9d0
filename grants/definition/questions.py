"""The kinds of question a form can ask. Each says what its answer looks like when stored as JSON."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from grants.definition.base import Day, Expression, Few, Id, Line, Part, Pence, Percent, Words
from grants.rules.types import BOOL, DOUBLE, INT, STRING, TIMESTAMP, Type, list_of, one_of, record


class _Question(Part):
    """What all questions have."""

    id: Id
    label: Line
    """The question as the applicant reads it."""
    hint: Words | None = None
    required: bool = True
    when: Expression | None = None
    """A condition on earlier answers; while it does not hold, the question is not asked and its answer does not count."""
    may_be_confidential: bool = False
    """Whether the applicant may mark the answer as commercially confidential."""
    published: bool = False
    """Whether we publish the answer; the form says “we publish this”."""

    @property
    def answer_type(self) -> Type:
        """The type that rules see."""
        return STRING


class Text(_Question):
    """One line. Stored as text."""

    kind: Literal["text"]
    max_characters: Annotated[int, Field(ge=1, le=1_000)] = 200
    max_words: Annotated[int, Field(ge=1, le=200)] | None = None


class LongText(_Question):
    """Paragraphs, with a limit in words. Stored as text."""

    kind: Literal["long_text"]
    max_words: Annotated[int, Field(ge=1, le=5_000)]


class Number(_Question):
    """A number. Stored as a whole number, or with `decimals` as a text such as "12.50", so that it is exact."""

    kind: Literal["number"]
    minimum: int | None = None
    maximum: int | None = None
    decimals: Annotated[int, Field(ge=0, le=4)] = 0
    unit: Line | None = None

    @property
    def answer_type(self) -> Type:
        return DOUBLE if self.decimals else INT


class Money(_Question):
    """An amount in pounds. Stored in pence."""

    kind: Literal["money"]
    minimum: Pence | None = None
    maximum: Pence | None = None

    @property
    def answer_type(self) -> Type:
        return INT


class Percentage(_Question):
    """A share of a hundred. Stored as text such as "12.5"."""

    kind: Literal["percent"]
    minimum: Percent | None = None
    maximum: Percent | None = None

    @property
    def answer_type(self) -> Type:
        return DOUBLE


class Date(_Question):
    """A day. Stored as "2027-03-31"."""

    kind: Literal["date"]
    earliest: Day | None = None
    latest: Day | None = None

    @property
    def answer_type(self) -> Type:
        return TIMESTAMP


class YesNo(_Question):
    """Yes or no. Stored as true or false."""

    kind: Literal["yes_no"]

    @property
    def answer_type(self) -> Type:
        return BOOL


class Option(Part):
    """One thing that can be chosen."""

    id: Id
    label: Line
    hint: Line | None = None


class Choice(_Question):
    """One of several. Stored as the option's id."""

    kind: Literal["choice"]
    options: list[Option] = Field(min_length=2, max_length=60)

    @property
    def answer_type(self) -> Type:
        return one_of(*(option.id for option in self.options))


class Several(_Question):
    """Some of several. Stored as a list of option ids."""

    kind: Literal["several"]
    options: list[Option] = Field(min_length=2, max_length=60)
    at_most: Few | None = None

    @property
    def answer_type(self) -> Type:
        return list_of(one_of(*(option.id for option in self.options)))


class CompanyNumber(_Question):
    """A Companies House number. Stored as eight characters."""

    kind: Literal["company_number"]


class Postcode(_Question):
    """A UK postcode. Stored as "B15 2TT"."""

    kind: Literal["postcode"]


class SicCodes(_Question):
    """What a company does, as codes of SIC 2007. Stored as a list of five-digit texts; it begins with those of the company's own page."""

    kind: Literal["sic_codes"]
    at_most: Annotated[int, Field(ge=1, le=10)] = 4

    @property
    def answer_type(self) -> Type:
        return list_of(STRING)


class File(_Question):
    """Documents to attach. They are stored apart from the answers; rules see the list of their names."""

    kind: Literal["file"]
    types: list[Literal["pdf", "docx", "xlsx", "csv", "png", "jpg"]] = ["pdf"]
    max_megabytes: Annotated[int, Field(ge=1, le=25)] = 10
    at_most: Annotated[int, Field(ge=1, le=10)] = 1

    @property
    def answer_type(self) -> Type:
        return list_of(STRING)


class CostTable(_Question):
    """Costs by category. Stored as a list of {category, description, amount_pence}; rules see them as `costs`.

    Where the programme pays VAT that a company cannot recover, the amount is without VAT and each line has its `vat_pence` beside it.
    """

    kind: Literal["cost_table"]
    categories: list[Id] = []
    """Ids of the delivery section's cost categories; empty means all of them."""
    max_lines: Annotated[int, Field(ge=1, le=200)] = 40

    @property
    def answer_type(self) -> Type:
        return list_of(record(category=STRING, description=STRING, amount_pence=INT))


class PlannedMilestone(Part):
    """A milestone that the programme expects: its share of the grant is a proposal unless the plan is fixed."""

    title: Line
    percent: Annotated[int, Field(ge=1, le=100)]
    deliverable: Line | None = None


class MilestonePlan(_Question):
    """What will be delivered when. Stored as a list of {title, deliverable, success, month, percent}; shares total exactly 100."""

    kind: Literal["milestone_plan"]
    expected: list[PlannedMilestone] = []
    is_fixed: bool = False
    """Whether applicants must keep the expected milestones and shares."""
    at_most: Annotated[int, Field(ge=1, le=20)] = 6

    @property
    def answer_type(self) -> Type:
        return list_of(record(title=STRING, deliverable=STRING, success=STRING, month=INT, percent=INT))


class Calculated(_Question):
    """A value worked out from earlier answers: shown as they are typed, never typed itself; rules read it as any answer."""

    kind: Literal["calculated"]
    value: Expression
    """What it is, in CEL. It reads earlier answers only, as conditions do; while one of them is missing it is not known."""
    shown_as: Literal["number", "money", "percent", "text", "yes_no"] = "number"
    decimals: Annotated[int, Field(ge=0, le=4)] = 0
    """Of a number; a number with decimals and a percentage are worked out as `double`, money in whole pence."""
    unit: Line | None = None

    @property
    def answer_type(self) -> Type:
        whole = {"number": DOUBLE if self.decimals else INT, "money": INT, "percent": DOUBLE, "text": STRING, "yes_no": BOOL}
        return whole[self.shown_as]


class Declaration(_Question):
    """Statements that a signatory agrees to. Stored as {agreed, name, position}; rules see whether they agreed."""

    kind: Literal["declaration"]
    statements: list[Words] = Field(min_length=1, max_length=30)
    signed_by: Literal["owner_or_signatory", "signatory", "another_signatory"] = "owner_or_signatory"
    """Who of the company may sign it. `signatory` keeps whoever only prepares the application from sending it in alone;
    `another_signatory` asks for a signatory who wrote none of its answers."""

    @property
    def answer_type(self) -> Type:
        return BOOL


Cell = Annotated[
    Text | LongText | Number | Money | Percentage | Date | YesNo | Choice | Several | CompanyNumber | Postcode | SicCodes,
    Field(discriminator="kind"),
]
"""The kinds of question that can be asked once for each row of a group."""


class Group(_Question):
    """The same questions asked again for each of several: sites, partners, machines. Stored as a list of {question id: answer}.

    Rules see a list of groups, as in `answers.sites.all(site, site.beds > 10)`. Ids of the questions within are used nowhere else in the
    form; they have no condition, confidentiality or publication of their own: these are the group's.
    """

    kind: Literal["group"]
    row: Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)] = "row"
    """What one of them is called, as in “Add another site”."""
    at_least: Annotated[int, Field(ge=1, le=50)] = 1
    at_most: Annotated[int, Field(ge=1, le=50)] = 10
    questions: list[Cell] = Field(min_length=1, max_length=12)

    @property
    def answer_type(self) -> Type:
        return list_of(record(**{cell.id: cell.answer_type for cell in self.questions}))

    @property
    def words_asked(self) -> int:
        """The limits in words of every row that there may be."""
        return self.at_most * sum(cell.max_words or 0 for cell in self.questions if isinstance(cell, (Text, LongText)))


Question = Annotated[
    Text
    | LongText
    | Number
    | Money
    | Percentage
    | Date
    | YesNo
    | Choice
    | Several
    | CompanyNumber
    | Postcode
    | SicCodes
    | Group
    | File
    | CostTable
    | MilestonePlan
    | Calculated
    | Declaration,
    Field(discriminator="kind"),
]
