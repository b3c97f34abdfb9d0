"""Rehearsals: the whole journey in a place of its own, of which nothing real learns, and which goes in one step."""

import json
import os
import sqlite3
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.core.management import CommandError, call_command

from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from applications.models import Application
from audit.models import Event
from grants.actions import drafting, rehearsals
from grants.models import Programme, Rehearsal
from grants.presenters import rehearsals as present
from grants.rehearsals import apart, clock, jobs
from grants.rehearsals.plan import LEGS, Plan
from notifications.delivery import drain
from notifications.models import Notice, OutboxMessage
from tests.cast import sign_in
from tests.integration.grants.test_pages import text_of
from tests.stages import grants as stages

pytestmark = pytest.mark.django_db
AT = stages.BEFORE
PLAN = Plan(companies=1, opens_at=AT + timedelta(days=30))
WHOLE = apart.play
HOME = "/manage/programmes/diagcomm/rehearsals/"
LEG = {"states": {}, "running": 1, "refused": 0, "refusals": [], "broke_off": "", "ended_at": AT.isoformat()}
FOUND = {
    "applications": {}, "awarded_pence": 0, "claimed_pence": 0, "paid_pence": 0, "budget_left_pence": 0, "payment_runs": [],
    "audit_events": 9, "audit_verified": True, "books_balanced": True, "mails_waiting": 0,
}  # fmt: skip
REPORT = {
    "opened_at": AT.isoformat(), "ended_at": AT.isoformat(), "companies": [], "rules": [], "letters": [], "summary": FOUND,
    "legs": [LEG | {"key": key, "title": title} for key, title in LEGS],
}  # fmt: skip


@pytest.fixture
def asked(cast) -> Rehearsal:
    version = stages.published(cast).published_version
    return rehearsals.request(version=version, plan=PLAN, by=cast["officer"], at=AT)


@pytest.fixture
def page(client, cast, asked):
    sign_in(client, cast["officer"])
    return client


@pytest.fixture
def plays(monkeypatch):
    """Stand in for the process: what it tells and answers."""

    def play(key, document, plan, *, tell):
        apart.home(key).mkdir(parents=True, exist_ok=True)
        told.append((document, plan))
        tell(1, 4, "Companies apply")
        if isinstance(answer["with"], Exception):
            raise answer["with"]
        return answer["with"]

    told: list = []
    answer = {"with": REPORT}
    monkeypatch.setattr(apart, "play", play)
    return answer | {"told": told, "answer": answer}


@pytest.mark.once
def test_the_process_is_told_nothing_of_the_house(tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "SECRET_KEY", "FIELD_KEYS", "AUDIT_SIGNING_KEY", "EMAIL_URL", "AWS_STORAGE_BUCKET_NAME", "CACHE_URL"):
        monkeypatch.setenv(name, "the-house's-own")
    told = apart.environment(tmp_path)
    assert "the-house's-own" not in told.values()
    assert told["VAR_DIR"] == str(tmp_path)
    own = {"DJANGO_SETTINGS_MODULE", "REHEARSAL", "VAR_DIR", "DEMO", "CELERY_BROKER_URL", "CACHE_URL", "LOG_LEVEL"}
    assert set(told) <= {*apart.HANDED_OVER, *own}
    assert os.environ["DATABASE_URL"] == "the-house's-own"


@pytest.mark.once
def test_a_key_is_no_path():
    for key in ("", "..", "../../etc", "A" * 32, "0" * 31):
        with pytest.raises(ValueError, match="no rehearsal"):
            apart.home(key)


