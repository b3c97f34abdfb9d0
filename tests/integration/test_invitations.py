"""Coming in by a link: it works once, for the invited address, for a while, and only its digest is kept."""

import re
from datetime import timedelta
from hashlib import sha256
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts import scopes
from accounts.access import held_by
from accounts.actions import invitations, roles
from accounts.models import Invitation, Organisation, Person, RoleAssignment, RoleGrant
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Role
from audit.models import Event
from notifications import delivery
from tests.cast import PASSWORD

SCOPE = "programme:diagcomm"


@pytest.fixture(autouse=True)
def programme_has_a_name(monkeypatch):
    cache.clear()
    monkeypatch.setattr(scopes, "_namers", [lambda: {SCOPE: "DIAGCOMM"}])


@pytest.fixture(scope="session")
def at():
    return timezone.now()


@pytest.fixture
def company(cast, at):
    organisation = Organisation.objects.create(name="Plainly Fictional Ltd", kind=Organisation.Kind.COMPANY)
    roles.assign(person=cast["applicant"], role=Role.OWNER, scope=organisation.scope, by=cast["applicant"], at=at)
    return organisation


def token_in_newest_letter():
    delivery.drain(at=timezone.now())
    return re.search(r"/accounts/invitations/([\w-]+)/", mail.outbox[-1].body).group(1)


def invited(cast, at, *, email="new@example.com", role=Role.ASSESSOR, scope=SCOPE, by="lead"):
    invitation = invitations.invite(email=email, role=role, scope=scope, by=cast[by], at=at)
    return invitation, token_in_newest_letter()


def test_an_invited_assessor_comes_in_and_the_role_waits_to_be_confirmed(cast, at):
    _, token = invited(cast, at)
    assert mail.outbox[-1].to == ["new@example.com"]
    assert "Leo Lead invites you to Pumphouse as assessor, DIAGCOMM." in mail.outbox[-1].body
    person = invitations.accept(token=token, name="Nell New", password=PASSWORD, by=None, at=at)
    assert EmailAddress.objects.get(user=person).verified
    assert person.check_password(PASSWORD)
    grant = RoleGrant.objects.get(person=person)
    assert (grant.role, grant.scope, grant.proposed_by) == (Role.ASSESSOR, SCOPE, cast["lead"])
    assert not held_by(person, at=at).pairs
    roles.confirm(grant=grant, by=cast["independent-approver"], at=at)
    assert held_by(person, at=at + timedelta(days=1)).pairs == {(Role.ASSESSOR, SCOPE)}


def test_a_colleague_is_in_the_team_at_once(cast, company, at):
    _, token = invited(cast, at, role=Role.MEMBER, scope=company.scope, by="applicant")
    person = invitations.accept(token=token, name="Mo Member", password=PASSWORD, by=None, at=at)
    assert held_by(person, at=at).pairs == {(Role.MEMBER, company.scope)}


def test_only_the_digest_of_the_token_is_kept(cast, at):
    invitation, token = invited(cast, at)
    assert invitation.token_sha256 == sha256(token.encode()).hexdigest()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert token not in str(cursor.fetchall()), table


@pytest.mark.parametrize("who", ["applicant", "assessor-1", "officer", "finance", "independent-approver", "auditor", "stranger"])
def test_who_grants_no_roles_invites_nobody(cast, at, who):
    with pytest.raises(Denied):
        invitations.invite(email="x@example.com", role=Role.ASSESSOR, scope=SCOPE, by=cast[who], at=at)


def test_a_company_invites_into_its_own_team_only(cast, company, at):
    other = Organisation.objects.create(name="Other Ltd", kind=Organisation.Kind.COMPANY)
    for who, scope in [("applicant", other.scope), ("lead", company.scope), ("admin", company.scope), ("colleague", company.scope)]:
        with pytest.raises(Denied):
            invitations.invite(email="x@example.com", role=Role.MEMBER, scope=scope, by=cast[who], at=at)


def test_nobody_invites_themselves_or_twice_or_who_is_there_already(cast, at):
    with pytest.raises(Denied, match="themselves"):
        invitations.invite(email="LEAD@example.org", role=Role.OFFICER, scope=SCOPE, by=cast["lead"], at=at)
    with pytest.raises(Refused, match="already"):
        invitations.invite(email="officer@example.org", role=Role.OFFICER, scope=SCOPE, by=cast["lead"], at=at)
    invited(cast, at)
    with pytest.raises(Refused, match="invitation to this role already"):
        invitations.invite(email="NEW@example.com", role=Role.ASSESSOR, scope=SCOPE, by=cast["lead"], at=at)


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "../../etc", "é" * 20])
def test_a_forged_token_finds_nothing(cast, client, at, token):
    invited(cast, at)
    with pytest.raises(Invitation.DoesNotExist):
        invitations.accept(token=token, name="Eve", password=PASSWORD, by=None, at=at)
    assert client.get(f"/accounts/invitations/{token or '-'}/").status_code == 404


