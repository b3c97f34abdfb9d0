"""The checklist of GovS 015 as a page shows it."""

from collections.abc import Iterable
from typing import Any

from design.words import in_words
from grants.models import Programme, RequirementNote
from reporting.requirements import Standing, Status

TONES = {Status.MET: "good", Status.EXPLAINED: "active", Status.NOT_YET: "waiting", Status.TO_NOTE: "waiting"}


def in_short(standings: Iterable[Standing]) -> str:
    """`7 of the 10 are met or explained. Not yet: …`."""
    standings = list(standings)
    missing = [each.requirement for each in standings if each.status in (Status.NOT_YET, Status.TO_NOTE)]
    settled = len(standings) - len(missing)
    if not missing:
        return f"All {settled} are met or explained."
    return f"{settled} of {len(standings)} are met or explained. To do: {', '.join(one.title.lower() for one in missing)}."


def cards(programme: Programme, standings: Iterable[Standing], *, may_note: bool) -> list[dict[str, Any]]:
    """One card a requirement."""
    return [_card(programme, each, may_note) for each in standings]


def _card(programme: Programme, standing: Standing, may_note: bool) -> dict[str, Any]:
    requirement = standing.requirement
    return {
        "number": requirement.number,
        "title": requirement.title,
        "asks": requirement.asks,
        "status": standing.status.value,
        "tone": TONES[standing.status],
        "evidence": [{"text": line.text, "href": line.href, "breaks": line.holds is False} for line in standing.evidence],
        "note": note(standing.note, is_stale=standing.is_stale) if standing.note else None,
        "by_hand": requirement.by_hand,
        "may_note": may_note,
    }


def note(noted: RequirementNote, *, is_stale: bool = False) -> dict[str, str]:
    """Who said what, when."""
    stale = " That is too long ago: say it again." if is_stale else ""
    return {"words": noted.note, "who": f"{noted.get_verdict_display()}: {noted.noted_by}, {in_words(noted.noted_at)}.{stale}"}
