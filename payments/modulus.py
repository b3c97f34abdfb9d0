"""Whether an account number can belong to its sort code: Vocalink's modulus rules ("Validating account numbers"), over published weights.

The weights are Pay.UK's data and change several times a year, so none are kept here: an operator loads a copy (`manage.py sortcodes`).
A sort code without weights cannot be checked, and a number that fits proves nothing about whose account it is.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from accounts.refusals import Refused

Method = Literal["MOD10", "MOD11", "DBLAL"]
U, B, A, C, G, H = 0, 7, 6, 8, 12, 13
"""Places of the digits u v w x y z (sort code) a b c d e f g h (account number) that the exceptions speak of."""
EURO_SORT_CODE = "309634"
STERLING_SORT_CODE = "090126"
EURO_WEIGHTS = (0, 0, 1, 2, 5, 3, 6, 4, 8, 7, 10, 9, 3, 1)
EURO_WEIGHTS_G9 = (0, 0, 0, 0, 0, 0, 0, 0, 8, 7, 10, 9, 3, 1)
EITHER = ({2, 9}, {10, 11}, {12, 13})
"""Exceptions that come in pairs of which one needs to be passed; of any other two rows both do."""
ROW = re.compile(r"(\d{6})\s+(\d{6})\s+(MOD10|MOD11|DBLAL)((?:\s+-?\d{1,3}){14})(?:\s+(\d{1,2}))?")
SUBSTITUTE = re.compile(r"(\d{6})\s+(\d{6})")


@dataclass(frozen=True)
class Row:
    """The check of one range of sort codes. `exception` is the number of the rule that alters it, 0 for none."""

    start: str
    end: str
    method: Method
    weights: tuple[int, ...]
    exception: int = 0


@dataclass(frozen=True)
class Weights:
    """One release of the tables."""

    rows: Sequence[Row]
    substitutes: Mapping[str, str]

    def of(self, sort_code: str) -> list[Row]:
        """The one or two checks of a sort code, in the order of the table."""
        return [row for row in self.rows if row.start <= sort_code <= row.end]


def read(weights: str, substitutes: str = "") -> Weights:
    """The tables from the text of VALACDOS and SCSUBTAB as published. Raises Refused naming the line that is none of theirs."""
    rows = [
        Row(found[1], found[2], found[3], tuple(int(weight) for weight in found[4].split()), int(found[5] or 0))  # type: ignore[arg-type]
        for found in _lines(weights, ROW, "weights")
    ]
    if not rows:
        raise Refused("The file of weights is empty.", code="weights_unreadable", field="weights")
    return Weights(rows, {found[1]: found[2] for found in _lines(substitutes, SUBSTITUTE, "substitutes")})


def _lines(text: str, shape: re.Pattern[str], field: str) -> Iterator[re.Match[str]]:
    for number, line in enumerate(text.replace("\x1a", "").splitlines(), start=1):
        if not line.strip():
            continue
        if not (found := shape.fullmatch(line.strip())):
            raise Refused(f"Line {number} of the {field} is not as Vocalink publishes it.", code="weights_unreadable", field=field)
        yield found


def fits(weights: Weights, sort_code: str, account_number: str) -> bool | None:
    """Whether six and eight digits go together; None where the tables say nothing of the sort code, so that nothing was checked."""
    rows = weights.of(sort_code)
    if not rows:
        return None
    passed = [_passes(row, sort_code, account_number, weights.substitutes) for row in rows[:2]]
    return any(passed) if {row.exception for row in rows} in EITHER else all(passed)


def _passes(row: Row, sort_code: str, account_number: str, substitutes: Mapping[str, str]) -> bool:
    digits = [int(digit) for digit in _sort_code_used(row, sort_code, substitutes) + account_number]
    match row.exception:
        case 3 if digits[C] in (6, 9):
            return True
        case 6 if 4 <= digits[A] <= 8 and digits[G] == digits[H]:
            return True  # a foreign currency account, which cannot be checked
        case 4:
            return _total(row, digits) % 11 == digits[G] * 10 + digits[H]
        case 5:
            return _has_check_digit(row, digits)
        case 14:
            return _total(row, digits) % 11 == 0 or _passes_shifted(row, digits)
    return _total(row, digits) % (11 if row.method == "MOD11" else 10) == 0


def _sort_code_used(row: Row, sort_code: str, substitutes: Mapping[str, str]) -> str:
    match row.exception:
        case 5:
            return substitutes.get(sort_code, sort_code)
        case 8:
            return STERLING_SORT_CODE
        case 9:
            return EURO_SORT_CODE
    return sort_code


def _weights_used(row: Row, digits: Sequence[int]) -> Sequence[int]:
    if row.exception == 2 and digits[A] != 0:
        return EURO_WEIGHTS_G9 if digits[G] == 9 else EURO_WEIGHTS
    no_sort_code = (0,) * (B + 1) + row.weights[B + 1 :]
    if row.exception == 7 and digits[G] == 9:
        return no_sort_code
    if row.exception == 10 and digits[A] in (0, 9) and digits[B] == 9 and digits[G] == 9:
        return no_sort_code
    return row.weights


def _total(row: Row, digits: Sequence[int]) -> int:
    products = [digit * weight for digit, weight in zip(digits, _weights_used(row, digits), strict=True)]
    if row.method != "DBLAL":
        return sum(products)
    return sum(sum(divmod(product, 10)) for product in products) + (27 if row.exception == 1 else 0)


def _has_check_digit(row: Row, digits: Sequence[int]) -> bool:
    """Exception 5: the remainder gives a check digit, g for the first method and h for the second."""
    modulus, given = (11, digits[G]) if row.method == "MOD11" else (10, digits[H])
    remainder = _total(row, digits) % modulus
    return given == 0 if remainder == 0 else modulus - remainder == given


def _passes_shifted(row: Row, digits: Sequence[int]) -> bool:
    """Exception 14: where the last digit is 0, 1 or 9 it may be one too many; the number moves one place to the right without it."""
    if digits[H] not in (0, 1, 9):
        return False
    return _total(row, [*digits[:A], 0, *digits[A:H]]) % 11 == 0
