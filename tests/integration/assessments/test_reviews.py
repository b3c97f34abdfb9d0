"""An assessor declares, writes, submits; conflicts close the application; everything submitted is kept."""

import json
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction

from accounts.refusals import Denied, NotAllowedNow, Refused
from applications.models import Application
from assessments.actions import allocation, decisions, reviews
from assessments.actions.reviews import Content
from assessments.models import Assessment, Conflict, Score
from notifications.models import Notice
from tests.cast import *  # noqa: F403
from tests.stages import applications
from tests.stages import assessments as stages
from tests.stages.assessments import INVITED, SCORED, SETTLED
from workflow.models import StepTaken


def fresh(assessment: Assessment) -> Assessment:
    return Assessment.objects.get(pk=assessment.pk)


def readable(assessment: Assessment, person) -> bool:
    return Assessment.objects.with_content_for(person).filter(pk=assessment.pk).exists()


def test_content_opens_only_with_the_declaration(cast):
    first, second, _ = stages.invited(cast)
    assert not readable(first, first.assessor)
    reviews.accept(assessment=first, by=first.assessor, at=INVITED)
    assert readable(first, first.assessor)
    assert not readable(first, second.assessor)
    assert not readable(first, cast["officer"])


def test_who_is_invited_first_scores_while_other_places_are_open(cast):
    application = applications.eligible(cast)
    invited = allocation.allocate(application=application, assessors=[cast["assessor-1"]], by=cast["officer"], at=INVITED)
    taken = reviews.accept(assessment=invited[0], by=cast["assessor-1"], at=INVITED)
    assert reviews.submit(assessment=taken, content=stages.content(taken), by=taken.assessor, at=SCORED).state == "submitted"
    assert not Notice.objects.filter(kind="assessment.submitted").exists(), "two reviews are still missing"
    allocation.allocate(application=application, assessors=[cast["assessor-2"], cast["assessor-3"]], by=cast["officer"], at=SCORED)
    assert Application.objects.get(pk=application.pk).state == "assessing"


def test_nobody_answers_for_another_assessor(cast):
    first, second, _ = stages.invited(cast)
    for act in (reviews.accept,):
        with pytest.raises(Denied) as refusal:
            act(assessment=first, by=second.assessor, at=INVITED)
        assert refusal.value.code == "not_your_review"
    with pytest.raises(Denied):
        reviews.decline(assessment=first, reason="No.", by=cast["officer"], at=INVITED)
    assert fresh(first).state == "invited"


@pytest.mark.parametrize("state", ["invited", "accepted", "submitted"])
def test_a_conflict_closes_the_application_for_good(cast, client, state):
    first = {"invited": stages.invited, "accepted": stages.accepted, "submitted": stages.submitted}[state](cast)[0]
    reviews.declare_conflict(assessment=first, reason="My sister works there.", by=first.assessor, at=SCORED)
    assert fresh(first).state == "conflicted"
    assert not readable(first, first.assessor)
    assert Conflict.objects.get().status == "confirmed"
    assert Notice.objects.filter(kind="assessment.conflicted", person=cast["officer"]).exists()
    client.force_login(first.assessor)
    assert client.get(f"/assess/{first.pk}/").status_code == 404
    client.force_login(cast["officer"])
    assert client.get("/home/").text.count("Places open again (DIAGCOMM-1)") == 1
    with pytest.raises(NotAllowedNow):
        reviews.accept(assessment=first, by=first.assessor, at=SCORED)


def test_a_late_conflict_keeps_the_score_and_does_not_count_it(cast):
    first, second, third = stages.submitted(cast, marks=(10, 8, 8))
    reviews.declare_conflict(assessment=first, reason="Noticed late.", by=first.assessor, at=SCORED)
    assert set(Assessment.objects.counted()) == {second, third}
    assert fresh(first).total == 100
    assert first.papers.count() == 1


def test_a_conflict_recorded_meanwhile_bars_acceptance(cast):
    first = stages.invited(cast)[0]
    Conflict.objects.create(
        person=first.assessor, application=first.application, kind="found", ground="employer", status="confirmed",
        recorded_at=INVITED, recorded_by=cast["officer"],
    )  # fmt: skip
    with pytest.raises(Denied) as refusal:
        reviews.accept(assessment=first, by=first.assessor, at=INVITED)
    assert refusal.value.code == "conflict"


