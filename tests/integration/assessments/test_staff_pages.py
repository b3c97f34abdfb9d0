"""Allocation, ranking, moderation and decisions by hand, each by who may, and nobody else."""

import re
from datetime import timedelta

import pytest

from accounts.models import Person, RoleAssignment
from applications.models import Application
from assessments import queues
from assessments.actions import allocation, rankings, reviews
from assessments.forms.allocation import SHOWN
from assessments.models import Advice, Assessment, Conflict, Decision, Moderation, Run
from audit.models import Event
from grants.models import Budget
from tests.cast import *  # noqa: F403
from tests.stages import applications
from tests.stages import assessments as stages
from tests.stages.assessments import INVITED, NOTIFIED, REASONS

BASE = "/manage/assessment/DIAGCOMM-1/"
PAGES = ("", "allocation/", "conflicts/", "ranking/", "moderation/", "decisions/", "figures/", "runs/")

DAY = timedelta(days=1)


def get(client, person, path: str):
    client.force_login(person)
    return client.get(path)


def post(client, person, path: str, data: dict | None = None, *, follow: bool = True):
    client.force_login(person)
    return client.post(path, data or {}, follow=follow)


def fresh(application: Application) -> Application:
    return Application.objects.for_pages().get(pk=application.pk)


def of(application: Application) -> str:
    return f"{BASE}{application.reference}/"


@pytest.mark.parametrize(
    ("who", "status"),
    [("officer", 200), ("lead", 200), ("chair", 200), ("auditor", 200), ("monitor", 403), ("finance", 403), ("independent-approver", 200),
     ("funder", 404), ("assessor-1", 404), ("applicant", 404), ("stranger", 404), ("admin", 404)],
)  # fmt: skip
def test_who_reads_the_staff_side(client, cast, who, status):
    application = stages.moderating(cast)[0].application
    for path in PAGES:
        assert get(client, cast[who], BASE + path).status_code == status, path
    assert get(client, cast[who], of(application)).status_code == status
    assert get(client, cast[who], "/manage/assessment/").status_code == 200


def test_the_list_of_rounds_shows_only_those_one_has_a_part_in(client, cast):
    applications.eligible(cast)
    assert "DIAGCOMM-1" in get(client, cast["officer"], "/manage/assessment/").content.decode()
    assert "DIAGCOMM-1" not in get(client, cast["stranger"], "/manage/assessment/").content.decode()


def test_staff_with_an_interest_do_not_see_the_application(client, cast):
    application = stages.assessed(cast)
    Conflict.objects.create(
        person=cast["officer"], application=application, kind="declared", ground="declared", status="confirmed",
        recorded_at=INVITED, recorded_by=cast["lead"],
    )  # fmt: skip
    assert get(client, cast["officer"], of(application)).status_code == 404
    for path in PAGES:
        assert application.reference not in get(client, cast["officer"], BASE + path).content.decode()
    assert post(client, cast["officer"], of(application) + "propose/", {"outcome": "decline", "reason": "x"}).status_code == 404


def test_the_officer_invites_whom_they_tick(client, cast):
    application = applications.eligible(cast)
    page = get(client, cast["officer"], of(application)).content.decode()
    assert "No topic in common; 0 reviews in this round, room for 12" in page
    people = [str(cast[f"assessor-{number}"].pk) for number in (1, 2, 4)]
    response = post(client, cast["officer"], of(application) + "invite/", {"assessors": people})
    assert "Invitations sent" in response.content.decode()
    assert fresh(application).state == "assessing"
    assert set(Assessment.objects.values_list("assessor__email", flat=True)) == {f"assessor-{n}@example.org" for n in (1, 2, 4)}


