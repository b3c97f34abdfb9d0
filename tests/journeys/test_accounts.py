"""People in a browser: signing up, second factor, invitations, roles, keys, sessions; every page checked."""

import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Organisation
from notifications import delivery
from tests.cast import PASSWORD
from tests.stages.grants import published


@pytest.fixture(autouse=True)
def no_limits_left_over():
    cache.clear()


@pytest.fixture
def programme(cast):
    return published(cast)


def newest_letter() -> str:
    delivery.drain(at=timezone.now())
    return mail.outbox[-1].body


def newest_code() -> str:
    return re.search(r"^([A-Z0-9-]{6,12})$", newest_letter(), re.MULTILINE).group(1)


def give_password(person):
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_newcomer_signs_up_out_and_in_again(open_page, check_page, cast, javascript):
    page = open_page(javascript=javascript)
    check = check_page if javascript else lambda page: None
    page.goto("/accounts/login/")
    check(page)
    page.get_by_role("link", name="Create an account").click()
    check(page)
    press(page, "Create account")
    expect(page).to_have_title(re.compile("^Error: "))
    check(page)
    page.get_by_label("Your name").fill("Nina Newcomer")
    page.get_by_label("Email address").fill("nina@example.com")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    press(page, "Create account")
    expect(page.get_by_role("heading", name="Check your email")).to_be_visible()
    check(page)
    page.get_by_label("Code").fill("WRONG1")
    press(page, "Continue")
    expect(page).to_have_title(re.compile("^Error: "))
    check(page)
    page.get_by_label("Code").fill(newest_code())
    press(page, "Continue")
    expect(page.get_by_role("heading", name="Hello, Nina Newcomer")).to_be_visible()
    check(page)
    press(page, "Sign out")
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Email me a code instead").click()
    check(page)
    page.get_by_label("Email address").fill("nina@example.com")
    press(page, "Email me a code")
    check(page)
    page.get_by_label("Code").fill(newest_code())
    press(page, "Continue")
    expect(page.get_by_role("heading", name="Hello, Nina Newcomer")).to_be_visible()


def test_a_forgotten_password(page, check_page, cast):
    Authenticator.objects.filter(user=cast["applicant"]).delete()
    page.goto("/accounts/login/")
    page.get_by_role("link", name="I have forgotten my password").click()
    check_page(page)
    page.get_by_label("Email address").fill("applicant@example.org")
    press(page, "Email me a code")
    check_page(page)
    page.get_by_label("Code").fill(newest_code())
    press(page, "Continue")
    check_page(page)
    page.get_by_role("textbox", name="New password", exact=True).fill("another fine phrase")
    page.get_by_role("textbox", name="New password again").fill("another fine phrase")
    press(page, "Change password")
    check_page(page)
    page.goto("/accounts/login/")
    page.get_by_label("Email address").fill("applicant@example.org")
    page.get_by_role("textbox", name="Password").fill("another fine phrase")
    press(page, "Sign in")
    expect(page.get_by_role("heading", name="Hello, Ann Applicant")).to_be_visible()