def test_half_a_review_is_saved_and_the_rest_left_alone(cast):
    first = stages.accepted(cast)[0]
    save = Content(marks={"need": 7}, comments={"need": "So far"}, closing={"in_scope": True})
    saved = reviews.save(assessment=first, content=save, by=first.assessor, at=SCORED)
    reviews.save(assessment=saved, content=Content(comments={"need": "Better"}), by=first.assessor, at=SCORED, revision=saved.revision)
    score = Score.objects.get(assessment=first)
    assert (score.marks, score.comment) == (7, "Better")
    assert fresh(first).in_scope is True
    assert fresh(first).revision == 2


def test_a_save_from_an_older_window_does_not_write_over_a_newer_one(cast):
    first = stages.accepted(cast)[0]
    reviews.save(assessment=first, content=Content(marks={"need": 7}), by=first.assessor, at=SCORED, revision=0)
    with pytest.raises(NotAllowedNow) as refusal:
        reviews.save(assessment=first, content=Content(marks={"need": 3}), by=first.assessor, at=SCORED, revision=0)
    assert refusal.value.code == "stale_revision"
    assert Score.objects.get().marks == 7


@pytest.mark.parametrize("marks", [11, -1, "8", 7.5, True])
def test_marks_out_of_bounds_are_refused_by_the_action_too(cast, marks):
    first = stages.accepted(cast)[0]
    with pytest.raises(Refused) as refusal:
        reviews.save(assessment=first, content=Content(marks={"need": marks}), by=first.assessor, at=SCORED)
    assert refusal.value.details["fields"] == {"marks_need": "Marks for “Need” must be a whole number from 0 to 10."}
    assert not Score.objects.exists()


@pytest.mark.parametrize("content", [Content(marks={"charm": 3}), Content(closing={"state": "submitted"})])
def test_what_the_programme_does_not_ask_is_refused(cast, content):
    first = stages.accepted(cast)[0]
    with pytest.raises(Refused):
        reviews.save(assessment=first, content=content, by=first.assessor, at=SCORED)
    assert fresh(first).state == "accepted"


def test_an_over_long_comment_is_refused_with_its_length(cast):
    first = stages.accepted(cast)[0]
    with pytest.raises(Refused) as refusal:
        reviews.save(assessment=first, content=Content(comments={"need": "x" * 4001}), by=first.assessor, at=SCORED)
    assert refusal.value.details["fields"] == {"comment_need": "Shorten this comment to 4,000 characters; it has 4,001."}


def test_everything_missing_is_named_at_once_and_what_was_typed_is_kept(cast):
    first = stages.accepted(cast)[0]
    with pytest.raises(Refused) as refusal:
        reviews.submit(assessment=first, content=Content(marks={"need": 7}, comments={"need": "Short"}), by=first.assessor, at=SCORED)
    missing = refusal.value.details["fields"]
    assert "marks_need" not in missing
    assert missing["comment_need"] == "Give the reasons for your marks for “Need” in at least 20 characters."
    assert {"marks_innovation", "comment_innovation", "in_scope", "suitable", "overall_comment"} <= missing.keys()
    assert Score.objects.get(criterion="need").marks == 7
    assert fresh(first).state == "accepted"
    assert not first.papers.exists()


def test_submitting_fixes_an_exact_total_and_a_frozen_paper(cast):
    first = stages.submitted(cast, marks=({"need": 7, "adoption": 3}, 8, 8))[0]
    # 20×7/10 + 15×3/10 + 65×8/10
    assert first.total == Fraction(14) + Fraction(45, 10) + Fraction(52)
    paper = first.papers.get()
    assert json.loads(paper.document)["total"] == [first.total_numerator, first.total_denominator]
    assert StepTaken.objects.filter(duty="score", by=first.assessor).count() == 1


def test_a_submitted_review_does_not_change(cast):
    first = stages.submitted(cast)[0]
    with pytest.raises(NotAllowedNow):
        reviews.save(assessment=first, content=Content(marks={"need": 1}), by=first.assessor, at=SCORED)
    with pytest.raises(NotAllowedNow):
        reviews.decline(assessment=first, reason="Changed my mind.", by=first.assessor, at=SCORED)


