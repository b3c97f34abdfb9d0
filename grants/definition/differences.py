"""What differs between two definitions, in words: “criterion Need: weight 20 → 25”."""

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from grants.definition.document import Definition
from grants.money import format_pence

_NOUNS = {
    "sections": "section",
    "questions": "question",
    "options": "option",
    "rules": "rule",
    "criteria": "criterion",
    "indicators": "indicator",
    "reports": "report",
    "cost_categories": "cost category",
    "conditions": "condition",
    "checklist": "check",
    "activities": "activity",
    "bands": "band",
}
_MONEY = frozenset({"grant_min", "grant_max", "round_budget", "minimum", "maximum", "above", "up_to", "fee_per_review"})
_SHORT = 60


def between(old: Definition, new: Definition) -> list[str]:
    """One line per difference, in the order of the document."""
    return _parts("", old, new)


def _parts(where: str, old: BaseModel, new: BaseModel) -> list[str]:
    if type(old) is not type(new):
        return [f"{where}: is now of another kind"]
    lines: list[str] = []
    for name in type(old).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            lines += _values(where, name, before, after)
    return lines


def _values(where: str, name: str, before: Any, after: Any) -> list[str]:
    label = name.replace("_", " ")
    if isinstance(before, BaseModel) and isinstance(after, BaseModel):
        return _parts(where or label, before, after)
    if _are_named(before) and _are_named(after) and (before or after):
        return _named(where, name, before, after)
    prefix = f"{where}: {label}" if where else label
    return [f"{prefix} {_shown(name, before)} → {_shown(name, after)}"]


def _named(where: str, name: str, before: list[Any], after: list[Any]) -> list[str]:
    noun = _NOUNS.get(name, name.replace("_", " "))
    old, new = ({part.id: part for part in parts} for parts in (before, after))
    within = f"{where}, " if where and where not in ("form", "eligibility", "delivery", "award", "funding") else ""
    lines = [f"{within}{noun} {_title(old[id])}: removed" for id in old if id not in new]
    for id, part in new.items():
        if id not in old:
            lines.append(f"{within}{noun} {_title(part)}: added")
        elif part != old[id]:
            lines += _parts(f"{within}{noun} {_title(part)}", old[id], part)
    kept = [id for id in old if id in new]
    if kept != [id for id in new if id in old]:
        lines.append(f"{within}{noun}s: order changed")
    return lines


def _are_named(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, BaseModel) and hasattr(part, "id") for part in value)


def _title(part: Any) -> str:
    title = getattr(part, "title", None) or getattr(part, "label", None) or part.id
    return title if len(title) <= _SHORT else title[: _SHORT - 1] + "…"


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and name in _MONEY and abs(value) >= 100:
        return format_pence(value)
    if isinstance(value, (int, Decimal, date)):
        return str(value)
    if isinstance(value, BaseModel):
        return "given"
    if isinstance(value, list):
        return f"{len(value)} items" if any(isinstance(one, BaseModel) for one in value) else f"[{', '.join(map(str, value))}]"
    text = str(value)
    return f"“{text if len(text) <= _SHORT else text[: _SHORT - 1] + '…'}”"
