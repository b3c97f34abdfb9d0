"""What every part of a definition shares, and the small kinds of value it is made of."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError as InvalidEmail
from django.core.validators import validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from accounts.refusals import Refused
from grants.money import format_pence, parse_pounds


class Part(BaseModel):
    """A section of the document: nothing unknown, nothing guessed, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


def _pounds(value: Any) -> int:
    if not isinstance(value, str) or not value.strip().startswith("£"):
        raise ValueError(f"Write money with its sign, such as {_meant(value) or '£12,500'}.")
    try:
        return parse_pounds(value)
    except Refused as refusal:
        raise ValueError(refusal.sentence.replace("12500 or 12,500.50", "£12,500 or £12,500.50")) from None


def _meant(value: Any) -> str:
    """The amount that somebody wrote without its sign, with it; nothing where it cannot be told."""
    bare = str(value).strip().upper().removeprefix("GBP").removesuffix("GBP")
    if isinstance(value, bool) or value is None:
        return ""
    try:
        return format_pence(parse_pounds(f"{value:.2f}" if isinstance(value, float) else bare))
    except Refused:
        return ""


def _percent(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        figures = str(value).strip().removesuffix("%").strip()
        meant = figures if figures.replace(".", "", 1).isdecimal() else "70"
        raise ValueError(f"Write a percentage as a plain number: {meant}{', without the sign' if '%' in str(value) else ''}.")
    percent = Decimal(str(value))
    if not 0 <= percent <= 100:
        raise ValueError("A percentage lies between 0 and 100.")
    return percent


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        shaped = re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value))
        raise ValueError(f"There is no day {value}." if shaped else "Write a date as 2027-03-31: year, month, day.") from None


def _one_line(value: str) -> str:
    if "\n" in value:
        raise ValueError("Write this on one line.")
    return value


def _slug(value: str) -> str:
    if value in RESERVED:
        raise ValueError(f"“{value}” is an address of ours. Take another short name.")
    return value


def _email(value: str) -> str:
    try:
        validate_email(value)
    except InvalidEmail:
        raise ValueError("Write an email address, such as grants@example.org.") from None
    return value


RESERVED = frozenset({"load", "rounds"})
"""Short names that would hide a page of ours."""
Pence = Annotated[
    int,
    BeforeValidator(_pounds),
    WithJsonSchema({"type": "string", "pattern": r"^£\s*[0-9][0-9,]*(\.[0-9]{1,2})?$", "examples": ["£12,500"]}),
]
Percent = Annotated[Decimal, BeforeValidator(_percent), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100})]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=40)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=40), AfterValidator(_slug)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True), AfterValidator(_one_line)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True), AfterValidator(_one_line)]
"""Short enough for a round's title to hold it."""
Body = Annotated[str, StringConstraints(min_length=1, max_length=250, strip_whitespace=True), AfterValidator(_one_line)]
"""An organisation, as it is stored."""
Email = Annotated[str, StringConstraints(max_length=254, strip_whitespace=True), AfterValidator(_email)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=5_000, strip_whitespace=True)]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True)]
Few = Annotated[int, Field(ge=1, le=1_000)]
Days = Annotated[int, Field(ge=1, le=3_650)]
Size = Literal["micro", "small", "medium", "large"]
