"""Saving answers: nothing is lost, nothing wrong is kept, nobody else's is touched."""

from datetime import timedelta

import pytest

from accounts.refusals import Denied, NotAllowedNow, Refused
from applications.actions import answers, applications
from applications.actions.answers import StaleAnswer, Typed
from applications.models import AnswerRevision, Application
from audit.models import Event, PersonalValue
from grants.policies import RoundClosed
from tests.stages import applications as stages


def save(draft, by, at, question="need", value="A real need.", **about):
    return answers.save(application=draft, question=question, value=value, by=by, at=at, **about)


def test_a_save_counts_revisions_and_keeps_every_earlier_text(draft, applicant, colleague, now):
    first = save(draft, applicant, now)
    second = save(draft, colleague, now, value="Another text.", revision=1)
    assert (first.revision, second.revision) == (1, 2)
    assert list(AnswerRevision.objects.values_list("revision", "value", "saved_by")) == [(1, "A real need.", applicant.pk)]


def test_saving_what_already_stands_changes_nothing(draft, applicant, now):
    save(draft, applicant, now)
    events = Event.objects.count()
    assert save(draft, applicant, now, revision=0).revision == 1
    assert Event.objects.count() == events


def test_the_later_of_two_gets_both_texts_and_nothing_is_overwritten(draft, applicant, colleague, now):
    save(draft, applicant, now)
    save(draft, colleague, now, value="Colin's text.", revision=1)
    with pytest.raises(StaleAnswer) as refused:
        save(draft, applicant, now, value="Ann's text.", revision=1)
    assert (refused.value.theirs, refused.value.yours) == ("Colin's text.", "Ann's text.")
    assert draft.answers.get(question="need").value == "Colin's text."


def test_of_several_answers_only_the_stale_one_waits(draft, applicant, colleague, now):
    save(draft, applicant, now)
    save(draft, colleague, now, value="Colin's text.", revision=1)
    typed = {"need": Typed("Ann's text.", 1), "team": Typed("Three people.", 0)}
    outcome = answers.save_many(application=draft, typed=typed, by=applicant, at=now)
    assert [one.answer.question for one in outcome.stale] == ["need"]
    assert draft.answers.get(question="team").value == "Three people."


def test_the_trail_commits_to_the_text_and_does_not_hold_it(draft, applicant, now):
    save(draft, applicant, now, value="A secret of the company.")
    event = Event.objects.get(kind="answer.saved")
    assert b"secret" not in bytes(event.body)
    assert PersonalValue.objects.get(event=event, path="need").value == '"A secret of the company."'


@pytest.mark.parametrize(
    ("question", "value", "sentence"),
    [
        ("need", "x" * 100_001, "far too long to keep"),
        ("need", 7, "wrong kind"),
        ("need", ["a"], "wrong kind"),
        ("project_title", "x" * 2_001, "far too long to keep"),
        ("project_title", "two\nlines", "one line"),
        ("diagnostic_use", "spying", "Choose one of the answers"),
        ("has_started", "no", "Choose yes or no"),
        ("starts_on", "2027-02-30", "wrong kind"),
        ("starts_on", "soon", "wrong kind"),
        ("grant_requested", -1, "£0 or more"),
        ("grant_requested", "12", "in pounds"),
        ("grant_requested", True, "in pounds"),
        ("jobs_created", "1.23", "at most 1 digits"),
        ("jobs_created", "201", "200 or less"),
        ("costs", [{"category": "yachts", "description": "", "amount_pence": 1}], "Line 1: choose"),
        ("costs", [{"category": "labour"}], "Line 1: choose"),
        ("costs", [{"category": "labour", "description": "x", "amount_pence": 1.5}], "Line 1: enter an amount"),
        ("milestones", [{"title": "Mine", "deliverable": "", "success": "", "month": 1, "percent": 100}], "that the programme sets"),
        ("project_plan", "plan.pdf", "attached"),
        ("declaration", {"agreed": True, "name": "A", "position": "B"}, "is signed"),
        ("no_such_question", "x", "no such question"),
    ],
)
def test_a_wrong_value_gets_its_sentence_and_is_not_kept(draft, applicant, now, question, value, sentence):
    with pytest.raises(Refused, match=sentence):
        save(draft, applicant, now, question=question, value=value)
    assert not draft.answers.exists()


def test_after_the_close_nothing_is_saved_but_under_a_recorded_extension(draft, applicant, officer, now):
    closes = draft.round.closes_at
    with pytest.raises(RoundClosed):
        save(draft, applicant, closes)
    applications.extend(application=draft, until=closes + timedelta(hours=3), note="Their network was down.", by=officer, at=now)
    assert save(draft, applicant, closes + timedelta(hours=2)).revision == 1
    with pytest.raises(RoundClosed, match="extra time ended"):
        save(draft, applicant, closes + timedelta(hours=3), value="Too late.")


def test_an_extension_needs_a_reason_a_later_time_and_staff(draft, applicant, officer, now):
    closes = draft.round.closes_at
    with pytest.raises(Denied):
        applications.extend(application=draft, until=closes + timedelta(hours=1), note="Please", by=applicant, at=now)
    with pytest.raises(Refused, match="reason"):
        applications.extend(application=draft, until=closes + timedelta(hours=1), note=" ", by=officer, at=now)
    with pytest.raises(Refused, match="after the round closes"):
        applications.extend(application=draft, until=closes, note="Because", by=officer, at=now)


def test_what_was_sent_in_cannot_be_changed(cast, open_now, applicant, now):
    sent = stages.eligible(cast, round=open_now, at=now)
    with pytest.raises(NotAllowedNow, match="cannot be changed"):
        save(sent, applicant, now)


def test_strangers_assessors_and_staff_do_not_write(draft, stranger, assessor, officer, now):
    for person in (stranger, assessor, officer):
        with pytest.raises(Denied):
            save(draft, person, now)


def test_lists_repeat_title_summary_money_and_dates(draft, applicant, now):
    for question, value in {
        "project_title": "A test",
        "public_summary": "What it is.",
        "grant_requested": 2_000_000,
        "costs": [{"category": "labour", "description": "People", "amount_pence": 3_000_000}],
        "ends_on": "2027-09-30",
        "starts_on": "2027-03-01",
    }.items():
        save(draft, applicant, now, question=question, value=value)
    fresh = Application.objects.get(pk=draft.pk)
    assert (fresh.title, fresh.public_summary, fresh.grant_requested_pence, fresh.project_cost_pence) == (
        "A test", "What it is.", 2_000_000, 3_000_000,
    )  # fmt: skip
    assert (fresh.starts_on.isoformat(), fresh.ends_on.isoformat()) == ("2027-03-01", "2027-09-30")
    save(draft, applicant, now, question="ends_on", value="2026-01-01")
    assert Application.objects.get(pk=draft.pk).ends_on is None
