"""The panel meets, records with reasons, steps out where there is a conflict; the chair signs; interviews give the company a word."""

import hashlib
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts import home
from accounts.refusals import Denied, NotAllowedNow, Refused
from applications import samples
from applications.models import Application
from applications.papers import answered
from assessments import agenda
from assessments.actions import conflicts, decisions, meetings, reviews
from assessments.home import interview_items
from assessments.models import Advice, AgendaItem, Conflict, Decision, Meeting
from assessments.presenters.feedback import feedback_on
from grants.models import Budget
from notifications.models import Notice
from tests.cast import *  # noqa: F403
from tests.stages import assessments as stages
from tests.stages import grants, payments
from tests.stages.assessments import DECIDED, REASONS, SETTLED
from workflow.engine import fire

LATER = SETTLED + timedelta(days=1)


def fresh(application: Application) -> Application:
    return Application.objects.for_pages().get(pk=application.pk)


def opened(cast, *applications: Application) -> Meeting:
    return meetings.open_meeting(meeting=stages.meeting(cast, *applications), by=cast["chair"], at=SETTLED)


def record(cast, item: AgendaItem, outcome: str, **about) -> AgendaItem:
    return meetings.record(item=AgendaItem.objects.get(pk=item.pk), outcome=outcome, by=about.pop("by", cast["chair"]), at=SETTLED, **about)


def test_no_application_skips_the_panel(cast):
    application = stages.with_panel(cast)
    with pytest.raises(NotAllowedNow) as refusal:
        fire(application, "start_deciding", by=cast["officer"], at=SETTLED)
    assert refusal.value.code == "not_signed"
    with pytest.raises(NotAllowedNow):
        fire(application, "start_interview", by=cast["officer"], at=SETTLED)


def test_the_agenda_is_in_rank_order_and_who_sits_is_told(cast):
    second = stages.with_panel(cast, marks=(7, 7, 8))
    first = stages.with_panel(cast, marks=(9, 9, 9), round=second.round)
    meeting = stages.meeting(cast, first, second)
    assert list(meeting.items.order_by("place").values_list("application_id", flat=True)) == [first.pk, second.pk]
    assert Notice.objects.filter(kind="meeting.planned", person=cast["panel-member"]).count() == 1
    with pytest.raises(NotAllowedNow):
        stages.meeting(cast, first)


def test_only_the_panels_own_people_sit(cast):
    application = stages.with_panel(cast)
    with pytest.raises(Refused) as refusal:
        meetings.plan(round=application.round, kind="panel", held_at=SETTLED, members=[cast["finance"]], by=cast["officer"], at=SETTLED)
    assert refusal.value.code == "not_on_panel"


def test_the_budget_line_moves_as_the_panel_chooses(cast):
    best = stages.with_panel(cast, marks=(9, 9, 9))
    good = stages.with_panel(cast, marks=(8, 8, 8), round=best.round)
    weak = stages.with_panel(cast, marks=(5, 5, 5), round=best.round)
    Budget.objects.filter(round=best.round).update(amount_pence=best.grant_requested_pence)
    meeting = opened(cast, best, good, weak)
    assert [(line.suggestion, line.is_reached) for line in agenda.lines(meeting)] == [
        ("fund", True),
        ("reserve", False),
        ("decline", False),
    ]
    top = meeting.items.get(application=best)
    with pytest.raises(Refused) as refusal:
        record(cast, top, "decline")
    assert refusal.value.code == "reason_missing"
    assert record(cast, top, "decline", reason="The pilot site withdrew.").leaves_order is True
    assert [line.is_reached for line in agenda.lines(meeting)] == [False, True, False]


def test_a_signed_list_stays_as_it_was_once_its_awards_are_in_the_books(cast, client):
    award = payments.drafted(cast)
    budget = Budget.objects.get(round=award.application.round)
    (line,) = agenda.lines(Meeting.objects.get(items__application=award.application))
    assert (line.is_reached, line.left_pence) == (True, budget.amount_pence - award.amount_pence)
    client.force_login(cast["officer"])
    page = client.get(line.item.meeting.get_absolute_url()).content.decode()
    assert "Send the applications on" not in page, "they have gone on already"


