"""What a copy still says word for word as the programme it was copied from, at the places where another programme is usually another one.

It only warns. The short name alone makes no difference: a notice that names the copy says what the parent's notice says.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from grants.definition import surgery

Path = tuple[Any, ...]
PLACES: tuple[Path, ...] = (
    ("name",),
    ("purpose",),
    ("audience",),
    ("parties", "senior_officer"),
    ("parties", "supporters"),
    ("parties", "contact_name"),
    ("parties", "contact_email"),
    ("parties", "data_contact"),
    ("rounds", "decide_within_days"),
    ("funding", "grant_min"),
    ("funding", "grant_max"),
    ("funding", "round_budget"),
    ("funding", "rates"),
    ("funding", "co_funders"),
    ("funding", "cost_code"),
    ("area",),
    ("form",),
    ("eligibility",),
    ("criteria",),
    ("decision", "portfolio"),
    ("indicators",),
    ("subsidy", "objective"),
    ("notices",),
)
"""Whose words, whose money, what is asked and what counts; a whole section where it stands for itself."""


def key(path: Path) -> str:
    """`funding.round_budget`, as a place is recorded."""
    return ".".join(map(str, path))


BY_KEY = {key(path): path for path in PLACES}


def places(values: Mapping[str, Any], parent: Mapping[str, Any]) -> Iterator[Path]:
    """Each place that says what the parent says there; what neither of them says is not named."""
    for path in PLACES:
        mine, theirs = surgery.get(values, path), surgery.get(parent, path)
        if mine in (None, "", []) or theirs is None:
            continue
        said, was = _bare(mine, values["slug"]), _bare(theirs, parent["slug"])
        if said == was or (path == ("name",) and was in said):
            yield path


def _bare(value: Any, slug: str) -> str:
    """A value without what the copying itself changed: the short name, however it is written, and the layout of lines."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).lower()
    return re.sub(rf"{re.escape(slug)}|{re.escape(slug.replace('-', '_'))}", "\0", text).strip('"')
