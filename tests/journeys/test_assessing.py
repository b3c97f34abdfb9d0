"""Assessment by keyboard alone, at a desk and on a phone: assessor, officer, moderator, chair and decider, each their whole way.

Every page that a key leads to is checked (keyboard.py); how one comes to a page is by its links.
"""

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from accounts.actions import roles
from accounts.roles import Role
from applications.models import Application
from assessments.actions import conflicts, reviews
from assessments.models import Advice, Assessment, Meeting
from tests.cast import SINCE
from tests.journeys.keyboard import Keyboard
from tests.stages import applications as applied
from tests.stages import assessments as stage

DESK, PHONE = 1440, 390
REASONS = "Well argued, with figures from the pilot and letters from two sites."


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def keys(request, open_page, check_page, sign_in) -> Keyboard:
    """The keys of a page of each width; `keys.begin_as("officer")` begins at that person's home."""
    page = open_page(width=request.param)
    return Keyboard(page, check_page, sign_in=lambda who: sign_in(who, page))


SUBMIT = 'main form button[type="submit"]'
"""The first button of a page that has one form."""
INVITE = '#invite form button:not([name="find"])'


def link(address: str) -> str:
    return f'main a[href="{address}"]'


def act(ending: str) -> str:
    """The button of a form whose address ends so."""
    return f'form[action$="{ending}"] button'


def score(review: Assessment, marks: int) -> None:
    taken = reviews.accept(assessment=review, by=review.assessor, at=now())
    reviews.submit(assessment=taken, content=stage.content(taken, marks=marks), by=taken.assessor, at=now())


def test_an_assessor_signs_declares_reads_scores_and_gives_back(cast, keys, clock):
    # given: an assessor who is asked to assess two applications, and has not signed yet; the others have scored the first
    clock(stage.INVITED)
    one, *others = stage.invited(cast)
    other = stage.invited(cast, round=one.application.round)[0]
    names, page = [criterion.id for criterion in one.scheme.criteria], keys.page
    for review in others:
        score(review, 7)
    keys.begin_as("assessor-1")
    keys.follow(link("/assess/"))
    keys.follow(link("/assess/membership/"))
    keys.press(act("/sign/"))
    keys.write('[name="statement"]', "I have none.")
    keys.press('form:has([name="statement"]) button')
    expect(page.get_by_text("In force until")).to_be_visible()

    # when: they say nothing, then that there is no conflict, and the application opens
    keys.follow('.govuk-breadcrumbs a[href="/assess/"]')
    keys.follow(link(f"/assess/{one.pk}/"))
    keys.press(SUBMIT)
    keys.mend()
    page.keyboard.press("Space")
    keys.press(SUBMIT)
    page.wait_for_url(f"**/assess/{one.pk}/review/")
    expect(page.locator(link(f"/assess/{one.pk}/all/"))).to_have_count(0)

    # and: they score every criterion but one, are told which, lose nothing, and submit
    for name in names:
        keys.write(f"#id_marks_{name}", "8" if name != names[-1] else "80")
        keys.write(f"#id_comment_{name}", REASONS)
    keys.choose("in_scope", "yes")
    keys.choose("suitable", "yes")
    keys.write("#id_overall_comment", REASONS)
    keys.press('button[value="submit"]')
    expect(page.locator(".govuk-error-summary")).to_contain_text("whole number from 0 to")
    expect(page.locator(f"#id_marks_{names[-1]}")).to_have_value("80")
    expect(page.locator(f"#id_comment_{names[-1]}")).to_have_value(REASONS)
    keys.mend()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("7")
    keys.press('button[value="submit"]')
    assert Assessment.objects.get(pk=one.pk).state == "submitted"

    # then: now that their own is in they read the others'
    keys.follow(link("/assess/done/"))
    keys.follow(link(f"/assess/{one.pk}/review/"))
    keys.follow(link(f"/assess/{one.pk}/all/"))
    expect(page.get_by_text(REASONS).first).to_be_visible()

    # and: the other application, with which they have a conflict, closes to them before it opened
    keys.follow('.govuk-breadcrumbs a[href="/assess/"]')
    keys.follow(link(f"/assess/{other.pk}/"))
    keys.choose("answer", "conflict")
    keys.write("#id_reason", "My brother works there.")
    keys.press(SUBMIT)
    expect(page.get_by_text("Somebody else will be asked")).to_be_visible()
    assert page.goto(f"/assess/{other.pk}/review/").status == 404
    keys.check(page)


