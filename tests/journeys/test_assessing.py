"""Assessment in a browser: an assessor by keyboard alone, one on a phone, and the officer, chair, lead and funder after them."""

import re

from playwright.sync_api import Page, expect

from applications.models import Application
from assessments.models import Assessment, Moderation
from tests.stages import applications as applied
from tests.stages import assessments as stage

REASONS = "Well argued, with figures from the pilot and letters from two sites."


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def tab_to(page: Page, control: str, *, at_most: int = 80) -> None:
    """Press Tab until the control has the focus, as somebody without a mouse does."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", control):
            return
    raise AssertionError(f"{control} is not reached by the Tab key on {page.url}")


def enter(page: Page) -> None:
    """Press what has the focus, and wait for the page that follows."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_an_assessor_declares_reads_and_scores_by_keyboard_alone(cast, page, sign_in, check_page, clock):
    # given: an invitation
    clock(stage.INVITED)
    one = stage.invited(cast)[0]
    names = [criterion.id for criterion in one.scheme.criteria]
    sign_in("assessor-1")
    page.goto("/home/")
    check_page(page)
    page.goto("/assess/")
    check_page(page)
    tab_to(page, f'a[href="/assess/{one.pk}/"]')
    page.keyboard.press("Enter")

    # when: they say nothing, then that there is no conflict, and the application opens
    page.wait_for_url(f"**/assess/{one.pk}/")
    check_page(page)
    tab_to(page, 'main button[type="submit"]')
    page.keyboard.press("Enter")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    check_page(page)
    tab_to(page, ".govuk-error-summary a")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    tab_to(page, 'main button[type="submit"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/")
    check_page(page)

    # and: they score every criterion but one, are told which, lose nothing, and submit
    for name in names:
        tab_to(page, f"#id_marks_{name}")
        page.keyboard.type("8" if name != names[-1] else "80")
        tab_to(page, f"#id_comment_{name}")
        page.keyboard.insert_text(REASONS)
    for question in ("in_scope", "suitable"):
        tab_to(page, f'input[name="{question}"]')
        page.keyboard.press("Space")
    tab_to(page, "#id_overall_comment")
    page.keyboard.insert_text(REASONS)
    tab_to(page, 'button[value="submit"]')
    page.keyboard.press("Enter")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    expect(page.locator(".govuk-error-summary")).to_contain_text("whole number from 0 to")
    expect(page).to_have_title(re.compile("^Error: "))
    check_page(page)
    expect(page.locator(f"#id_marks_{names[-1]}")).to_have_value("80")
    expect(page.locator(f"#id_comment_{names[-1]}")).to_have_value(REASONS)
    tab_to(page, ".govuk-error-summary a")
    page.keyboard.press("Enter")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("7")
    tab_to(page, 'button[value="submit"]')
    page.keyboard.press("Enter")

    # then
    expect(page.get_by_text("Review submitted")).to_be_visible()
    check_page(page)
    assert Assessment.objects.get(pk=one.pk).state == "submitted"
    page.goto("/assess/done/")
    check_page(page)


def test_an_assessor_on_a_phone_who_has_a_conflict_sees_nothing(cast, phone, sign_in, check_page, clock):
    clock(stage.INVITED)
    one, other, _ = stage.invited(cast)
    sign_in("assessor-1", phone)
    phone.goto(f"/assess/{one.pk}/")
    phone.get_by_label("No, I have no conflict of interest").check()
    press(phone, "Continue")
    expect(phone.get_by_role("button", name="Submit review")).to_be_visible()
    check_page(phone)
    sign_in("assessor-2", phone)
    phone.goto(f"/assess/{other.pk}/")
    check_page(phone)
    phone.get_by_label("Yes, or it could look as if I had").check()
    press(phone, "Continue")
    expect(phone.locator(".govuk-error-summary")).to_contain_text("Say in a sentence")
    phone.get_by_label("What the conflict is").fill("My brother works there.")
    press(phone, "Continue")
    expect(phone.get_by_text("Somebody else will be asked")).to_be_visible()
    assert phone.goto(f"/assess/{other.pk}/review/").status == 404
    check_page(phone)


def test_an_officer_invites_assessors_and_settles_scores_far_apart(cast, page, sign_in, check_page, check_phone_too, clock):
    # given: an eligible application in a closed round
    clock(stage.INVITED)
    application = applied.eligible(cast)
    here = f"/manage/assessment/{application.round.reference}/"
    sign_in("officer")
    page.goto("/manage/assessment/")
    check_page(page)
    page.goto(f"{here}allocation/")
    check_phone_too(page)
    page.get_by_role("link", name=application.reference).click()
    check_phone_too(page)
    for box in page.locator("#invite input[type=checkbox]").all():
        box.uncheck()
    press(page, "Send invitations")
    expect(page).to_have_title(re.compile("^Error: "))
    check_page(page)
    for number in (1, 2, 3):
        page.get_by_label(cast[f"assessor-{number}"].name).check()
    press(page, "Send invitations")
    expect(page.get_by_text("Invitations sent")).to_be_visible()
    check_page(page)

    # when: they score far apart, and the officer closes scoring and settles what it shows
    clock(stage.SCORED)
    reviews = list(Assessment.objects.filter(application=application).order_by("pk"))
    for review, marks in zip(reviews, (8, 8, 3), strict=True):
        taken = stage.reviews.accept(assessment=review, by=review.assessor, at=stage.SCORED)
        stage.reviews.submit(assessment=taken, content=stage.content(taken, marks=marks), by=taken.assessor, at=stage.SCORED)
    sign_in("officer")
    page.goto(f"{here}{application.reference}/")
    press(page, "Close scoring")
    check_phone_too(page)
    page.goto(f"{here}moderation/")
    check_phone_too(page)
    for item in Moderation.objects.filter(application=application).order_by("pk"):
        page.goto(f"{here}moderation/{item.pk}/")
        check_page(page)
        page.get_by_label("Keep the scores as they are").check()
        page.get_by_label("Reason").fill("They read the same answers and weigh them differently.")
        press(page, "Settle")
    press(page, "Send on to the next stage")

    # then
    expect(page.get_by_text("With the panel", exact=True).first).to_be_visible()
    check_page(page)


def test_a_decision_is_proposed_by_one_made_by_another_and_told(cast, page, sign_in, check_page, check_phone_too, clock):
    # given: an officer proposes
    clock(stage.SETTLED)
    application = stage.assessed(cast)
    here = f"/manage/assessment/{application.round.reference}/"
    sign_in("officer")
    page.goto(f"{here}ranking/")
    check_phone_too(page)
    page.goto(f"{here}{application.reference}/")
    page.get_by_label("Grant").fill("a lot")
    page.get_by_label("Reason").fill("Strong on need.")
    press(page, "Propose")
    expect(page).to_have_title(re.compile("^Error: "))
    check_page(page)
    expect(page.get_by_label("Grant")).to_have_value("a lot")
    expect(page.get_by_label("Reason")).to_have_value("Strong on need.")
    page.get_by_label("Approve").check()
    page.get_by_label("Grant").fill("20,000")
    press(page, "Propose")
    expect(page.get_by_text("Proposed. Another person decides.")).to_be_visible()
    check_page(page)
    expect(page.get_by_role("button", name="Decide as proposed")).to_have_count(0)

    # when: a lead decides, and the officer tells the company
    sign_in("lead")
    page.goto("/home/")
    check_page(page)
    page.goto(f"{here}decisions/")
    check_phone_too(page)
    page.get_by_role("link", name=application.reference).click()
    press(page, "Decide as proposed")
    check_page(page)
    sign_in("applicant")
    page.goto(f"/apply/{application.reference}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Being assessed")
    sign_in("officer")
    page.goto(f"{here}{application.reference}/")
    press(page, "Tell the company")
    page.goto(f"{here}feedback/{application.reference}/")
    check_phone_too(page)
    press(page, "Mark as checked")
    check_page(page)
    press(page, "Release to the companies that know their decision")
    expect(page.get_by_text("1 application given feedback")).to_be_visible()

    # then: the company reads it, with what the assessors wrote and not who they are
    sign_in("applicant")
    page.goto(f"/apply/{application.reference}/")
    expect(page.locator("main")).to_contain_text("£20,000")
    expect(page.locator("main")).to_contain_text(stage.REASONS)
    expect(page.locator("main")).not_to_contain_text(cast["assessor-1"].name)
    check_phone_too(page)
    assert Application.objects.get(pk=application.pk).notified_at is not None


def test_a_funder_reads_the_figures_and_the_rows_behind_them(cast, page, sign_in, check_page, check_phone_too, clock):
    clock(stage.NOTIFIED)
    application = stage.notified(cast)
    sign_in("funder")
    page.goto("/home/")
    check_page(page)
    page.goto("/funder/")  # one programme: straight to its figures
    expect(page.get_by_role("heading", level=1)).to_contain_text(application.round.programme.name)
    check_phone_too(page)
    page.get_by_text("The numbers in this chart").first.click()
    expect(page.locator("figure table").first).to_be_visible()
    for name in ("applications", "awards", "payments"):
        page.goto(f"/funder/diagcomm/{name}/")
        check_page(page)
    assert page.goto(f"/manage/applications/{application.reference}/").status in (403, 404)
    check_page(page)


def test_a_panel_member_reads_and_the_chair_records_and_signs_on_a_phone_by_keyboard(cast, phone, sign_in, check_page, clock):
    # given: a member who reads the list and records nothing
    clock(stage.SETTLED)
    application = stage.with_panel(cast, marks=(9, 9, 9))
    meeting = stage.meeting(cast, application)
    here = meeting.get_absolute_url()
    sign_in("panel-member", phone)
    phone.goto(here)
    expect(phone.get_by_text("The money reaches 1 of 1")).to_be_visible()
    expect(phone.get_by_role("button", name="Open the meeting")).to_have_count(0)
    check_page(phone)

    # when: the chair opens it, records, minutes and signs, without a mouse
    sign_in("chair", phone)
    phone.goto(here)
    tab_to(phone, "#open button")
    enter(phone)
    tab_to(phone, f'a[href$="/{application.reference}/"]')
    enter(phone)
    tab_to(phone, "#record button")
    check_page(phone)
    enter(phone)
    tab_to(phone, "#note")
    phone.keyboard.insert_text("The panel agreed with the scores.")
    tab_to(phone, "#minutes button")
    enter(phone)
    expect(phone.get_by_text("Minutes saved")).to_be_visible()
    tab_to(phone, 'form[action$="/sign/"] button')
    enter(phone)

    # then
    expect(phone.get_by_text("The minutes are signed")).to_be_visible()
    check_page(phone)
