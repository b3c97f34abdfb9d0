"""Draws between equals: frozen and published first, held once, replayed by anybody with the script that the page offers."""

import hashlib
import json
import subprocess
import sys

import pytest
from django.db import DatabaseError, transaction

from accounts.refusals import Denied, NotAllowedNow, Refused
from applications.models import Application
from assessments.actions import decisions, draws, runs, selections
from assessments.models import Decision, Draw, Run
from tests.cast import *  # noqa: F403
from tests.stages import assessments as stages
from tests.stages import grants
from tests.stages.assessments import DECIDED, SETTLED

BASE = "/manage/assessment/DIAGCOMM-1/draws/"
FORM = {"source": "drand round 4200000", "secret_sha256": hashlib.sha256(b"a secret").hexdigest()}


@pytest.fixture
def equals(cast, monkeypatch) -> list[Application]:
    """Two equals that the frozen scenario has money for one of, in a programme that declared a draw."""
    monkeypatch.setattr(draws, "FEW", 2)
    monkeypatch.setattr(selections, "FEW", 2)
    text = grants.document().replace("  selection: top_down", "  selection: random_at_line")
    round = grants.open_round(cast, programme=grants.published(cast, text=text))
    both = [stages.assessed(cast, round=round, marks=(8, 8, 8)) for _ in range(2)]
    run = stages.scenario(cast, round, budget_pence=both[0].grant_requested_pence)
    selections.freeze(run=run, reason="The money reaches one of the two.", by=cast["officer"], at=SETTLED)
    return both


def freeze(cast, application: Application, by: str = "officer", **about) -> Draw:
    return draws.freeze(round=application.round, by=cast[by], at=SETTLED, **{**FORM, **about})


def test_a_draw_is_frozen_held_and_replayed(client, cast, equals, tmp_path, monkeypatch):
    monkeypatch.setattr(decisions, "_by_the_panel", lambda application: None)
    with pytest.raises(NotAllowedNow, match="Hold the draw first"):
        list(decisions.propose_round(round=equals[0].round, by=cast["officer"], at=SETTLED))
    draw = freeze(cast, equals[0])
    address = draw.get_absolute_url()
    programme = draw.round.programme
    assert f"/draws/?programme={programme.slug}" in client.get(programme.get_absolute_url()).content.decode()
    assert f'href="{address}"' in client.get(f"/draws/?programme={programme.slug}").content.decode()
    assert 'href="/draws/"' in client.get("/").content.decode()
    assert address not in client.get("/draws/?programme=another").content.decode()
    page = client.get(address).content.decode()
    assert all(words in page for words in (draw.frozen_sha256, "drand round 4200000", equals[0].reference, "not been held yet"))
    assert client.get(address + "record.json").status_code == 404
    client.force_login(cast["officer"])
    holding = f"{BASE}{draw.pk}/"
    assert "Enter the secret that was committed to" in client.post(holding, {"public_value": "beef"}).content.decode()
    client.logout()
    with pytest.raises(Refused, match="not the secret"):
        draws.draw(draw=draw, public_value="beef", secret="another", by=cast["officer"], at=SETTLED)
    with pytest.raises(Denied):
        draws.draw(draw=draw, public_value="beef", secret="a secret", by=cast["auditor"], at=SETTLED)
    held = draws.draw(draw=draw, public_value="beef", secret="a secret", by=cast["officer"], at=SETTLED)
    with pytest.raises(NotAllowedNow):
        draws.draw(draw=held, public_value="cafe", secret="a secret", by=cast["officer"], at=SETTLED)
    script, record = tmp_path / "replay.py", tmp_path / "record.json"
    script.write_bytes(client.get("/draws/replay_draw.py").content)
    record.write_bytes(client.get(address + "record.json").content)
    replayed = subprocess.run([sys.executable, "-I", script, record], capture_output=True, text=True, check=False)
    assert (replayed.returncode, "The draw is as published." in replayed.stdout) == (0, True), replayed.stdout
    record.write_text(json.dumps(json.loads(record.read_text()) | {"public": "cafe"}))
    assert subprocess.run([sys.executable, "-I", script, record], capture_output=True, check=False).returncode == 1
    assert held.tickets[0]["ticket"] in client.get(address).content.decode()
    assert all(refusal is None for _, refusal in decisions.propose_round(round=draw.round, by=cast["officer"], at=DECIDED))
    first = Decision.objects.get(outcome="approve")
    assert first.application.reference == held.tickets[0]["reference"]
    assert "the public draw" in first.reason