def test_an_officer_judges_a_conflict_invites_and_closes_scoring(cast, keys, clock):
    # given: the records suggest a conflict of one assessor
    clock(stage.INVITED)
    application, page = applied.eligible(cast), keys.page
    here = f"/manage/assessment/{application.round.reference}/"
    Advice.objects.create(
        person=cast["assessor-4"], company=application.company, what="A clinic.", given_on=stage.INVITED.date(),
        recorded_at=stage.INVITED, recorded_by=cast["officer"],
    )  # fmt: skip
    [conflict] = conflicts.look_again(people=[cast["assessor-4"]], applications=[application.pk], at=stage.INVITED)

    # when: the officer confirms it, and invites whom the page suggests once they have unticked and ticked them
    keys.begin_as("officer")
    keys.follow(link(f"{here}conflicts/"))
    keys.follow(link(f"{here}conflicts/{conflict.pk}/"))
    keys.choose("outcome", "confirm")
    keys.write("#id_reason", "She had a hand in it.")
    keys.press(SUBMIT)
    keys.begin("/home/")
    keys.follow(link(f"{here}allocation/"))
    keys.follow(link(f"{here}{application.reference}/"))
    fitting = [box.get_attribute("value") for box in page.locator("#invite input:checked").all()]
    assert len(fitting) == 3
    for value in fitting:
        keys.tick(f'#invite input[value="{value}"]')
    keys.press(INVITE)
    keys.mend()
    for value in fitting:
        keys.tick(f'#invite input[value="{value}"]')
    keys.press(INVITE)
    expect(page.get_by_text("Invitations sent")).to_be_visible()

    # then: with every review in, scoring is closed, and nothing waits to be settled
    clock(stage.SCORED)
    for review in application.assessments.order_by("pk"):
        score(review, 8)
    keys.begin_as("officer")
    keys.follow(link(f"{here}moderation/"))
    keys.press(act("/begin/all/"))
    assert Application.objects.get(pk=application.pk).state == "panel"


def test_a_moderator_keeps_adds_an_assessor_and_has_a_score_left_out(cast, keys, clock):
    # given: scores far apart
    clock(stage.SETTLED)
    items = {item.trigger: item for item in stage.moderating(cast, marks=(8, 8, 4))}
    application, page = items["spread"].application, keys.page
    queue = f"/manage/assessment/{application.round.reference}/moderation/"
    here = f"/manage/assessment/{application.round.reference}/{application.reference}/"

    def settle(trigger: str, outcome: str, reason: str) -> None:
        keys.follow(link(f"{queue}{items[trigger].pk}/"))
        keys.choose("outcome", outcome)
        keys.write("#id_reason", reason)
        keys.press(SUBMIT)

    # when: one item is kept, another assessor asked for, and a score proposed to be left out
    keys.begin_as("officer")
    keys.follow(link(queue))
    keys.follow(link(here))
    settle("question", "keep", "They weigh the same answers differently.")
    keys.follow(link(f"{queue}{items['spread'].pk}/"))
    keys.press(SUBMIT)
    keys.mend()
    page.keyboard.press("ArrowDown")
    keys.write("#id_reason", "A fourth view decides it.")
    keys.press(SUBMIT)
    settle("outlier", "exclude", "The comments praise what the marks punish.")
    expect(page.get_by_text("Waits for the chair").first).to_be_visible()

    # and: the chair agrees
    keys.begin_as("chair")
    keys.follow(link(queue))
    keys.follow(link(here))
    settle("outlier", "exclude", "I read it and agree.")
    expect(page.get_by_text("Mean 66.7 with it, 80.0 without it.").first).to_be_visible()

    # then: two more are invited, for the score left out and for the further view; both results are kept once they are in
    keys.sign_in("officer")
    keys.begin(here)
    keys.press(INVITE)
    for review in application.assessments.filter(state="invited").order_by("pk"):
        score(review, 7)
    keys.begin(here)
    keys.press(act("/finish/"))
    assert Application.objects.get(pk=application.pk).state == "panel"
    expect(page.get_by_text("Mean 66.7 before the further review, 75.0 with it.")).to_be_visible()
    keys.follow(link(f"{queue}{items['spread'].pk}/"))
    expect(page.get_by_role("row", name="With it")).to_contain_text("75.0")


