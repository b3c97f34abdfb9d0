"""A step that is refused brings back the page its button was on: the sentence on top, the words still in their box."""

import pytest
from django.test import Client

from tests.stages import applications
from tests.stages import payments as stage

HERE = "http://testserver"


@pytest.fixture
def at(cast):
    def client_of(who: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(cast[who])
        return client

    return client_of


@pytest.fixture
def page(cast) -> str:
    return applications.referred(cast).staff_path()


def test_a_step_without_its_reason_is_an_error_on_its_field(at, page):
    answer = at("officer").post(f"{page}refuse_referral/", {"note": " "}, headers={"Referer": HERE + page})
    assert answer.status_code == 400
    assert "<title>Error: " in answer.text
    assert '<a href="#refused-note">Give a reason.</a>' in answer.text
    assert answer.text.count('id="refused-note"') == 1
    assert '<details class="govuk-details steps__with-note" open>' in answer.text


def test_who_comes_too_late_is_told_on_the_page_as_it_is_now(cast, at):
    award = stage.drafted(cast)
    page, step = f"/manage/awards/{award.reference}/", "suspend/"
    answer = at("officer").post(page + step, {"note": "A complaint"}, headers={"Referer": HERE + page})
    assert answer.status_code == 409
    assert "There is a problem" in answer.text
    assert "This is drafted now, so that step cannot be taken." in answer.text
    assert "Start checking" in answer.text


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example/", HERE + "/nowhere/", HERE + "/audit/", HERE + "/static/x.css"])
def test_without_a_page_to_go_back_to_there_is_a_page_of_its_own(at, page, referer):
    answer = at("officer").post(f"{page}refuse_referral/", {"note": ""}, headers={"Referer": referer})
    assert answer.status_code == 400
    assert "That could not be done" in answer.text
    assert "Give a reason." in answer.text


def test_a_denial_stays_a_page_of_its_own(cast, at, page):
    answer = at("lead").post(f"{page}reinstate/", {"note": "x"}, headers={"Referer": HERE + page})
    assert answer.status_code in (403, 409)
    answer = at("monitor").post(f"{page}refuse_referral/", {"note": "x"}, headers={"Referer": HERE + page})
    assert answer.status_code == 403
    assert "You cannot do this" in answer.text
