"""A programme from its document to an open round, by two people; a visitor reads it and checks whether to apply."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.cast import *  # noqa: F403
from tests.stages import grants as stages

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_loads_another_publishes_and_a_visitor_checks(open_page, sign_in, check_page, check_phone_too, cast):
    officer, lead, visitor = sign_in("officer", open_page()), sign_in("lead", open_page()), open_page()

    officer.goto("/manage/programmes/load/")
    check_page(officer)
    officer.get_by_label("Or paste it here").fill("slug: Diag\nnam: x\n")
    officer.get_by_role("button", name="Check and store").click()
    expect(officer.locator(".govuk-error-summary")).to_contain_text("Line 2, nam: “nam” is not a key here. Did you mean “name”?")
    check_page(officer)
    officer.locator("input[type=file]").set_input_files(stages.DOCUMENTS / "diagcomm.yaml")
    officer.get_by_role("button", name="Check and store").click()
    officer.get_by_role("button", name="Put forward for publication").click()
    expect(officer.get_by_role("button", name="Publish")).to_have_count(0)
    check_page(officer)

    lead.goto("/manage/programmes/")
    expect(lead.locator("main")).to_contain_text("Version 1 waits for publication")
    check_page(lead)
    lead.goto("/manage/programmes/diagcomm/versions/1/")
    lead.get_by_role("button", name="Publish").click()
    expect(lead.locator("h1")).to_contain_text("Published")
    lead.goto("/manage/programmes/diagcomm/")
    check_page(lead)
    lead.get_by_role("button", name="Schedule a round").click()
    check_page(lead)
    year = timezone.now().year + 1
    for box, value in (("opens_on_day", 1), ("opens_on_month", 3), ("opens_on_year", year), ("closes_on_day", 1), ("closes_on_month", 6)):
        lead.locator(f"[name={box}]").fill(str(value))
    lead.locator("[name=closes_on_year]").fill(str(year))
    lead.get_by_role("button", name="Schedule").click()
    lead.get_by_role("button", name="Open").click()
    expect(lead.locator("main")).to_contain_text("DIAGCOMM-1 is open")
    check_page(lead)

    visitor.goto("/")
    check_phone_too(visitor)
    visitor.get_by_role("link", name="DIAGCOMM diagnostics innovation grants").click()
    expect(visitor.get_by_role("button", name="Start an application")).to_have_attribute("href", "/apply/rounds/DIAGCOMM-1/start/")
    check_phone_too(visitor)
    visitor.get_by_role("button", name="Check whether you can apply").click()
    visitor.get_by_label("What is the postcode of your place of work?").fill("BS1 1AA")
    visitor.get_by_label("How much grant do you ask for?").fill("50,000")
    visitor.get_by_role("button", name="Check", exact=True).click()
    expect(visitor.locator("main")).to_contain_text("BS1 1AA is not in the West Midlands.")
    expect(visitor.locator("main")).to_contain_text("You ask for £50,000. Grants are between £10,000 and £40,000.")
    check_phone_too(visitor)


def test_all_of_it_is_there_without_a_script(open_page, cast):
    stages.published(cast, at=timezone.now())
    page = open_page(javascript=False)
    page.goto("/programmes/diagcomm/")
    expect(page.locator("main")).to_contain_text("How will it come to be used?")
    page.goto("/programmes/diagcomm/check/")
    page.locator("[name=employees]").fill("9999")
    page.locator("[name=turnover]").fill("99,000,000")
    page.locator("[name=balance_sheet]").fill("99,000,000")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("main")).to_contain_text("With its whole group counted your company is large")
