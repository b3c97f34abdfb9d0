"""An officer screens what was sent in: lets a referral through, refuses one, gives more time; a second person reviews a refusal."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.stages import applications as stage
from tests.stages import grants


def reason(page: Page, step: str, text: str) -> None:
    """Take a step that asks for its reason."""
    page.locator("summary", has_text=step).click()
    form = page.locator("details[open]", has=page.locator("summary", has_text=step))
    form.get_by_label("Reason").fill(text)
    form.get_by_role("button").click()


@pytest.fixture
def round_(cast, clock):
    clock(grants.WHILE_OPEN)
    return grants.open_round(cast)


def test_an_officer_clears_one_referral_and_refuses_another(cast, page, sign_in, check_page, check_phone_too, round_):
    first, second = (stage.referred(cast, round=round_) for _ in range(2))

    # given: the officer sees at home that something waits, and finds it in the queue
    sign_in("officer")
    page.goto("/home/")
    check_page(page)
    page.goto("/manage/applications/")
    check_phone_too(page)
    page.get_by_label("State").select_option(label="Referred to an officer")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name=first.reference).click()
    check_phone_too(page)

    # when: one goes through with a reason, the other does not
    reason(page, "Clear the referral", "The lease shows a laboratory in Tamworth.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Eligible")
    check_page(page)
    page.goto(f"/manage/applications/{second.reference}/")
    reason(page, "Refuse", "")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    check_page(page)
    page.goto(f"/manage/applications/{second.reference}/")
    reason(page, "Refuse", "The site is in Derbyshire.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ineligible")

    # then: the company reads why, and the lead may put it right
    sign_in("applicant")
    page.goto(f"/apply/{second.reference}/")
    expect(page.get_by_role("heading", name="Why it cannot go on")).to_be_visible()
    check_phone_too(page)
    sign_in("lead")
    page.goto(f"/manage/applications/{second.reference}/")
    check_page(page)
    reason(page, "Reinstate", "The site is on the right side of the border.")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Eligible")


def test_more_time_is_refused_with_a_sentence_and_keeps_what_was_typed(cast, page, sign_in, check_page, round_):
    draft = stage.draft(cast, round=round_)
    sign_in("officer")
    page.goto("/manage/applications/extra-time/")
    check_page(page)
    page.get_by_label("Reference").fill("NOBODY-0000")
    page.get_by_label("Reason").fill("Their site was flooded.")
    page.get_by_role("button", name="Give more time").click()
    expect(page).to_have_title(re.compile("^Error: "))
    check_page(page)
    expect(page.get_by_label("Reference")).to_have_value("NOBODY-0000")
    expect(page.get_by_label("Reason")).to_have_value("Their site was flooded.")
    page.goto(f"/manage/applications/{draft.reference}/")  # nobody but the company reads a draft
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
    check_page(page)
