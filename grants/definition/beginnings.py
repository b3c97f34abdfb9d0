"""What a new item of a list begins as: the keys that it cannot be without and that have pages of their own."""

import copy
from collections.abc import Mapping
from typing import Any

from grants.definition import references, surgery

Path = tuple[Any, ...]
BANDS = (
    (0, 2, "Poor", "Not answered, or asserted without support."),
    (3, 4, "Weak", "Partly answered; important points are missing."),
    (5, 6, "Fair", "Answered in the main; some points need support."),
    (7, 8, "Good", "Well answered with support; small gaps only."),
    (9, 10, "Excellent", "Fully answered and convincing throughout."),
)


def beginning(document: Mapping[str, Any], path: Path, kind: str = "") -> dict[str, Any]:
    """A new item for the list at `path`; for a question, of this kind."""
    match path[-1]:
        case "sections":
            number = len(surgery.get(document, path) or []) + 1
            return {"questions": [{"id": f"question_{number}_1", "kind": "text", "label": "The first question"}]}
        case "criteria":
            first = surgery.get(document, ("criteria", 0, "bands"))
            bands = [{"low": low, "high": high, "label": label, "guidance": words} for low, high, label, words in BANDS]
            return {"bands": copy.deepcopy(first) if first else bands}
        case "questions" if kind == "group":
            return {"kind": kind, "questions": [{"id": _unused("first_of_row", document), "kind": "text", "label": "The first question"}]}
        case "questions" if kind in ("choice", "several"):
            options = [{"id": "first", "label": "The first choice"}, {"id": "second", "label": "The second choice"}]
            return {"kind": kind, "options": options}
        case "questions":
            return {"kind": kind}
    return {}


def _unused(name: str, document: Mapping[str, Any]) -> str:
    taken = {id for _, id in references.all_ids_of(document)}
    return next(id for id in (name, *(f"{name}_{number}" for number in range(2, 1_000))) if id not in taken)
