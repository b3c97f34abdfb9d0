"""In a rehearsal by hand: what a browser sends goes to the rehearsal's process and nowhere else, and no cookie changes sides."""

import json
import socketserver
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Event
from config import rehearsed
from grants.actions import rehearsals
from grants.models import Rehearsal
from grants.rehearsals import apart, clock, walking
from grants.rehearsals.plan import Plan
from tests.cast import *  # noqa: F403
from tests.cast import sign_in
from tests.stages import grants as stages

pytestmark = [pytest.mark.django_db, pytest.mark.once]
AT = stages.BEFORE


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked, and sets a cookie."""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        told = json.dumps({"path": self.path, "method": self.command, "body": body, "headers": dict(self.headers)}).encode()
        self.send_response(202)
        self.send_header("Content-Type", "application/json")
        self.send_header("Set-Cookie", "sessionid=theirs; HttpOnly; Path=/; Max-Age=60")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_said) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        return "a socket"


@pytest.fixture
def process(monkeypatch, tmp_path):
    """Something that listens where the rehearsal's own process would."""
    path = tmp_path / "s"
    with socketserver.UnixStreamServer(str(path), Echo) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        monkeypatch.setattr(apart, "served", lambda key: path)
        yield path
        server.shutdown()


@pytest.fixture
def rehearsal(cast) -> Rehearsal:
    version = stages.published(cast).published_version
    made = rehearsals.request(version=version, plan=Plan(1, AT), by=cast["officer"], at=AT)
    Rehearsal.objects.filter(pk=made.pk).update(finished_at=AT, report={})
    apart.home(made.key).mkdir(parents=True)
    return Rehearsal.objects.get(pk=made.pk)


@pytest.fixture
def inside(client, officer, rehearsal, process) -> Client:
    sign_in(client, officer)
    went = client.post(f"{rehearsal.get_absolute_url()}walk/")
    assert went.url == "/demo/"
    return client


def test_what_is_sent_goes_there_without_the_houses_cookies(inside, settings):
    session = inside.cookies["sessionid"].value
    inside.cookies["rehearsal-csrftoken"] = "of-the-rehearsal"
    headers = {
        "origin": "http://testserver",
        "referer": "http://testserver/apply/?a=1",
        "authorization": "Bearer x",
        "x-forwarded-for": "1.2.3.4",
    }
    answer = inside.post("/apply/é/?b=2", {"word": "kept"}, headers=headers)
    told = answer.json()
    assert answer.status_code == 202
    assert told["path"] == "/apply/%C3%A9/?b=2"
    assert "kept" in told["body"]
    sent = {name.lower(): value for name, value in told["headers"].items()}
    assert sent["cookie"] == "csrftoken=of-the-rehearsal"
    assert session not in json.dumps(told)
    assert (sent["host"], sent["origin"], sent["referer"]) == ("127.0.0.1", "http://127.0.0.1", "http://127.0.0.1/apply/?a=1")
    assert not {"authorization", "x-forwarded-for"} & sent.keys()
    assert inside.cookies["sessionid"].value == session, "the house's session is not taken over"
    assert inside.cookies["rehearsal-sessionid"].value == "theirs"
    elsewhere = inside.post("/apply/", headers={"origin": "https://evil.example"}).json()
    assert elsewhere["headers"]["Origin"] == "https://evil.example", "who comes from elsewhere still does"


def test_going_in_is_on_the_trail_and_leaving_takes_everything_along(inside, rehearsal):
    went_in = Event.objects.filter(stream="programme:diagcomm").order_by("-sequence").first()
    assert went_in.kind == "programme.rehearsal_walked"
    inside.get("/home/")
    left = inside.post(rehearsed.LEAVE)
    assert left.url == rehearsal.get_absolute_url()
    gone = {name for name, cookie in left.cookies.items() if cookie["max-age"] == 0}
    assert gone == {walking.COOKIE, "rehearsal-sessionid"}


def test_who_may_not_any_more_is_taken_home_and_nothing_is_done_here(inside, cast, rehearsal):
    ticket = inside.cookies[walking.COOKIE].value
    for who in ("monitor", "stranger"):
        other = Client()
        sign_in(other, cast[who])
        other.cookies[walking.COOKIE] = ticket
        answer = other.post("/manage/programmes/load/", {"document": "x"})
        assert (answer.status_code, answer.url) == (302, "/")
    nobody = Client()
    nobody.cookies[walking.COOKIE] = ticket
    assert nobody.get("/apply/").url == "/"
    for value in ("", "1", f"{ticket}x", walking.ticket(rehearsal.pk + 1)):
        inside.cookies[walking.COOKIE] = value
        assert inside.get("/home/").url == "/", value


def test_a_process_that_is_gone_is_told_in_a_sentence(inside, rehearsal, monkeypatch, tmp_path):
    monkeypatch.setattr(apart, "served", lambda key: tmp_path / "nothing")
    answer = inside.get("/home/")
    assert answer.status_code == 409
    assert "The rehearsal does not answer" in answer.content.decode()
    assert answer.cookies[walking.COOKIE]["max-age"] == 0, "the next page is the house's"


def test_there_is_nothing_to_go_into_before_it_was_played_or_on_another_machine(client, officer, rehearsal):
    sign_in(client, officer)
    apart.clear(rehearsal.key)
    assert client.post(f"{rehearsal.get_absolute_url()}walk/").status_code == 409
    with pytest.raises(apart.BrokeOff, match="not on this machine"):
        apart.served(rehearsal.key)


def test_the_clock_goes_on_from_where_it_was_left(monkeypatch, tmp_path):
    monkeypatch.setattr(timezone, "now", timezone.now)
    monkeypatch.setattr(clock, "_ahead", timedelta())
    monkeypatch.setattr(clock, "_kept_in", None)
    clock.move_to(AT + timedelta(days=4_000))
    assert abs(clock.now() - clock.real_now()) < timedelta(seconds=5), "the house's clock is not to be moved"
    clock.install(tmp_path / "clock")
    clock.move_to(AT + timedelta(days=4_000))
    clock.keep()
    monkeypatch.setattr(clock, "_ahead", timedelta())
    clock.install(tmp_path / "clock")
    assert abs(timezone.now() - (AT + timedelta(days=4_000))) < timedelta(seconds=5)
