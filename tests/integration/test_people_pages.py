"""The pages where people are invited, granted roles and closed: who sees them, and what strangers get."""

import pytest
from django.utils import timezone

from accounts import scopes
from accounts.actions import invitations, roles
from accounts.models import Invitation, Organisation, Person, RoleAssignment, RoleGrant
from accounts.roles import Role

SCOPE = "programme:diagcomm"
OUTSIDE = ["applicant", "assessor-1", "officer", "monitor", "finance", "chair", "funder", "auditor", "stranger"]


@pytest.fixture(autouse=True)
def programme_has_a_name(monkeypatch):
    monkeypatch.setattr(scopes, "_namers", [lambda: {SCOPE: "DIAGCOMM"}])


@pytest.fixture(scope="session")
def at():
    return timezone.now()


@pytest.mark.parametrize("who", ["lead", "second-lead", "admin", "independent-approver"])
def test_those_who_grant_or_confirm_see_the_page(client, cast, who):
    client.force_login(cast[who])
    page = client.get("/accounts/people/?who=applicant@EXAMPLE").content.decode()
    assert "Olive Officer" in page
    assert ("Ann Applicant" in page) == (who == "admin"), (
        "a company's people are found by whoever puts their names right, and by nobody else"
    )


@pytest.mark.parametrize("who", OUTSIDE)
def test_others_are_denied_it(client, cast, who):
    client.force_login(cast[who])
    assert client.get("/accounts/people/").status_code == 403


def test_a_lead_proposes_and_the_approver_confirms_by_hand(client, cast):
    client.force_login(cast["lead"])
    form = {"email": "stranger@example.org", "role": "officer", "scope": SCOPE, "reason": "Covers for Olive"}
    assert client.post("/accounts/people/grant/", form).status_code == 302
    grant = RoleGrant.objects.get()
    assert "Take it back" in client.get("/accounts/people/").content.decode()
    assert client.post(f"/accounts/people/grants/{grant.pk}/confirm/").status_code == 403
    client.force_login(cast["independent-approver"])
    page = client.get("/accounts/people/").content.decode()
    assert "Stan Stranger as programme officer, DIAGCOMM" in page
    assert "Covers for Olive" in page
    assert client.post(f"/accounts/people/grants/{grant.pk}/confirm/").status_code == 302
    assert "not yet in force" in client.get("/accounts/people/").content.decode()
    assert client.post(f"/accounts/people/grants/{grant.pk}/confirm/").status_code == 409


@pytest.mark.parametrize("who", OUTSIDE)
def test_strangers_find_no_proposal_role_or_invitation(client, cast, at, who):
    grant = roles.propose(person=cast["colleague"], role=Role.OFFICER, scope=SCOPE, by=cast["lead"], at=at)
    invitation = invitations.invite(email="x@example.com", role=Role.ASSESSOR, scope=SCOPE, by=cast["lead"], at=at)
    assignment = RoleAssignment.objects.get(person=cast["second-lead"])
    client.force_login(cast[who])
    for path in [f"grants/{grant.pk}/confirm", f"grants/{grant.pk}/refuse", f"roles/{assignment.pk}/end",
                 f"invitations/{invitation.pk}/resend", f"invitations/{invitation.pk}/withdraw", f"{cast['lead'].pk}/close"]:  # fmt: skip
        assert client.post(f"/accounts/people/{path}/", {"note": "x"}).status_code == 404
    assert RoleGrant.objects.waiting().count() == 1
    assert Invitation.objects.waiting().count() == 1