def test_a_place_is_changed_for_a_reason_and_the_others_make_room(cast):
    best = stages.with_panel(cast, marks=(9, 9, 9))
    good = stages.with_panel(cast, marks=(8, 8, 8), round=best.round)
    meeting = opened(cast, best, good)
    with pytest.raises(Refused):
        record(cast, meeting.items.get(application=good), "fund", place=1)
    record(cast, meeting.items.get(application=good), "fund", place=1, reason="Fits the round's purpose better.")
    assert list(meeting.items.order_by("place").values_list("application_id", flat=True)) == [good.pk, best.pk]
    with pytest.raises(Refused):
        record(cast, meeting.items.get(application=good), "fund", place=9, reason="Far down.")


def test_who_is_called_reads_the_application_and_its_papers(cast, client):
    application = stages.with_panel(cast)
    meeting = stages.meeting(cast, application)
    paper = reverse("assessments:meeting_paper", args=[application.round.reference, meeting.pk, application.reference])
    file = reverse(
        "assessments:meeting_document",
        args=[application.round.reference, meeting.pk, application.reference, application.documents.order_by("pk").first().pk],
    )
    client.force_login(cast["panel-member"])
    assert paper in client.get(paper.removesuffix("paper/")).text
    page = client.get(paper).text
    assert "Two hospitals have offered a site" in page
    assert file in page
    assert client.get(file).getvalue()
    declared = client.post(
        f"{meeting.get_absolute_url()}do/conflict/", {"application": application.reference, "note": "My cousin."}, follow=True
    )
    assert "is closed to you" in declared.text
    assert client.get(paper).status_code == 404
    Conflict.objects.all().delete()
    meeting.members.filter(person=cast["panel-member"]).delete()
    assert [client.get(path).status_code for path in (paper, file)] == [404, 404], "not called to it"
    assert paper not in client.get(paper.removesuffix("paper/")).text


def test_what_the_records_suggest_of_a_member_is_judged_before_they_judge(cast, client):
    application = stages.with_panel(cast)
    Advice.objects.create(
        person=cast["panel-member"], company=application.company, what="A clinic.", given_on=SETTLED.date(), recorded_at=SETTLED,
        recorded_by=cast["officer"],
    )  # fmt: skip
    meeting = opened(cast, application)
    item = meeting.items.get()
    page = reverse("assessments:meeting_item", args=[application.round.reference, meeting.pk, application.reference])
    for who, status in (("panel-member", 409), ("chair", 200)):
        client.force_login(cast[who])
        assert client.get(page).status_code == status
    with pytest.raises(NotAllowedNow, match="conflict of interest of Pia Panel"):
        record(cast, item, "fund")
    conflicts.judge(conflict=Conflict.objects.get(), confirm=False, reason="An open talk.", by=cast["officer"], at=SETTLED)
    assert record(cast, item, "fund").outcome == "fund"
    client.force_login(cast["panel-member"])
    assert client.get(page).status_code == 200


def test_one_more_is_called_in_where_too_few_may_judge(cast, client):
    application = stages.with_panel(cast)
    called = meetings.plan(round=application.round, kind="panel", held_at=SETTLED, members=[cast["chair"]], by=cast["officer"], at=SETTLED)
    with pytest.raises(NotAllowedNow):
        meetings.open_meeting(meeting=called, by=cast["chair"], at=SETTLED)
    client.force_login(cast["officer"])
    page = called.get_absolute_url()
    assert "Pia Panel is called in" in client.post(f"{page}do/call-in/", {"in-person": cast["panel-member"].pk}, follow=True).text
    assert Notice.objects.filter(kind="meeting.planned", person=cast["panel-member"]).count() == 1
    assert "sits already" in client.get(page).text
    assert meetings.open_meeting(meeting=called, by=cast["chair"], at=SETTLED).state == "open"
    for who in ("panel-member", "finance"):
        with pytest.raises(Refused):
            meetings.call_in(meeting=called, person=cast[who], by=cast["chair"], at=SETTLED)


