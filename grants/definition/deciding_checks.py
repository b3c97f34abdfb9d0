"""What must hold of the decision section across the document."""

from collections.abc import Iterator
from typing import Any

from grants.definition.document import Definition
from grants.definition.form import PortfolioLimit
from grants.money import format_pence


def problems(definition: Definition) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Amounts that are named twice."""
    seen: set[int] = set()
    for index, each in enumerate(definition.decision.agreements):
        path = ("decision", "agreements", index, "above")
        if each.above in seen:
            yield path, f"{format_pence(each.above)} is named twice."
        seen.add(each.above)
    yield from _portfolio(definition)


def _portfolio(definition: Definition) -> Iterator[tuple[tuple[Any, ...], str]]:
    stage = definition.assessment
    if stage is None:
        return
    if stage.portfolio and stage.selection != "portfolio":
        yield ("assessment", "portfolio"), "Limits on a portfolio are declared, but the money is not spread as a portfolio."
    for index, limit in enumerate(stage.portfolio):
        path = ("assessment", "portfolio", index)
        pairs = ((limit.at_least, limit.at_most), (limit.share_at_least, limit.share_at_most))
        if all(bound is None for pair in pairs for bound in pair):
            yield path, "This limit bounds nothing: say how many at least or at most, or which share of the money."
        if any(least is not None and most is not None and least > most for least, most in pairs):
            yield path, "The least is more than the most."
        if problem := _of_answer(definition, limit):
            yield path, problem


def _of_answer(definition: Definition, limit: PortfolioLimit) -> str:
    """Why a limit by an answer cannot be kept to; "" where it can, or is no such limit."""
    if limit.by != "answer":
        return "A limit names a question only where it goes by an answer." if limit.question else ""
    asked = next((each for each in definition.form.questions() if each.id == limit.question), None)
    if asked is None or asked.kind != "choice":
        return "A limit by an answer names a question of the form in which one of several options is chosen."
    if limit.value and limit.value not in {option.id for option in asked.options}:
        return f"“{limit.value}” is not an option of “{asked.id}”."
    return ""
