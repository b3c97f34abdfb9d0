"""Letters of feedback: read by a person, released together, kept as they were read."""

import pytest

from accounts.refusals import Denied, NotAllowedNow, Refused
from applications.models import Application
from assessments.actions import feedback, moderation, reviews
from assessments.models import FeedbackLetter, Score
from assessments.presenters.feedback import feedback_on
from notifications.models import Notice
from tests.cast import *  # noqa: F403
from tests.stages import assessments as stages
from tests.stages.assessments import NOTIFIED, REASONS, SETTLED


def fresh(application: Application) -> Application:
    return Application.objects.for_pages().get(pk=application.pk)


def release_all(cast, application):
    return list(feedback.release_round(round=application.round, by=cast["officer"], at=NOTIFIED))


def test_nothing_before_it_is_checked_told_and_released(cast):
    application = stages.approved(cast)
    stages.feedback_checked(cast, application)
    with pytest.raises(NotAllowedNow) as refusal:
        feedback.release(application=application, by=cast["officer"], at=NOTIFIED)
    assert refusal.value.code == "not_told"
    assert feedback_on(application) is None


def test_by_criterion_without_names(cast):
    content = feedback_on(stages.released(cast, marks=(8, 8, 7)))
    assert content["mean"] == "76.7"
    assert [one["title"] for one in content["criteria"]][:2] == ["Need", "Innovation"]
    assert content["criteria"][0]["mean"] == "7.7 of 10"
    assert [letter for letter, _ in content["criteria"][0]["comments"]] == ["Assessor A", "Assessor B", "Assessor C"]
    assert "Ada" not in str(content)
    assert REASONS in str(content)
    assert Notice.objects.filter(kind="feedback.released", person=cast["applicant"]).count() == 1


def test_an_excluded_review_is_not_passed_on(cast):
    items = stages.moderating(cast, marks=(8, 8, 4))
    application = items[0].application
    for item in items:
        outcome = "exclude" if item.trigger == "outlier" else "keep"
        moderation.resolve(moderation=item, outcome=outcome, reason="Unsupported.", by=cast["officer"], at=SETTLED)
    outlier = next(item for item in application.moderations.unsettled())
    moderation.resolve(moderation=outlier, outcome="exclude", reason="Agreed.", by=cast["chair"], at=SETTLED)
    moderation.allow_fewer(application=application, reason="The others agree.", by=cast["officer"], at=SETTLED)
    moderation.finish(application=application, by=cast["officer"], at=SETTLED)
    told = stages.released(cast, application=fresh(stages.met(cast, application)))
    assert feedback_on(told)["mean"] == "80.0"
    assert len(feedback_on(told)["overall"]) == 2


def test_release_names_what_nobody_has_checked_and_sends_nothing(cast):
    read = stages.notified(cast)
    unread = stages.notified(cast, round=read.round)
    stages.feedback_checked(cast, read)
    with pytest.raises(NotAllowedNow) as refusal:
        release_all(cast, read)
    assert refusal.value.sentence == f"Nobody has checked this letter as it reads now: {unread.reference}."
    assert feedback_on(read) is None
    stages.feedback_checked(cast, unread)
    assert [refusal for _, refusal in release_all(cast, read)] == [None, None]
    assert release_all(cast, read) == []
    with pytest.raises(NotAllowedNow) as refusal:
        stages.feedback_checked(cast, read)
    assert refusal.value.code == "feedback_released"


def test_what_changed_since_is_read_again_and_what_is_released_stays(cast):
    application = stages.notified(cast)
    stages.feedback_checked(cast, application)
    late = application.assessments.order_by("pk").first()
    reviews.declare_conflict(assessment=late, reason="Noticed late.", by=late.assessor, at=NOTIFIED)
    with pytest.raises(NotAllowedNow):
        release_all(cast, application)
    stages.feedback_checked(cast, application)
    release_all(cast, application)
    another = application.assessments.order_by("pk").last()
    reviews.declare_conflict(assessment=another, reason="Later still.", by=another.assessor, at=NOTIFIED)
    assert len(feedback_on(application)["overall"]) == 2


def test_a_warning_is_answered_by_leaving_out_or_by_a_note(cast):
    application = stages.notified(cast)
    named = Score.objects.filter(assessment__application=application, criterion="need").order_by("pk").first()
    Score.objects.filter(pk=named.pk).update(comment="Ada Assessor put it well: nonsense.")
    with pytest.raises(Refused) as refusal:
        stages.feedback_checked(cast, application)
    assert refusal.value.sentence.startswith("“Ada Assessor” is an assessor’s name. “nonsense” is among the words")
    content = feedback.feedback.of(application)
    key = next(f"need:{letter}" for letter, said in content["criteria"][0]["comments"] if "Ada" in said)
    with pytest.raises(Refused) as refusal:
        stages.feedback_checked(cast, application, left_out=["need:Assessor Z"])
    assert refusal.value.code == "comment_unknown"
    letter = stages.feedback_checked(cast, application, left_out=[key])
    assert "Ada" not in str(letter.content)
    letter = stages.feedback_checked(cast, application, note="She is quoted with her consent.")
    assert FeedbackLetter.objects.get().left_out == []
    assert "Ada" in str(letter.content)


def test_only_who_tells_companies_reads_letters(cast, client):
    application = stages.notified(cast)
    with pytest.raises(Denied):
        feedback.check(application=application, by=cast["chair"], at=NOTIFIED)


def test_the_pages_lead_from_letter_to_letter(cast, client):
    first = stages.notified(cast)
    second = stages.notified(cast, round=first.round)
    client.force_login(cast["officer"])
    start = f"/manage/assessment/{first.round.reference}/feedback/"
    owed = f"Feedback to release ({first.round.reference})"
    assert owed in client.get("/home/").text
    assert "letters are" in client.get(start).text
    assert REASONS in client.get(f"{start}{first.reference}/").text
    assert client.post(f"{start}{first.reference}/", {"left_out": ["need:Assessor A"]}).url == f"{start}{second.reference}/"
    refused = client.post(f"{start}release/", follow=True)
    assert f"Nobody has checked this letter as it reads now: {second.reference}." in refused.text
    assert "Release to the companies that know their decision" in refused.text
    assert owed in client.get("/home/").text
    assert client.post(f"{start}{second.reference}/", {}).url == start
    assert "2 applications given feedback" in client.post(f"{start}release/", follow=True).text
    assert owed not in client.get("/home/").text
    assert feedback_on(first)["criteria"][0]["comments"][0][0] == "Assessor B"
