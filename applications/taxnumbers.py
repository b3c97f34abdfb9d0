"""Unique Taxpayer References and VAT numbers: made regular, and refused where their check digits say that they are mistyped."""

import re

from accounts.refusals import Refused

_UTR_WEIGHTS = (6, 7, 8, 9, 10, 5, 4, 3, 2)
_UTR_CHECK = "21987654321"
_VAT_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 1)
OLD_REMAINDERS, NEW_REMAINDERS = (0,), (0, 42, 55)
"""Since 2010 numbers from 100 upwards may also follow the 9755 scheme."""


class NotATaxNumber(Refused):
    """What was typed cannot be a tax number: a digit is wrong or missing."""

    code = "not_a_tax_number"


def utr(text: str) -> str:
    """Ten digits, the first of which checks the others (weights 6 7 8 9 10 5 4 3 2, modulo 11). A K before or after is dropped."""
    bare = re.sub(r"\s", "", text).upper().removeprefix("K").removesuffix("K")
    if not re.fullmatch(r"[0-9]{10}", bare):
        raise NotATaxNumber("Enter the Unique Taxpayer Reference: 10 digits, such as 3282497350.")
    total = sum(weight * int(digit) for weight, digit in zip(_UTR_WEIGHTS, bare[1:], strict=True))
    if bare[0] != _UTR_CHECK[total % 11]:
        raise NotATaxNumber("That is not a Unique Taxpayer Reference: its check digit does not agree. Look for a mistyped digit.")
    return bare


def vat_number(text: str) -> str:
    """`GB980780684` or `XI…`, nine digits or twelve with a branch; GD and HA bodies too. The last two of nine check the others (97)."""
    bare = re.sub(r"[\s.-]", "", text).upper()
    country = bare[:2] if bare[:2] in ("GB", "XI") else "GB"
    body = bare.removeprefix(country)
    if re.fullmatch(r"GD[0-4][0-9]{2}|HA[5-9][0-9]{2}", body):
        return country + body
    if not re.fullmatch(r"[0-9]{9}([0-9]{3})?", body):
        raise NotATaxNumber("Enter the VAT number: 9 digits, with or without GB in front, such as GB980780684.")
    remainder = sum(weight * int(digit) for weight, digit in zip(_VAT_WEIGHTS, body, strict=False)) % 97
    if remainder not in (NEW_REMAINDERS if int(body[:3]) >= 100 else OLD_REMAINDERS):
        raise NotATaxNumber("That is not a VAT number: its check digits do not agree. Look for a mistyped digit.")
    return country + body
