"""What goes wrong becomes one page with the right status, in words, and nothing of ours shines through."""

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.integration.pages_urls")]


@pytest.mark.parametrize(
    ("how", "status", "words"),
    [
        ("denied", 403, "Your role does not allow this."),
        ("not-now", 409, "This round closed at midday."),
        ("refused", 400, "Give a reason."),
        ("permission", 403, "ask the programme team"),
        ("suspicious", 400, "could not be read"),
        ("too-big", 413, "nothing of it is saved"),
        ("missing", 404, "Page not found"),
        ("broken", 500, "Sorry, something went wrong"),
    ],
)
def test_every_failure_has_its_page(how, status, words):
    answer = Client(raise_request_exception=False).get(f"/fail/{how}/")
    assert answer.status_code == status
    assert words in answer.text
    assert "secret detail" not in answer.text
    assert "not a government service" in answer.text


def test_who_asks_for_json_gets_a_problem(client):
    answer = client.get("/fail/not-now/", headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:pumphouse:problem:round_closed",
        "title": "That cannot be done now",
        "status": 409,
        "code": "round_closed",
        "detail": "This round closed at midday.",
    }


@pytest.mark.parametrize("how", ["not-now", "refused"])
def test_a_refusal_on_a_form_keeps_what_was_typed(client, how):
    answer = client.post(f"/note/{how}/", {"note": "Forty lines of text"})
    assert answer.status_code == 200
    assert "Forty lines of text" in answer.text
    assert "<title>Error: " in answer.text
    assert 'href="#id_note"' in answer.text


def test_a_denial_is_not_a_form_error(client):
    assert client.post("/note/denied/", {"note": "x"}).status_code == 403


def test_the_way_back_is_only_ever_one_of_our_own_pages(client):
    assert "/apply/x/" in client.get("/fail/not-now/", headers={"Referer": "http://testserver/apply/x/"}).text
    assert "evil.example" not in client.get("/fail/not-now/", headers={"Referer": "http://evil.example/"}).text


def test_a_form_without_its_token_says_that_nothing_changed():
    answer = Client(enforce_csrf_checks=True).post("/note/x/", {"note": "x"})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.text


def test_in_maintenance_everything_but_health_answers_503(client, settings):
    settings.MAINTENANCE = True
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "600")
    assert client.get("/healthz").status_code != 503