def test_the_database_refuses_a_second_live_review_by_one_assessor(cast):
    first = stages.invited(cast)[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.create(
            case=first.case,
            application=first.application,
            assessor=first.assessor,
            due_at=SCORED,
            invited_at=INVITED,
            invited_by=cast["officer"],
        )


def test_a_returned_review_is_corrected_and_both_papers_stay(cast):
    first = stages.submitted(cast, marks=(6, 8, 8))[0]
    returned = reviews.return_to_assessor(
        assessment=first, reason="The marks for need do not fit the comment.", by=cast["officer"], at=SCORED
    )
    assert returned.state == "returned"
    assert Notice.objects.filter(kind="assessment.returned", person=first.assessor).exists()
    assert first not in Assessment.objects.counted()
    again = reviews.submit(assessment=returned, content=stages.content(returned, marks=9), by=first.assessor, at=SETTLED)
    assert again.total == 90
    assert [json.loads(paper.document)["total"] for paper in again.papers.order_by("number")] == [[60, 1], [90, 1]]


def test_returning_needs_a_reason_and_the_right(cast):
    first = stages.submitted(cast)[0]
    with pytest.raises(Refused):
        reviews.return_to_assessor(assessment=first, reason=" ", by=cast["officer"], at=SCORED)
    with pytest.raises(Denied):
        reviews.return_to_assessor(assessment=first, reason="Because.", by=first.assessor, at=SCORED)


def test_nothing_changes_once_scoring_is_over(cast):
    application = stages.assessed(cast)
    first = application.assessments.first()
    with pytest.raises(NotAllowedNow):
        reviews.return_to_assessor(assessment=first, reason="Too late.", by=cast["officer"], at=SETTLED)


def test_the_officer_hears_when_the_last_review_is_in_and_not_before(cast):
    *_, last = stages.accepted(cast)
    others = [one for one in last.application.assessments.all() if one.pk != last.pk]
    for one in others:
        reviews.submit(assessment=one, content=stages.content(one), by=one.assessor, at=SCORED)
    assert not Notice.objects.filter(kind="assessment.submitted").exists()
    reviews.submit(assessment=last, content=stages.content(last), by=last.assessor, at=SCORED)
    assert Notice.objects.filter(kind="assessment.submitted", person=cast["officer"]).count() == 1


def test_a_withdrawn_invitation_tells_the_assessor_and_frees_the_place(cast):
    first = stages.invited(cast)[0]
    reviews.withdraw(assessment=first, reason="Nothing heard.", by=cast["officer"], at=SCORED)
    assert Notice.objects.filter(kind="assessment.withdrawn", person=first.assessor).exists()
    assert first.application.assessments.live().count() == 2


class TestWhoSees:
    def test_assessors_see_their_own_and_never_each_others(self, cast):
        first, second, _ = stages.submitted(cast)
        assert set(Assessment.objects.visible_to(first.assessor)) == {first}
        assert second not in Assessment.objects.visible_to(first.assessor)

    @pytest.mark.parametrize(
        ("who", "count"),
        [
            ("officer", 3),
            ("lead", 3),
            ("chair", 3),
            ("auditor", 3),
            ("finance", 0),
            ("funder", 0),
            ("applicant", 0),
            ("stranger", 0),
            ("admin", 0),
        ],
    )
    def test_staff_and_chair_see_all_and_others_nothing(self, cast, who, count):
        stages.submitted(cast)
        assert Assessment.objects.visible_to(cast[who]).count() == count

    def test_staff_with_a_conflict_see_nothing(self, cast):
        first = stages.submitted(cast)[0]
        Conflict.objects.create(
            person=cast["officer"], application=first.application, kind="declared", ground="declared", status="confirmed",
            recorded_at=INVITED, recorded_by=cast["officer"],
        )  # fmt: skip
        assert not Assessment.objects.visible_to(cast["officer"]).exists()
        with pytest.raises(Denied):
            decisions.propose(application=first.application, outcome="decline", reason="x", by=cast["officer"], at=SETTLED)
