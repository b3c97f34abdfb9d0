"""What the form works out by itself: the value of a calculated question, stored as an answer is, and as rules read it."""

import math
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from grants.definition.questions import Calculated
from grants.rules.evaluation import worked_out
from grants.rules.sentences import Pence, Percent

MOST_CHARACTERS = 2_000


def value(question: Calculated, known: Mapping[str, Any]) -> Any:
    """The value as an answer is stored; None while it is not known."""
    found = worked_out(question.value, known)
    if found is None or (isinstance(found, float) and not math.isfinite(found)):
        return None
    match question.shown_as:
        case "percent":
            return f"{Decimal(str(found)).quantize(Decimal('0.0001'), ROUND_HALF_UP).normalize():f}"
        case "number" if question.decimals:
            return f"{Decimal(str(found)).quantize(Decimal(1).scaleb(-question.decimals), ROUND_HALF_UP):f}"
        case "text":
            return found[:MOST_CHARACTERS]
    return found


def as_answer(question: Calculated, stored: Any) -> Any:
    """A stored value in the type that rules read."""
    if stored is None:
        return None
    if question.shown_as == "percent":
        return Percent(stored)
    if question.shown_as == "number":
        return Decimal(stored) if isinstance(stored, str) else stored
    return Pence(stored) if question.shown_as == "money" else stored