def test_a_look_changes_nothing(client, cast, at):
    assignment = RoleAssignment.objects.get(person=cast["officer"])
    client.force_login(cast["lead"])
    assert client.get(f"/accounts/people/roles/{assignment.pk}/end/").status_code == 405
    assert RoleAssignment.objects.get(pk=assignment.pk).ends_at is None


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"email": "nobody@example.org"}, "email"),
        ({"email": "system@pumphouse.invalid"}, "email"),
        ({"role": "system"}, "role"),
        ({"role": "owner"}, "role"),
        ({"scope": "programme:other"}, "scope"),
        ({"scope": "site"}, "scope"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"email": "officer@example.org"}, "role"),
    ],
)
def test_bad_proposals_get_a_sentence_and_lose_nothing(client, cast, form, field):
    client.force_login(cast["lead"])
    given = {"email": "stranger@example.org", "role": "officer", "scope": SCOPE, "reason": "Covers for Olive"} | form
    response = client.post("/accounts/people/grant/", given)
    assert response.status_code == 200
    assert response.context["form"].errors[field]
    assert given["email"] in response.content.decode()
    assert not RoleGrant.objects.exists()


def test_an_owner_invites_into_their_team_and_sees_only_it(client, cast, at):
    company = Organisation.objects.create(name="Plainly Fictional Ltd", kind=Organisation.Kind.COMPANY)
    roles.assign(person=cast["applicant"], role=Role.OWNER, scope=company.scope, by=cast["applicant"], at=at)
    client.force_login(cast["applicant"])
    page = client.get("/accounts/people/").content.decode()
    assert "Plainly Fictional Ltd" in page
    assert "Olive Officer" not in page
    choices = dict(client.get("/accounts/people/invite/").context["form"].fields["role"].choices)
    assert set(choices) == {"", "owner", "member", "finance_contact", "signatory"}
    form = {"email": "colleague@example.org", "role": "member", "scope": company.scope}
    assert client.post("/accounts/people/invite/", form).status_code == 302
    form["scope"] = SCOPE
    assert client.post("/accounts/people/invite/", form).context["form"].errors["scope"]


def test_inviting_sending_again_and_withdrawing_by_hand(client, cast):
    client.force_login(cast["lead"])
    form = {"email": "New@Example.com", "role": "assessor", "scope": SCOPE}
    assert client.post("/accounts/people/invite/", form).status_code == 302
    assert "already" in str(client.post("/accounts/people/invite/", form).context["form"].errors)
    invitation = Invitation.objects.get()
    assert "new@example.com" in client.get("/accounts/people/").content.decode()
    assert client.post(f"/accounts/people/invitations/{invitation.pk}/resend/").status_code == 409
    assert client.post(f"/accounts/people/invitations/{invitation.pk}/withdraw/").status_code == 302
    assert not Invitation.objects.waiting().exists()


def test_an_administrator_closes_an_account_and_its_sessions_end(client, cast, django_user_model):
    from django.test import Client

    from tests.cast import sign_in

    theirs = Client()
    sign_in(theirs, cast["officer"])
    client.force_login(cast["admin"])
    pk = cast["officer"].pk
    assert "Olive Officer" in client.get(f"/accounts/people/{pk}/").content.decode()
    assert client.post(f"/accounts/people/{pk}/close/").status_code == 302
    assert theirs.get("/home/").status_code == 302
    assert client.post(f"/accounts/people/{pk}/close/").status_code == 409
    assert client.post(f"/accounts/people/{pk}/reopen/").status_code == 302
    assert Person.objects.get(pk=pk).is_active
    assert client.post(f"/accounts/people/{cast['admin'].pk}/close/").status_code == 403
    assert client.post(f"/accounts/people/{Person.objects.system().pk}/close/").status_code == 404


def test_ones_own_account_shows_ones_roles(client, cast):
    client.force_login(cast["officer"])
    page = client.get("/accounts/").content.decode()
    assert "Programme officer" in page
    assert "DIAGCOMM" in page


def test_the_page_of_people_costs_the_same_for_more_people(client, cast, at, django_assert_max_num_queries):
    client.force_login(cast["lead"])
    client.get("/accounts/people/")
    for number in range(30):
        invitations.invite(email=f"x{number}@example.com", role=Role.ASSESSOR, scope=SCOPE, by=cast["lead"], at=at)
    with django_assert_max_num_queries(14):
        client.get("/accounts/people/")