class TestWhoIsOut:
    def test_a_conflicted_member_does_not_see_the_item_and_the_absence_is_recorded(self, cast, client):
        application = stages.with_panel(cast)
        member = cast["panel-member"]
        conflicts.declare(application=application, reason="I sit on its board.", by=member, at=SETTLED)
        meeting = stages.meeting(cast, application)
        absence = meeting.items.get().absences.get()
        assert (absence.person, absence.reason) == (member, "Conflict of interest: declared by the person")
        client.force_login(member)
        page = client.get(meeting.get_absolute_url())
        assert application.reference not in page.text
        assert "1 of the agenda is closed to you" in page.text
        path = reverse("assessments:meeting_item", args=[application.round.reference, meeting.pk, application.reference])
        assert [client.get(f"{path}{more}").status_code for more in ("", "paper/")] == [404, 404]

    def test_too_few_without_a_conflict_judge_nothing(self, cast):
        application = stages.with_panel(cast)
        meeting = opened(cast, application)
        conflicts.declare(application=application, reason="A friend.", by=cast["panel-member"], at=SETTLED)
        with pytest.raises(NotAllowedNow) as refusal:
            record(cast, meeting.items.get(), "fund")
        assert refusal.value.code == "no_quorum"

    def test_a_conflicted_chair_records_nothing(self, cast):
        application = stages.with_panel(cast)
        meeting = opened(cast, application)
        conflicts.declare(application=application, reason="A friend.", by=cast["chair"], at=SETTLED)
        with pytest.raises(Denied):
            record(cast, meeting.items.get(), "fund")

    def test_somebody_steps_out(self, cast):
        meeting = opened(cast, stages.with_panel(cast))
        item = meeting.items.get()
        meetings.step_out(item=item, person=cast["panel-member"], reason="Took a call.", by=cast["chair"], at=SETTLED)
        with pytest.raises(Refused):
            meetings.step_out(item=item, person=cast["finance"], reason="Not here.", by=cast["chair"], at=SETTLED)
        with pytest.raises(NotAllowedNow):
            record(cast, item, "fund")


class TestSigning:
    def test_asks_for_outcomes_and_minutes_and_the_chair(self, cast):
        meeting = opened(cast, stages.with_panel(cast))
        with pytest.raises(NotAllowedNow) as refusal:
            meetings.sign(meeting=meeting, by=cast["chair"], at=SETTLED)
        assert refusal.value.code == "items_open"
        record(cast, meeting.items.get(), "fund", by=cast["officer"])
        with pytest.raises(NotAllowedNow) as refusal:
            meetings.sign(meeting=meeting, by=cast["chair"], at=SETTLED)
        assert refusal.value.code == "minutes_missing"
        meetings.minute(meeting=meeting, minutes="Agreed.", by=cast["officer"], at=SETTLED)
        with pytest.raises(Denied):
            meetings.sign(meeting=meeting, by=cast["officer"], at=SETTLED)
        signed = meetings.sign(meeting=meeting, by=cast["chair"], at=SETTLED)
        assert signed.minutes_sha256 == hashlib.sha256(signed.minutes_document.encode()).hexdigest()
        with pytest.raises(NotAllowedNow):
            record(cast, signed.items.get(), "decline", reason="Second thoughts.")

    def test_its_recommendations_are_what_is_proposed(self, cast):
        application = stages.with_panel(cast)
        meeting = opened(cast, application)
        record(cast, meeting.items.get(), "reserve", amount_pence=12_000_00, reason="Too early for the whole.")
        meetings.minute(meeting=meeting, minutes="Agreed.", by=cast["officer"], at=SETTLED)
        signed = meetings.sign(meeting=meeting, by=cast["chair"], at=SETTLED)
        meetings.send_on(meeting=signed, by=cast["officer"], at=SETTLED)
        assert [refusal for _, refusal in decisions.propose_round(round=application.round, by=cast["officer"], at=SETTLED)] == [None]
        decision = Decision.objects.get()
        assert (decision.outcome, decision.amount_pence, decision.leaves_order) == ("reserve", 12_000_00, True)
        assert decision.reason == "As the panel recommends in its signed minutes: Too early for the whole."
        assert decision.basis["panel"]["meeting"] == meeting.pk

    def test_going_back_to_moderation_asks_the_panel_again(self, cast):
        application = stages.assessed(cast)
        back = fire(application, "back_to_moderation", by=cast["officer"], at=LATER, note="An assessor wrote in.")
        again = fire(back, "start_panel", by=cast["officer"], at=LATER)
        with pytest.raises(NotAllowedNow) as refusal:
            fire(again, "start_deciding", by=cast["officer"], at=LATER)
        assert refusal.value.code == "not_signed"

    def test_a_cancelled_meeting_lets_go_of_its_agenda(self, cast):
        application = stages.with_panel(cast)
        meetings.cancel(meeting=stages.meeting(cast, application), reason="Trains.", by=cast["officer"], at=SETTLED)
        assert stages.met(cast, application).state == "deciding"


