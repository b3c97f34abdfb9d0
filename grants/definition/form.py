"""The application form, the eligibility rules and the criteria."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from grants.definition.base import Expression, Few, Id, Line, Part, Pence, Percent, Words
from grants.definition.questions import Group, LongText, Question, Text


class Check(Part):
    """Something that answers must agree on. Told while they are written; the application is not taken while it does not hold.

    While an answer that it reads is missing, it says nothing: that it is missing is said by itself.
    """

    id: Id
    code: Id
    """The reason code that the API uses."""
    must: Expression
    """What must be true, in CEL. A section's check reads answers of its own and earlier sections."""
    sentence: Words
    """Said when it is not; may quote values, as in “{answers.from} is after {answers.until}.”"""

    @property
    def on_fail(self) -> Literal["reject"]:
        """As rules have it."""
        return "reject"

    @property
    def title(self) -> str:
        """In words, as rules have it: nobody writes one of a check."""
        return f"Answers agree: {self.id.replace('_', ' ')}"


class Section(Part):
    """One task of the task list: a title and the questions behind it."""

    id: Id
    title: Line
    intro: Words | None = None
    when: Expression | None = None
    asked_in: Literal["expression_of_interest", "application"] = "application"
    """Sections of the expression of interest are asked first; after the invitation the whole form is asked, what was said kept."""
    questions: list[Question] = Field(min_length=1, max_length=60)
    checks: list[Check] = Field(default=[], max_length=20)
    """What its answers must agree on."""


class Meaning(Part):
    """Which question holds what the rest of the house must know. Each names a question of the fitting kind."""

    title: Id
    """Public title: text."""
    summary: Id
    """Public summary: long text."""
    grant: Id
    """Grant asked for: money."""
    costs: Id
    """Cost table."""
    milestones: Id
    """Milestone plan."""
    starts_on: Id
    ends_on: Id
    declaration: Id
    activity: Id | None = None
    """A choice whose option ids are the programme's activities."""
    assistance: Id | None = None
    """Minimal Financial Assistance received from others in the window: money. What was given here is counted beside it."""
    recovers_vat: Id | None = None
    """Whether the company recovers VAT: yes or no. Needed where VAT that it cannot recover is paid for."""
    advance: Id | None = None
    """Whether part of the grant is asked for in advance: yes or no. Without it every company may claim the programme's advance."""
    insolvent: Id | None = None
    """Whether the company is subject to insolvency proceedings: yes or no."""


class Form(Part):
    """What applicants are asked."""

    words_in_all: Annotated[int, Field(ge=1, le=50_000)]
    minutes_expected: Few = 180
    means: Meaning
    sections: list[Section] = Field(min_length=1, max_length=40)
    checks: list[Check] = Field(default=[], max_length=40)
    """What answers of several sections must agree on."""

    def questions(self) -> Iterator[Question]:
        """Every question, in the order it is asked."""
        for section in self.sections:
            yield from section.questions

    def labels(self) -> dict[str, str]:
        """Every question in words, by its id."""
        return {question.id: question.label for question in self.questions()}

    def question(self, id: str) -> Question:
        """The question with this id. Raises KeyError."""
        found = {question.id: question for question in self.questions()}
        return found[id]

    def section_of(self, question_id: str) -> Section:
        """The section that asks this question. Raises KeyError."""
        for section in self.sections:
            if any(question.id == question_id for question in section.questions):
                return section
        raise KeyError(question_id)

    @property
    def words_asked(self) -> int:
        """The limits of all text questions together; one-line questions count what they limit in words, groups what all rows may have."""
        own = sum(question.max_words or 0 for question in self.questions() if isinstance(question, (Text, LongText)))
        return own + sum(question.words_asked for question in self.questions() if isinstance(question, Group))


class Rule(Part):
    """One thing that must be true. `must` says it in CEL, `title` in words for everybody, `sentence` to whoever fails it."""

    id: Id
    code: Id
    """The reason code that figures and the API use."""
    title: Line
    must: Expression
    on_fail: Literal["reject", "refer"]
    """`refer` asks a person to look; `reject` ends it, with every reason given at once."""
    sentence: Words
    """Said when it fails; may quote values, as in “You asked for {application.grant_pence}.”"""
    instead: Words | None = None
    """What to do about it."""
    in_public_check: bool = True
    """Whether the check without an account asks for what this rule reads."""
    in_expression: bool = False
    """Whether an expression of interest is judged by it too; then it may read only what that asks."""


