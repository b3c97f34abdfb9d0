"""What the scores show is settled by people; an exclusion takes an officer and the chair; originals stay."""

from fractions import Fraction

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Role
from applications.models import Application
from assessments import policies, ranking, standings
from assessments.actions import allocation, moderation, reviews, runs
from assessments.models import Assessment, Moderation, Run
from assessments.noise import noise_of
from notifications import delivery
from notifications.models import Notice
from tests.cast import *  # noqa: F403
from tests.stages import assessments as stages
from tests.stages import grants
from tests.stages.assessments import SETTLED
from workflow.engine import fire


def settle(item: Moderation, outcome: str, by, reason: str = "The comments bear it out.") -> Moderation:
    return moderation.resolve(moderation=Moderation.objects.get(pk=item.pk), outcome=outcome, reason=reason, by=by, at=SETTLED)


def mean(application: Application) -> Fraction:
    return ranking.figures(standings.votes([application])[application.pk]).mean


def finished(application: Application, by) -> str:
    moderation.finish(application=application, by=by, at=SETTLED)
    return Application.objects.get(pk=application.pk).state


def test_agreeing_scores_go_straight_on_to_the_panel(cast):
    assert stages.with_panel(cast, marks=(8, 8, 7)).state == "panel"
    assert not Moderation.objects.exists()


def test_scores_far_apart_open_items_that_name_what_they_show(cast):
    items = stages.moderating(cast, marks=(8, 8, 4))
    shown = {(item.trigger, item.assessment.assessor if item.assessment else None, item.criterion) for item in items}
    outlying = items[0].application.assessments.get(assessor=cast["assessor-3"]).assessor
    assert ("spread", None, "") in shown
    assert ("outlier", outlying, "") in shown
    assert ("question", outlying, "") in shown
    assert len(items) == 3
    assert "This total lies 40.0 from the mean of the others, 80.0." in [item.sentence for item in items]


def test_a_split_recommendation_opens_an_item(cast):
    [item] = stages.moderating(cast, marks=(8, 8, 8), suitable=(True, True, False))
    assert item.trigger == "split"


def test_scoring_is_not_closed_while_a_review_is_out(cast):
    first = stages.accepted(cast)[0]
    with pytest.raises(NotAllowedNow) as refusal:
        moderation.begin(application=first.application, by=cast["officer"], at=SETTLED)
    assert refusal.value.sentence == "3 of the reviews are not in yet."
    for step in ("start_moderating", "start_deciding"):
        with pytest.raises(NotAllowedNow):
            fire(first.application, step, by=cast["officer"], at=SETTLED)


def test_nor_when_too_few_are_in(cast):
    first, *_ = stages.submitted(cast)
    reviews.declare_conflict(assessment=first, reason="Late.", by=first.assessor, at=SETTLED)
    with pytest.raises(NotAllowedNow) as refusal:
        moderation.begin(application=first.application, by=cast["officer"], at=SETTLED)
    assert refusal.value.code == "too_few_reviews"


def test_nothing_is_decided_before_every_item_is_settled(cast):
    first, *rest = stages.moderating(cast)
    settle(first, "keep", cast["officer"])
    with pytest.raises(NotAllowedNow) as refusal:
        moderation.finish(application=first.application, by=cast["officer"], at=SETTLED)
    assert refusal.value.sentence == f"{len(rest)} moderation items are still to be settled."
    with pytest.raises(NotAllowedNow):
        fire(first.application, "start_deciding", by=cast["officer"], at=SETTLED)


def test_kept_scores_count_as_before(cast):
    items = stages.moderating(cast)
    before = mean(items[0].application)
    for item in items:
        settle(item, "keep", cast["officer"])
    assert finished(items[0].application, cast["officer"]) == "panel"
    assert mean(items[0].application) == before == Fraction(200, 3)


def exclude(cast, items) -> Moderation:
    item = next(item for item in items if item.trigger == "outlier")
    settle(item, "exclude", cast["officer"])
    return settle(item, "exclude", cast["chair"])