def test_the_digest_itself_is_not_a_token(cast, at):
    invitation, _ = invited(cast, at)
    with pytest.raises(Invitation.DoesNotExist):
        invitations.accept(token=invitation.token_sha256, name="Eve", password=PASSWORD, by=None, at=at)


def test_a_link_works_once(cast, at):
    _, token = invited(cast, at)
    person = invitations.accept(token=token, name="Nell New", password=PASSWORD, by=None, at=at)
    for by in (None, person):
        with pytest.raises(NotAllowedNow, match="accepted already"):
            invitations.accept(token=token, name="Eve", password="something else", by=by, at=at)
    assert Person.objects.get(pk=person.pk).check_password(PASSWORD)


def test_a_link_expires(cast, at):
    _, token = invited(cast, at)
    invitations.find(token=token, at=at + timedelta(days=13, hours=23))
    with pytest.raises(NotAllowedNow, match="expired"):
        invitations.accept(token=token, name="Late", password=PASSWORD, by=None, at=at + timedelta(days=14))
    assert not Person.objects.filter(email="new@example.com").exists()


def test_sending_again_makes_a_new_link_and_ends_the_old_one(cast, client, at):
    invitation, old = invited(cast, at)
    with pytest.raises(NotAllowedNow, match="moment ago"):
        invitations.resend(invitation=invitation, by=cast["lead"], at=at + timedelta(seconds=30))
    later = at + timedelta(days=15)
    for who in ["officer", "stranger", "applicant"]:
        with pytest.raises(Denied):
            invitations.resend(invitation=invitation, by=cast[who], at=later)
    invitations.resend(invitation=invitation, by=cast["second-lead"], at=later)
    delivery.drain(at=later)
    new = re.search(r"/accounts/invitations/([\w-]+)/", mail.outbox[-1].body).group(1)
    assert invitations.find(token=new, at=later).times_sent == 2
    invitations.resend(invitation=invitation, by=cast["lead"], at=later + timedelta(days=1))
    for earlier in (old, new):
        with pytest.raises(NotAllowedNow, match="use the link in the latest letter"):
            invitations.accept(token=earlier, name="Eve", password=PASSWORD, by=None, at=later + timedelta(days=1))
        with pytest.raises(NotAllowedNow, match="expired"):
            invitations.find(token=earlier, at=later + timedelta(days=16))
    page = client.get(f"/accounts/invitations/{old}/")
    assert (page.status_code, "A newer invitation was sent" in page.text) == (409, True)
    assert not any(words in page.text for words in ("new@example.com", "Leo", "ssessor"))


def test_a_withdrawn_link_does_not_work_and_can_not_be_sent_again(cast, at):
    invitation, token = invited(cast, at)
    with pytest.raises(Denied):
        invitations.withdraw(invitation=invitation, by=cast["officer"], at=at)
    invitations.withdraw(invitation=invitation, by=cast["lead"], at=at)
    with pytest.raises(NotAllowedNow, match="withdrawn"):
        invitations.accept(token=token, name="Eve", password=PASSWORD, by=None, at=at)
    with pytest.raises(NotAllowedNow, match="withdrawn"):
        invitations.resend(invitation=invitation, by=cast["lead"], at=at + timedelta(days=1))


def test_who_has_an_account_accepts_as_themselves_only(cast, at):
    _, token = invited(cast, at, email="stranger@example.org")
    for by in (None, cast["applicant"], cast["admin"]):
        with pytest.raises(Denied, match=r"Sign in as stranger@example\.org"):
            invitations.accept(token=token, name="Eve", password=PASSWORD, by=by, at=at)
    before = Person.objects.count()
    assert invitations.accept(token=token, by=cast["stranger"], at=at) == cast["stranger"]
    assert Person.objects.count() == before
    assert not Person.objects.get(pk=cast["stranger"].pk).has_usable_password()


def test_an_invitation_dies_with_the_right_to_invite(cast, at):
    _, token = invited(cast, at)
    roles.end(assignment=RoleAssignment.objects.get(person=cast["lead"]), by=cast["admin"], at=at)
    with pytest.raises(NotAllowedNow, match="may no longer do so"):
        invitations.accept(token=token, name="Nell", password=PASSWORD, by=None, at=at + timedelta(seconds=1))
    assert not Person.objects.filter(email="new@example.com").exists()


