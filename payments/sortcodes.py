"""UK sort codes and account numbers as people write them, and as banks want them."""

import re
from dataclasses import dataclass

from accounts.refusals import Refused


@dataclass(frozen=True)
class Numbers:
    """Six digits and eight."""

    sort_code: str
    account_number: str


def normalise(sort_code: str, account_number: str) -> Numbers:
    """Six and eight digits from what was typed; shorter account numbers are padded as Vocalink's rules say.

    Six or seven digits get leading noughts; of nine, the first replaces the sort code's last. Ten digits mean different things at different
    banks, so they are refused. Raises Refused naming the field.
    """
    sort = re.sub(r"[\s\-–]", "", sort_code)
    number = re.sub(r"[\s\-]", "", account_number)
    if not re.fullmatch(r"[0-9]{6}", sort):
        raise Refused("Enter a sort code of 6 digits, such as 30-96-34.", code="sort_code", field="sort_code")
    if not re.fullmatch(r"[0-9]{6,10}", number):
        raise Refused("Enter an account number of 6 to 8 digits.", code="account_number", field="account_number")
    if len(number) == 10:
        raise Refused(
            "Enter the 8 digits that your bank gives for payments from other banks.", code="account_number", field="account_number"
        )
    if len(number) == 9:
        sort, number = sort[:5] + number[0], number[1:]
    if set(sort) == {"0"} or set(number) == {"0"}:
        raise Refused("Enter the account's own numbers.", code="account_number", field="account_number")
    return Numbers(sort, number.zfill(8))


def spaced(sort_code: str) -> str:
    """30-96-34."""
    return f"{sort_code[:2]}-{sort_code[2:4]}-{sort_code[4:]}"
