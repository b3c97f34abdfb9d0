"""A company from the public page to the receipt: everything by hand once, and again on a phone. Every page visited is checked."""

import os
import re
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from applications.models import Application
from applications.samples import pdf
from notifications import delivery
from tests.cast import PASSWORD
from tests.stages import applications as stage
from tests.stages import grants

PDF = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": pdf("Our plan")}
PARAGRAPH = "Two sites have asked for this test. We measured 212 samples and agree with the reference in 94 % of them."
ANSWERS: dict[str, dict[str, Any]] = {
    "project": {
        "project_title": "Proving the beacon test at two sites",
        "public_summary": PARAGRAPH,
        "diagnostic_use": "detection",
        "has_started": "no",
        "starts_on": "1 2 2027",
        "ends_on": "31 10 2027",
    },
    "position": {"insolvency": "no", "assistance_received": "0"},
    "case": dict.fromkeys(("need", "innovation", "evidence_so_far", "adoption_route", "team", "net_zero", "jobs_additionality"), PARAGRAPH),
    "jobs": {"jobs_created": "2", "jobs_safeguarded": "3"},
    "money": {
        "costs": [("labour", "Two scientists", "25,000"), ("materials", "Reagents", "£11,000.00")],
        "grant_requested": "25,000",
        "match_source": "reserves",
        "milestones": ["3", "6", "9"],
    },
    "documents": {"project_plan": PDF},
}


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def answer(page: Page, name: str, value: Any) -> None:
    """One answer as a person gives it, by what kind of control stands there."""
    if isinstance(value, dict):
        page.locator(f"#id_{name}").set_input_files(value)
    elif name == "costs":
        for row, (kind, purpose, amount) in enumerate(value):
            page.locator(f"#id_costs-{row}-category").select_option(kind)
            page.locator(f"#id_costs-{row}-description").fill(purpose)
            page.locator(f"#id_costs-{row}-amount_pence").fill(amount)
    elif name == "milestones":
        for row, month in enumerate(value):
            page.locator(f"#id_milestones-{row}-deliverable").fill("The report of this stage")
            page.locator(f"#id_milestones-{row}-success").fill("Signed off by both sites")
            page.locator(f"#id_milestones-{row}-month").fill(month)
    elif name.endswith("_on"):
        for part, number in zip(("day", "month", "year"), value.split(), strict=True):
            page.locator(f'[name="{name}_{part}"]').fill(number)
    elif (radios := page.locator(f'input[type=radio][name="{name}"]')).count():
        radios.and_(page.locator(f'[value="{value}"]')).check()
    else:
        page.locator(f"#id_{name}").fill(value)


def newest_code() -> str:
    delivery.drain(at=timezone.now())
    return re.search(r"^([A-Z0-9-]{6,12})$", mail.outbox[-1].body, re.MULTILINE).group(1)


def summary_leads_to_fields(page: Page) -> None:
    """The title says Error, the summary has the focus, and each of its links puts the focus on a control."""
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    links = page.locator(".govuk-error-summary__list a")
    for place in range(links.count()):
        links.nth(place).click()
        assert page.evaluate("document.activeElement.id") == links.nth(place).get_attribute("href").removeprefix("#")


@pytest.fixture
def round_(cast, clock):
    clock(grants.WHILE_OPEN)
    return grants.open_round(cast)