@pytest.mark.parametrize("data", [{}, {"assessors": ["999999"]}, {"assessors": ["x"]}])
def test_bad_invitations_get_a_sentence(client, cast, data):
    application = applications.eligible(cast)
    response = post(client, cast["officer"], of(application) + "invite/", data)
    assert "There is a problem" in response.content.decode()
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("day", [{"due_on_day": "31", "due_on_month": "2", "due_on_year": "2027"}])
def test_a_due_date_that_does_not_exist_gets_a_sentence(client, cast, day):
    application = applications.eligible(cast)
    data = {"assessors": [str(cast["assessor-1"].pk)], **day}
    assert "There is a problem" in post(client, cast["officer"], of(application) + "invite/", data).content.decode()
    assert not Assessment.objects.exists()


def test_an_assessor_is_described(client, cast):
    applications.eligible(cast)
    person = cast["assessor-1"]
    path = f"{BASE}assessors/{person.pk}/"
    assert "There is a problem" in post(client, cast["officer"], path, {"max_reviews": "none"}).content.decode()
    post(client, cast["officer"], path, {"topics": "Sepsis, , point of care", "max_reviews": "5", "is_available": "on"})
    assert person.assessor_profile.topics == ["point of care", "sepsis"]
    assert get(client, cast["officer"], f"{BASE}assessors/{cast['officer'].pk}/").status_code == 404
    assert post(client, cast["chair"], path, {"max_reviews": "5"}).status_code == 403


def test_a_suggested_conflict_is_judged(client, cast, officer):
    application = applications.eligible(cast)
    conflict = Conflict.objects.create(
        person=cast["assessor-1"], application=application, kind="found", ground="email_domain", status="suggested",
        detail="Has an e-mail address at acme.example, as the company has.", recorded_at=INVITED, recorded_by=officer,
    )  # fmt: skip
    assert "acme.example" in get(client, officer, BASE + "conflicts/").content.decode()
    path = f"{BASE}conflicts/{conflict.pk}/"
    assert "Give a reason." in post(client, officer, path, {"outcome": "confirm", "reason": ""}).content.decode()
    post(client, officer, path, {"outcome": "confirm", "reason": "Same laboratory."})
    assert Conflict.objects.get().status == "confirmed"
    page = get(client, officer, BASE + "conflicts/").text
    assert "Nothing waits to be judged" in page
    assert "Same laboratory." in page, "it is on record, with its reason"


def test_scores_are_seen_once_submitted_and_not_before(client, cast):
    first, second, _ = stages.accepted(cast)
    reviews.save(assessment=second, content=stages.content(second), by=second.assessor, at=INVITED)
    assert REASONS not in get(client, cast["officer"], of(first.application)).content.decode()
    reviews.submit(assessment=second, by=second.assessor, at=INVITED)
    assert REASONS in get(client, cast["officer"], of(first.application)).content.decode()


def test_a_review_is_returned_with_a_reason(client, cast):
    first = stages.submitted(cast)[0]
    path = f"{of(first.application)}reviews/{first.pk}/return/"
    assert "Give a reason." in post(client, cast["officer"], path, {"note": " "}).content.decode()
    assert "Review returned for correction" in post(client, cast["officer"], path, {"note": "Marks and words differ."}).content.decode()
    assert Assessment.objects.get(pk=first.pk).state == "returned"
    assert post(client, cast["officer"], path.replace("return", "burn"), {"note": "x"}).status_code == 404


