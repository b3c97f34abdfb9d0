"""What an account says is put right; an account that nobody uses, and nothing is kept for, is erased."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.management import call_command

from accounts.actions import people
from accounts.marks import marks_on
from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Role
from applications.actions import teams
from audit import verify
from audit.models import Event, PersonalValue
from notifications.delivery import drain
from notifications.models import Notice
from records import keeping
from records.actions import erasures, own
from records.models import Restriction
from tests.integration.records.test_erasure import YEAR, whole_database
from tests.stages import applications, grants

AT = grants.WHILE_OPEN


def test_a_name_is_put_right_and_what_it_was_is_committed_to(cast):
    applicant, admin = cast["applicant"], cast["admin"]
    people.correct(person=applicant, name="Anne Applicant", email="", by=applicant, at=AT)
    with pytest.raises(Denied):
        people.correct(person=applicant, name="Ann", email=applicant.email, reason="She rang.", by=cast["lead"], at=AT)
    with pytest.raises(Refused, match="Somebody else"):
        people.correct(person=applicant, name="Ann", email=cast["colleague"].email, reason="She rang.", by=admin, at=AT)
    fresh = people.correct(person=applicant, name="Anne Applicant", email="anne@example.org", reason="She rang.", by=admin, at=AT)
    assert (fresh.name, fresh.email) == ("Anne Applicant", "anne@example.org")
    first, second = Event.objects.filter(kind="person.corrected").order_by("pk")
    assert applicant.name.encode() not in bytes(first.body)
    assert PersonalValue.objects.get(event=second, path="before_email").value == f'"{applicant.email}"'
    assert verify.verify_stream(first.stream).is_good


def test_both_pages_correct(client, cast):
    client.force_login(cast["applicant"])
    assert client.post("/accounts/name/", {"name": "Anne"}).status_code == 302
    assert Person.objects.get(pk=cast["applicant"].pk).name == "Anne"
    client.force_login(cast["admin"])
    about = {"name": "Anna", "email": "anna@example.org", "reason": ""}
    path = f"/accounts/people/{cast['applicant'].pk}/correct/"
    assert "<title>Error: " in client.post(path, about).content.decode()
    assert client.post(path, about | {"reason": "She rang."}).status_code == 302
    assert Person.objects.get(pk=cast["applicant"].pk).email == "anna@example.org"


def test_accounts_go_with_the_last_of_their_companys_records(cast, time_machine):
    ineligible = applications.ineligible(cast)
    team = {cast[who].pk for who in ("applicant", "colleague", "signatory")}
    company = ineligible.company
    teams.bring_in(company=company, email=cast["stranger"].email, role=Role.MEMBER, by=cast["applicant"], at=AT)
    teams.hand_over(company=company, to=cast["colleague"], by=cast["applicant"], at=AT, stays=False)
    drain(at=AT)
    Person.objects.update(created_at=AT)
    assert not team & set(keeping.dormant(at=AT + 2 * YEAR).values_list("pk", flat=True))
    time_machine.move_to(AT + 4 * YEAR)
    Person.objects.filter(pk=cast["colleague"].pk).update(last_login=AT + 3 * YEAR)
    erasures.warn(at=AT + 4 * YEAR - keeping.WARNED)
    call_command("retention")
    gone = Person.objects.filter(pk__in=team, is_active=False)
    assert set(gone.values_list("pk", flat=True)) == team - {cast["colleague"].pk}
    left = whole_database()
    assert cast["applicant"].email not in left
    assert cast["applicant"].name not in left
    assert not Notice.objects.filter(person=cast["applicant"]).exists()
    assert Person.objects.get(pk=cast["officer"].pk).name == cast["officer"].name
    assert verify.verify_all().is_good
    assert ineligible.company.name in left


def test_an_account_that_nothing_needs_is_erased_by_its_person(client, stranger):
    client.force_login(stranger)
    assert "Erase my account" in client.get("/accounts/data/").content.decode()
    wrong = client.post("/accounts/data/erase/", {"email": "somebody@example.org"})
    assert "<title>Error: " in wrong.content.decode()
    assert Person.objects.get(pk=stranger.pk).is_active
    assert client.post("/accounts/data/erase/", {"email": stranger.email.upper()}).headers["Location"] == "/"
    assert client.get("/home/").status_code == 302
    left = whole_database()
    assert stranger.email not in left
    assert stranger.name not in left
    assert verify.verify_all().is_good


def test_an_account_that_records_name_says_why_it_stays(client, cast):
    sent = applications.ineligible(cast)
    for who, why in (("applicant", f"{sent.reference} of {sent.company.name} names you"), ("officer", "You have worked on grants")):
        client.force_login(cast[who])
        page = client.get("/accounts/data/").content.decode()
        assert why in page
        assert "Erase my account" not in page
        with pytest.raises(NotAllowedNow):
            own.erase_account(email=cast[who].email, by=cast[who], at=AT)


def test_what_is_restricted_is_kept_until_it_is_lifted_and_its_person_told(client, cast):
    sent, applicant = applications.ineligible(cast), cast["applicant"]
    client.force_login(applicant)
    assert "<title>Error: " in client.post("/accounts/data/restrict/", {"reason": ""}).content.decode()
    client.post("/accounts/data/restrict/", {"reason": "My name is wrong in it."})
    again = client.post("/accounts/data/restrict/", {"reason": "Again."}).content.decode()
    assert "You have asked for this already" in again
    far = AT + 20 * YEAR
    assert "somebody of its team asked us to keep" in keeping.of(sent, at=far).obstacles[0]
    assert isinstance(dict(erasures.run(at=far)).popitem()[1], NotAllowedNow)
    assert applicant not in keeping.dormant(at=far)

    client.force_login(cast["admin"])
    assert f"Answer {applicant.name}" in client.get("/home/").content.decode()
    assert "My name is wrong in it." in client.get("/manage/records/people/").content.decode()
    assert f"{applicant.name} asked on" in client.get(f"/accounts/people/{applicant.pk}/").content.decode()
    standing = Restriction.objects.get()
    client.force_login(cast["officer"])
    for page in (sent.staff_path(), f"{sent.staff_path()}messages/"):
        assert "be kept and not used otherwise" in (shown := client.get(page).content.decode())
        assert "My name is wrong in it." not in shown
    client.force_login(cast["admin"])
    with pytest.raises(Denied):
        own.lift(restriction=standing, reason="It is right now.", by=cast["officer"], at=AT)
    client.post(f"/manage/records/people/{standing.pk}/lift/", {"note": "It is right now."})
    assert "It is right now." in Notice.objects.get(kind="restriction.lifted").body
    assert keeping.of(sent, at=far).obstacles == ()
    assert not marks_on(sent.company.people())
    assert verify.verify_all().is_good


def test_people_hear_a_month_before_what_names_them_goes(cast):
    sent = applications.ineligible(cast)
    Person.objects.update(created_at=AT)
    until = datetime.combine(keeping.of(sent, at=AT).until, time(12), tzinfo=UTC)
    assert erasures.warn(at=until - timedelta(days=31)) == 0
    assert erasures.warn(at=until - timedelta(days=30)) >= 3
    assert erasures.warn(at=until - timedelta(days=29)) == 0
    told = Notice.objects.filter(kind="records.going", stream=sent.stream)
    assert len(told) == 3
    assert {notice.person for notice in told} == {cast[who] for who in ("applicant", "colleague", "signatory")}
    assert [outcome.state for _, outcome in erasures.run(at=until + timedelta(days=1))] == ["done"]
    Notice.objects.all().delete()
    long_after = until + timedelta(days=800)
    told = erasures.warn(at=long_after)
    assert told == Notice.objects.filter(subject="Your account is about to be erased").count() > 0
    assert erasures.warn(at=long_after + timedelta(days=1)) == 0
