"""Signing up, in and out by email; codes, second factor, limits on guessing; all of it in the trail and through the outbox."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.utils import timezone

from accounts.encryption import decrypt
from accounts.models import Person
from audit.models import Event
from notifications import delivery
from notifications.models import OutboxMessage
from tests.cast import TOTP_SECRET

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def no_limits_left_over():
    cache.clear()


def newest_letter():
    delivery.drain(at=timezone.now())
    return mail.outbox[-1]


def code_in(letter):
    return re.search(r"^([A-Z0-9-]{6,12})$", letter.body, re.MULTILINE).group(1)


def totp_now(secret=TOTP_SECRET, steps=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def kinds(person):
    return list(Event.objects.filter(stream=f"person:{person.pk}").order_by("sequence").values_list("kind", flat=True))


def give_password(person, password=PASSWORD):
    person.set_password(password)
    person.save(update_fields=["password"])


@pytest.fixture
def newcomer(client, db):
    """Somebody who has signed up and not yet entered the code."""
    response = client.post("/accounts/signup/", {"name": "Nina Newcomer", "email": "nina@example.com", "password1": PASSWORD})
    assert response.status_code == 302, response.context["form"].errors
    return Person.objects.get(email="nina@example.com")


def test_signing_up_sends_a_code_and_the_code_lets_in(client, newcomer):
    assert newcomer.name == "Nina Newcomer"
    assert client.get("/home/").status_code == 302
    letter = newest_letter()
    assert letter.to == ["nina@example.com"]
    assert letter.subject == "Confirm your email address"
    response = client.post("/accounts/confirm-email/", {"code": code_in(letter)}, follow=True)
    assert response.redirect_chain[-1][0] == "/home/"
    assert {"person.signed_up", "person.email_confirmed", "person.signed_in"} <= set(kinds(newcomer))


def test_a_wrong_code_does_not_let_in(client, newcomer):
    response = client.post("/accounts/confirm-email/", {"code": "000000"})
    assert response.context["verify_form"].errors
    assert "Error: " in response.content.decode()
    assert client.get("/home/").status_code == 302


def test_an_address_that_was_never_confirmed_cannot_sign_in(client, newcomer):
    client.cookies.clear()
    cache.clear()
    response = client.post("/accounts/login/", {"login": "nina@example.com", "password": PASSWORD})
    assert response.url == "/accounts/confirm-email/"
    assert client.get("/home/").status_code == 302


def test_signing_up_with_a_known_address_says_the_same_and_writes_to_its_owner(client, applicant):
    response = client.post("/accounts/signup/", {"name": "Eve", "email": "APPLICANT@example.org", "password1": PASSWORD})
    assert response.url == "/accounts/confirm-email/"
    assert Person.objects.filter(email__iexact=applicant.email).count() == 1
    assert newest_letter().subject == "You have an account already"


@pytest.mark.parametrize(
    ("name", "email", "password", "field"),
    [
        ("", "a@example.com", PASSWORD, "name"),
        ("A", "not an address", PASSWORD, "email"),
        ("A", "a@example.com", "short", "password1"),
        ("A", "a@example.com", "1234567890", "password1"),
        ("A", "averylongaddress@example.com", "averylongaddress", "password1"),
        ("x" * 200, "a@example.com", PASSWORD, "name"),
    ],
)
def test_bad_sign_ups_get_a_sentence_and_make_nobody(client, db, name, email, password, field):
    before = Person.objects.count()
    response = client.post("/accounts/signup/", {"name": name, "email": email, "password1": password})
    assert response.context["form"].errors[field]
    assert Person.objects.count() == before


def test_the_letter_rests_encrypted_and_is_gone_once_sent(client, newcomer):
    row = OutboxMessage.objects.get(kind="letter.mail")
    assert list(row.payload) == ["sealed"]
    code = code_in(newest_letter())
    assert code in decrypt(row.payload["sealed"])
    assert code not in str(row.payload)
    row = OutboxMessage.objects.get(pk=row.pk)
    assert row.payload == {"sent": True}
    assert row.done_at


def test_a_letter_done_twice_is_sent_once(client, newcomer):
    delivery.drain(at=timezone.now())
    OutboxMessage.objects.update(done_at=None, locked_until=None)
    delivery.drain(at=timezone.now())
    assert len(mail.outbox) == 1


def test_password_then_app_lets_staff_in(client, officer):
    give_password(officer)
    response = client.post("/accounts/login/", {"login": "Officer@Example.org", "password": PASSWORD})
    assert response.url == "/accounts/2fa/authenticate/"
    assert client.get("/home/").status_code == 302
    assert client.get("/accounts/2fa/authenticate/").status_code == 200
    response = client.post("/accounts/2fa/authenticate/", {"code": totp_now()})
    assert response.url == "/home/"
    assert client.get("/home/").status_code == 200
    assert "person.signed_in" in kinds(officer)


def test_the_same_app_code_does_not_work_twice(client, officer):
    give_password(officer)
    code = totp_now()
    for expected in (302, 200):
        client.cookies.clear()
        client.post("/accounts/login/", {"login": officer.email, "password": PASSWORD})
        assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == expected


def test_a_wrong_app_code_does_not_let_in(client, officer):
    give_password(officer)
    client.post("/accounts/login/", {"login": officer.email, "password": PASSWORD})
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).context["form"].errors
    assert client.get("/home/").status_code == 302


def test_an_emailed_code_signs_in_and_still_asks_for_the_second_factor(client, officer):
    client.post("/accounts/login/code/", {"email": officer.email})
    response = client.post("/accounts/login/code/confirm/", {"code": code_in(newest_letter())})
    assert response.url == "/accounts/2fa/authenticate/"
    assert client.get("/home/").status_code == 302


def test_an_emailed_code_signs_in_an_applicant(client, cast):
    Authenticator.objects.filter(user=cast["applicant"]).delete()
    client.post("/accounts/login/code/", {"email": "applicant@example.org"})
    letter = newest_letter()
    assert client.post("/accounts/login/code/confirm/", {"code": "WRONG1"}).status_code == 200
    assert client.post("/accounts/login/code/confirm/", {"code": code_in(letter)}).url == "/home/"


def test_asking_for_a_code_does_not_tell_who_has_an_account(client, applicant):
    known = client.post("/accounts/login/code/", {"email": "applicant@example.org"})
    client.cookies.clear()
    unknown = client.post("/accounts/login/code/", {"email": "nobody@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_a_forgotten_password_is_reset_by_a_code(client, applicant):
    client.post("/accounts/password/reset/", {"email": applicant.email})
    response = client.post("/accounts/password/reset/confirm/", {"code": code_in(newest_letter())})
    assert response.url == "/accounts/password/reset/complete/"
    page = client.get("/accounts/password/reset/complete/")
    assert page.status_code == 200
    client.post("/accounts/password/reset/complete/", {"password1": "another fine phrase", "password2": "another fine phrase"})
    assert Person.objects.get(pk=applicant.pk).check_password("another fine phrase")
    assert "person.password_reset" in kinds(applicant)


@pytest.mark.parametrize("address", ["officer@example.org", "nobody@example.org"])
def test_guessing_is_stopped_and_recorded(client, officer, address):
    give_password(officer)
    for _ in range(5):
        assert "password" in str(client.post("/accounts/login/", {"login": address, "password": "wrong"}).context["form"].errors)
    response = client.post("/accounts/login/", {"login": address, "password": PASSWORD})
    assert response.status_code == 200
    assert "Too many" in str(response.context["form"].errors)
    stream = f"person:{officer.pk}" if address.startswith("officer") else "system"
    failed = Event.objects.filter(stream=stream, kind="person.sign_in_failed")
    assert failed.count() == 5
    assert address.encode() not in bytes(failed[0].body)


def test_a_flood_of_sign_ins_gets_the_429_page(client, db):
    for _ in range(30):
        client.post("/accounts/login/", {"login": "", "password": ""})
    response = client.post("/accounts/login/", {"login": "", "password": ""})
    assert response.status_code == 429
    assert "Too many tries" in response.content.decode()


def test_a_closed_account_cannot_sign_in(client, applicant):
    give_password(applicant)
    Person.objects.filter(pk=applicant.pk).update(is_active=False)
    client.post("/accounts/login/", {"login": applicant.email, "password": PASSWORD})
    assert client.get("/home/").status_code == 302


def test_system_cannot_sign_in(client, system):
    client.post("/accounts/login/code/", {"email": system.email})
    delivery.drain(at=timezone.now())
    assert not mail.outbox
    give_password(system)
    client.post("/accounts/login/", {"login": system.email, "password": PASSWORD})
    assert client.get("/home/").status_code == 302
    client.force_login(system)
    assert client.get("/home/").status_code == 302


def test_signing_out_needs_a_post_and_is_recorded(client, applicant):
    client.force_login(applicant)
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/home/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/home/").status_code == 302
    assert kinds(applicant)[-1] == "person.signed_out"


def test_the_landing_page_after_sign_in_is_not_chosen_by_a_stranger(client, cast):
    Authenticator.objects.filter(user=cast["applicant"]).delete()
    give_password(cast["applicant"])
    response = client.post(
        "/accounts/login/?next=https://evil.example/",
        {"login": "applicant@example.org", "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert response.url == "/home/"