def test_an_excluded_score_is_kept_and_no_longer_counts(cast, client):
    items = stages.moderating(cast)
    item = exclude(cast, items)
    assert item.state == "excluded"
    client.force_login(cast["chair"])
    page = client.get(f"/manage/assessment/{item.application.round.reference}/moderation/{item.pk}/").text
    assert "Does not count" in page.partition("</table>")[0], "beside its total"
    assert mean(item.application) == 80
    excluded = Assessment.objects.get(pk=item.assessment_id)
    assert (excluded.state, excluded.total) == ("submitted", 40)
    assert excluded not in Assessment.objects.counted()
    assert item.results["with"]["mean"] == [200, 3]
    assert item.results["without"]["mean"] == [80, 1]
    assert {one.state for one in Moderation.objects.exclude(pk=item.pk)} == {"overtaken"}, "what counts shows nothing of it any more"
    with pytest.raises(NotAllowedNow) as refusal:
        finished(item.application, cast["officer"])
    assert refusal.value.sentence == (
        "Only 2 of the 3 reviews that the programme asks for count (1 excluded in moderation). "
        "Invite another assessor, or record why 2 suffice."
    )
    moderation.allow_fewer(application=item.application, reason="Both others agree closely.", by=cast["officer"], at=SETTLED)
    assert finished(item.application, cast["officer"]) == "panel"


def test_no_exception_below_what_the_programme_allows(cast):
    items = stages.moderating(cast)
    about = {"application": items[0].application, "at": SETTLED}
    with pytest.raises(NotAllowedNow) as refusal:
        moderation.allow_fewer(reason="In a hurry.", by=cast["officer"], **about)
    assert refusal.value.code == "enough_count"
    exclude(cast, items)
    with pytest.raises(Refused):
        moderation.allow_fewer(reason=" ", by=cast["officer"], **about)
    with pytest.raises(Denied):
        moderation.allow_fewer(reason="I chair.", by=cast["chair"], **about)
    moderation.allow_fewer(reason="Two agree.", by=cast["officer"], **about)
    kept = items[0].application.assessments.get(assessor=cast["assessor-1"])
    reviews.declare_conflict(assessment=kept, reason="Late.", by=kept.assessor, at=SETTLED)
    with pytest.raises(NotAllowedNow):
        policies.check_enough_count(items[0].application, at=SETTLED)


def corrected(cast, assessment: Assessment, marks: int) -> Assessment:
    returned = reviews.return_to_assessor(assessment=assessment, reason="Marks and comments differ.", by=cast["officer"], at=SETTLED)
    return reviews.submit(assessment=returned, content=stages.content(assessment, marks=marks), by=assessment.assessor, at=SETTLED)


class TestAChangedReview:
    """What was settled on a review as it stood does not outlive its change."""

    def test_opens_again_what_was_settled_about_it_and_about_all(self, cast):
        items = stages.moderating(cast)
        for item in items:
            settle(item, "keep", cast["officer"])
        corrected(cast, items[0].application.assessments.get(assessor=cast["assessor-3"]), 3)
        fresh = list(Moderation.objects.order_by("pk"))
        assert {item.state for item in fresh} == {"open"}
        assert all(item.earlier[0]["reason"] == "The comments bear it out." for item in fresh)
        assert "50.0" in next(item.sentence for item in fresh if item.trigger == "spread")
        with pytest.raises(NotAllowedNow):
            finished(items[0].application, cast["officer"])

    def test_closes_what_it_no_longer_shows(self, cast):
        item = exclude(cast, stages.moderating(cast))
        corrected(cast, item.assessment, 8)
        assert set(Moderation.objects.values_list("state", flat=True)) == {"overtaken"}
        assert mean(item.application) == 80
        assert Assessment.objects.counted().count() == 3

    def test_of_somebody_else_leaves_an_exclusion_be(self, cast):
        item = exclude(cast, stages.moderating(cast))
        corrected(cast, item.application.assessments.get(assessor=cast["assessor-1"]), 9)
        assert Moderation.objects.get(pk=item.pk).state == "excluded"

    def test_sent_in_again_unchanged_leaves_everything_be(self, cast):
        items = stages.moderating(cast)
        settle(items[0], "keep", cast["officer"])
        corrected(cast, items[0].application.assessments.get(assessor=cast["assessor-3"]), 4)
        assert Moderation.objects.get(pk=items[0].pk).state == "kept"

    def test_past_the_action_is_stopped_by_the_guard(self, cast):
        items = stages.moderating(cast, marks=(8, 8, 8), suitable=(True, True, False))
        settle(items[0], "keep", cast["officer"])
        review = items[0].application.assessments.get(assessor=cast["assessor-3"])
        returned = reviews.return_to_assessor(assessment=review, reason="Look again.", by=cast["officer"], at=SETTLED)
        saved = reviews.save(assessment=returned, content=stages.content(review, marks=7), by=review.assessor, at=SETTLED)
        fire(saved, "submit", by=review.assessor, at=SETTLED)
        with pytest.raises(NotAllowedNow) as refusal:
            finished(items[0].application, cast["officer"])
        assert refusal.value.code == "settlement_overtaken"


