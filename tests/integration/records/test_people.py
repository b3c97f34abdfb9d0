"""What an account says is put right; an account that nobody uses, and nothing is kept for, is erased."""

import pytest
from django.core.management import call_command

from accounts.actions import people
from accounts.models import Person
from accounts.refusals import Denied, Refused
from audit import verify
from audit.models import Event, PersonalValue
from notifications.models import Notice
from records import keeping
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
    Person.objects.update(created_at=AT)
    assert not team & set(keeping.dormant(at=AT + 2 * YEAR).values_list("pk", flat=True))
    time_machine.move_to(AT + 4 * YEAR)
    Person.objects.filter(pk=cast["colleague"].pk).update(last_login=AT + 3 * YEAR)
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