@pytest.mark.once
def test_the_whole_journey_apart_and_gone_in_one_step(cast, page, asked, monkeypatch, tmp_path):
    """The one test that starts the process: as it is started in service, but on a copy of the tests' empty database."""
    empty = tmp_path / "empty.sqlite3"
    with sqlite3.connect(settings.DATABASES["default"]["NAME"]) as house, sqlite3.connect(empty) as copy:
        house.backup(copy)
    monkeypatch.setattr(apart, "_empty", lambda: empty)
    before = (Person.objects.count(), Event.objects.count(), Notice.objects.count(), OutboxMessage.objects.count())
    drain(at=AT)
    asked.refresh_from_db()
    assert asked.failure == ""
    assert [leg["key"] for leg in asked.report["legs"]] == [key for key, _ in LEGS]
    assert [leg["broke_off"] for leg in asked.report["legs"]] == [""] * len(LEGS)
    summary = asked.report["summary"]
    assert summary["audit_verified"]
    assert summary["books_balanced"]
    assert 0 < summary["paid_pence"] == asked.report["companies"][0]["paid_pence"]
    assert any(letter["kind"] == "application.submitted" for letter in asked.report["letters"])
    assert (Person.objects.count(), Event.objects.count(), Notice.objects.count(), OutboxMessage.objects.count()) == before
    assert not Application.objects.exists()
    folder = apart.home(asked.key)
    assert {"pumphouse.sqlite3", "keys", "documents", "clock"} <= {path.name for path in folder.iterdir()}
    assert float((folder / "clock").read_text()) > 0, "the next process goes on from the end of the journey"
    said = text_of(page.get(asked.get_absolute_url()))
    assert "nothing was refused" in said
    assert "verified whole" in said
    gone = page.post(f"{asked.get_absolute_url()}delete/")
    assert "deleted" in [str(message) for message in get_messages(gone.wsgi_request)][-1]
    assert not folder.exists()
    assert not Rehearsal.objects.exists()
    kinds = Event.objects.filter(stream="programme:diagcomm").order_by("-sequence").values_list("kind", flat=True)
    assert list(kinds[:2]) == ["programme.rehearsal_deleted", "programme.rehearsed"]


def test_a_draft_is_rehearsed_as_it_was_when_it_was_asked_for(cast, plays):
    version = stages.drafted(cast)
    wanted = version.document
    asked = rehearsals.request(version=version, plan=PLAN, by=cast["officer"], at=AT)
    about = {"version": version, "based_on": version.sha256, "by": cast["officer"], "at": AT}
    drafting.set_value(**about, part=("criteria", 0), value={"weight": 25})
    drain(at=AT)
    drain(at=AT)
    assert plays["told"] == [(wanted, PLAN)], "played once, whatever rings"
    asked = Rehearsal.objects.get(pk=asked.pk)
    assert asked.report == REPORT
    assert asked.progress == 100


def test_why_there_is_no_report_is_said(page, asked, plays):
    waits = text_of(page.get(asked.get_absolute_url()))
    assert "Waiting for its turn" in waits
    plays["answer"]["with"] = apart.BrokeOff("The rehearsal broke off: MemoryError.")
    drain(at=AT)
    assert "broke off: MemoryError" in text_of(page.get(asked.get_absolute_url()))
    assert "Broke off" in text_of(page.get(HOME))


@pytest.mark.once
def test_what_was_refused_and_what_broke_stands_by_name(page, asked, plays):
    legs = [dict(leg) for leg in REPORT["legs"]]
    legs[1] |= {"refused": 2, "refusals": ["Sample Heron Ltd: The round is full."]}
    legs[6] |= {"broke_off": "Nobody is there to release it.", "running": 0}
    rule = {"title": "Has a product", "on_fail": "reject", "met": 0, "not_met": 3}
    letter = {"kind": "x", "count": 3, "to": "Owner 1", "subject": "You have <b>applied</b>", "body": "Thank you."}
    plays["answer"]["with"] = REPORT | {"legs": legs, "rules": [rule], "letters": [letter]}
    drain(at=AT)
    said = text_of(page.get(asked.get_absolute_url()))
    for words in ("broke off at “Milestones are claimed and paid”", "The round is full.", "and 1 more", "Nobody is there to release it."):
        assert words in said
    assert "Has a product: not one company met this rule" in said
    assert "&lt;b&gt;applied" in page.get(asked.get_absolute_url()).content.decode()


@pytest.mark.once
def test_one_that_is_deleted_while_it_is_played_leaves_nothing(asked, plays, officer):
    key = asked.key
    rehearsals.delete(rehearsal=Rehearsal.objects.get(pk=asked.pk), by=officer, at=AT)
    jobs.play_now(asked, at=AT)
    assert not apart.home(key).exists()
    with pytest.raises(ZeroDivisionError):
        WHOLE(key, "", PLAN, tell=lambda done, work, doing: 1 / done)
    assert not apart.home(key).exists(), "whoever is told may end it before there is anything"
    left = apart.home(apart.new_key())
    left.mkdir(parents=True)
    apart.sweep([])
    assert not left.exists()


@pytest.mark.once
def test_another_waits_until_this_machine_is_free(asked, plays):
    with apart.one_at_a_time():
        drain(at=AT)
    assert Rehearsal.objects.get().is_under_way
    drain(at=AT + timedelta(minutes=1))
    assert Rehearsal.objects.get().report == REPORT
    assert (
        present.verdict(REPORT | {"legs": REPORT["legs"][:2]})
        == "It went as far as “Companies apply”, as you asked, and nothing was refused."
    )