def test_scoring_is_closed_and_settled_by_officer_and_chair(client, cast):
    application = stages.submitted(cast, marks=(8, 8, 4))[0].application
    assert f"Scoring to close ({application.round.reference})" in get(client, cast["officer"], "/home/").text
    post(client, cast["officer"], of(application) + "moderation/begin/")
    assert "Scoring to close" not in get(client, cast["officer"], "/home/").text
    assert fresh(application).state == "moderating"
    for item in application.moderations.all():
        outcome = "exclude" if item.trigger == "outlier" else "keep"
        post(client, cast["officer"], f"{BASE}moderation/{item.pk}/", {"outcome": outcome, "reason": "Unsupported."})
    item = application.moderations.unsettled().get()
    assert "Unsupported." in get(client, cast["chair"], f"{BASE}moderation/{item.pk}/").content.decode()
    assert "Waits for the chair." in get(client, cast["officer"], f"{BASE}moderation/{item.pk}/").content.decode()
    denied = post(client, cast["officer"], f"{BASE}moderation/{item.pk}/", {"outcome": "exclude", "reason": "Me too."})
    assert denied.status_code == 403
    post(client, cast["chair"], f"{BASE}moderation/{item.pk}/", {"outcome": "exclude", "reason": "Agreed."})
    assert Moderation.objects.get(pk=item.pk).state == "excluded"
    assert "record why 2 suffice" in get(client, cast["officer"], of(application)).content.decode()
    post(client, cast["officer"], of(application) + "moderation/fewer/", {"note": "Both others agree closely."})
    page = post(client, cast["officer"], of(application) + "moderation/finish/").content.decode()
    assert "with the panel" in page
    assert "Does not count" in page


@pytest.mark.parametrize("asked", [2, 3])
def test_where_no_third_assessor_is_found_two_suffice_with_a_reason(client, cast, asked):
    """Whether the third was never found, or was lost again."""
    application = applications.eligible(cast)
    *two, last = allocation.allocate(application=application, assessors=stages.panel(cast, asked), by=cast["officer"], at=INVITED)
    for one in two if asked == 3 else (*two, last):
        assert "Let fewer reviews suffice" not in get(client, cast["officer"], of(application)).text, "while somebody is still asked"
        reviews.accept(assessment=one, by=one.assessor, at=INVITED)
        reviews.submit(assessment=one, content=stages.content(one), by=one.assessor, at=INVITED)
    if asked == 3:
        reviews.withdraw(assessment=last, reason="Cannot be reached.", by=cast["officer"], at=INVITED)
    assert fresh(application).state == ("eligible" if asked == 2 else "assessing")
    page = get(client, cast["officer"], of(application)).text
    assert "Only 2 of the 3 reviews that the programme asks for count. Invite another assessor, or record why 2 suffice." in page
    assert "Say why these reviews suffice." in post(client, cast["officer"], of(application) + "moderation/fewer/", {"note": " "}).text
    page = post(client, cast["officer"], of(application) + "moderation/fewer/", {"note": "Nobody else knows the field."}).text
    assert "is now: with assessors" in page
    assert "Let fewer reviews suffice" not in page
    home = get(client, cast["officer"], "/home/").text
    assert ("Scoring to close" in home, "Places open again" in home) == (True, False)
    post(client, cast["officer"], of(application) + "moderation/begin/")
    assert fresh(application).state == "panel"


def test_closing_too_early_says_why(client, cast):
    application = stages.accepted(cast)[0].application
    response = post(client, cast["officer"], of(application) + "moderation/begin/")
    assert response.status_code == 409
    assert "3 of the reviews are not in yet." in response.content.decode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"outcome": "approve", "amount_pence": "lots", "reason": "Good."}, "Enter an amount in pounds"),
        ({"outcome": "approve", "amount_pence": "999,999", "reason": "Good."}, "The company asked for £25,000"),
        ({"outcome": "approve", "amount_pence": "", "reason": "Good."}, "Enter the amount to propose."),
        ({"outcome": "approve", "amount_pence": "1000", "reason": ""}, "Give the reason for your proposal."),
        ({"outcome": "celebrate", "amount_pence": "1000", "reason": "Kept words"}, "Kept words"),
        ({}, "Choose what to propose"),
    ],
)
def test_bad_proposals_get_a_sentence(client, cast, data, sentence):
    application = stages.assessed(cast)
    page = post(client, cast["officer"], of(application) + "propose/", data).content.decode()
    assert sentence in page
    assert "<title>Error: " in page
    assert not Decision.objects.exists()


