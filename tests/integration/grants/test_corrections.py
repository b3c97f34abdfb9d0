"""The rules of a round that runs change only by a recorded correction: a reason, a second person, everybody told."""

import pytest
from django.core.cache import cache

from accounts.refusals import Denied, NotAllowedNow, Refused
from applications.models import Application
from audit.models import Event
from grants.actions import corrections, programmes, rounds
from grants.models import Correction, ProgrammeVersion, Round
from notifications.delivery import drain
from notifications.models import Notice
from tests.cast import *  # noqa: F403
from tests.cast import sign_in
from tests.integration.grants.test_pages import text_of
from tests.stages import applications
from tests.stages import grants as stages

pytestmark = pytest.mark.django_db
AT = stages.WHILE_OPEN
WHY = "The largest grant was printed wrong."


@pytest.fixture
def open_round(cast) -> Round:
    return stages.open_round(cast)


@pytest.fixture
def better(cast, open_round) -> ProgrammeVersion:
    text = stages.document().replace("grant_max: £40,000", "grant_max: £44,000")
    return programmes.publish(version=programmes.load(document=text, by=cast["officer"], at=AT), by=cast["lead"], at=AT)


def test_one_asks_another_decides_and_the_round_goes_by_the_new_version(open_round, better, officer, lead):
    asked = corrections.propose(round=open_round, version=better, reason=WHY, by=officer, at=AT)
    assert Round.objects.get().version.number == 1, "asking changes nothing"
    applied = corrections.decide(correction=asked, step="apply", by=lead, at=AT)
    assert applied.state == Correction.State.APPLIED
    assert Round.objects.get().version == better
    assert [event.kind for event in Event.objects.filter(kind__startswith="correction.").order_by("pk")] == [
        "correction.proposed",
        "correction.apply",
    ]
    assert Notice.objects.filter(person=officer, subject__contains="were corrected").exists()


def test_nobody_decides_on_what_they_asked_for(open_round, better, lead):
    asked = corrections.propose(round=open_round, version=better, reason=WHY, by=lead, at=AT)
    with pytest.raises(Denied, match="somebody else decides"):
        corrections.decide(correction=asked, step="apply", by=lead, at=AT)
    offered = {each.step.name: each.reason for each in corrections.steps(correction=asked, by=lead, at=AT)}
    assert offered == {"apply": "You asked for this correction, so somebody else decides on it.", "decline": ""}, "the button says the same"


def test_drafts_go_by_the_new_rules_and_their_teams_are_told_what_was_sent_in_stays(cast, open_round, better, officer, lead):
    draft = applications.draft(cast, round=open_round)
    asked = corrections.propose(round=open_round, version=better, reason=WHY, by=officer, at=AT)
    corrections.decide(correction=asked, step="apply", by=lead, at=AT)
    drain(at=AT)
    drain(at=AT)
    assert Application.objects.get(pk=draft.pk).version == better
    told = Notice.objects.filter(kind="correction.applied", person=cast["applicant"])
    assert len(told) == 1
    assert WHY in told[0].body
    assert "grant max £40,000 → £44,000" in told[0].body


def test_what_cannot_be_asked_for(cast, open_round, better, officer, lead, monitor):
    about = {"round": open_round, "version": better, "at": AT}
    with pytest.raises(Denied):
        corrections.propose(**about, reason=WHY, by=monitor)
    with pytest.raises(Refused, match="Say why"):
        corrections.propose(**about, reason=" ", by=officer)
    with pytest.raises(Refused, match="goes by that version already"):
        corrections.propose(**about | {"version": open_round.version}, reason=WHY, by=officer)
    first = corrections.propose(**about, reason=WHY, by=officer)
    with pytest.raises(NotAllowedNow, match="waits already"):
        corrections.propose(**about, reason=WHY, by=officer)
    closed = rounds.close(round=open_round, reason="Enough.", by=lead, at=AT)
    with pytest.raises(NotAllowedNow, match="its rules stand"):
        corrections.decide(correction=first, step="apply", by=lead, at=AT)
    corrections.decide(correction=first, step="decline", note="Too late.", by=lead, at=AT)
    with pytest.raises(NotAllowedNow, match="its rules stand"):
        corrections.propose(**about | {"round": closed}, reason=WHY, by=officer)


def test_the_page_says_what_a_correction_begins_with(client, cast, open_round):
    sign_in(client, cast["officer"])
    page = f"/manage/programmes/rounds/{open_round.reference}/corrections/"
    assert "first write the next version of the programme with what is to change" in text_of(client.get(page))


def test_the_pages_ask_decide_and_tell_everybody(client, cast, open_round, better):
    home = f"/manage/programmes/rounds/{open_round.reference}/corrections/"
    cache.clear()
    sign_in(client, cast["officer"])
    assert "Say why" in text_of(client.post(home, {"version": "2", "reason": ""}))
    assert client.post(home, {"version": "2", "reason": WHY}).url == home
    shown = text_of(client.get(home))
    assert WHY in shown
    assert "grant max £40,000 → £44,000" in shown
    asked = Correction.objects.get()
    assert client.post(f"{home}{asked.pk}/apply/").status_code == 403
    client.logout()
    cache.clear()
    sign_in(client, cast["lead"])
    assert "Correct the round's rules DIAGCOMM-1" in text_of(client.get(home))
    assert f"Decide on the correction of {open_round.reference}" in text_of(client.get("/home/"))
    assert client.post(f"{home}{asked.pk}/apply/").url == home
    assert "→ £44,000" in text_of(client.get("/manage/programmes/diagcomm/versions/2/since/1/"))
    client.logout()
    public = text_of(client.get("/programmes/diagcomm/"))
    assert "The rules of this round were corrected on" in public
    assert WHY in public
