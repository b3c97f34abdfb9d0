"""An award is set up by both sides; a claim is made, checked, approved, paid and reported on. Every page is looked at."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect

from payments.models import BankAccount, OutcomeReport, Payment, PaymentRun
from tests.stages import payments as stage


@pytest.fixture
def clock() -> Iterator[Any]:
    """The house's clock, which the test moves; it ticks."""
    with time_machine.travel(stage.CHECKED) as moved:
        yield moved


pytestmark = pytest.mark.timeout(300)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile(f"^{name}")).first.click()


def reason(page: Page, step: str, text: str) -> None:
    """Take a step that asks for its reason."""
    page.locator("summary", has_text=step).click()
    form = page.locator("details[open]", has=page.locator("summary", has_text=step))
    form.get_by_label("Reason").fill(text)
    form.get_by_role("button").click()


def given_date(page: Page, legend: str, day) -> None:
    group = page.get_by_role("group", name=legend)
    for label, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        group.get_by_label(label).fill(str(value))


def test_an_award_is_set_up_by_both_sides(cast, page, sign_in, check_page, check_phone_too, clock):
    award = stage.drafted(cast)
    ref = award.reference

    # given: the officer checks the company and notifies the subsidy
    sign_in("officer")
    page.goto("/home/")
    check_page(page)
    page.goto("/manage/awards/")
    check_phone_too(page)
    page.get_by_role("link", name=ref).click()
    check_phone_too(page)
    for check in award.checks.exclude(code="assistance").order_by("pk"):
        page.get_by_role("link", name=check.name).click()
        check_page(page)
        page.get_by_label("Passed").check()
        press(page, "Save")
    press(page, "Send the subsidy notification")
    expect(page.get_by_text("has been sent the subsidy notification")).to_be_visible()

    # when: the signatory confirms, the officer clears and offers, the signatory accepts
    sign_in("signatory")
    page.goto("/apply/awards/")
    check_phone_too(page)
    page.get_by_role("link", name=ref).click()
    check_phone_too(page)
    page.get_by_role("link", name="Confirm your subsidy position").click()
    check_page(page)
    press(page, "Send the confirmation")
    expect(page).to_have_title(re.compile("^Error: "))
    check_page(page)
    page.get_by_label("Assistance from others").fill("0")
    page.get_by_label("I confirm").check()
    press(page, "Send the confirmation")
    sign_in("officer")
    page.goto(f"/manage/awards/{ref}/")
    page.get_by_role("link", name="Minimal Financial Assistance notified").click()
    page.get_by_label("Passed").check()
    press(page, "Save")
    expect(page.locator("#checks")).not_to_contain_text("Not done")
    press(page, "Clear to offer")
    page.get_by_role("link", name="Look at the offer").click()
    check_page(page)
    press(page, "Make the offer")
    expect(page.get_by_text("The offer is made")).to_be_visible()
    check_page(page)
    sign_in("signatory")
    page.goto(f"/apply/awards/{ref}/offer/")
    check_page(page)
    page.get_by_role("link", name="Refuse the offer").click()
    check_page(page)
    page.go_back()
    press(page, "Accept the offer")
    expect(page.get_by_text("You have accepted the offer")).to_be_visible()
    page.get_by_role("link", name="Giving letter").click()
    check_page(page)

    # and: the owner enters the bank account, two people check it, the officer goes live
    sign_in("applicant")
    page.goto(f"/apply/awards/{ref}/bank/")
    check_page(page)
    page.get_by_label("Name on the account").fill("Sample Ltd")
    page.get_by_label("Sort code").fill("20-00-00")
    page.get_by_label("Account number").fill("12")
    press(page, "Save the bank details")
    expect(page.locator(".govuk-error-summary")).to_contain_text("6 to 8 digits")
    page.get_by_label("Account number").fill("55779911")
    press(page, "Save the bank details")
    account = BankAccount.objects.get()
    sign_in("officer")
    page.goto("/finance/bank/")
    check_phone_too(page)
    page.get_by_role("link", name=award.company.name).click()
    check_page(page)
    page.get_by_role("link", name="Show the whole numbers").click()
    check_page(page)
    page.get_by_label("Why do you need").fill("To ring the bank")
    press(page, "Show them")
    expect(page.get_by_text("55779911")).to_be_visible()
    check_page(page)
    page.goto(f"/finance/bank/{account.pk}/")
    page.get_by_label("Telephone number").fill("0121 496 0000")
    page.get_by_label("Name of the person").fill("Ann")
    page.get_by_label("The name matches").check()
    press(page, "Record the call-back")
    sign_in("lead")
    page.goto(f"/finance/bank/{account.pk}/")
    press(page, "Verify")
    expect(page.get_by_text("The account is verified")).to_be_visible()
    page.goto("/finance/paying-account/diagcomm/")
    check_page(page)
    sign_in("officer")
    page.goto(f"/manage/awards/{ref}/conditions/")
    check_page(page)
    page.get_by_label("How do you know").fill("Nothing was started.")
    press(page, "The conditions are met")
    press(page, "Go live")

    # then
    expect(page.get_by_text("The award is live")).to_be_visible()
    check_page(page)


