"""Company numbers, postcodes and SIC codes: made regular, and refused with a sentence when they cannot be right."""

import re

from accounts.refusals import Refused

_UNSEEN = "\u200b-\u200f\u2060\ufeff"
"""What comes along when a number is copied off a web page, and nobody sees."""
_SOCIETY = r"(?:IP|SP|NP)(?:\d{5}R|\d{4}RS)"
"""How registered societies are still numbered that were industrial and provident ones."""
_COMPANY_NUMBER = re.compile(
    r"\d{8}|(?:SC|NI|OC|SO|NC|R0|RS|IP|SP|NP|CE|CS|LP|SL|NL|SG|FC|SF|NF|OE|BR|GE|GS|GN|SE|RC|SR|NR|AC|SA|NA|ZC|SZ|NZ|IC|SI|NV|PC"
    r"|EN|ES|FE)\d{6}|" + _SOCIETY
)
SIC_SECTIONS: dict[str, tuple[int, int]] = {
    "A": (1, 3), "B": (5, 9), "C": (10, 33), "D": (35, 35), "E": (36, 39), "F": (41, 43), "G": (45, 47), "H": (49, 53), "I": (55, 56),
    "J": (58, 63), "K": (64, 66), "L": (68, 68), "M": (69, 75), "N": (77, 82), "O": (84, 84), "P": (85, 85), "Q": (86, 88),
    "R": (90, 93), "S": (94, 96), "T": (97, 98), "U": (99, 99),
}  # fmt: skip
"""The divisions of each section of UK SIC 2007 (Office for National Statistics, 2009)."""
_OUTCODE = r"[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d(?:[\dABEHMNPRV-Y])?|\d[A-HJKPS-UW])"
_POSTCODE = re.compile(rf"(?:GIR0AA|({_OUTCODE})\d[ABD-HJLNP-UW-Z]{{2}})")


class NotACompanyNumber(Refused):
    """What was typed cannot be a Companies House number."""

    code = "not_a_company_number"


class NotAPostcode(Refused):
    """What was typed cannot be a UK postcode."""

    code = "not_a_postcode"


class NotASicCode(Refused):
    """What was typed cannot be a SIC code."""

    code = "not_a_sic_code"


def company_number(text: str) -> str:
    """The number as Companies House writes it: eight characters, text, leading noughts kept. Raises NotACompanyNumber.

    There is no check digit: a number that passes has the right shape, no more.
    """
    bare = re.sub(rf"[\s{_UNSEEN}.-]", "", text).upper()
    if re.fullmatch(r"\d{6,7}", bare):
        bare = bare.zfill(8)
    if prefixed := re.fullmatch(r"([A-Z]{2})(\d{4,5})|(R)(\d{5,6})", bare):
        prefix, number = filter(None, prefixed.groups())
        bare = prefix + number.zfill(8 - len(prefix))
    if not bare.isascii() or not _COMPANY_NUMBER.fullmatch(bare):
        raise NotACompanyNumber("Enter the number from Companies House: 8 digits, or 2 letters and 6 digits, such as 01234567 or SC123456.")
    return bare


def postcode(text: str) -> str:
    """The postcode as it is written, `B15 2TT`. Raises NotAPostcode."""
    bare = re.sub(rf"[\s{_UNSEEN}]", "", text).upper()
    if not bare.isascii() or not _POSTCODE.fullmatch(bare):
        raise NotAPostcode("Enter a full UK postcode, such as B15 2TT.")
    return f"{bare[:-3]} {bare[-3:]}"


def sic_code(text: str) -> str:
    """A code of UK SIC 2007 as Companies House writes it: five digits, of a division that there is. Raises NotASicCode.

    Whether a code exists below its division is not known here: the register's own list is not part of this software.
    """
    bare = re.sub(r"[./]", "", text)
    if not re.fullmatch(r"[0-9]{5}", bare):
        raise NotASicCode("Enter SIC codes of five digits, like 72110, with commas between them")
    if not any(first <= int(bare[:2]) <= last for first, last in SIC_SECTIONS.values()):
        raise NotASicCode(f"{bare} is not a SIC 2007 code: there is no division {bare[:2]}. Check it on the register")
    return bare


def outcode(text: str) -> str:
    """The first half of a postcode, `B15`. Raises NotAPostcode."""
    return postcode(text).split(" ")[0]
