"""Sentences that quote values: “You asked for {application.grant_pence}.” becomes “You asked for £12,500.”"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from grants.money import format_pence

LEGAL_FORMS = {
    "limited": "a private limited company",
    "plc": "a public limited company",
    "llp": "a limited liability partnership",
    "cic": "a community interest company",
    "charity": "a charitable incorporated organisation",
    "sole_trader": "a sole trader or ordinary partnership",
    "university": "a university or research organisation",
    "other": "of another legal form",
}
_PLACE = re.compile(r"\{([^{}]*)\}")


def quoted_names(sentence: str) -> list[str]:
    """The dotted names that a sentence quotes, in order."""
    return [name.strip() for name in _PLACE.findall(sentence)]


def look_up(path: str, facts: Mapping[str, Any]) -> Any:
    """The value of a dotted name, or None where it is not known."""
    value: Any = facts
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def fill(sentence: str, facts: Mapping[str, Any]) -> str:
    """The sentence with every quoted name replaced by its value in words."""
    return _PLACE.sub(lambda match: in_words(match[1].strip(), look_up(match[1].strip(), facts)), sentence)


class Pence(int):
    """An answer that is money: its name need not say so."""


class Percent(Decimal):
    """An answer that is a percentage: its name need not say so."""


def in_words(path: str, value: Any) -> str:
    """A value as a person reads it: money by names that end in `_pence`, dates with their month, percentages with the sign."""
    if value is None:
        return "not known"
    if path == "company.legal_form":
        return LEGAL_FORMS.get(value, value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if path.endswith("_pence") or isinstance(value, Pence):
        return format_pence(int(value))
    if path.endswith("_percent") or isinstance(value, Percent):
        return f"{float(value):.1f}".removesuffix(".0") + " %"
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo("Europe/London")) if path.endswith("_at") else value
        return f"{value.day} {value:%B %Y}"
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    if isinstance(value, float):
        return f"{value:,.2f}".removesuffix(".00")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return " / ".join(in_words(name, one) for name, one in value.items() if one is not None)
    if isinstance(value, (list, tuple)):
        return ", ".join(in_words("", one) for one in value) or "none"
    return str(value)
