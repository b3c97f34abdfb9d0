"""What must be true of an outcome report."""

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from accounts.refusals import Refused

if TYPE_CHECKING:
    from payments.models import OutcomeReport


def indicator_values(report: "OutcomeReport", values: dict[str, Any]) -> dict[str, str]:
    """A number, nought or more, for each indicator the award's version names; kept as decimal text. Raises Refused naming the field."""
    wanted = {indicator.id: indicator for indicator in report.indicators()}
    unknown = set(values) - set(wanted)
    if unknown:
        raise Refused(f"“{sorted(unknown)[0]}” is not an indicator of this programme.", code="indicator_unknown", field=sorted(unknown)[0])
    return {code: str(_number(code, indicator.title, indicator.decimals, values.get(code))) for code, indicator in wanted.items()}


def _number(code: str, name: str, decimals: int, value: Any) -> Decimal:
    try:
        number = Decimal(str(value).strip().replace(",", ""))
    except InvalidOperation:
        raise Refused(f"Enter a number for “{name}”; 0 if there is nothing.", code="indicator_missing", field=code) from None
    if not number.is_finite() or number < 0 or number > 1_000_000_000:
        raise Refused(f"Enter a number of 0 or more for “{name}”.", code="indicator_wrong", field=code)
    if number != round(number, decimals):
        asked = "a whole number" if decimals == 0 else f"at most {decimals} decimal places"
        raise Refused(f"Enter {asked} for “{name}”.", code="indicator_wrong", field=code)
    return number


def narrative(text: str) -> str:
    """What came of the work, in words. Raises Refused when empty or over 5,000 characters."""
    text = text.strip()
    if not text:
        raise Refused("Say in a few sentences what came of the work.", code="narrative_missing", field="narrative")
    if len(text) > 5000:
        raise Refused("Keep this to 5,000 characters.", code="narrative_too_long", field="narrative")
    return text