def test_a_claim_is_checked_paid_and_reported_on(cast, page, sign_in, check_page, check_phone_too, clock):
    award = stage.live(cast)
    ref = award.reference

    # given: the owner writes a claim with a cost, its evidence and the declaration
    clock.move_to(stage.CLAIMED)
    sign_in("applicant")
    page.goto(f"/apply/awards/{ref}/")
    press(page, "Start a claim")
    check_phone_too(page)
    page.get_by_role("link", name="Add a cost").click()
    check_page(page)
    press(page, "Add this cost")
    check_page(page)
    page.get_by_label("Supplier").fill("Bench Ltd")
    page.get_by_label("Invoice number").fill("B-1")
    page.get_by_label("Cost category").select_option("materials")
    given_date(page, "Invoice date", stage.CLAIMED)
    given_date(page, "Date paid", stage.CLAIMED)
    page.get_by_label("Amount without VAT").fill("3000")
    page.get_by_label("VAT", exact=True).fill("600")
    page.get_by_label("Eligible part").fill("3,000")
    press(page, "Add this cost")
    check_phone_too(page)
    page.get_by_label("Add a file").set_input_files({"name": "invoice.pdf", "mimeType": "application/pdf", "buffer": stage.PDF})
    press(page, "Add the file")
    expect(page.get_by_text("invoice.pdf is added")).to_be_visible()
    check_page(page)
    page.goto(f"/apply/awards/{ref}/claims/1/")
    page.get_by_role("link", name="Check and submit").click()
    check_page(page)
    page.get_by_label("I declare").check()
    press(page, "Submit the claim")
    expect(page.get_by_text("Your claim is submitted")).to_be_visible()
    check_page(page)

    # when: the officer asks, the owner answers, the officer recommends, the lead approves
    sign_in("officer")
    page.goto("/home/")
    check_page(page)
    page.goto("/finance/claims/")
    check_phone_too(page)
    page.get_by_role("link", name=f"{ref}-C1").click()
    check_phone_too(page)
    press(page, "Start checking")
    check_phone_too(page)
    page.get_by_label("Ask the company").fill("Which site?")
    press(page, "Write the question")
    press(page, "Send the questions")
    sign_in("applicant")
    page.goto(f"/apply/awards/{ref}/claims/1/")
    check_page(page)
    page.get_by_role("link", name="Answer our questions").click()
    check_page(page)
    page.get_by_label("Which site?").fill("The first.")
    press(page, "Send the answers")
    sign_in("officer")
    page.goto(f"/finance/claims/{ref}/1/")
    expect(page.locator("#queries")).to_contain_text("The first.")
    page.get_by_label("Accepted in part").check()
    press(page, "Save the decision")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter the part")
    check_page(page)
    page.get_by_label("Accepted", exact=True).check()
    press(page, "Save the decision")
    page.get_by_label("Met", exact=True).check()
    press(page, "Recommend for approval")
    check_page(page)
    sign_in("lead")
    page.goto("/finance/")
    check_phone_too(page)
    page.goto(f"/finance/claims/{ref}/1/")
    press(page, "Approve")
    expect(page.get_by_text("The claim is approved")).to_be_visible()
    check_page(page)

    # and: finance builds and approves a run, the independent approver releases it, the officer imports the statement
    clock.move_to(stage.PAID)
    sign_in("finance")
    page.goto("/finance/payments/")
    check_phone_too(page)
    page.get_by_role("link", name=ref).click()
    check_page(page)
    reason(page, "Hold", "We are asking the bank.")
    reason(page, "Lift", "The bank is content.")
    page.goto("/finance/runs/")
    check_page(page)
    press(page, "Build a run")
    check_phone_too(page)
    press(page, "Approve")
    run = PaymentRun.objects.get()
    sign_in("independent-approver")
    page.goto(f"/finance/runs/{run.reference}/")
    press(page, "Release")
    expect(page.get_by_text("The run is released")).to_be_visible()
    check_page(page)
    with page.expect_download() as taken:
        press(page, "Download the file")
    assert "pain.001.001.09" in taken.value.path().read_text()
    clock.move_to(stage.SETTLED)
    sign_in("officer")
    page.goto("/finance/statements/")
    check_page(page)
    csv = stage.statement_csv(Payment.objects.get())
    page.get_by_label("Statement", exact=True).set_input_files({"name": "bank.csv", "mimeType": "text/csv", "buffer": csv})
    press(page, "Import")
    expect(page.get_by_text("Payment settled")).to_be_visible()
    check_phone_too(page)

    # then: the company sees its money, and reports
    sign_in("applicant")
    page.goto(f"/apply/awards/{ref}/claims/1/")
    expect(page.locator("main")).to_contain_text("Paid")
    check_page(page)
    report = OutcomeReport.objects.get(is_final=True)
    page.goto(f"/apply/awards/{ref}/reports/{report.pk}/")
    check_phone_too(page)
    for indicator in report.indicators():
        page.get_by_label(indicator.title).fill("1")
    page.get_by_label("What came of the work").fill("It worked.")
    press(page, "Send the report")
    sign_in("officer")
    page.goto(f"/manage/awards/{ref}/reports/{report.pk}/")
    check_page(page)
    press(page, "Accept")
    expect(page.get_by_text("The report is accepted")).to_be_visible()