def test_a_budget_that_is_gone_is_said_on_the_form(client, cast):
    application = stages.assessed(cast)
    Budget.objects.update(amount_pence=10_000_00)
    data = {"outcome": "approve", "amount_pence": "25,000", "reason": "Best of the round."}
    page = post(client, cast["officer"], of(application) + "propose/", data).content.decode()
    assert "£10,000 of the round&#x27;s budget is left" in page
    assert "Best of the round." in page


def test_proposed_by_one_decided_by_another_told_to_the_company(client, cast):
    application = stages.assessed(cast)
    data = {"outcome": "approve", "amount_pence": "24,000", "reason": "Best of the round."}
    post(client, cast["lead"], of(application) + "propose/", data)
    page = get(client, cast["lead"], of(application)).content.decode()
    assert "You proposed this decision, so somebody else must take this step." in page
    assert post(client, cast["lead"], of(application) + "decision/decide/").status_code == 403
    assert post(client, cast["officer"], of(application) + "decision/decide/").status_code == 403
    post(client, cast["second-lead"], of(application) + "decision/decide/")
    assert fresh(application).state == "approved"
    assert REASONS not in get(client, cast["applicant"], f"/apply/{application.reference}/").content.decode()
    post(client, cast["officer"], of(application) + "decision/notify/")
    stages.feedback_checked(cast, application)
    assert REASONS not in get(client, cast["applicant"], f"/apply/{application.reference}/").content.decode()
    post(client, cast["officer"], f"/manage/assessment/{application.round.reference}/feedback/release/")
    page = get(client, cast["applicant"], f"/apply/{application.reference}/").content.decode()
    assert "What the assessors said" in page
    assert REASONS in page
    assert "Ada" not in page


def test_a_proposal_is_sent_back_with_a_reason(client, cast):
    application = stages.proposed(cast).application
    path = of(application) + "decision/send-back/"
    assert "Give a reason." in post(client, cast["lead"], path, {"note": ""}).content.decode()
    post(client, cast["lead"], path, {"note": "Say more."})
    assert fresh(application).state == "deciding"
    assert "no longer stands: Say more." in get(client, cast["officer"], BASE + "decisions/").content.decode()
    assert post(client, cast["lead"], of(application) + "decision/undo/").status_code == 404


def test_the_round_is_proposed_decided_and_told_in_three_presses(client, cast):
    application = stages.assessed(cast)
    assert "1 application proposed" in post(client, cast["officer"], BASE + "decisions/propose/all/").content.decode()
    assert "1 application decided as proposed" in post(client, cast["lead"], BASE + "decisions/decide/all/").content.decode()
    assert f"Companies to tell ({application.round.reference})" in get(client, cast["officer"], "/home/").text
    assert "1 application told of the decision" in post(client, cast["officer"], BASE + "decisions/notify/all/").content.decode()
    assert fresh(application).notified_at is not None
    assert "Companies to tell" not in get(client, cast["officer"], "/home/").text
    page = get(client, cast["lead"], BASE + "decisions/").content.decode()
    assert application.reference in page[page.index('id="told"') :]
    assert cast["lead"].name in page[page.index('id="told"') :]


def test_bulk_refusals_are_reported_with_their_reason(client, cast):
    application = stages.proposed(cast).application
    page = post(client, cast["officer"], BASE + "decisions/decide/all/").content.decode()
    assert f"{application.reference}: Your role does not allow this." in page
    assert fresh(application).state == "proposed"


@pytest.mark.parametrize("path", ["allocation/plans/1/send/", "moderation/begin/all/", "decisions/propose/all/"])
def test_doing_needs_a_post(client, cast, path):
    applications.eligible(cast)
    assert get(client, cast["officer"], BASE + path).status_code == 405


def test_the_ranking_marks_what_the_budget_reaches(client, cast):
    best = stages.assessed(cast, marks=(9, 9, 9))
    stages.assessed(cast, marks=(8, 8, 8), round=best.round)
    stages.accepted(cast, round=best.round)
    Budget.objects.update(amount_pence=best.grant_requested_pence)
    page = get(client, cast["officer"], BASE + "ranking/").content.decode()
    assert "reaches 1 of 2 applications (marked), with £0 left over" in page
    assert page.count("table__row--marked") == 1