def test_the_database_keeps_the_papers_of_a_review_as_they_were(cast):
    paper = stages.submitted(cast)[0].papers.get()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        type(paper).objects.filter(pk=paper.pk).update(document="{}")


def test_the_chair_hears_of_a_proposed_exclusion(cast):
    item = next(one for one in stages.moderating(cast) if one.assessment)
    settle(item, "exclude", cast["officer"])
    assert Notice.objects.filter(kind="moderation.exclusion_proposed", person=cast["chair"]).count() == 1


def test_until_the_chair_agrees_the_score_counts(cast):
    item = next(one for one in stages.moderating(cast) if one.trigger == "outlier")
    settle(item, "exclude", cast["officer"])
    assert mean(item.application) == Fraction(200, 3)
    settle(item, "keep", cast["chair"], "It is argued well enough.")
    fresh = Moderation.objects.get(pk=item.pk)
    assert (fresh.state, fresh.chair_reason) == ("kept", "It is argued well enough.")


@pytest.mark.parametrize("who", ["officer", "lead", "assessor-1", "applicant", "finance"])
def test_only_the_chair_confirms(cast, who):
    item = next(one for one in stages.moderating(cast) if one.trigger == "outlier")
    settle(item, "exclude", cast["officer"])
    with pytest.raises(Denied):
        settle(item, "exclude", cast[who])
    assert Moderation.objects.get(pk=item.pk).state == "exclusion_proposed"


def test_an_officer_who_also_chairs_does_not_confirm_their_own_proposal(cast):
    officer, item = cast["officer"], next(one for one in stages.moderating(cast) if one.trigger == "outlier")
    settle(item, "exclude", officer)
    officer.role_assignments.create(role=Role.CHAIR, scope="programme:diagcomm", starts_at=stages.INVITED, granted_by=cast["lead"])
    with pytest.raises(Denied) as refusal:
        settle(item, "exclude", officer)
    assert refusal.value.code == "separation_of_duties"


def test_the_database_wants_two_people_and_a_reason_too(cast):
    item = exclude(cast, stages.moderating(cast))
    with pytest.raises(IntegrityError), transaction.atomic():
        Moderation.objects.filter(pk=item.pk).update(resolved_by=cast["officer"])


def test_a_remark_about_the_whole_application_excludes_nobody(cast):
    item = next(one for one in stages.moderating(cast) if one.assessment is None)
    with pytest.raises(NotAllowedNow):
        settle(item, "exclude", cast["officer"])


def test_reasons_and_outcomes_are_asked_for(cast):
    item = stages.moderating(cast)[0]
    with pytest.raises(Refused):
        settle(item, "keep", cast["officer"], " ")
    with pytest.raises(Refused):
        settle(item, "forget", cast["officer"])


def test_an_extra_assessor_is_waited_for_and_counts_and_both_results_are_kept(cast, client):
    items = stages.moderating(cast, marks=(8, 8, 8), suitable=(True, True, False))
    settle(items[0], "extra", cast["officer"])
    application = items[0].application
    client.force_login(cast["officer"])
    page = f"/manage/assessment/{application.round.reference}/moderation/{items[0].pk}/"
    assert "With it" not in client.get(page).text
    with pytest.raises(NotAllowedNow):
        moderation.finish(application=application, by=cast["officer"], at=SETTLED)
    assert allocation.places_left(application) == 1
    [extra] = allocation.allocate(application=application, assessors=[cast["assessor-4"]], by=cast["officer"], at=SETTLED)
    reviews.accept(assessment=extra, by=extra.assessor, at=SETTLED)
    with pytest.raises(NotAllowedNow):
        moderation.finish(application=application, by=cast["officer"], at=SETTLED)
    reviews.submit(assessment=extra, content=stages.content(extra, marks=7), by=extra.assessor, at=SETTLED)
    assert "With it" in client.get(page).text, "as it stands, while nothing is kept"
    assert finished(application, cast["officer"]) == "panel"
    assert mean(application) == Fraction(310, 4)
    asked = Moderation.objects.get(pk=items[0].pk)
    assert [asked.results[name]["mean"] for name in ("before", "after")] == [[80, 1], [155, 2]]
    reviews.declare_conflict(assessment=extra, reason="Late.", by=extra.assessor, at=SETTLED)
    shown = client.get(page).text
    assert "80.0" in shown
    assert "77.5" in shown