def test_the_trail_holds_no_address(cast, at):
    _, token = invited(cast, at)
    invitations.accept(token=token, name="Nell New", password=PASSWORD, by=None, at=at)
    events = Event.objects.filter(kind__startswith="invitation.")
    assert [event.kind for event in events.order_by("pk")] == ["invitation.sent", "invitation.accepted"]
    assert all(b"new@example.com" not in bytes(event.body) for event in events)


def test_the_page_takes_name_and_password_and_signs_in(cast, client, at):
    _, token = invited(cast, at)
    path = f"/accounts/invitations/{token}/"
    page = client.get(path)
    assert "Leo Lead" in page.content.decode()
    assert "new@example.com" in page.content.decode()
    assert Person.objects.filter(email="new@example.com").count() == 0
    for wrong in [
        {"name": "", "password": PASSWORD},
        {"name": "Nell", "password": "short"},
        {"name": "Nell", "password": "new@example.com"},
    ]:
        response = client.post(path, wrong)
        assert response.status_code == 200
        assert response.context["form"].errors
    response = client.post(path, {"name": "Nell New", "password": PASSWORD}, follow=True)
    assert response.redirect_chain[-1][0] == "/home/"
    assert "Hello, Nell New" in response.content.decode()
    assert "You are to be assessor" in response.content.decode()
    client.post("/accounts/logout/")
    gone = client.get(path)
    assert gone.status_code == 409
    assert "accepted already" in gone.content.decode()


def test_the_page_asks_who_has_an_account_to_sign_in(cast, client, at):
    _, token = invited(cast, at, email="stranger@example.org")
    path = f"/accounts/invitations/{token}/"
    response = client.get(path)
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/?next=")
    client.force_login(cast["applicant"])
    assert "You are signed in as applicant@example.org" in client.get(path).content.decode()
    assert client.post(path).status_code == 403
    client.force_login(cast["stranger"])
    assert "Accept" in client.get(path).content.decode()
    assert client.post(path).url == "/home/"
    assert RoleGrant.objects.filter(person=cast["stranger"]).exists()


def test_who_is_signed_in_does_not_make_a_second_account_by_the_way(cast, client, at):
    _, token = invited(cast, at)
    path = f"/accounts/invitations/{token}/"
    client.force_login(cast["applicant"])
    page = client.get(path).text
    assert "You are signed in as applicant@example.org. Sign out, then follow the link in the mail again." in page
    assert 'name="password"' not in page
    assert client.post(path, {"name": "Ann Again", "password": PASSWORD}).status_code == 403
    assert not Person.objects.filter(email="new@example.com").exists()
    client.post("/accounts/logout/")
    assert 'name="password"' in client.get(path).text


def test_the_address_is_not_taken_from_the_form(cast, client, at):
    _, token = invited(cast, at)
    client.post(f"/accounts/invitations/{token}/", {"name": "Eve", "password": PASSWORD, "email": "eve@example.com", "role": "admin"})
    assert not Person.objects.filter(email="eve@example.com").exists()
    assert RoleGrant.objects.get().role == Role.ASSESSOR


@pytest.mark.django_db
def test_a_new_site_gets_its_first_two_people_from_the_command_line(at):
    call_command("first_people", admin="ada@example.com", approver="ida@example.com", stdout=StringIO())
    delivery.drain(at=timezone.now())
    tokens = {letter.to[0]: re.search(r"/accounts/invitations/([\w-]+)/", letter.body).group(1) for letter in mail.outbox}
    ada = invitations.accept(token=tokens["ada@example.com"], name="Ada", password=PASSWORD, by=None, at=at)
    ida = invitations.accept(token=tokens["ida@example.com"], name="Ida", password=PASSWORD, by=None, at=at)
    assert held_by(ada, at=at).pairs == {(Role.ADMIN, "site")}
    assert held_by(ida, at=at).pairs == {(Role.INDEPENDENT_APPROVER, "site")}
    with pytest.raises(CommandError, match="has an administrator already"):
        call_command("first_people", admin="eve@example.com", approver="eva@example.com")


@pytest.mark.django_db
def test_the_first_two_people_are_two_and_asking_again_replaces_the_links(at):
    with pytest.raises(CommandError, match="two people"):
        call_command("first_people", admin="ada@example.com", approver="Ada@example.com")
    with pytest.raises(CommandError, match="“ada” is not an email address"):
        call_command("first_people", admin="ada", approver="ida@example.com")
    for _ in range(2):
        call_command("first_people", admin="ada@example.com", approver="ida@example.com", stdout=StringIO())
    assert Invitation.objects.waiting().count() == 2
    assert Invitation.objects.count() == 4