@pytest.fixture
def to_interview(cast) -> Application:
    text = grants.document().replace("panel, decision", "interview, decision")
    programme = grants.published(cast, text=text)
    application = stages.with_panel(cast, round=grants.open_round(cast, programme=programme), state="interview")
    assert application.state == "interview"
    return application


class TestInterview:
    def test_the_company_reads_what_was_said_and_answers_until_it_begins(self, cast, client, to_interview):
        meeting = stages.meeting(cast, to_interview, kind="interview", at=DECIDED)
        item = meeting.items.get()
        meetings.set_slot(item=item, starts_at=DECIDED, by=cast["officer"], at=SETTLED)
        assert Notice.objects.filter(kind="meeting.slot", person=cast["applicant"]).count() == 1
        assert feedback_on(to_interview) is None
        client.force_login(cast["applicant"])
        path = reverse("assessments:interview", args=[to_interview.reference])
        assert path in client.get(to_interview.get_absolute_url()).text
        page = client.get(path).text
        assert REASONS in page
        assert "Ada" not in page
        waits = [path in {one.url for one in home.answered(interview_items(cast["applicant"], day))} for day in (SETTLED, DECIDED)]
        assert waits == [True, False], "it is at home until the interview begins"
        meetings.respond(item=item, response="The second site has signed.", by=cast["applicant"], at=SETTLED)
        assert not list(home.answered(interview_items(cast["applicant"], SETTLED)))
        letter = SimpleUploadedFile("letter.pdf", samples.pdf("The second site"), content_type="application/pdf")
        with time_machine.travel(SETTLED):
            client.force_login(cast["applicant"])
            assert "letter.pdf" in client.post(path, {"response": "The second site has signed.", "file": letter}, follow=True).text
            wrong = client.post(path, {"response": "Again.", "file": SimpleUploadedFile("x.pdf", b"MZ")}).text
        assert "must be a" in wrong
        assert "Again." in wrong, "what was typed is on the page"
        [document] = to_interview.documents.of_the_response()
        assert document.sha256 not in str(answered(to_interview)), "no part of the application itself"
        client.force_login(cast["chair"])
        shown = reverse("assessments:meeting_item", args=[to_interview.round.reference, meeting.pk, to_interview.reference])
        assert f"documents/{document.pk}/" in client.get(shown).text
        assert client.get(f"{shown}documents/{document.pk}/").getvalue() == samples.pdf("The second site")
        with pytest.raises(NotAllowedNow):
            meetings.take_back(item=item, document=document, by=cast["applicant"], at=DECIDED)
        meetings.take_back(item=item, document=document, by=cast["applicant"], at=SETTLED)
        assert not to_interview.documents.of_the_response().exists()
        with pytest.raises(NotAllowedNow):
            meetings.respond(item=item, response="Too late.", by=cast["applicant"], at=DECIDED)
        with pytest.raises(Denied):
            meetings.respond(item=item, response="Not mine.", by=cast["stranger"], at=SETTLED)
        client.force_login(cast["stranger"])
        assert client.get(path).status_code == 404

    def test_a_cancelled_day_is_told_and_its_times_are_gone(self, cast, client, to_interview):
        meeting = stages.meeting(cast, to_interview, kind="interview", at=DECIDED)
        with pytest.raises(Refused, match="has passed"):
            meetings.set_slot(item=meeting.items.get(), starts_at=SETTLED - timedelta(minutes=1), by=cast["officer"], at=SETTLED)
        meetings.set_slot(item=meeting.items.get(), starts_at=DECIDED, by=cast["officer"], at=SETTLED)
        client.force_login(cast["panel-member"])
        assert meeting.get_absolute_url() in client.get("/home/").text
        meetings.cancel(meeting=meeting, reason="Trains.", by=cast["officer"], at=SETTLED)
        told = set(Notice.objects.filter(kind="meeting.cancelled").values_list("person", flat=True))
        assert told >= {cast[who].pk for who in ("chair", "panel-member", "applicant")}
        assert meeting.get_absolute_url() not in client.get("/home/").text
        client.force_login(cast["applicant"])
        path = reverse("assessments:interview", args=[to_interview.reference])
        assert client.get(path).status_code == 302
        assert path not in client.get(to_interview.get_absolute_url()).text

    def test_it_leads_to_the_decision(self, cast, to_interview):
        assert stages.met(cast, to_interview, kind="interview").state == "deciding"

    def test_no_two_companies_have_the_same_time(self, cast, to_interview):
        other = stages.with_panel(cast, round=to_interview.round, state="interview")
        first, second = stages.meeting(cast, to_interview, other, kind="interview", at=DECIDED).items.order_by("place")
        meetings.set_slot(item=first, starts_at=DECIDED, by=cast["officer"], at=SETTLED)
        with pytest.raises(Refused):
            meetings.set_slot(item=second, starts_at=DECIDED, by=cast["officer"], at=SETTLED)


