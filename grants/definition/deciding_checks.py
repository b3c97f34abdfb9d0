"""What must hold of the decision section across the document."""

from collections.abc import Iterator
from typing import Any

from grants.definition.document import Definition
from grants.money import format_pence


def problems(definition: Definition) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Amounts that are named twice."""
    seen: set[int] = set()
    for index, each in enumerate(definition.decision.agreements):
        path = ("decision", "agreements", index, "above")
        if each.above in seen:
            yield path, f"{format_pence(each.above)} is named twice."
        seen.add(each.above)
