"""What an answer to each kind of question may look like, checked wherever it comes from.

`refusal` says why a value cannot be saved at all; `unfinished` what is still missing before it can be sent in.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import count
from typing import Any

from accounts.refusals import Refused
from design.words import count_words, in_words
from grants import identifiers
from grants.definition import Definition
from grants.money import MOST_PENCE, format_pence

MAX_TEXT = 100_000
MAX_LINE = 2_000
LINE = 200
NOT_ANSWERED = "Not answered yet"
Numbers = Sequence[int] | None
TYPED = "as typed"
"""Under this a row keeps what stands where a number belongs and is none. No question has a space in its id."""
NEEDED = {
    "category": "kind of cost",
    "description": "description",
    "amount_pence": "amount",
    "title": "title",
    "deliverable": "deliverable",
    "success": "measure of success",
    "month": "month",
    "percent": "share",
}
"""What each line of costs, and each milestone, must say, in words."""


def refusal(definition: Definition, question: Any, value: Any, *, numbers: Numbers = None) -> str:
    """Why this value cannot be saved as the answer, as a sentence; "" when it can. None (no answer) can.

    `numbers` are those of the rows on the page, where there are empty ones between them.
    """
    if value is None:
        return ""
    try:
        if question.kind in _ROWS:
            return _ROWS[question.kind](definition, question, value, numbers)
        return _CHECKS[question.kind](definition, question, value)
    except (TypeError, ValueError, AttributeError, KeyError, InvalidOperation):
        return f"“{question.label}” has an answer of the wrong kind."


def unfinished(definition: Definition, question: Any, value: Any, *, numbers: Numbers = None) -> str:
    """What is missing from an answer that may be saved but not sent in; "" when nothing is. `numbers` as in `refusal`."""
    if question.kind == "cost_table":
        return _unfinished_costs(value or [], numbers)
    if question.kind == "milestone_plan":
        return _unfinished_plan(value or [], numbers)
    if question.kind == "declaration":
        return "" if value and value.get("agreed") and value.get("name") else "Not signed yet"
    if is_empty(value):
        return NOT_ANSWERED
    if question.kind == "group":
        return _unfinished_group(definition, question, value, numbers)
    return _too_long(question, value) if question.kind in ("text", "long_text") else ""


def is_empty(value: Any) -> bool:
    """Whether there is nothing in it. False and 0 are answers."""
    return value is None or (isinstance(value, (str, list, dict)) and not value)


def _text(definition: Definition, question: Any, value: str) -> str:
    if "\n" in value or "\r" in value:
        return "Write this on one line."
    return _can_be_kept(value, MAX_LINE)


def _long_text(definition: Definition, question: Any, value: str) -> str:
    return _can_be_kept(value, MAX_TEXT)


def _can_be_kept(text: str, most: int) -> str:
    """A draft may hold more than can be sent in, so that people can paste first and cut down afterwards; but not without end."""
    if not isinstance(text, str):
        raise TypeError(text)
    if len(text) > most:
        return f"This text is far too long to keep: {len(text):,} characters. Cut it to {most:,} or fewer."
    return "This text has a character in it that cannot be kept." if "\0" in text else ""


def _too_long(question: Any, text: str) -> str:
    """What is over the limit of a text that is otherwise fine."""
    if question.kind == "text" and len(text) > question.max_characters:
        return f"Use {question.max_characters} characters or fewer. You have {len(text) - question.max_characters:,} too many."
    limit = question.max_words
    over = count_words(text) - limit if limit else 0
    return f"Use {limit:,} words or fewer. You have {over:,} word{'' if over == 1 else 's'} too many." if over > 0 else ""


def _number(definition: Definition, question: Any, value: Any) -> str:
    if question.decimals:
        if not isinstance(value, str) or not re.fullmatch(rf"-?\d{{1,15}}(\.\d{{1,{question.decimals}}})?", value):
            return f"Enter a number with at most {question.decimals} digits after the point."
    elif isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**15:
        return "Enter a whole number."
    return _outside(Decimal(value), question.minimum, question.maximum, lambda bound: f"{bound:,}")


def _money(definition: Definition, question: Any, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return "Enter an amount in pounds, like 1,250 or 1250.75."
    if not 0 <= value <= MOST_PENCE:
        return "Enter an amount of £0 or more." if value < 0 else "The amount is too large. Check for extra digits."
    return _outside(value, question.minimum, question.maximum, format_pence)


def _percent(definition: Definition, question: Any, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d{1,3}(\.\d{1,4})?", value) or Decimal(value) > 100:
        return "Enter a percentage from 0 to 100, like 12.5."
    return _outside(Decimal(value), question.minimum, question.maximum, lambda bound: f"{bound} %")


def _outside(value: Any, low: Any, high: Any, words: Any) -> str:
    if low is not None and value < low:
        return f"Enter {words(low)} or more."
    return f"Enter {words(high)} or less." if high is not None and value > high else ""


def _date(definition: Definition, question: Any, value: str) -> str:
    day = date.fromisoformat(value)
    if value != day.isoformat() or not 1900 <= day.year <= 2200:
        return "Enter a real date, like 27 3 2027."
    return _outside(day, question.earliest, question.latest, in_words).replace(" or more", " or later").replace(" or less", " or earlier")


def _yes_no(definition: Definition, question: Any, value: Any) -> str:
    return "" if isinstance(value, bool) else "Choose yes or no."


def _choice(definition: Definition, question: Any, value: Any) -> str:
    return "" if value in {option.id for option in question.options} else "Choose one of the answers."


def _several(definition: Definition, question: Any, value: list) -> str:
    known = [option.id for option in question.options]
    if not isinstance(value, list) or len(set(value)) != len(value) or not set(value) <= set(known):
        return "Choose from the answers."
    if question.at_most and len(value) > question.at_most:
        return f"Choose {question.at_most} or fewer."
    return ""


def _company_number(definition: Definition, question: Any, value: str) -> str:
    return _regular(identifiers.company_number, value)


def _postcode(definition: Definition, question: Any, value: str) -> str:
    return _regular(identifiers.postcode, value)


def _sic_codes(definition: Definition, question: Any, value: list) -> str:
    if not isinstance(value, list) or len(set(value)) != len(value) or len(value) > question.at_most:
        return f"Enter {question.at_most} different codes or fewer."
    return next((problem for code in value if (problem := _regular(identifiers.sic_code, code))), "")


def _group(definition: Definition, question: Any, value: list, numbers: Numbers) -> str:
    """Every cell by its own kind; what is wrong is said with its row and its question."""
    if not isinstance(value, list) or len(value) > question.at_most:
        return f"Give {question.at_most} of these or fewer."
    for number, row in _numbered(value, numbers):
        if not isinstance(row, dict) or not _is_row(row, {cell.id for cell in question.questions}):
            return f"{row_title(question, number)} is not complete."
        for cell in question.questions:
            if problem := refusal(definition, cell, row[cell.id]):
                return f"{row_title(question, number)}, {cell.label}: {problem}"
    return ""


def _numbered(rows: list, numbers: Numbers) -> Iterable[tuple[int, Any]]:
    """The rows as people count them."""
    return zip(count(1) if numbers is None else numbers, rows, strict=False)


def row_title(question: Any, number: int) -> str:
    """What one row of a group is called: “Site 2”."""
    return f"{question.row[:1].upper()}{question.row[1:]} {number}"


def _unfinished_group(definition: Definition, question: Any, rows: list, numbers: Numbers) -> str:
    if len(rows) < question.at_least:
        return f"Give at least {question.at_least} of these; there {'is' if len(rows) == 1 else 'are'} {len(rows)}"
    for number, row in _numbered(rows, numbers):
        if typed := _unread(row):
            return f"{row_title(question, number)}: {typed}"
        for cell in question.questions:
            value = row[cell.id]
            if (cell.required or not is_empty(value)) and (problem := unfinished(definition, cell, value)):
                return f"{row_title(question, number)}, {cell.label}: {problem.lower() if problem == NOT_ANSWERED else problem}"
    return ""


def _regular(normalise: Any, value: str) -> str:
    try:
        return "" if normalise(value) == value else f"This should be written {normalise(value)}."
    except Refused as refused:
        return refused.sentence


def _calculated(definition: Definition, question: Any, value: Any) -> str:
    return "This is worked out from other answers, not typed in."


def _file(definition: Definition, question: Any, value: Any) -> str:
    return "Files are attached, not written as an answer."


def categories(definition: Definition, question: Any) -> list[Any]:
    """The cost categories that a cost table offers."""
    return [each for each in definition.delivery.cost_categories if not question.categories or each.id in question.categories]


def _cost_table(definition: Definition, question: Any, value: list, numbers: Numbers) -> str:
    if not isinstance(value, list) or len(value) > question.max_lines:
        return f"Give {question.max_lines} lines of costs or fewer."
    known = {category.id for category in categories(definition, question)} | {""}
    amounts = {"amount_pence", "vat_pence"} if definition.delivery.vat == "irrecoverable" else {"amount_pence"}
    for number, line in _numbered(value, numbers):
        if not _is_row(dict.fromkeys(amounts) | line, {"category", "description"} | amounts) or line["category"] not in known:
            return f"Line {number}: choose one of the kinds of cost."
        if len(line["description"]) > MAX_LINE:
            return f"Line {number}: describe the cost in {LINE} characters or fewer."
        for amount in (line["amount_pence"], line.get("vat_pence")):
            if amount is not None and (isinstance(amount, bool) or not isinstance(amount, int) or not 0 <= amount <= MOST_PENCE):
                return f"Line {number}: enter an amount in pounds, like 1,250."
    return ""


def _unfinished_costs(lines: list, numbers: Numbers) -> str:
    if not lines:
        return NOT_ANSWERED
    for number, line in _numbered(lines, numbers):
        if typed := _unread(line):
            return f"Line {number}: {typed}"
        if lacks := [NEEDED[key] for key in ("category", "description", "amount_pence") if not line[key]]:
            return f"Line {number} needs its {' and its '.join(lacks)}"
        if len(line["description"]) > LINE:
            return f"Line {number}: describe the cost in {LINE} characters or fewer"
    return ""


def unread(question: Any, rows: Any, *, numbers: Numbers = None) -> str:
    """Where something was typed that is no number, in a sentence; "" where all can be read. `numbers` as in `refusal`."""
    named = {"cost_table": "Line", "milestone_plan": "Milestone"}
    for number, row in _numbered(rows or [], numbers):
        if typed := _unread(row):
            where = row_title(question, number) if question.kind == "group" else f"{named[question.kind]} {number}"
            return f"{where}: {typed}. It is kept as you typed it."
    return ""


def _unread(row: dict[str, Any]) -> str:
    typed = ", ".join(f"“{text}”" for text in row.get(TYPED, {}).values())
    return f"{typed} cannot be read" if typed else ""


def _is_row(row: dict[str, Any], names: set[str]) -> bool:
    """Whether it has every cell, and beside them at most what was typed into cells that are empty for it."""
    typed = row.get(TYPED, {})
    is_typed = isinstance(typed, dict) and all(isinstance(text, str) and len(text) <= LINE for text in typed.values())
    return is_typed and set(row) - {TYPED} == names and all(name in names and row[name] is None for name in typed)


def _milestone_plan(definition: Definition, question: Any, value: list, numbers: Numbers) -> str:
    if not isinstance(value, list) or len(value) > question.at_most:
        return f"Give {question.at_most} milestones or fewer."
    for number, row in _numbered(value, numbers):
        if not _is_row(row, {"title", "deliverable", "success", "month", "percent"}):
            return f"Milestone {number} is not complete."
        if len(row["title"]) > MAX_LINE or len(row["deliverable"]) > MAX_TEXT or len(row["success"]) > MAX_TEXT:
            return f"Milestone {number}: shorten the text."
        for key, words, most in (("month", "month", 120), ("percent", "share", 100)):
            number_given = row[key]
            if number_given is not None and (isinstance(number_given, bool) or not 1 <= number_given <= most or number_given % 1):
                return f"Milestone {number}: enter a {words} from 1 to {most}, in whole numbers."
    if question.is_fixed and [(row["title"], row["percent"]) for row in value] != [
        (each.title, each.percent) for each in question.expected
    ]:
        return "Keep the milestones and shares that the programme sets."
    return ""


def _unfinished_plan(rows: list, numbers: Numbers) -> str:
    if not rows:
        return NOT_ANSWERED
    for number, row in _numbered(rows, numbers):
        if typed := _unread(row):
            return f"Milestone {number}: {typed}"
        if lacks := [NEEDED[key] for key in ("title", "deliverable", "success", "month", "percent") if not row[key]]:
            return f"Milestone {number} needs its {' and its '.join(lacks)}"
        if long := [NEEDED[key] for key, most in (("title", LINE), ("deliverable", 1000), ("success", 1000)) if len(row[key]) > most]:
            return f"Milestone {number}: shorten its {' and its '.join(long)}"
    total = sum(row["percent"] for row in rows)
    return "" if total == 100 else f"The shares add up to {total} %. They must add up to exactly 100 %"


def _declaration(definition: Definition, question: Any, value: dict) -> str:
    if set(value) != {"agreed", "name", "position"} or not isinstance(value["agreed"], bool):
        return "Agree to the statements, and give your name and position."
    if any(not isinstance(value[key], str) or len(value[key]) > LINE for key in ("name", "position")):
        return f"Give your name and position in {LINE} characters or fewer."
    return ""


_CHECKS = {
    "text": _text,
    "long_text": _long_text,
    "number": _number,
    "money": _money,
    "percent": _percent,
    "date": _date,
    "yes_no": _yes_no,
    "choice": _choice,
    "several": _several,
    "company_number": _company_number,
    "postcode": _postcode,
    "sic_codes": _sic_codes,
    "calculated": _calculated,
    "file": _file,
    "declaration": _declaration,
}
_ROWS = {"group": _group, "cost_table": _cost_table, "milestone_plan": _milestone_plan}
