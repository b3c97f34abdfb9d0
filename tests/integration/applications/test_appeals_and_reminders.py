"""An appeal against how an application was treated, and reminders before a round closes."""

from datetime import timedelta

import pytest
from django.db import transaction

from accounts.home import answered
from accounts.refusals import Denied, NotAllowedNow, Refused
from applications import expectations
from applications.actions import appeals, applications
from applications.home import for_companies
from applications.models import Appeal, Application
from applications.presenters import timelines
from applications.presenters.pages import status
from assessments.actions import allocation, decisions, reserves
from assessments.models import MeetingMember
from grants.actions import rounds
from notifications.models import Notice
from tests.integration.applications.test_pages import texts
from tests.stages import applications as stages
from tests.stages import assessments, grants
from workflow import deadlines
from workflow.models import Deadline

WRONG = {"ground": "procedure", "statement": "Only two assessors read it, and the programme says three."}


@pytest.fixture
def declined(cast) -> Application:
    """A company that was told no, by the clock of the stages."""
    return assessments.notified(cast, outcome="decline")


@pytest.fixture
def reserved(cast) -> Application:
    """On the reserve list, and told so."""
    return assessments.notified(cast, outcome="reserve")


def test_what_is_assessed_anew_leaves_the_reserve_list_and_its_day(as_, cast, reserved, applicant):
    at, until = reserved.notified_at + timedelta(days=1), reserved.reserve_until
    appeal = appeals.lodge(application=reserved, **WRONG, by=applicant, at=at)
    judge, officer = cast["independent-approver"], cast["officer"]
    appeal = appeals.uphold(
        appeal=appeals.admit(appeal=appeal, by=judge, at=at), note="One review was withdrawn and not replaced.", by=judge, at=at
    )
    appeals.remedy(appeal=appeal, by=officer, at=at)
    assert not Deadline.objects.live().of(reserved).filter(name="reserve_expires").exists()
    deadlines.fire_due(at=until)
    assert Application.objects.get(pk=reserved.pk).state == "eligible"
    again = Application.objects.for_pages().get(pk=reserved.pk)
    allocation.allocate(application=again, assessors=[cast["assessor-4"]], by=officer, at=until)
    page = texts(as_(officer).get(f"/manage/assessment/{again.round.reference}/{again.reference}/"))
    reviews = page[page.index("Reviews") :]
    assert reviews.index(cast["assessor-4"].name) < reviews.index("Set aside after an appeal"), "what holds a place comes first"


def test_an_appeal_goes_to_somebody_who_took_no_part_and_is_put_right(as_, cast, declined, applicant):
    at = declined.notified_at + timedelta(days=1)
    appeal = appeals.lodge(application=declined, **WRONG, by=applicant, at=at)
    assert "Your appeal is with somebody who took no part" in texts(as_(applicant).get(declined.get_absolute_url()))
    told = set(Notice.objects.filter(kind="appeal.lodged").values_list("person__name", flat=True))
    judge = cast["independent-approver"]
    assert judge.name in told
    assert cast["lead"].name not in told  # decided
    with pytest.raises(Denied, match="decided on this application"):
        appeals.admit(appeal=appeal, by=cast["lead"], at=at)
    with pytest.raises(NotAllowedNow, match="already appealed"):
        appeals.lodge(application=declined, **WRONG, by=applicant, at=at)
    seat = MeetingMember.objects.create(meeting=declined.agenda_items.get().meeting, person=judge)
    with pytest.raises(Denied, match="sat on the panel"):
        appeals.admit(appeal=appeal, by=judge, at=at)
    seat.delete()
    appeal = appeals.admit(appeal=appeal, by=judge, at=at)
    assert f"Judge the appeal on {declined.reference}" in texts(as_(judge).get("/home/")), "whoever took it up finds it again"
    with pytest.raises(Refused, match="reason"):
        appeals.uphold(appeal=appeal, note="", by=judge, at=at)
    appeal = appeals.uphold(appeal=appeal, note="One review was withdrawn and not replaced.", by=judge, at=at)
    assert "not replaced" in Notice.objects.filter(kind="appeal.told").latest("pk").body
    told = declined.notified_at
    found = [[item.url for item in answered(for_companies(applicant, day))] for day in (told, told + timedelta(days=29))]
    assert [declined.get_absolute_url() in urls for urls in found] == [True, False]
    page = texts(as_(applicant).get(declined.get_absolute_url()))
    assert "Upheld" in page
    assert "not replaced" in page
    assert "officer, who puts it right, since" in page
    assert "Only two assessors" in texts(as_(cast["officer"]).get(declined.staff_path()))
    assert f"Put right what the appeal on {declined.reference} found" in texts(as_(cast["officer"]).get("/home/"))
    declined.fewer_reviews.create(counted=2, reason="They agree.", allowed_at=at, allowed_by=cast["officer"])
    appeal = appeals.remedy(appeal=appeal, by=cast["officer"], at=at)
    again = Application.objects.get(pk=declined.pk)
    assert (appeal.state, again.state, again.notified_at, again.decided_at) == ("remedied", "eligible", None, None)
    assert not again.decisions.standing().exists()  # else nobody could propose anew
    assert again.decisions.get().end_reason.startswith("An appeal was upheld")
    before = again.assessments.filter(state="set_aside")
    assert before.exists()
    assert (again.assessments.live().count(), again.assessments.counted().count()) == (0, 0)
    assert not before.filter(submitted_at=None).exists()  # what was scored stays on file
    assert again.fewer_reviews.get().ended_at == at  # two sufficed of those that were scored, not of those to come


