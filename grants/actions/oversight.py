"""Say what no record can: how a programme meets one of the ten minimum requirements of GovS 015, or why it does otherwise."""

from datetime import datetime

from django.db import transaction

from accounts.access import held_by, require
from accounts.models import Person
from accounts.refusals import Refused
from accounts.roles import Permission
from audit import trail
from grants.models import Programme, RequirementNote
from grants.models.oversight import REQUIREMENTS

MOST_NOTE = 2_000
"""Characters: a note says where the paper is, it is not the paper."""


@transaction.atomic
def note(*, programme: Programme, requirement: int, verdict: str, words: str, by: Person, at: datetime) -> RequirementNote:
    """Note what stands for a requirement; earlier notes are kept. Raises Denied, and Refused without words."""
    require(by, Permission.PROGRAMME_EDIT, on=programme, held=held_by(by, at=at))
    if not 1 <= requirement <= REQUIREMENTS:
        raise Refused("There is no such requirement.", code="requirement_unknown")
    if verdict not in RequirementNote.Verdict.values:
        raise Refused("Say whether it is met.", code="verdict_unknown", field="verdict")
    if not words.strip():
        raise Refused("Say what it rests on, or why not.", code="words_missing", field="words")
    if len(words) > MOST_NOTE:
        raise Refused(f"Keep it to {MOST_NOTE:,} characters.", code="words_too_many", field="words")
    noted = RequirementNote.objects.create(
        programme=programme, requirement=requirement, verdict=verdict, note=words.strip(), noted_at=at, noted_by=by
    )
    trail.record(
        stream=programme.stream,
        kind="programme.requirement_noted",
        actor=by.pk,
        at=at,
        subject=f"grants.programme:{programme.pk}",
        after={"requirement": requirement, "verdict": verdict},
        personal={"note": noted.note},
    )
    return noted
