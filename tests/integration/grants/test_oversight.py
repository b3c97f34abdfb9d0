"""Who answers for a programme, and what its publication touches."""

from types import SimpleNamespace

import pytest

from accounts.refusals import NotAllowedNow
from grants.actions import programmes, rounds
from grants.definition import loading, parse
from grants.models import ProgrammeVersion, Round
from grants.policies import check_is_overseen
from grants.presenters import staff
from notifications.models import Notice
from tests.stages import applications, grants

OFFICER = "  senior_officer: Head of Innovation, Anyshire Combined Authority\n"


def test_nothing_is_published_without_a_senior_officer(cast):
    text = grants.document()
    assert OFFICER in text
    version = grants.prepared(cast, text=text.replace(OFFICER, ""))
    with pytest.raises(NotAllowedNow, match="senior officer"):
        programmes.publish(version=version, by=cast["lead"], at=grants.BEFORE)


@pytest.mark.parametrize("kind", ["closed_call", "direct"])
def test_another_route_than_an_open_call_needs_its_justification(kind):
    """It cannot be stored without; and whatever is stored is asked again before it is published, and before a round opens."""
    text = grants.document().replace("kind: open_call", f"kind: {kind}", 1)
    (problem,) = [each for each in loading.examine(text)[1] if each.path == "route"]
    assert problem.sentence == "A programme that is not an open call needs its justification (GovS 015, requirement 5)."
    definition = parse(grants.document())
    for justification in (None, ""):
        route = definition.route.model_copy(update={"kind": kind, "justification": justification})
        record = SimpleNamespace(definition=definition.model_copy(update={"route": route}))
        with pytest.raises(NotAllowedNow, match=r"^Justify why this is not an open call first \(route: justification\)\.$"):
            check_is_overseen(record, at=grants.BEFORE)
    route = definition.route.model_copy(update={"kind": kind, "justification": "One supplier alone can do it."})
    check_is_overseen(SimpleNamespace(definition=definition.model_copy(update={"route": route})), at=grants.BEFORE)
    assert all(check_is_overseen in of.steps()[step].guards for of, step in ((ProgrammeVersion, "publish"), (Round, "open")))


def test_a_new_version_says_what_it_touches(cast):
    opened = grants.open_round(cast)
    applications.draft(cast, round=opened, filled=False)
    text = grants.document().replace("Pump-priming money that", "Money that", 1)
    second = grants.prepared(cast, text=text, at=grants.WHILE_OPEN)
    assert staff.touched(second) == [
        "DIAGCOMM-1 (open) keeps version 1; the 1 draft in it is not touched.",
        "Rounds scheduled after its publication use this version.",
    ]
    waits = Notice.objects.get(kind="programme.prepared", person=cast["lead"], subject__contains="version 2")
    assert "DIAGCOMM-1 (open) keeps version 1; the 1 draft in it is not touched." in waits.body
    published = programmes.publish(version=second, by=cast["lead"], at=grants.WHILE_OPEN)
    assert staff.touched(published) == []
    later = rounds.schedule(
        programme=published.programme,
        opens_at=grants.CLOSES,
        closes_at=grants.CLOSES.replace(month=12),
        by=cast["officer"],
        at=grants.CLOSES,
    )
    assert (opened.version.number, later.version.number) == (1, 2)