@pytest.mark.once
@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"companies": "61"}, "must be 60 or less"),
        ({"companies": ""}, "How many invented companies"),
        ({"opens_on_year": "2099"}, "within three years"),
        ({"version": "9"}, "Which version"),
        ({"until": "for-ever"}, "How far"),
    ],
)
def test_bad_input_is_told_and_asks_for_nothing(page, sent, told):
    form = {
        "version": "1",
        "companies": "4",
        "opens_on_day": "1",
        "opens_on_month": "2",
        "opens_on_year": f"{AT.year + 1}",
        "until": "deliver",
    }
    said = text_of(page.post(HOME, form | sent))
    assert told in said, said[100:900]
    assert Rehearsal.objects.count() == 1


@pytest.mark.once
def test_it_is_asked_for_on_the_page_and_only_so_many_are_kept(page, cast):
    soon = (clock.real_now() + timedelta(days=40)).date()
    form = {
        "version": "1",
        "companies": "4",
        "opens_on_day": soon.day,
        "opens_on_month": soon.month,
        "opens_on_year": soon.year,
        "until": "apply",
    }
    answer = page.post(HOME, form)
    asked = Rehearsal.objects.latest("pk")
    assert answer.url == asked.get_absolute_url()
    assert (asked.plan.companies, asked.plan.until, asked.plan.opens_at.date()) == (4, "apply", soon)
    programme = Programme.objects.get()
    for _ in range(rehearsals.MOST_KEPT - 2):
        rehearsals.request(version=programme.published_version, plan=PLAN, by=cast["lead"], at=AT)
    with pytest.raises(NotAllowedNow, match="Delete one first"):
        rehearsals.request(version=programme.published_version, plan=PLAN, by=cast["lead"], at=AT)
    with pytest.raises(Denied):
        rehearsals.request(version=programme.published_version, plan=PLAN, by=cast["monitor"], at=AT)
    with pytest.raises(Refused):
        rehearsals.request(version=programme.published_version, plan=Plan(0, AT), by=cast["lead"], at=AT)


@pytest.mark.once
@pytest.mark.parametrize("who", ["monitor", "auditor", "stranger"])
def test_it_is_for_those_who_build_the_programme(client, cast, asked, who):
    sign_in(client, cast[who])
    expected = 404 if who == "stranger" else 403
    for path in (HOME, asked.get_absolute_url()):
        assert client.get(path).status_code == expected
    assert client.post(f"{asked.get_absolute_url()}delete/").status_code == expected
    assert Rehearsal.objects.exists()


@pytest.mark.once
def test_the_command_takes_a_slug_or_a_file_and_says_what_does_not_fit(cast, plays, capsys, tmp_path):
    report = REPORT | {"sha256": "", "plan": PLAN.as_json()}
    plays["answer"]["with"] = report
    call_command("rehearse", "starter", "--companies", "2", "--opens-on", "2027-01-11", "--json")
    assert json.loads(capsys.readouterr().out) == report
    document, plan = plays["told"][0]
    assert document == stages.document("starter")
    assert (plan.companies, str(plan.opens_at.date())) == (2, "2027-01-11")
    mine = tmp_path / "mine.yaml"
    mine.write_text("extends: starter.yaml\nname: Mine\n")
    (tmp_path / "starter.yaml").write_text(stages.document("starter"))
    call_command("rehearse", str(mine), "--json")
    assert "name: Mine" in plays["told"][1][0], "with what the file extends"
    capsys.readouterr()
    bad = tmp_path / "bad.yaml"
    bad.write_text("slug: [")
    for arguments, words in (
        (["nothing-like-it"], "no programme nothing-like-it"),
        ([str(bad)], "bad.yaml"),
        (["starter", "--companies", "0"], "from 1 to 60"),
        (["starter", "--opens-on", "tomorrow"], "write it as"),
    ):
        with pytest.raises(CommandError, match=words):
            call_command("rehearse", *arguments)
    plays["answer"]["with"] = report | {"legs": [REPORT["legs"][0] | {"broke_off": "It fell over."}]}
    with pytest.raises(CommandError, match="did not go through"):
        call_command("rehearse", "starter")
    assert "It fell over." in capsys.readouterr().out


@pytest.mark.once
def test_the_other_side_runs_nowhere_else():
    with pytest.raises(CommandError, match="keeps it apart"):
        call_command("rehearsal")