def test_what_is_drawn_once_is_not_drawn_again(cast, equals):
    draw = freeze(cast, equals[0])
    with pytest.raises(NotAllowedNow, match="drawn once"):
        freeze(cast, equals[0])
    with pytest.raises(DatabaseError), transaction.atomic():
        Draw.objects.filter(pk=draw.pk).update(drawn_at=SETTLED)


def test_who_may_freeze_what(cast, equals, monkeypatch):
    with pytest.raises(Denied):
        freeze(cast, equals[0], by="auditor")
    with pytest.raises(Refused):
        freeze(cast, equals[0], source=" ")
    with pytest.raises(Refused, match="64 hexadecimal"):
        freeze(cast, equals[0], secret_sha256="abc")
    monkeypatch.setattr(draws, "FEW", 30)
    with pytest.raises(NotAllowedNow, match="from 30 applications on"):
        freeze(cast, equals[0])
    Application.objects.filter(pk=equals[0].pk).update(grant_requested_pence=1_000_000)
    with pytest.raises(NotAllowedNow, match="no group to draw from"):
        freeze(cast, equals[0])


def test_the_middle_group_of_the_figures_is_drawn_from(cast, equals):
    Run.objects.update(frozen_at=None, frozen_by=None)
    figures = Run.objects.first()
    rows = [
        {"application": "A", "group": "fund"},
        {"application": "B", "group": "random selection"},
        {"application": "C", "group": "random selection"},
    ]
    inputs = runs.inputs_of(figures.round)
    run = Run.objects.create(
        round=figures.round, inputs=inputs, inputs_sha256=runs.digest(inputs), method_version="t", seed=1, requested_at=SETTLED,
        requested_by=cast["officer"], finished_at=SETTLED, outcome={"applications": rows, "draw": 1}, progress=100,
    )  # fmt: skip
    group = draws.group_of(figures.round)
    assert (group.run, group.references, group.places, group.outright) == (run, ("B", "C"), 1, ("A",))


def test_a_draw_on_its_pages(client, cast, equals):
    client.force_login(cast["officer"])
    page = client.get(BASE).content.decode()
    assert "Equals at the line of the frozen scenario: 2 applications for 1 place" in page
    assert "draws between equals at the line" in client.get(BASE.replace("draws", "selection")).content.decode()
    assert "There is a problem" in client.post(BASE, {"source": ""}).content.decode()
    client.post(BASE, {"source": "drand round 9"})
    draw = Draw.objects.get()
    assert "There is a problem" in client.post(f"{BASE}{draw.pk}/", {"public_value": ""}).content.decode()
    unsure = client.post(f"{BASE}{draw.pk}/", {"public_value": "beef"}).text
    assert "Compare the value with what was published" in unsure
    assert 'value="beef"' in unsure
    assert Draw.objects.get().drawn_at is None
    sure = {"public_value": "beef", "is_checked": "on"}
    assert "Drawn, and published" in client.post(f"{BASE}{draw.pk}/", sure, follow=True).content.decode()
    assert "Reserve 1" in client.get(f"{BASE}{draw.pk}/").content.decode()
    client.force_login(cast["stranger"])
    assert client.get(BASE).status_code == 404
    assert client.get(f"/draws/{'0' * 64}/").status_code == 404


def test_a_programme_that_declared_no_draw_holds_none(client, cast):
    application = stages.assessed(cast)
    with pytest.raises(NotAllowedNow, match="did not declare"):
        freeze(cast, application)
    client.force_login(cast["officer"])
    assert "did not declare beforehand" in client.get(BASE).content.decode()