class Band(Part):
    """What marks from `low` to `high` mean."""

    low: Annotated[int, Field(ge=0)]
    high: Annotated[int, Field(ge=0)]
    label: Line
    guidance: Words


class Criterion(Part):
    """One thing that assessors score, the answers they read for it, and how."""

    id: Id
    title: Line
    weight: Annotated[int, Field(ge=1, le=100)]
    maximum: Annotated[int, Field(ge=1, le=100)] = 10
    guidance: Words
    reads: list[Id] = Field(min_length=1)
    bands: list[Band] = Field(min_length=1, max_length=12)
    needs_percent: Percent | None = None
    """Marks below this share of the maximum fail the application whatever the rest."""


class Moderation(Part):
    """When scores are looked at again. Percentages are of the weighted total."""

    spread_percent: Percent
    """Highest total less lowest."""
    outlier_percent: Percent
    """One total's distance from the mean of the others."""
    criterion_marks: Annotated[int, Field(ge=1, le=100)]
    """One criterion's marks from the mean of the others."""
    split_recommendation: bool = True
    near_line: bool = False
    """Whether one score that decides which side of the threshold the mean falls on is looked at."""
    thin_comment: bool = False
    """Whether an extreme total with little said for it is looked at."""


class Skill(Part):
    """Something that so many of an application's assessors must know: a topic of their profiles."""

    topic: Line
    at_least: Annotated[int, Field(ge=1, le=9)] = 1


class PortfolioLimit(Part):
    """A bound on what a portfolio funds of one kind: how many, or which share of the money."""

    by: Literal["place", "postcode_area", "size", "company", "answer"]
    """`place` is the company's region, `postcode_area` the letters its postcode begins with, `answer` what it chose in the form."""
    question: Id | None = None
    """With `answer`: the question of one choice, such as a strand or an activity."""
    value: Line | None = None
    """Such as `micro`, `WS` or the id of an option; without it the bound holds for each value there is."""
    at_least: Annotated[int, Field(ge=1, le=999)] | None = None
    at_most: Annotated[int, Field(ge=0, le=999)] | None = None
    share_at_least: Annotated[int, Field(ge=1, le=100)] | None = None
    """In percent of the money there is to select with."""
    share_at_most: Annotated[int, Field(ge=0, le=100)] | None = None


class Assessment(Part):
    """Who scores, how many, by when, and what is good enough."""

    assessors: Annotated[int, Field(ge=1, le=9)]
    skills: list[Skill] = []
    asks: list[Literal["agreement", "declaration", "induction"]] = []
    """What an assessor must have before being invited: the agreement signed, a declaration of interest in force, the induction attested."""
    fee_per_review: Pence | None = None
    """What an assessor is paid for a submitted review."""
    may_rest_on: Annotated[int, Field(ge=1, le=9)] | None = None
    """With an officer's recorded reason a decision may rest on this many counted reviews; without this line it needs all of them."""
    due_days: Annotated[int, Field(ge=1, le=120)]
    minutes_expected: Few = 60
    quality_percent: Percent
    """The weighted mean must reach this."""
    majority_must_recommend: bool = True
    moderation: Moderation | None = None
    selection: Literal["top_down", "portfolio", "random_at_line"] = "top_down"
    """How applications are chosen for the money, declared beforehand; `random_at_line`: in order of score, with a draw between equals."""
    portfolio: list[PortfolioLimit] = []
    """What a portfolio keeps to, declared beforehand. A minimum that cannot be met is said, and met as far as it can be."""
    hidden: list[Id] = []
    """Questions whose answers and files assessors never see."""
    tie_break: list[Id] = []
    """Criteria that decide between equal totals, first one first."""


class ExpressionOfInterest(Part):
    """A short form first, judged by the rules marked for it and read by an officer, who invites."""

    full_days: Annotated[int, Field(ge=1, le=365)]
    """Days that an invited company has for the full application."""
    guidance: Words | None = None


class Meeting(Part):
    """An interview or a demonstration."""

    minutes: Annotated[int, Field(ge=5, le=480)]
    guidance: Words | None = None


class Eligibility(Part):
    """The rules, in the order they are told, and how often the same project may be tried again."""

    resubmissions_at_most: Annotated[int, Field(ge=0, le=20)] | None = None
    """How many later tries one project has in this programme; None where there is no limit."""
    rules: list[Rule] = Field(min_length=1, max_length=60)
