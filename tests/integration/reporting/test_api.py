"""The API: what a key sees, what it does not, and one shape for every problem."""

import pytest
from django.utils import timezone

from accounts.models import Organisation
from applications.models import Application
from tests.stages import applications as stages
from tests.stages.keys import api_key

RESOURCES = ["programmes", "rounds", "applications", "awards", "claims", "payments"]


@pytest.fixture
def application(cast) -> Application:
    return stages.eligible(cast)


@pytest.fixture
def get(client, cast, application):
    """GET as the system of the programme's funder."""
    secret = secret_for(application.round.programme.funder, cast)

    def ask(path: str, **query: str):
        return client.get(f"/api/v1/{path}", query, headers={"authorization": f"Bearer {secret}"})

    return ask


@pytest.fixture
def key(cast) -> str:
    """Of a funder who funds nothing yet."""
    return secret_for(Organisation.objects.create(name="Another Funder", kind=Organisation.Kind.FUNDER), cast)


def secret_for(organisation: Organisation, cast) -> str:
    _, secret = api_key(organisation=organisation, issuer=cast["admin"], confirmer=cast["independent-approver"], at=timezone.now())
    return secret


def test_a_key_reads_its_funders_programmes_rounds_and_applications(get, application):
    assert [row["id"] for row in get("programmes/").json()["data"]] == ["diagcomm"]
    assert get("rounds/").json()["data"][0]["budget"]["left_pence"] > 0
    found = get(f"applications/{application.reference}/").json()
    assert (found["id"], found["state"], found["grant_requested_pence"]) == (
        application.reference, "eligible", application.grant_requested_pence,
    )  # fmt: skip


@pytest.mark.parametrize("resource", RESOURCES)
def test_another_funders_key_finds_nothing(client, cast, application, resource):
    other = Organisation.objects.create(name="Another Funder", kind=Organisation.Kind.FUNDER)
    headers = {"authorization": f"Bearer {secret_for(other, cast)}"}
    assert client.get(f"/api/v1/{resource}/", headers=headers).json()["data"] == []
    hidden = client.get(f"/api/v1/applications/{application.reference}/", headers=headers)
    assert hidden.status_code == 404
    assert hidden["Content-Type"] == "application/problem+json"
    assert application.reference not in hidden.content.decode()


@pytest.mark.parametrize("resource", RESOURCES)
def test_without_a_key_nothing_is_answered(client, db, resource):
    for headers in ({}, {"authorization": "Bearer ph_live_forged"}, {"authorization": "Basic eDp5"}):
        answer = client.get(f"/api/v1/{resource}/", headers=headers)
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["type"].startswith("urn:pumphouse:problem:")
        assert "WWW-Authenticate" in answer


def test_a_person_who_is_signed_in_is_not_a_key(client, lead):
    client.force_login(lead)
    assert client.get("/api/v1/programmes/").status_code == 401


def test_drafts_are_the_companys_own(get, cast, application):
    draft = stages.draft(cast, round=application.round, company=stages.company(cast))
    assert [row["id"] for row in get("applications/").json()["data"]] == [application.reference]
    assert get(f"applications/{draft.reference}/").status_code == 404


def test_pages_follow_one_another_without_gap_or_repeat(get, cast, application):
    more = [stages.submitted(cast, round=application.round, company=stages.company(cast)) for _ in range(2)]
    first = get("applications/", limit="2").json()
    assert len(first["data"]) == 2
    second = get("applications/?" + first["next"].partition("?")[2]).json()
    assert second["next"] is None
    seen = [row["id"] for row in first["data"] + second["data"]]
    assert sorted(seen) == sorted([application.reference, *[one.reference for one in more]])
    assert len(set(seen)) == 3


def test_a_list_costs_the_same_queries_for_one_row_and_for_three(get, cast, application, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        get("applications/")
    for _ in range(2):
        stages.submitted(cast, round=application.round, company=stages.company(cast))
    with django_assert_max_num_queries(4):
        assert len(get("applications/").json()["data"]) == 3


def test_filters_narrow_the_list(get, application):
    assert len(get("applications/", state="eligible").json()["data"]) == 1
    assert get("applications/", state="draft").json()["data"] == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=abc", "/limit"),
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=" + "9" * 5000, "/limit"),
        ("cursor=garbage", "/cursor"),
        ("cursor=cD1hYmM=", "/cursor"),  # p=abc
        ("state=aproved", "/state"),
        ("programe=diagcomm", "/programe"),
    ],
)
def test_what_is_asked_amiss_is_a_problem_that_names_the_parameter(client, key, query, parameter):
    answer = client.get(f"/api/v1/awards/?{query}", headers={"authorization": f"Bearer {key}"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [error["pointer"] for error in answer.json()["errors"]] == [parameter]


@pytest.mark.parametrize(("path", "status"), [("v1/nothing/", 404), ("v1/awards/a/b/", 404), ("v1/awards/?state=%00", 400), ("v2/", 404)])
def test_what_is_no_resource_is_a_problem_too(client, db, path, status):
    answer = client.get(f"/api/{path}")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["type"].startswith("urn:pumphouse:problem:")


def test_nothing_can_be_written(get, client, cast, application):
    secret = secret_for(application.round.programme.funder, cast)
    answer = client.post("/api/v1/applications/", {}, content_type="application/json", headers={"authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert client.post("/api/schema/").json()["code"] == "method_not_allowed"


def test_the_schema_and_the_guide_are_open_to_all(client, db):
    assert "openapi: 3.1" in client.get("/api/schema/").content.decode()
    guide = client.get("/api/docs/").content.decode()
    assert "/api/v1/payments/" in guide
