"""Figures of a round: asked for, worked out in the background, kept; shown to those who may see them and hidden below thirty."""

import pytest
from django.utils.timezone import now

from accounts.refusals import Denied
from assessments.actions import runs
from assessments.methods import BadInput
from assessments.models import Assessment, Conflict, Run
from assessments.presenters import figures as shows
from assessments.standings import Given
from design import charts
from notifications import delivery
from tests.cast import *  # noqa: F403
from tests.stages import assessments as stages
from tests.stages.assessments import INVITED, SETTLED

PAGE = "/manage/assessment/DIAGCOMM-1/figures/"


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("assessments.methods.figures.expected_rank.KEPT", 60)


def test_a_run_is_kept_and_never_worked_out_again(client, cast, quick):
    application = stages.assessed(cast)
    round = application.round
    client.force_login(cast["officer"])
    before = client.get(PAGE).content.decode()
    assert "Nothing has been worked out yet" in before
    assert "Totals given" in before
    client.post(PAGE + "work-out/")
    run = Run.objects.get()
    assert (run.finished_at, run.inputs["places"]) == (None, 1)
    assert "Being worked out: 0 %" in client.get(PAGE).content.decode()
    delivery.drain(at=now())
    run.refresh_from_db()
    assert (run.progress, run.outcome["seed"], len(run.inputs["votes"])) == (100, run.seed, 3)
    outcome = run.outcome
    assert runs.request(round=round, by=cast["officer"], at=SETTLED) == run
    delivery.drain(at=now())
    run.refresh_from_db()
    assert run.outcome == outcome
    page = client.get(PAGE).content.decode()
    assert run.inputs_sha256[:16] in page
    assert "from 30 applications on" in page
    assert "Scores have changed since" not in page
    review = Assessment.objects.first()
    Assessment.objects.filter(pk=review.pk).update(total_numerator=1, total_denominator=3)
    assert "Scores have changed since" in client.get(PAGE).content.decode()
    assert runs.request(round=round, by=cast["officer"], at=SETTLED) != run


def test_nobody_is_named_alone_for_a_spread_that_several_share():
    assert shows._widest("A", "20.0", 3) == "3 applications share the widest spread, 20.0."
    assert shows._widest("A", "20.0", 1) == "A has the widest spread, 20.0."
    assert shows._widest("A", "0.0", 3) == "No application’s totals lie apart."


def test_bars_of_no_length_are_no_picture():
    assert charts.bars([("A", 0.0), ("B", 0)], horizontal=True) == ""


def test_points_far_apart_are_written_out_along_the_axis():
    reviews = [Given(1, person, "submitted", False, (total, 1)) for person, total in ((1, 90), (2, 50))]
    drawn = shows.spread(reviews, {1: "DIAGCOMM-2345"})
    assert ">40</text>" in drawn["svg"], "not 4e+1"


def test_who_may_have_figures_worked_out_and_see_what(client, cast, quick):
    application = stages.assessed(cast)
    with pytest.raises(Denied):
        runs.request(round=application.round, by=cast["auditor"], at=SETTLED)
    runs.request(round=application.round, by=cast["officer"], at=SETTLED)
    delivery.drain(at=now())
    client.force_login(cast["lead"])
    assert application.reference in client.get(PAGE).content.decode()
    Conflict.objects.create(
        person=cast["lead"], application=application, kind="declared", ground="declared", status="confirmed",
        recorded_at=INVITED, recorded_by=cast["officer"],
    )  # fmt: skip
    assert application.reference not in client.get(PAGE).content.decode()


def test_without_scores_there_is_nothing_to_work_out(client, cast):
    stages.invited(cast)
    client.force_login(cast["officer"])
    assert "nothing to work out" in client.post(PAGE + "work-out/", follow=True).content.decode()


def test_figures_that_failed_say_why_and_are_tried_again(client, cast, quick, monkeypatch):
    def refuses(*args, **more):
        raise BadInput("Something about these scores does not add up.")

    application = stages.assessed(cast)
    client.force_login(cast["officer"])
    with monkeypatch.context() as broken:
        broken.setattr("assessments.methods.figures.rank", refuses)
        client.post(PAGE + "work-out/")
        delivery.drain(at=now())
    assert "does not add up" in client.get(PAGE).content.decode()
    client.post(PAGE + "work-out/")
    delivery.drain(at=now())
    assert Run.objects.get(round=application.round).outcome is not None
    assert "does not add up" not in client.get(PAGE).content.decode()