def test_what_a_new_review_shows_opens_new_items(cast):
    items = stages.moderating(cast, marks=(8, 8, 8), suitable=(True, True, False))
    settle(items[0], "extra", cast["officer"])
    application = items[0].application
    [extra] = allocation.allocate(application=application, assessors=[cast["assessor-4"]], by=cast["officer"], at=SETTLED)
    reviews.accept(assessment=extra, by=extra.assessor, at=SETTLED)
    reviews.submit(assessment=extra, content=stages.content(extra, marks=2), by=extra.assessor, at=SETTLED)
    assert finished(application, cast["officer"]) == "moderating"
    assert {item.trigger for item in application.moderations.unsettled()} == {"spread", "outlier", "question"}


def test_an_item_is_opened_by_hand(cast):
    first = stages.submitted(cast)[0]
    item = moderation.open_item(assessment=first, reason="Eight marks and no word on adoption.", by=cast["officer"], at=SETTLED)
    assert (item.trigger, item.state) == ("by_hand", "open")
    assert Application.objects.get(pk=first.application_id).state == "moderating"


def test_a_round_is_closed_for_all_whose_reviews_are_in(cast):
    ready = stages.submitted(cast)[0].application
    waiting = stages.accepted(cast, round=ready.round)[0].application
    results = {found.pk: refusal for found, refusal in moderation.begin_round(round=ready.round, by=cast["officer"], at=SETTLED)}
    assert results[ready.pk] is None
    assert results[waiting.pk].code == "reviews_waiting"


def test_a_programme_may_have_finer_things_looked_at(cast):
    text = grants.document().replace(
        "    split_recommendation: true", "    split_recommendation: true\n    near_line: true\n    thin_comment: true"
    )
    round = grants.open_round(cast, programme=grants.published(cast, text=text))
    items = stages.moderating(cast, marks=(6, 7, 8), round=round)
    assert {(item.trigger, item.assessment and item.assessment.assessor) for item in items if item.trigger == "near_line"} == {
        ("near_line", cast["assessor-3"])
    }


def test_totals_beyond_the_noise_of_the_scheme_are_looked_at_once_figures_are_worked_out(client, cast, monkeypatch):
    """The programme looks from 20 points on; among assessors who agree closely, ten points are more than noise."""
    monkeypatch.setattr("assessments.methods.figures.expected_rank.KEPT", 60)
    first = stages.submitted(cast, marks=(8, 8, 8))[0].application
    for marks in (({"need": 7}, 8, 8), (6, 6, {"need": 7}), (9, 9, 9), (5, {"need": 5}, 5)):
        stages.submitted(cast, round=first.round, marks=[_marks(one, marks) for one in marks])
    last = stages.submitted(cast, round=first.round, marks=(8, 8, 7))[0].application
    assert begun(first, cast) == "panel"
    client.force_login(cast["officer"])
    assert "Only the programme" in client.get("/manage/assessment/DIAGCOMM-1/moderation/").content.decode()
    run = runs.request(round=first.round, by=cast["officer"], at=SETTLED)
    delivery.drain(at=SETTLED)
    noise = noise_of(first.round)
    assert (noise.run, noise.s**2) == (run.pk, pytest.approx(run_of(run).outcome["variances"]["residual"]))
    assert begun(last, cast) == "moderating"
    items = {item.trigger: item for item in last.moderations.all()}
    assert set(items) == {"spread", "outlier"}
    assert "times the usual noise; 3.31 is the limit." in items["spread"].sentence
    assert items["outlier"].assessment.assessor == cast["assessor-3"]
    assert "Noise is" in client.get("/manage/assessment/DIAGCOMM-1/moderation/").content.decode()
    page = client.get(f"/manage/assessment/DIAGCOMM-1/moderation/{items['outlier'].pk}/").content.decode()
    assert "76.7" in page
    assert "Without it" in page


def _marks(one, among) -> dict[str, int] | int:
    """A review that gives everything as the others do, but for what it names."""
    usual = next(mark for mark in among if isinstance(mark, int))
    return one if isinstance(one, int) else {**dict.fromkeys(("innovation", "delivery", "adoption", "value", "net_zero"), usual), **one}


def run_of(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def begun(application: Application, cast) -> str:
    return moderation.begin(application=application, by=cast["officer"], at=SETTLED).state
