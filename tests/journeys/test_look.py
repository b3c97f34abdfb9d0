"""The components, the forms and the error pages in a browser, with and without scripts, wide and narrow."""

import re

import pytest
from playwright.sync_api import expect

FAULTS = {
    "a picture without words": '<img src="/favicon.ico">',
    "a field without a label": '<p><input type="text" name="x"></p>',
    "a label that names nothing": '<label for="nobody">Name</label>',
    "a button without words": '<button type="button" class="govuk-button"></button>',
}


@pytest.mark.parametrize("query", ["", "?wide=1", "?form=1", "?errors=1"])
def test_every_component_is_accessible_wide_and_narrow(page, check_phone_too, query):
    page.goto(f"/demo/components/{query}")
    check_phone_too(page)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_on_a_page_that_was_passed_before_is_found(page, check_page, fault):
    page.goto("/demo/errors/404/")
    check_page(page)
    page.evaluate("fault => document.querySelector('main').insertAdjacentHTML('beforeend', fault)", fault)
    with pytest.raises(AssertionError, match=r"alt|label|nobody|text"):
        check_page(page)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 429, 500])
def test_every_error_page_is_accessible(page, check_phone_too, status):
    answer = page.goto(f"/demo/errors/{status}/")
    assert answer.status == status
    check_phone_too(page)


def test_while_it_is_worked_on_every_page_says_so(page, check_phone_too, settings):
    settings.MAINTENANCE = True
    answer = page.goto("/apply/")
    assert answer.status == 503
    assert answer.headers["retry-after"] == "600"
    check_phone_too(page)


def test_the_statement_of_accessibility_is_linked_from_every_page(page, check_phone_too, db):
    page.goto("/")
    page.locator("footer").get_by_role("link", name="Accessibility").click()
    expect(page.get_by_role("heading", name="Accessibility", exact=True)).to_be_visible()
    check_phone_too(page)


def test_a_failed_form_leads_from_the_summary_to_each_field(page):
    page.goto("/demo/components/?errors=1")
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    for place in range(page.locator(".govuk-error-summary__list a").count()):
        link = page.locator(".govuk-error-summary__list a").nth(place)
        link.click()
        assert page.evaluate("document.activeElement.id") == link.get_attribute("href").removeprefix("#")
    expect(page.get_by_label("Day")).to_have_value("31")


def test_a_text_over_its_limit_is_kept_and_counted(page):
    page.goto("/demo/components/?form=1")
    box = page.get_by_label("Public summary")
    box.fill("word " * 55)
    expect(page.get_by_text("You have 5 words too many").first).to_be_visible()
    assert len(box.input_value().split()) == 55


def test_nothing_needs_a_script(open_page):
    page = open_page(javascript=False)
    page.goto("/demo/components/?form=1")
    expect(page.get_by_text("You can use up to 50 words")).to_be_visible()
    expect(page.get_by_label("Quotation (optional)")).to_be_visible()
    page.goto("/demo/components/")
    page.get_by_text("How the grant is worked out").click()
    expect(page.get_by_text("The smallest of what was claimed")).to_be_visible()


def test_the_keyboard_reaches_the_content_first(page):
    page.goto("/demo/components/?form=1")
    page.keyboard.press("Tab")
    expect(page.locator(".govuk-skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main-content"


def test_the_page_says_whose_it_is_not(page):
    page.goto("/demo/components/")
    expect(page.get_by_text("Pumphouse is not a government service.")).to_be_visible()
    fonts = page.evaluate("getComputedStyle(document.body).fontFamily")
    assert "GDS" not in fonts


def test_on_paper_only_the_content_remains(page):
    page.goto("/demo/components/")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Summary lists")).to_be_visible()
    assert page.locator(".filters").is_hidden()
    assert page.locator(".steps").is_hidden()


@pytest.mark.parametrize(
    "address", ["/accounts/login/", "/accounts/signup/", "/accounts/login/code/", "/accounts/password/reset/", "/demo/"]
)
def test_the_way_in_is_accessible(page, check_phone_too, address):
    page.goto(address)
    check_phone_too(page)