def test_a_change_after_the_panel_asks_it_again(cast):
    """A late conflict takes a score away: the decision that rested on it is void, and too few reviews count."""
    application = stages.approved(cast)
    late = application.assessments.order_by("pk").first()
    reviews.declare_conflict(assessment=late, reason="Late.", by=late.assessor, at=DECIDED)
    assert fresh(application).state == "deciding"


def test_the_pages_call_record_and_sign(cast, client):
    application = stages.with_panel(cast)
    base = f"/manage/assessment/{application.round.reference}/meetings/"
    client.force_login(cast["officer"])
    assert "1 wait for it" in client.get(base).text
    form = {"kind": "panel", "held_on_day": "20", "held_on_month": "11", "held_on_year": "2026", "begins": "14.30", "place": "Online",
            "members": [cast["chair"].pk, cast["panel-member"].pk]}  # fmt: skip
    assert "Say at what time." in client.post(base, form | {"begins": ""}).text
    page = client.post(base, form)
    meeting = Meeting.objects.get()
    assert page.url == meeting.get_absolute_url()
    client.force_login(cast["chair"])
    present = {"present": [cast["chair"].pk, cast["panel-member"].pk]}
    assert client.post(f"{base}{meeting.pk}/do/open/", present, follow=True).status_code == 200
    item = f"{base}{meeting.pk}/{application.reference}/"
    assert "Order suggests: Fund" in client.get(meeting.get_absolute_url()).text
    missing = client.post(item, {"act": "record", "outcome": "decline", "place": "1", "amount_pence": ""})
    assert "give the reason" in missing.text
    client.post(item, {"act": "record", "outcome": "fund", "place": "1", "amount_pence": "20,000"})
    client.post(f"{base}{meeting.pk}/do/minutes/", {"note": "Agreed."})
    assert "The minutes are signed" in client.post(f"{base}{meeting.pk}/do/sign/", follow=True).text
    client.force_login(cast["officer"])
    assert "1 application sent on" in client.post(f"{base}{meeting.pk}/do/send-on/", follow=True).text
