"""What differs between two definitions, in words: “criterion Need: weight 20 → 25”."""

from datetime import date
from decimal import Decimal
from itertools import takewhile
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
    "notices": "notice",
    "rates": "rate",
    "co_funders": "co-funder",
    "agreements": "agreement",
    "expected": "expected milestone",
    "assurance": "assurance band",
}
_MARKS = ("id", "kind", "title", "label", "name")
"""What tells one part of a list from the others, where it has that; its place does otherwise."""
_MONEY = frozenset({"grant_min", "grant_max", "round_budget", "above", "up_to", "fee_per_review"})
_SOMETIMES = frozenset({"minimum", "maximum"})
"""Money in a question about money only."""
_SHORT = 60
_WHOLE = 2_500
"""What is shown of a text that changed: a rule and what it says are shown whole, for somebody answers for them on the ground of this."""


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
            in_pence = name in _MONEY or (name in _SOMETIMES and getattr(old, "kind", "") == "money")
            lines += _values(where, name, before, after, in_pence)
    return lines


def _values(where: str, name: str, before: Any, after: Any, in_pence: bool) -> list[str]:
    label = name.replace("_", " ")
    if isinstance(before, BaseModel) and isinstance(after, BaseModel):
        return _parts(where or label, before, after)
    if _are_parts(before) and _are_parts(after) and (before or after):
        return _listed(where, name, before, after)
    prefix = f"{where}: {label}" if where else label
    if isinstance(before, str) and isinstance(after, str):
        before, after = _where_they_part(before, after)
    return [f"{prefix} {_shown(before, in_pence)} → {_shown(after, in_pence)}"]


def _listed(where: str, name: str, before: list[Any], after: list[Any]) -> list[str]:
    noun = _NOUNS.get(name, name.replace("_", " "))
    mark = _mark(before, after)
    old, new = ({getattr(part, mark) if mark else place: part for place, part in enumerate(parts, 1)} for parts in (before, after))
    within = f"{where}, " if where and where not in ("form", "eligibility", "delivery", "award", "funding") else ""
    lines = [f"{within}{noun} {_title(old[id], id)}: removed{_ruled(old[id])}" for id in old if id not in new]
    for id, part in new.items():
        if id not in old:
            lines.append(f"{within}{noun} {_title(part, id)}: added{_ruled(part)}")
        elif part != old[id]:
            lines += _parts(f"{within}{noun} {_title(part, id)}", old[id], part)
    kept = [id for id in old if id in new]
    if kept != [id for id in new if id in old]:
        lines.append(f"{within}{noun}s: order changed")
    return lines


def _ruled(part: Any) -> str:
    """What a rule that comes or goes asks for."""
    must = getattr(part, "must", None)
    return f" (must “{must}”)" if must else ""


def _are_parts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, BaseModel) for part in value)


def _mark(*lists: list[Any]) -> str:
    """What every part of the lists has and no two of a list share; "" where only their place tells them apart."""
    for mark in _MARKS:
        names = [[getattr(part, mark, None) for part in parts] for parts in lists]
        if all(None not in each and len(set(each)) == len(each) for each in names):
            return mark
    return ""


def _title(part: Any, mark: Any) -> str:
    title = str(getattr(part, "title", None) or getattr(part, "label", None) or mark).removesuffix(".")
    return title if len(title) <= _SHORT else title[: _SHORT - 1] + "…"


def _where_they_part(before: str, after: str) -> tuple[str, str]:
    """Two long texts from shortly before they differ to shortly after: all that changed, and little else."""
    first = _alike(before, after)
    last = min(_alike(before[::-1], after[::-1]), min(len(before), len(after)) - first)
    if first >= _SHORT - 10:
        start = before.rfind(" ", 0, first - 10) + 1
        before, after = f"…{before[start:]}", f"…{after[start:]}"
    if last >= _SHORT - 10:
        end = before.find(" ", len(before) - last + 10)
        cut = len(before) - end if end > 0 else 0
        before, after = (f"{each[: len(each) - cut]}…" if cut else each for each in (before, after))
    return before, after


def _alike(one: str, other: str) -> int:
    """With how many of the same characters two texts begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _shown(value: Any, in_pence: bool) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and in_pence:
        return format_pence(value)
    if isinstance(value, (int, Decimal, date)):
        return str(value)
    if isinstance(value, BaseModel):
        return "given"
    if isinstance(value, list):
        return f"{len(value)} items" if any(isinstance(one, BaseModel) for one in value) else f"[{', '.join(map(str, value))}]"
    text = str(value)
    return f"“{text if len(text) <= _WHOLE else text[: _WHOLE - 1] + '…'}”"