def test_what_was_promoted_or_withdrawn_while_its_appeal_was_judged_does_not_wait_for_ever_to_be_put_right(as_, cast, reserved, applicant):
    at, judge, officer, lead = reserved.notified_at + timedelta(days=1), cast["independent-approver"], cast["officer"], cast["lead"]
    appeal = appeals.admit(appeal=appeals.lodge(application=reserved, **WRONG, by=applicant, at=at), by=judge, at=at)
    reserves.promote(application=reserved, amount_pence=reserved.grant_requested_pence, reason="A place is free.", by=officer, at=at)
    appeal = appeals.uphold(appeal=appeal, note="One review was withdrawn and not replaced.", by=judge, at=at)
    for settle, why in ((appeals.remedy, "being decided anew"), (appeals.close, "can still be taken up")):
        with pytest.raises(NotAllowedNow, match=why):
            settle(appeal=appeal, by=officer, at=at)
    with transaction.atomic():
        applications.withdraw(application=Application.objects.get(pk=reserved.pk), by=applicant, at=at)
        assert "was withdrawn since" in texts(as_(lead).get(reserved.staff_path()))
        withdrawn = appeals.close(appeal=Appeal.objects.get(pk=appeal.pk), by=officer, at=at)
        assert "was withdrawn since, so nothing is left" in Notice.objects.filter(kind="appeal.told").latest("pk").body
        assert withdrawn.state == "closed"
        transaction.set_rollback(True)
    decisions.notify(application=decisions.decide(application=reserved, by=lead, at=at).application, by=officer, at=at)
    page = texts(as_(officer).get(reserved.staff_path()))
    assert "has been approved since, so nothing is left to put right: close the appeal" in page
    assert "Close it, with nothing left to put right" in page
    answer = as_(officer).post(f"{reserved.staff_path()}appeals/{appeal.pk}/close/", follow=True)
    assert "Upheld and closed" in texts(answer)
    assert "Put right what the appeal" not in texts(as_(officer).get("/home/"))
    assert Application.objects.get(pk=reserved.pk).state == "approved"


def test_an_appeal_has_its_window_and_its_grounds(cast, declined, applicant, colleague):
    until = declined.notified_at + timedelta(days=28)
    with pytest.raises(NotAllowedNow, match="could be lodged until"):
        appeals.lodge(application=declined, **WRONG, by=applicant, at=until + timedelta(seconds=1))
    with pytest.raises(Denied):
        appeals.lodge(application=declined, **WRONG, by=colleague, at=until)
    shown = [status(declined, person, at=until)["appeal"] for person in (applicant, colleague)]
    assert [(one["may_appeal"], "a signatory can appeal until" in one["who_may"]) for one in shown] == [(True, False), (False, True)]
    with pytest.raises(Refused, match="what went wrong"):
        appeals.lodge(application=declined, ground="taste", statement="It deserved more.", by=applicant, at=until)
    appeal = appeals.lodge(application=declined, **WRONG, by=applicant, at=until)
    assert Notice.objects.filter(kind="appeal.received", body__contains=WRONG["statement"]).count() == 3
    refused = appeals.refuse(appeal=appeal, note="This argues with the marks.", by=cast["independent-approver"], at=until)
    assert (refused.state, refused.answer) == ("refused", "This argues with the marks.")


def test_there_is_nothing_to_appeal_against_before_a_decision(as_, cast, open_now, applicant, now):
    sent = stages.eligible(cast, round=open_now, at=now)
    page = f"{sent.get_absolute_url()}appeal/"
    assert "There is no decision to appeal against" in texts(as_(applicant).get(page))
    assert "We expect to tell you our decision by" in texts(as_(applicant).get(sent.get_absolute_url()))
    assert "and are late. Ask us" in status(sent, applicant, at=open_now.closes_at + timedelta(days=62))["decide_by"]


