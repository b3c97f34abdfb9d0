"""The page "who can do what next": duties with their people, what stops while one is away, and where the cases are."""

import pytest

from accounts.models import RoleAssignment
from tests.stages import applications, grants

PATH = "/manage/programmes/diagcomm/people/"


@pytest.fixture
def programme(cast):
    return grants.published(cast)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_it_names_who_may_do_each_duty_and_what_must_stay_apart(client, cast, programme):
    client.force_login(cast["officer"])
    page = text_of(client.get(PATH))
    assert "Every duty has somebody who may lawfully carry it out today." in page
    row = page[page.index("Release a payment run") :]
    assert "Ira Independent" in row
    assert "approve a claim" in row


def test_it_says_what_stops_while_one_is_away(client, cast, programme):
    client.force_login(cast["lead"])
    page = text_of(client.get(PATH))
    away = page[page.index('id="away"') : page.index('id="duties"')]
    only = away[away.index("Ira Independent") :]
    assert only.index("Stops") < only.index("Release a payment run")
    assert "Nothing stops" in away[away.index("Lena Lead") :]


def test_a_duty_without_anybody_is_said_at_the_top(client, cast, programme):
    RoleAssignment.objects.filter(person=cast["independent-approver"]).update(ends_at=grants.BEFORE)
    client.force_login(cast["officer"])
    page = text_of(client.get(PATH))
    assert "Nobody may take the step" in page
    assert "Every duty has somebody" not in page


def test_it_counts_the_cases_by_who_must_act(client, cast, programme):
    round_ = grants.open_round(cast, programme=programme)
    for _ in range(2):
        applications.referred(cast, round=round_)
    client.force_login(cast["officer"])
    page = text_of(client.get(PATH))
    now = page[page.index('id="now"') : page.index('id="away"')]
    assert "Officer" in now
    assert ">2<" in now.replace(" ", "")


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("applicant", 404), ("assessor-1", 404), ("auditor", 200)])
def test_it_is_for_the_staff_of_the_programme(client, cast, programme, who, status):
    client.force_login(cast[who])
    assert client.get(PATH).status_code == status


def test_the_accessibility_statement_needs_no_account_and_says_whom_to_write_to(client, cast, programme):
    page = text_of(client.get("/accessibility/"))
    assert programme.published_version.definition.parties.contact_email in page
    assert 'href="/accessibility/"' in text_of(client.get("/"))