def test_a_ranking_is_kept_worked_out_again_when_it_changes_and_read_as_it_was(client, cast, monkeypatch):
    proposed = stages.proposed(cast, marks=(9, 9, 9))
    application, kept = proposed.application, proposed.run
    other = stages.assessed(cast, marks=(8, 8, 8), round=application.round)
    new = rankings.keep(round=other.round, by=cast["officer"], at=stages.DECIDED)
    assert (kept.kind, len(kept.inputs_sha256), new == kept) == ("ranking", 64, False)
    assert Event.objects.filter(kind="round.ranking_kept").count() == 2
    with monkeypatch.context() as never:
        never.delattr("assessments.ordering.work_out")
        page = get(client, cast["auditor"], BASE + "ranking/").content.decode()
        assert f"run {new.pk}</a> on" in page
        assert f"for {cast['officer'].name}." in page
        assert new.inputs_sha256[:16] in page
        assert rankings.keep(round=other.round, by=cast["officer"], at=NOTIFIED) == new
        assert not list(rankings.keep_all(at=NOTIFIED))
    low = other.assessments.order_by("pk").last()
    Assessment.objects.filter(pk=low.pk).update(total_numerator=100, total_denominator=1, submitted_at=NOTIFIED)
    assert "Worked out just now" in get(client, cast["auditor"], BASE + "ranking/").content.decode()
    post(client, cast["officer"], BASE + "ranking/keep/")
    again = Run.objects.filter(kind="ranking").latest("pk")
    assert [row[1] for row in again.outcome["places"]] == [1, 2]
    was = get(client, cast["auditor"], f"{BASE}runs/{new.pk}/").content.decode()
    assert "As it was" in was
    assert new.inputs_sha256 in was
    assert f"Run {new.pk}" in get(client, cast["auditor"], BASE + "runs/").content.decode()
    assert post(client, cast["auditor"], BASE + "ranking/keep/").status_code == 403


def test_a_kept_ranking_keeps_from_people_what_they_may_not_see(client, cast):
    application = stages.assessed(cast)
    run = rankings.keep(round=application.round, by=cast["officer"], at=stages.DECIDED)
    assert application.reference in get(client, cast["lead"], f"{BASE}runs/{run.pk}/").content.decode()
    Conflict.objects.create(
        person=cast["lead"], application=application, kind="declared", ground="declared", status="confirmed",
        recorded_at=INVITED, recorded_by=cast["officer"],
    )  # fmt: skip
    assert application.reference not in get(client, cast["lead"], f"{BASE}runs/{run.pk}/").content.decode()


def test_pages_cost_the_same_for_one_and_for_many(client, cast, django_assert_max_num_queries):
    item = stages.moderating(cast)[0]
    stages.assessed(cast, round=item.application.round)  # with nothing to decide, that page asks less
    most = {
        BASE + path: 12 for path in (*PAGES, "selection/", "draws/", "reserve/", "feedback/", "meetings/", "advice/", "allocation/plans/")
    }
    waiting = applications.eligible(cast, round=item.application.round)
    most |= {BASE + "decisions/": 12, of(item.application): 12, of(waiting): 12}
    client.force_login(cast["officer"])

    def queries() -> dict[str, int]:
        counted = {}
        for path, limit in most.items():
            client.get(path)  # the text of the definition is read once per process
            with django_assert_max_num_queries(limit, info=path) as asked:
                client.get(path)
            counted[path] = len(asked)
        return counted

    one = queries()
    stages.moderating(cast, round=item.application.round)
    stages.assessed(cast, round=item.application.round)
    stages.accepted(cast, round=item.application.round)
    many = queries()
    assert {path: count for path, count in many.items() if count > one[path]} == {}
    proposed = stages.proposed(cast, round=item.application.round).application
    client.force_login(cast["lead"])  # whose it is to decide: what the proposal rests on, the money and their part in it are checked
    client.get(of(proposed))
    with django_assert_max_num_queries(12):
        assert "Decide as proposed" in client.get(of(proposed)).content.decode()