def test_a_newcomer_finds_the_programme_signs_up_and_registers_a_company(page, check_page, check_phone_too, round_):
    # given: somebody reads the programme and finds out that they can apply, without an account
    page.goto("/")
    check_phone_too(page)
    page.get_by_role("link", name="DIAGCOMM").click()
    check_phone_too(page)
    page.get_by_role("button", name="Check whether you can apply").click()
    check_page(page)
    page.get_by_label("What is the postcode of your place of work?").fill("nowhere")
    page.get_by_label("How many people do you employ?").fill("12")
    press(page, "Check")
    summary_leads_to_fields(page)
    check_page(page)
    expect(page.get_by_label("How many people do you employ?")).to_have_value("12")
    page.get_by_label("What is the postcode of your place of work?").fill("B15 2TT")
    press(page, "Check")
    expect(page.locator("#result")).to_contain_text("Nothing speaks against it so far")
    check_phone_too(page)

    # when: they start, sign up, and register their company
    page.get_by_role("button", name="Start an application").click()
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Your name").fill("Nina Newcomer")
    page.get_by_label("Email address").fill("nina@example.com")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    press(page, "Create account")
    page.get_by_label("Code").fill(newest_code())
    press(page, "Continue")
    check_page(page)
    page.get_by_role("button", name="Register your company").click()
    check_phone_too(page)
    page.locator("#id_company_number").fill("12")
    page.get_by_label("Registered name").fill("Newcomer Assays Ltd")
    press(page, "Save")
    summary_leads_to_fields(page)
    check_page(page)
    expect(page.get_by_label("Registered name")).to_have_value("Newcomer Assays Ltd")
    page.locator("#id_company_number").fill("01234567")
    for label, value in {
        "Address line 1": "1 Example Street", "Town or city": "Birmingham", "Postcode": "b152tt",
        "Average number of employees": "12", "Turnover last year": "400,000", "Balance sheet total": "£150,000",
    }.items():  # fmt: skip
        page.get_by_label(label, exact=True).fill(value)
    answer(page, "incorporated_on", "27 3 2019")
    press(page, "Save")

    # then
    expect(page.get_by_role("heading", name="Newcomer Assays Ltd")).to_be_visible()
    check_phone_too(page)
    page.goto("/apply/")
    check_phone_too(page)


def test_every_section_is_written_checked_signed_and_sent_in(cast, page, sign_in, check_page, round_):
    company = stage.company(cast)
    sign_in("applicant")

    # given: the owner starts and writes every section
    page.goto(f"/apply/rounds/{round_.reference}/start/")
    check_page(page)
    press(page, "Start now")
    check_page(page)
    page.get_by_role("link", name="Your project", exact=True).click()
    press(page, "Save and continue")
    summary_leads_to_fields(page)
    check_page(page)
    for section, answers in ANSWERS.items():
        expect(page).to_have_url(re.compile(f"/form/{section}/$"))
        for name, value in answers.items():
            answer(page, name, value)
        check_page(page)
        with page.expect_navigation():
            press(page, "Save and continue")
    if not page.url.endswith("/check/"):  # the file is in: the same page shows it
        check_page(page)
        press(page, "Save and continue")

    # when: the owner finds that a signatory must sign, and the signatory signs and sends it in
    expect(page.get_by_role("heading", name="Check your answers and send")).to_be_visible()
    expect(page.get_by_text("as far as the rules can tell it is eligible")).to_be_visible()
    expect(page.get_by_role("button", name="Sign and send in")).to_have_count(0)
    check_page(page)
    address = page.url
    sign_in("signatory")
    page.goto(address)
    page.get_by_label("Your position in the company").fill("Director")
    press(page, "Sign and send in")
    summary_leads_to_fields(page)
    check_page(page)
    expect(page.get_by_label("Your position in the company")).to_have_value("Director")
    page.get_by_label("I agree to these statements").check()
    press(page, "Sign and send in")

    # then: there is a receipt, and a page that says who has it
    expect(page.get_by_role("heading", name="Application received")).to_be_visible()
    check_page(page)
    page.get_by_role("link", name="See where your application is").click()
    check_page(page)
    page.get_by_role("link", name="Read what you sent in").click()
    expect(page.get_by_text(PARAGRAPH).first).to_be_visible()
    check_page(page)
    assert Application.objects.get(company=company).state == "eligible"


def test_the_form_on_a_phone(cast, phone, sign_in, check_page, round_):
    draft = stage.draft(cast, round=round_)
    sign_in("signatory", phone)
    phone.goto(f"/apply/{draft.reference}/")
    check_page(phone)
    for section in ANSWERS:
        phone.goto(f"/apply/{draft.reference}/form/{section}/")
        check_page(phone)
    phone.goto(f"/apply/{draft.reference}/check/")
    check_page(phone)
    phone.get_by_label("I agree to these statements").check()
    phone.get_by_label("Your position in the company").fill("Director")
    press(phone, "Sign and send in")
    expect(phone.get_by_role("heading", name="Application received")).to_be_visible()
    check_page(phone)


