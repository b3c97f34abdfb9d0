"""Whoever holds a role that asks for it gets nowhere without a second factor; its secret rests encrypted; it is not given up."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from accounts.encryption import decrypt
from accounts.roles import COMPANY_ROLES, SECOND_FACTOR_ROLES, Role
from audit.models import Event
from tests.cast import TOTP_SECRET, sign_in

STAFF = ["officer", "lead", "chair", "monitor", "finance", "independent-approver", "assessor-1", "funder", "auditor", "admin"]


@pytest.fixture(autouse=True)
def no_limits_left_over():
    cache.clear()


def code_for(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def bare(cast):
    """The cast before anybody set up a second factor."""
    Authenticator.objects.all().delete()
    return cast


def test_every_role_but_those_in_a_company_asks_for_it():
    assert set(Role) - COMPANY_ROLES - {Role.SYSTEM} == SECOND_FACTOR_ROLES


@pytest.mark.parametrize("who", STAFF)
def test_staff_are_sent_to_set_it_up_from_every_page(client, bare, who):
    client.force_login(bare[who])
    for path in ["/home/", "/accounts/", "/accounts/sessions/"]:
        assert client.get(path).url.startswith("/accounts/second-factor/?next=")
        assert client.post(path).url.startswith("/accounts/second-factor/?next=")


@pytest.mark.parametrize("who", ["applicant", "colleague", "signatory", "stranger"])
def test_applicants_are_not(client, bare, who):
    client.force_login(bare[who])
    assert client.get("/home/").status_code == 200


def test_the_demo_counts_as_one(client, bare, settings):
    client.force_login(bare["officer"])
    settings.DEMO = True
    assert client.get("/home/").status_code == 200


def test_pages_on_the_way_to_one_stay_open(client, bare):
    client.force_login(bare["officer"])
    assert "Your role lets you see" in client.get("/accounts/second-factor/").content.decode()
    for path in ["/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"]:
        assert not client.get(path).headers.get("Location", "").startswith("/accounts/second-factor/")
    assert client.post("/accounts/logout/").status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db(transaction=True)
def test_setting_up_the_app_opens_the_house_and_its_secret_rests_encrypted(client, bare):
    officer = bare["officer"]
    sign_in(client, officer)
    page = client.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200
    assert "<svg" in page.content.decode()
    assert "data:image" not in page.content.decode()
    secret = page.context["form"].secret
    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert wrong.context["form"].errors
    assert not Authenticator.objects.filter(user=officer).exists()
    response = client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)}, follow=True)
    assert "Recovery codes" in response.content.decode()
    stored = Authenticator.objects.get(user=officer, type="totp").data["secret"]
    assert secret not in stored
    assert decrypt(stored) == secret
    codes = Authenticator.objects.get(user=officer, type="recovery_codes").data
    shown = re.findall(r"<li>(\d{8})</li>", response.content.decode())
    assert len(shown) == 10
    assert decrypt(codes["seed"]) not in str(codes)
    assert client.get("/home/").status_code == 200
    assert Event.objects.filter(stream=f"person:{officer.pk}", kind="person.second_factor_added").exists()


def test_recovery_codes_alone_are_not_a_second_factor(client, bare):
    Authenticator.objects.create(user=bare["officer"], type=Authenticator.Type.RECOVERY_CODES, data={})
    client.force_login(bare["officer"])
    assert client.get("/home/").status_code == 302


def test_who_needs_one_cannot_remove_the_last(client, cast):
    sign_in(client, cast["officer"])
    response = client.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=cast["officer"], type="totp").exists()
    assert "Add another one before you remove this" in response.content.decode()


def test_an_applicant_may_give_it_up(client, cast):
    sign_in(client, cast["applicant"])
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=cast["applicant"]).exists()


def test_the_casts_secret_is_the_one_tests_know(cast):
    assert decrypt(Authenticator.objects.get(user=cast["officer"]).data["secret"]) == TOTP_SECRET


def test_signing_out_everywhere_ends_every_session(client, bare):
    applicant, other = bare["applicant"], Client()
    for browser in (client, other):
        sign_in(browser, applicant)
        assert browser.get("/home/").status_code == 200
    assert UserSession.objects.filter(user=applicant).count() == 2
    page = client.get("/accounts/sessions/").content.decode()
    assert "This device" in page
    assert client.post("/accounts/sessions/end-all/").status_code == 302
    assert client.get("/home/").status_code == 302
    assert other.get("/home/").status_code == 302
    assert Event.objects.filter(stream=f"person:{applicant.pk}", kind="person.signed_out_everywhere").count() == 1


def test_signing_out_elsewhere_leaves_this_device(client, bare):
    applicant, other = bare["applicant"], Client()
    for browser in (other, client):
        sign_in(browser, applicant)
    client.post("/accounts/sessions/")
    assert client.get("/home/").status_code == 200
    assert other.get("/home/").status_code == 302


def test_nobody_ends_others_sessions(client, applicant, colleague):
    other = Client()
    other.force_login(colleague)
    client.force_login(applicant)
    client.post("/accounts/sessions/end-all/")
    assert other.get("/home/").status_code == 200


def test_a_look_ends_no_session(client, applicant):
    client.force_login(applicant)
    assert client.get("/accounts/sessions/end-all/").status_code == 405
    assert client.get("/home/").status_code == 200