def test_pages_follow_each_other_without_gap_or_repeat(cast):
    first = stages.invited(cast)[0]
    for _ in range(2):
        stages.invited(cast, round=first.application.round)
    found, after = [], ""
    while True:
        page = queues.page(Assessment.objects.all(), by="due_at", after=after, size=2)
        found += [one.pk for one in page.rows]
        if not page.next:
            break
        after = page.next.removeprefix("?after=")
    assert found == list(Assessment.objects.order_by("due_at", "pk").values_list("pk", flat=True))


def test_advice_is_noted_by_names_that_are_typed(client, cast):
    company = applications.eligible(cast).company
    first, number = company.name.split()[0], company.company_number
    ada = Person.objects.get(name="Ada Assessor")
    said = {"what": "Looked over its plan", "given_on_day": "3", "given_on_month": "2", "given_on_year": "2026"}

    def note(person: str, named: str) -> str:
        return post(client, cast["officer"], BASE + "advice/", {"person": person, "company": named} | said, follow=True).content.decode()

    page = note("assessor", "Nobody of the kind")
    assert "Several go by “assessor”: " in page
    assert "Nothing here goes by “Nobody of the kind”." in page
    assert "Noted: Ada Assessor advised " + company.name in note("ada ass", first.upper())
    assert "Noted: Ada Assessor advised " + company.name in note(ada.email, number)
    assert Advice.objects.filter(person=ada, company=company).count() == 2


def test_where_every_place_is_taken_another_is_invited_by_asking_for_it(client, cast):
    full = stages.moderating(cast)[0].application
    page = get(client, cast["officer"], of(full)).content.decode()
    assert 'name="assessors"' not in page
    assert 'href="?another#invite"' in page
    assert "Send invitations" in get(client, cast["officer"], f"{of(full)}?another").content.decode()


def test_a_large_pool_is_shown_in_part_and_searched_by_name(client, cast):
    application = applications.eligible(cast)
    many = Person.objects.bulk_create(Person(email=f"pool{n}@example.org", name=f"Pool {n:02d}", password="!") for n in range(60))
    RoleAssignment.objects.bulk_create(
        RoleAssignment(person=one, role="assessor", scope="programme:diagcomm", starts_at=INVITED - DAY, granted_by=cast["lead"])
        for one in many
    )
    first = get(client, cast["officer"], "/manage/assessment/DIAGCOMM-1/").content.decode()
    assert "Ada Assessor" in first
    assert "Pool 59" not in first
    [following] = re.findall(r'href="(\?after=\d+)"', first)
    second = get(client, cast["officer"], f"/manage/assessment/DIAGCOMM-1/{following}").content.decode()
    assert "Pool 59" in second
    assert "Ada Assessor" not in second
    page = get(client, cast["officer"], of(application)).content.decode()
    assert page.count('name="assessors"') == SHOWN
    assert "Pool 59" not in page
    ada = str(cast["assessor-1"].pk)
    found = client.post(
        f"{of(application)}invite/", {"find": "yes", "named": "pool 59", "assessors": [ada], "due_on_day": "31"}, follow=True
    ).text
    assert re.findall(r'name="assessors" value="(\d+)"', found) == [ada, str(many[59].pk)]
    assert re.findall(r'value="(\d+)"[^>]* checked', found) == [ada], "a tick outlives the search"
    assert re.search(r'name="due_on_day" value="31"', found), "and so does what was typed of the day"
    assert not Assessment.objects.exists()
    post(client, cast["officer"], f"{of(application)}invite/", {"assessors": [str(many[59].pk)]})
    assert Assessment.objects.get().assessor == many[59]
