"""Writing an application in a browser: saved while typing, by two people, off and on the network, and nothing lost."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from design.words import count_words
from tests.journeys.accessibility import SCRIPT
from tests.stages import applications as stages
from tests.stages import grants

pytestmark = pytest.mark.timeout(300)
SAVED = re.compile(r"Saved \d\d:\d\d")


@pytest.fixture
def draft(cast):
    now = timezone.now()
    programme = grants.published(cast, at=now - timedelta(days=2))
    opened = grants.open_round(cast, programme=programme, opens_at=now - timedelta(days=2), closes_at=now + timedelta(days=9), at=now)
    return stages.draft(cast, round=opened, filled=False, at=now)


def case(page: Page, draft) -> Page:
    """The page with the long texts."""
    page.goto(f"/apply/{draft.reference}/form/case/")
    return page


def need(page: Page):
    return page.locator("#id_need")


def state(page: Page, question: str = "need"):
    return page.locator(f'[data-question="{question}"] [data-said]')


def kept(page: Page) -> int:
    return page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('pumphouse:')).length")


def test_typing_is_saved_counted_and_found_again(draft, page, sign_in, check_page):
    # given: somebody types while the script is still on its way
    sign_in("applicant")
    on_their_way = []
    page.route("**/saving.js", lambda route: on_their_way.append(route))
    with page.expect_request("**/saving.js"):
        page.goto(f"/apply/{draft.reference}/form/case/", wait_until="commit")
    need(page).fill("Early words.")
    expect(state(page)).to_be_hidden()
    for each in on_their_way:
        each.continue_()
    expect(state(page)).to_have_text(SAVED)
    assert draft.values()["need"] == "Early words."
    page.unroute("**/saving.js")

    # when: they go on
    text = "One in nine\u00a0patients\ufeffdoes not —  come\n\nback\u2003again \u200b."
    need(page).fill(text)
    expect(state(page)).to_have_text(SAVED)
    assert draft.values()["need"] == text
    assert kept(page) == 0
    left = 300 - count_words(text)
    expect(page.locator('[data-question="need"] .govuk-character-count__status')).to_have_text(f"You have {left} words remaining")
    need(page).fill("word " * 310)
    expect(state(page)).to_have_text(SAVED)
    expect(page.locator('[data-question="need"] .govuk-character-count__status')).to_have_text("You have 10 words too many")
    check_page(page)
    need(page).blur()
    assert kept(page) == 0
    page.goto(f"/apply/{draft.reference}/form/")
    page.go_back()
    expect(need(page)).to_have_value("word " * 309 + "word")
    page.get_by_role("link", name=re.compile("Earlier versions")).click()
    expect(page.locator("ins").first).to_be_visible()
    check_page(page)
    page.get_by_role("button", name=re.compile("Use this version again")).first.click()
    assert draft.values()["need"] == text


def test_two_colleagues_on_one_answer_see_both_texts(draft, page, open_page, sign_in, check_page):
    other = open_page(width=390, height=844)
    sign_in("applicant")
    sign_in("colleague", other)
    case(page, draft)
    case(other, draft)
    expect(other.locator("[data-company]")).to_contain_text("Ann Applicant has this page open too.")
    need(page).fill("Ann's text.")
    expect(state(page)).to_have_text(SAVED)
    need(other).fill("Colin's text.")
    expect(other.locator("[data-conflict]:visible")).to_contain_text("Ann Applicant saved another answer")
    expect(other.locator(".save-theirs")).to_have_text("Ann's text.")
    expect(need(other)).to_have_value("Colin's text.")
    check_page(other)
    assert draft.values()["need"] == "Ann's text."
    other.get_by_role("button", name="Keep both, one below the other").click()
    expect(state(other)).to_have_text(SAVED)
    assert draft.values()["need"] == "Ann's text.\n\nColin's text."
    assert kept(other) == 0
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(state(page)).to_contain_text("Colin Colleague saved a newer answer")
    need(page).fill("Ann again.")
    page.get_by_role("button", name="Use Colin Colleague’s text").click()
    expect(state(page)).to_have_text(SAVED)
    expect(need(page)).to_have_value("Ann's text.\n\nColin's text.")
    expect(page.get_by_role("link", name="Earlier versions")).to_be_visible()
    assert draft.answers.get(question="need").earlier.order_by("-revision").first().value == "Ann again."
    page.get_by_role("button", name="Put my text back").click()
    expect(state(page)).to_have_text(SAVED)
    assert draft.values()["need"] == "Ann again."


def test_off_the_network_nothing_is_lost_and_all_is_sent_on_return(draft, page, sign_in, check_page):
    sign_in("applicant")
    case(page, draft)
    page.add_script_tag(url=SCRIPT)
    page.context.set_offline(True)
    need(page).fill("Typed in a tunnel.")
    expect(page.locator("[data-news]")).to_contain_text("You are offline")
    expect(state(page)).to_have_text("Kept in this browser")
    check_page(page)
    assert kept(page) == 1
    page.context.set_offline(False)
    expect(state(page)).to_have_text(SAVED)
    expect(page.locator("[data-news]")).to_be_hidden()
    assert draft.values()["need"] == "Typed in a tunnel."
    assert kept(page) == 0


def test_a_browser_that_is_closed_offline_puts_the_words_back(draft, page, sign_in):
    sign_in("applicant")
    case(page, draft)
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError()) }")
    need(page).fill("Before the crash.")
    expect(page.locator("[data-news]")).to_contain_text("offline")
    page.goto("/apply/")
    assert not draft.values()
    case(page, draft)
    expect(state(page)).to_have_text(SAVED)
    expect(need(page)).to_have_value("Before the crash.")
    assert draft.values()["need"] == "Before the crash."

    # a row that the stored table does not have yet, and one that was taken out, do not change places with their neighbours
    page.goto(f"/apply/{draft.reference}/form/money/")
    for line, amount in enumerate(("100", "200", "300")):
        page.locator(f"#id_costs-{line}-description").fill(f"Cost {amount}")
        page.locator(f"#id_costs-{line}-amount_pence").fill(amount)
    page.get_by_role("button", name="Remove line 1").click()
    page.get_by_role("button", name="Add another line").click()
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError()) }")
    page.locator("#id_costs-2-description").fill("Cost 400")
    expect(state(page, "costs")).to_have_text("Kept in this browser")
    page.goto("/apply/")
    page.goto(f"/apply/{draft.reference}/form/money/")
    expect(page.locator("#id_costs-2-description")).to_have_value("Cost 400")
    expect(state(page, "costs")).to_have_text(SAVED)
    assert [row["description"] for row in draft.values()["costs"]] == ["Cost 200", "Cost 300", "Cost 400"]

    # the sum under it leaves out what the server asks about
    for typed, total in (("12,00", "£500"), ("1,200", "£1,700")):
        page.locator("#id_costs-2-amount_pence").fill(typed)
        expect(page.locator("[data-sum]")).to_have_text(total)


def test_an_answer_that_was_saved_but_not_heard_is_no_conflict(draft, page, sign_in):
    sign_in("applicant")
    case(page, draft)

    def lost(route):
        route.fetch()
        route.abort()

    page.route("**/save/", lost)
    need(page).fill("First.")
    expect(page.locator("[data-news]")).to_contain_text("offline")
    page.unroute("**/save/")
    need(page).fill("First and second.")
    expect(state(page)).to_have_text(SAVED)
    assert draft.values()["need"] == "First and second."
    expect(page.locator("[data-conflict]:visible")).to_have_count(0)


def test_a_session_that_ends_while_typing_loses_nothing(draft, page, open_page, sign_in):
    sign_in("applicant")
    case(page, draft)
    Session.objects.all().delete()
    need(page).fill("After the session.")
    expect(page.locator("[data-news]")).to_contain_text("Your session has ended")
    link = page.get_by_role("link", name="Sign in again in a new tab")
    expect(link).to_have_attribute("href", re.compile(r"/accounts/login/\?next="))
    tab = page.context.new_page()
    sign_in("applicant", tab)
    tab.close()
    need(page).press_sequentially(" And more.")
    expect(state(page)).to_have_text(SAVED)
    assert draft.values()["need"] == "After the session. And more."

    # a form that is sent then is held on a page, and after signing in, which makes a new token, one press sends it
    Session.objects.all().delete()
    need(page).fill("Typed behind a shut door.")
    page.get_by_role("button", name="Save and come back later").click()
    expect(page.get_by_role("heading", name="Sign in to save what you typed")).to_be_visible()
    page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
    sign_in("applicant")
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_role("heading", name="Your application")).to_be_visible()
    assert draft.values()["need"] == "Typed behind a shut door."


def test_signing_out_leaves_nothing_behind_and_asks_first(draft, page, sign_in):
    sign_in("applicant")
    case(page, draft)
    page.route("**/save/", lambda route: route.abort())
    need(page).fill("A secret.")
    expect(page.locator("[data-news]")).to_contain_text("offline")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("^(?!.*case).*$"))
    assert "Sign out anyway?" in asked[0]
    assert kept(page) == 0


def test_by_keyboard_alone_and_without_scripts(draft, page, open_page, sign_in):
    sign_in("applicant")
    case(page, draft)
    page.keyboard.press("Tab")
    for _ in range(40):
        if page.evaluate("document.activeElement.id") == "id_need":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("By keyboard.")
    expect(state(page)).to_have_text(SAVED)
    plain = open_page(javascript=False)
    sign_in("applicant", plain)
    case(plain, draft)
    expect(need(plain)).to_have_value("By keyboard.")
    need(plain).fill("Without scripts.")
    plain.get_by_role("button", name="Save and come back later").click()
    assert draft.values()["need"] == "Without scripts."