def reminded() -> list[str]:
    return list(Notice.objects.filter(kind="application.closes_soon").order_by("pk").values_list("subject", flat=True))


def test_only_those_not_finished_are_reminded_at_seven_two_one_days_and_three_hours(cast, open_now, now):
    waiting = stages.draft(cast, round=open_now, filled=False, at=now)
    stages.eligible(cast, round=open_now, at=now)
    closes = open_now.closes_at
    for ahead in (timedelta(days=8), timedelta(days=7), timedelta(days=2), timedelta(days=1), timedelta(hours=3)):
        deadlines.fire_due(at=closes - ahead)
        deadlines.fire_due(at=closes - ahead + timedelta(minutes=1))
    team = 3
    subjects = [f"{left} left to send in {waiting.reference}" for left in ("7 days", "2 days", "1 day", "3 hours")]
    assert reminded() == [subject for subject in subjects for _ in range(team)]
    assert "answers or files are missing" in Notice.objects.filter(kind="application.closes_soon").first().body


def test_more_time_moves_the_reminders(cast, open_now, officer, now):
    waiting = stages.draft(cast, round=open_now, filled=False, at=now)
    later = open_now.closes_at + timedelta(days=10)
    applications.extend(application=waiting, until=later, note="Their network was down.", by=officer, at=now)
    told = Notice.objects.filter(kind="application.extended")
    assert told.count() == 3
    assert "You have extra time, until" in told[0].body
    deadlines.fire_due(at=open_now.closes_at - timedelta(hours=2))
    assert reminded() == []
    shown = timelines.for_company(Application.objects.for_pages().get(pk=waiting.pk))
    assert [event["title"][:16] for event in shown] == ["We gave you extr", "You started the "]
    deadlines.fire_due(at=later - timedelta(hours=3))
    assert len(reminded()) > 0


def test_a_reminder_late_by_a_stopped_worker_is_not_sent_after_the_close_nor_while_nothing_is_taken_in(cast, open_now, officer, now):
    stages.draft(cast, round=open_now, filled=False, at=now)
    rounds.pause(round=open_now, reason="The service was down.", by=officer, at=now)
    deadlines.fire_due(at=open_now.closes_at - timedelta(days=7))
    assert reminded() == []
    rounds.resume(round=open_now, by=officer, at=open_now.closes_at - timedelta(days=6))
    deadlines.fire_due(at=open_now.closes_at - timedelta(hours=12))
    assert {subject.partition(" left")[0] for subject in reminded()} == {"12 hours"}, "what is left, not what was planned"
    deadlines.fire_due(at=open_now.closes_at + timedelta(minutes=1))
    assert len(reminded()) == 3


def test_who_reopens_and_does_not_send_again_is_told_loudly_and_so_are_the_officers(as_, cast, open_now, applicant, now):
    sent = stages.eligible(cast, round=open_now, at=now)
    applications.reopen(application=sent, by=applicant, at=now)
    assert Notice.objects.filter(kind="application.taken_back").count() == 0
    page = texts(as_(applicant).get(f"{sent.get_absolute_url()}form/"))
    assert "no longer counts" in page
    assert "not considered" in page
    deadlines.fire_due(at=open_now.closes_at - timedelta(hours=3))
    reminder = Notice.objects.filter(kind="application.closes_soon", person=applicant).latest("pk")
    assert reminder.subject.endswith(f"left to send in {sent.reference} again")
    deadlines.fire_due(at=open_now.closes_at + timedelta(minutes=1))
    told = dict(Notice.objects.filter(kind="application.taken_back").values_list("person__email", "body"))
    assert "extra time can be given" in told[applicant.email]
    assert "you can give this application extra time" in told[cast["officer"].email]


def test_a_company_that_was_told_no_reads_what_it_can_do_instead(as_, cast, declined, applicant, now):
    about = {"reference": "DIAGCOMM-2345", "round": declined.round, "version": declined.version, "company": declined.company}
    asked = [("Ask us why", "/apply/DIAGCOMM-2345/messages/")]
    assert expectations.instead(Application(state="ruled_out", **about), at=now) == asked
    assert expectations.instead(Application(state="ineligible", **about), at=now)[0][0].startswith("You may try again")
    assert expectations.instead(Application(state="approved", **about), at=now) == []
    page = texts(as_(applicant).get(declined.get_absolute_url()))
    assert "You may try again when the next round opens" in page
    another = grants.open_round(cast, programme=declined.round.programme, opens_at=now, closes_at=now + timedelta(days=9), at=now)
    page = as_(applicant).get(declined.get_absolute_url()).content.decode()
    assert f"/apply/rounds/{another.reference}/start/" in page
    start = texts(as_(applicant).get(f"/apply/rounds/{another.reference}/start/"))
    assert "No earlier round has results to go by yet" in start