def test_a_panel_declares_calls_in_overrides_minutes_and_signs(cast, keys, clock):
    # given: two applications for the panel, and an officer who calls it
    clock(stage.SETTLED)
    best = stage.with_panel(cast, marks=(9, 9, 9))
    good = stage.with_panel(cast, marks=(8, 8, 8), round=best.round)
    third, page = cast["second-lead"], keys.page
    roles.assign(person=third, role=Role.PANEL_MEMBER, scope=best.round.programme.scope, by=cast["admin"], at=SINCE)
    meetings = f"/manage/assessment/{best.round.reference}/meetings/"
    keys.begin_as("officer")
    keys.follow(link(meetings))
    for part, typed in (("day", "20"), ("month", "11"), ("year", "2026")):
        keys.write(f'[name="held_on_{part}"]', typed)
    keys.write("#id_begins", "2.30pm")
    keys.tick(f'input[name="members"][value="{third.pk}"]')
    keys.press(SUBMIT)
    here = Meeting.objects.get().get_absolute_url()

    # when: a member says where there is a conflict, and does not see that application again
    keys.begin_as("panel-member")
    keys.follow(link(here))
    keys.open('details:has(form[action$="/do/conflict/"])')
    keys.reach("#conflict-with")
    page.keyboard.type(good.reference)
    keys.write("#conflict-note", "My sister runs it.")
    keys.press(act("/do/conflict/"))
    expect(page.locator("main")).not_to_contain_text(good.company.name)
    keys.follow(link(f"{here}{best.reference}/"))
    keys.follow(link(f"{here}{best.reference}/paper/"))
    assert page.goto(f"{here}{good.reference}/").status == 404

    # and: the chair opens it and leaves the order, for which a reason is asked
    keys.begin_as("chair")
    keys.follow(link(here))
    keys.press("#open button")
    keys.follow(link(f"{here}{best.reference}/"))
    keys.choose("outcome", "reserve")
    keys.press("#record button")
    expect(page.locator(".govuk-error-summary")).to_contain_text("give the reason")
    keys.mend()
    page.keyboard.insert_text("The pilot site has withdrawn.")
    keys.press("#record button")

    # and: too few may judge the other one, until a third is called in
    keys.follow(link(f"{here}{good.reference}/"))
    keys.press("#record button")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Only 1 of the panel may judge this one")
    keys.follow(f'.govuk-breadcrumbs a[href="{here}"]')
    keys.open('details:has(form[action$="/do/call-in/"])')
    keys.reach("#id_in-person")
    page.keyboard.type(third.name)
    keys.press(act("/do/call-in/"))
    keys.follow(link(f"{here}{good.reference}/"))
    keys.press("#record button")

    # then: with minutes it is signed, and the officer sends both on
    keys.write("#note", "The panel agreed with the scores but for the pilot.")
    keys.press("#minutes button")
    keys.press(act("/do/sign/"))
    expect(page.get_by_text("The minutes are signed")).to_be_visible()
    keys.sign_in("officer")
    keys.begin(here)
    keys.press(act("/do/send-on/"))
    expect(page.get_by_text("2 applications sent on")).to_be_visible()


def test_a_decision_is_proposed_by_one_made_by_another_and_told(cast, keys, clock):
    # given: an officer proposes; what they typed wrongly is kept
    clock(stage.SETTLED)
    application, page = stage.assessed(cast), keys.page
    here = f"/manage/assessment/{application.round.reference}/"
    theirs = f"/apply/{application.reference}/"
    keys.begin_as("officer")
    keys.follow(link(f"{here}decisions/"))
    keys.follow(link(f"{here}{application.reference}/"))
    keys.choose("outcome", "approve")
    keys.write("#propose #id_amount_pence", "a lot")
    keys.write("#propose #id_reason", "Strong on need.")
    keys.press("#propose button")
    expect(page.get_by_label("Grant")).to_have_value("a lot")
    expect(page.get_by_label("Reason")).to_have_value("Strong on need.")
    keys.mend()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("20,000")
    keys.press("#propose button")
    expect(page.get_by_text("Proposed. Another person decides.")).to_be_visible()
    expect(page.get_by_role("button", name="Decide as proposed")).to_have_count(0)

    # when: a lead decides
    keys.begin_as("lead")
    keys.follow(link(f"{here}decisions/"))
    keys.follow(link(f"{here}{application.reference}/"))
    keys.press(act("/decision/decide/"))

    # then: the company learns nothing before the officer, who read the letter first, tells it
    keys.sign_in("applicant")
    page.goto(theirs)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Being assessed")
    keys.begin_as("officer")
    keys.follow(link(f"{here}decisions/"))
    keys.follow(link(f"{here}decisions/letters/"))
    keys.press(act("/letters/"))
    expect(page.get_by_text("1 test letter is on the way to you")).to_be_visible()
    keys.begin(f"{here}decisions/")
    keys.press(act("/notify/all/"))
    keys.follow(link(f"{here}feedback/"))
    keys.follow(link(f"{here}feedback/{application.reference}/"))
    keys.press(SUBMIT)
    keys.press(act("/release/"))
    expect(page.get_by_text("1 application given feedback")).to_be_visible()

    # and: it reads it, with what the assessors wrote and not who they are
    keys.sign_in("applicant")
    keys.begin(theirs)
    expect(page.locator("main")).to_contain_text("£20,000")
    expect(page.locator("main")).to_contain_text(stage.REASONS)
    expect(page.locator("main")).not_to_contain_text(cast["assessor-1"].name)
    assert Application.objects.get(pk=application.pk).notified_at is not None


def test_the_other_pages_of_a_round_fit_a_desk_and_the_narrowest_phone(cast, page, sign_in, check_phone_too, clock):
    clock(stage.DECIDED)
    application = stage.decided(cast)
    sign_in("officer")
    here = f"/manage/assessment/{application.round.reference}/"
    ways = ("", "allocation/plans/", "advice/", "ranking/", "figures/", "selection/", "draws/", "reserve/", "runs/", "statement/")
    for way in ways:
        page.goto(here + way)
        check_phone_too(page)


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