def password_sign_in(page, person):
    page.goto("/accounts/login/")
    page.get_by_label("Email address").fill(person.email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    press(page, "Sign in")


def test_an_officer_sets_up_an_app_and_comes_back_with_a_recovery_code(page, check_page, cast, settings):
    settings.DEMO = False
    officer = cast["officer"]
    Authenticator.objects.filter(user=officer).delete()
    give_password(officer)
    password_sign_in(page, officer)
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Use an authenticator app").click()
    check_page(page)
    expect(page.locator(".qr svg")).to_be_visible()
    secret = page.locator("code.hash").inner_text()
    page.get_by_label("Code that the app shows now").fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    press(page, "Continue")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    check_page(page)
    code = page.locator("#recovery_codes li").first.inner_text()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Hello, Olive Officer")).to_be_visible()
    for path in ["/accounts/", "/accounts/2fa/", "/accounts/2fa/recovery-codes/generate/", "/accounts/2fa/totp/deactivate/",
                 "/accounts/2fa/webauthn/", "/accounts/email/", "/accounts/password/change/", "/accounts/sessions/"]:  # fmt: skip
        page.goto(path)
        check_page(page)
    press(page, "Sign out")
    password_sign_in(page, officer)
    expect(page.get_by_role("heading", name="Enter the code from your app")).to_be_visible()
    check_page(page)
    page.get_by_label("Code").fill(code)
    press(page, "Sign in")
    expect(page.get_by_role("heading", name="Hello, Olive Officer")).to_be_visible()


def test_a_passkey_is_added_and_signs_in(page, check_page, cast, settings):
    settings.DEMO = False
    officer = cast["officer"]
    Authenticator.objects.filter(user=officer).delete()
    give_password(officer)
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    about = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": about | {"automaticPresenceSimulation": True}})
    password_sign_in(page, officer)
    page.get_by_role("button", name="Use a passkey or security key").click()
    check_page(page)
    page.get_by_label("Name").fill("Work laptop")
    page.get_by_label("This is a passkey").check()
    press(page, "Add")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto("/accounts/2fa/webauthn/")
    check_page(page)
    expect(page.get_by_text("Work laptop").first).to_be_visible()
    press(page, "Sign out")
    page.goto("/accounts/login/")
    press(page, "Sign in with a passkey")
    expect(page.get_by_role("heading", name="Hello, Olive Officer")).to_be_visible()


def test_a_lead_invites_an_assessor_who_comes_in_and_is_confirmed(page, open_page, sign_in, check_phone_too, check_page, cast, programme):
    sign_in("lead")
    page.goto("/accounts/people/")
    check_phone_too(page)
    page.get_by_role("button", name="Invite somebody").click()
    check_page(page)
    press(page, "Send invitation")
    expect(page).to_have_title(re.compile("^Error: "))
    check_page(page)
    page.get_by_label("Email address").fill("nell@example.com")
    page.get_by_label("Role").select_option("assessor")
    page.get_by_label("Where").select_option(programme.scope)
    press(page, "Send invitation")
    expect(page.get_by_text("Invitation sent to nell@example.com")).to_be_visible()
    check_phone_too(page)
    theirs = open_page()
    theirs.goto(re.search(r"https?://[^/]+(/\S+)", newest_letter()).group(1))
    check_page(theirs)
    theirs.get_by_label("Your name").fill("Nell New")
    theirs.get_by_role("textbox", name="Choose a password").fill("short")
    press(theirs, "Accept")
    expect(theirs).to_have_title(re.compile("^Error: "))
    check_page(theirs)
    theirs.get_by_role("textbox", name="Choose a password").fill(PASSWORD)
    press(theirs, "Accept")
    expect(theirs.get_by_role("heading", name="Hello, Nell New")).to_be_visible()
    sign_in("independent-approver")
    page.goto("/home/")
    check_page(page)
    page.get_by_role("link", name="Confirm roles").click()
    check_phone_too(page)
    page.get_by_role("button", name="Confirm Nell New").click()
    expect(page.get_by_text("not yet in force")).to_be_visible()


def test_a_role_is_proposed_and_turned_down(page, sign_in, check_page, cast, programme):
    sign_in("lead")
    page.goto("/accounts/people/grant/")
    check_page(page)
    page.get_by_label("Email address of the person").fill("stranger@example.org")
    page.get_by_label("Role").select_option("officer")
    page.get_by_label("Where").select_option(programme.scope)
    page.get_by_label("Reason").fill("Covers for Olive")
    press(page, "Propose")
    check_page(page)
    sign_in("independent-approver")
    page.goto("/accounts/people/")
    page.locator("summary", has_text="Refuse").click()
    check_page(page)
    page.get_by_label("Reason").fill("Works for an applicant")
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_text("The role will not be given")).to_be_visible()


def test_an_administrator_issues_a_key_and_closes_an_account(page, sign_in, check_phone_too, check_page, cast):
    Organisation.objects.create(name="Fictional Authority", kind=Organisation.Kind.FUNDER)
    sign_in("admin")
    page.goto("/accounts/keys/")
    check_page(page)
    page.get_by_role("button", name="Issue a key").click()
    check_page(page)
    page.get_by_label("Funder").select_option(label="Fictional Authority")
    page.get_by_label("What it is for").fill("Data platform")
    page.get_by_label("Read", exact=True).check()
    ends = timezone.now() + timedelta(days=30)
    for part, value in (("Day", ends.day), ("Month", ends.month), ("Year", ends.year)):
        page.get_by_label(part, exact=True).fill(str(value))
    press(page, "Issue key")
    expect(page.locator("#key")).to_contain_text("ph_live_")
    check_phone_too(page)
    page.get_by_role("button", name="Continue").click()
    check_phone_too(page)
    page.goto("/accounts/people/")
    page.get_by_role("link", name="Olive Officer").click()
    check_page(page)
    press(page, "Close this account")
    expect(page.get_by_text("The account of Olive Officer is closed")).to_be_visible()
    check_page(page)


def test_an_administrator_chooses_how_the_pages_look(page, sign_in, check_page, cast, programme):
    sign_in("admin")
    page.goto("/accounts/organisations/")
    check_page(page)
    page.get_by_role("main").get_by_role("link", name=programme.delivery_body.name).click()
    check_page(page)
    page.get_by_label("Plum").check()
    page.get_by_label("Verdana").check()
    press(page, "Save")
    expect(page.get_by_text("have their new look")).to_be_visible()
    page.goto(programme.get_absolute_url())
    assert page.evaluate("getComputedStyle(document.querySelector('.masthead')).backgroundColor") == "rgb(51, 32, 58)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily").startswith("verdana")
    check_page(page)


def test_the_demos_front_door_and_outbox(page, check_phone_too, check_page, cast, settings, tmp_path):
    settings.EMAIL_FILE_PATH = str(tmp_path)
    page.goto("/demo/")
    check_phone_too(page)
    page.goto("/outbox/")
    check_page(page)
    for who in ["applicant", "assessor-1", "officer", "lead", "independent-approver", "auditor"]:
        page.goto("/demo/")
        page.locator(f'form:has(input[name="who"][value="{who}"]) button, button[name="who"][value="{who}"]').first.click()
        expect(page.locator(".masthead__person")).to_contain_text(cast[who].name)
        check_phone_too(page)


def test_too_many_guesses_are_told_so(page, check_page, cast):
    for _ in range(6):
        page.goto("/accounts/login/")
        page.get_by_label("Email address").fill("officer@example.org")
        page.get_by_role("textbox", name="Password").fill("wrong")
        press(page, "Sign in")
    expect(page.get_by_text("Too many failed").first).to_be_visible()
    check_page(page)
