"""An auditor in a browser: finds a case, reads what happened, looks at one event and verifies; every page checked."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from audit import checkpoints
from tests.stages import applications as stages


@pytest.fixture
def application(cast):
    made = stages.eligible(cast)
    checkpoints.sign(at=datetime(2027, 3, 3, 12, 0, tzinfo=UTC))
    return made


def test_an_auditor_reads_a_case_and_verifies_it(page, sign_in, check_page, application):
    sign_in("auditor")
    page.goto("/audit/")
    check_page(page)
    page.get_by_label("Search").fill(application.title)
    page.get_by_role("button", name="Search").click()
    check_page(page)
    page.get_by_role("link", name=application.case.stream).click()
    expect(page.get_by_text("The system screened the application: eligible").first).to_be_visible()
    page.get_by_text("What changed").first.click()
    expect(page.get_by_text("Submitted → Eligible").first).to_be_visible()
    check_page(page)
    page.get_by_label("Kind").select_option(label="Application: submit")
    page.get_by_role("button", name="Apply filters").click()
    page.get_by_role("link", name="The recorded event").click()
    expect(page.get_by_text("hashes to be in the checkpoint of 3 March 2027")).to_be_visible()
    check_page(page)
    page.go_back()
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("The trail verifies: ")).to_be_visible()
    check_page(page)
    page.goto("/audit/checkpoints/")
    check_page(page)


def test_an_officer_reads_the_history_of_a_case(page, sign_in, check_page, application):
    sign_in("officer")
    page.goto(application.staff_path())
    page.get_by_role("link", name="Everything recorded in this case").click()
    expect(page.get_by_text("The system screened the application: eligible")).to_be_visible()
    check_page(page)