def test_what_was_typed_is_kept_with_the_sentence_that_refuses_it(cast, page, sign_in, check_page, round_, tmp_path):
    draft = stage.draft(cast, round=round_, filled=False)
    sign_in("applicant")

    # given: dates that are none, letters for money, and half a line of costs
    page.goto(f"/apply/{draft.reference}/form/money/")
    answer(page, "costs", [("labour", "Two scientists", "a lot")])
    answer(page, "grant_requested", "25.000,00")
    press(page, "Save and come back later")
    summary_leads_to_fields(page)
    check_page(page)
    expect(page.locator("#id_costs-0-amount_pence")).to_have_value("a lot")
    expect(page.locator("#id_costs-0-description")).to_have_value("Two scientists")
    expect(page.locator("#id_grant_requested")).to_have_value("25.000,00")

    # and: too many words may be pasted, are counted, kept, and refused
    page.goto(f"/apply/{draft.reference}/form/project/")
    page.locator("#id_public_summary").fill("word " * 140)
    expect(page.get_by_text("You have 40 words too many").first).to_be_visible()
    answer(page, "starts_on", "31 2 2027")
    press(page, "Save and come back later")
    summary_leads_to_fields(page)
    check_page(page)
    assert len(page.locator("#id_public_summary").input_value().split()) == 140
    expect(page.locator('[name="starts_on_day"]')).to_have_value("31")

    # and: a file that is empty, one of another kind than asked for, and one that is far too large
    page.goto(f"/apply/{draft.reference}/form/documents/")
    for name, content in (("empty.pdf", b""), ("program.pdf", b"MZ" + b"\0" * 64), ("large.pdf", PDF["buffer"])):
        (tmp_path / name).write_bytes(content)
        os.truncate(tmp_path / name, 30_000_000 if name == "large.pdf" else len(content))
        page.locator("#id_project_plan").set_input_files(tmp_path / name)
        expect(page.locator(".upload--refused").last).to_contain_text(name)
    expect(page.locator(".upload--refused").last).to_contain_text("large.pdf is 28.6 MB. Files must be no larger than")

    # and: a file is here, and called so, though the answer to its last piece was lost
    page.route("**/uploads/*/", lambda route: (route.fetch(), route.abort()), times=1)
    page.locator("#id_letters").set_input_files(PDF)
    expect(page.locator(".uploads")).to_contain_text(["plan.pdf: here"])
    expect(page.locator("#id_letters-files")).to_contain_text("look at it")

    # and: on a page zoomed to 400 % nothing has to be scrolled in two directions
    page.set_viewport_size({"width": 320, "height": 256})
    for path in ("form/documents/", "form/money/", "form/", "check/"):
        page.goto(f"/apply/{draft.reference}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    page.set_viewport_size({"width": 1280, "height": 900})
    check_page(page)


def test_a_colleague_is_invited_comes_in_and_writes_with_the_owner(cast, page, open_page, sign_in, check_page, check_phone_too, round_):
    draft = stage.draft(cast, round=round_)
    company = draft.company

    # given: the owner invites somebody who has no account
    sign_in("applicant")
    page.goto(f"/apply/companies/{company.pk}/team/")
    check_phone_too(page)
    page.get_by_label("Email address").fill("not an address")
    press(page, "Send the invitation")
    summary_leads_to_fields(page)
    expect(page.get_by_label("Email address")).to_have_value("not an address")
    page.get_by_label("Email address").fill("nora@example.com")
    page.get_by_label("Team member").check()
    press(page, "Send the invitation")
    expect(page.get_by_text("nora@example.com").first).to_be_visible()
    check_page(page)
    delivery.drain(at=timezone.now())
    link = re.search(r"https?://[^/]+(/\S+)", mail.outbox[-1].body).group(1)

    # when: they accept
    theirs = open_page()
    theirs.goto(link)
    theirs.get_by_label("Your name").fill("Nora New")
    theirs.get_by_role("textbox", name="Choose a password").fill(PASSWORD)
    press(theirs, "Accept")
    theirs.goto("/apply/")
    theirs.get_by_role("link", name=draft.reference).click()
    theirs.get_by_role("link", name="The case for your project").click()
    page.goto(f"/apply/{draft.reference}/form/case/")
    theirs.locator("#id_need").fill("Nora's words")
    press(theirs, "Save and come back later")

    # then: the owner, who has the old text on the page, loses nothing and sees both
    page.locator("#id_need").fill("Ann's words")
    press(page, "Save and come back later")
    expect(page.get_by_role("heading", name="Somebody else changed this too")).to_be_visible()
    expect(page.get_by_text("Nora's words").first).to_be_visible()
    expect(page.locator("#yours-need")).to_have_value("Ann's words")
    check_phone_too(page)
    page.locator("#yours-need").fill("Nora's words, and Ann's")
    press(page, "Save and go on")
    page.goto(f"/apply/{draft.reference}/form/case/")
    expect(page.locator("#id_need")).to_have_value("Nora's words, and Ann's")
