"""A whole round is allocated by a plan: worked out in the background, explained, changed by hand, sent, worked out again."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from applications.models import Application
from assessments import fitting, jobs
from assessments.actions import plans, pool, reviews
from assessments.fitting import Settings
from assessments.methods import BadInput
from assessments.models import Assessment, Run
from audit.models import Event
from notifications import delivery
from tests.cast import *  # noqa: F403
from tests.stages import applications
from tests.stages.assessments import INVITED, planned

DAY = timedelta(days=1)
PLANS = "/manage/assessment/DIAGCOMM-1/allocation/plans/"


@pytest.fixture
def application(cast) -> Application:
    return applications.eligible(cast)


def describe(cast, who: str, application: Application, **about):
    pool.describe(person=cast[who], programme=application.round.programme, by=cast["officer"], at=INVITED, **about)


def run_again(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def people(run: Run, application: Application) -> set[str]:
    chosen = [person for one, person in plans.pairs_of(run) if one == application.pk]
    return {person.email.partition("@")[0] for person in Person.objects.filter(pk__in=chosen)}


def sent(cast, run: Run, at=INVITED) -> dict[int, str]:
    return {one.pk: refusal.sentence if refusal else "" for one, refusal in plans.send(run=run, by=cast["officer"], at=at)}


def test_the_best_fit_is_found_with_its_reasons(cast, application):
    describe(cast, "assessor-4", application, topics=["diagnostics"], expertise="Point of care tests for sepsis")
    run = planned(cast, application)
    assert "assessor-4" in people(run, application)
    best = max(run.figures["pairs"], key=lambda pair: pair["score"])
    assert best["assessor"] == cast["assessor-4"].pk
    assert best["score"] == pytest.approx(sum(points for _, points, _ in best["parts"]), abs=0.11)
    assert ["topics", 8.0, "diagnostics"] in best["parts"]
    assert (run.figures["is_proven"], run.figures["shortfalls"]) == (True, [])
    assert Event.objects.filter(stream=application.round.stream, kind="round.plan_requested").count() == 1
    assert planned(cast, application) == run


def test_skills_that_the_programme_asks_for_are_acted_on(cast, application, monkeypatch):
    from grants.definition.form import Skill

    stage = application.version.definition.assessment
    monkeypatch.setattr(fitting, "scheme_of", lambda version: _with_skills(version, [Skill(topic="Clinician", at_least=2)]))
    describe(cast, "assessor-4", application, topics=["clinician"])
    run = planned(cast, application)
    assert stage.skills == []
    assert "assessor-4" in people(run, application)
    assert run.figures["skills_not_met"] == [[application.pk, "clinician"]]
    describe(cast, "conflicted-assessor", application, topics=["clinician"])
    run = planned(cast, application)
    assert people(run, application) >= {"assessor-4", "conflicted-assessor"}
    assert run.figures["skills_not_met"] == []


def _with_skills(version, skills):
    from dataclasses import replace

    from assessments.scheme import scheme_of

    return replace(scheme_of(version), skills=tuple(skills))


def test_one_of_an_employer_and_few_newcomers(cast, application):
    for who in ("assessor-1", "assessor-2", "assessor-3"):
        describe(cast, who, application, employer="Trent Labs Ltd", topics=["diagnostics"])
    one_each = people(planned(cast, application), application)
    assert len(one_each & {"assessor-1", "assessor-2", "assessor-3"}) == 1
    assert people(planned(cast, application, one_per_organisation=False), application) == {"assessor-1", "assessor-2", "assessor-3"}
    run = planned(cast, application, newcomers_most=1)
    assert run.figures["shortfalls"] == [[application.pk, 2, 5]]


def test_a_shortfall_is_named_and_who_was_found_is_invited(client, cast, application):
    for who in ("assessor-1", "assessor-2"):
        describe(cast, who, application, is_available=False)
    describe(cast, "assessor-4", application, away_from_on=INVITED.date(), away_until_on=INVITED.date() + 3 * DAY)
    run = planned(cast, application)
    client.force_login(cast["officer"])
    page = client.get(f"{PLANS}{run.pk}/").content.decode()
    assert f"{application.reference} lacks 1 assessor: 2 of the pool may be asked for it." in page
    assert "2 of the pool have room for another review once this plan is sent." in page
    assert "Is not available." in page
    assert sent(cast, run) == {application.pk: "2 invited; 1 more is needed."}
    assert Application.objects.get(pk=application.pk).state == "eligible"


def test_after_a_decline_only_the_open_place_is_filled(cast, application):
    run = planned(cast, application)
    assert sent(cast, run) == {application.pk: ""}
    assert sent(cast, run) == {}
    first, second, third = Assessment.objects.order_by("pk")
    assert first.plan == run
    assert "of 100: expertise" in first.why
    reviews.accept(assessment=second, by=second.assessor, at=INVITED)
    reviews.decline(assessment=first, reason="On leave.", by=first.assessor, at=INVITED)
    describe(cast, second.assessor.email.partition("@")[0], application, is_available=False)
    again = planned(cast, application, at=INVITED + DAY)
    assert again.inputs["left_out"] == [[second.assessor_id, "Is not available. Keeps the reviews they hold."]]
    assert {pair["assessor"] for pair in again.figures["pairs"]} > {second.assessor_id, third.assessor_id}
    assert first.assessor_id not in {pair["assessor"] for pair in again.figures["pairs"]}
    assert sent(cast, again) == {application.pk: ""}
    assert list(application.assessments.live().order_by("pk").values_list("plan", flat=True)) == [run.pk, run.pk, again.pk]
    with pytest.raises(NotAllowedNow, match="Every place is filled"):
        planned(cast, application, at=INVITED + DAY)


def test_a_change_by_hand_needs_a_reason_stays_on_file_and_is_kept(cast, application):
    run = planned(cast, application)
    was = {cast[who].pk for who in people(run, application)}
    new = next(cast[who] for who in ("assessor-1", "assessor-2", "assessor-3", "assessor-4") if cast[who].pk not in was)
    stays = Person.objects.filter(pk__in=was).order_by("pk")[:2]
    with pytest.raises(Refused):
        plans.choose(run=run, application=application, assessors=[new, *stays], reason=" ", by=cast["officer"], at=INVITED)
    with pytest.raises(Denied):
        plans.choose(run=run, application=application, assessors=[new], reason="Why not.", by=cast["auditor"], at=INVITED)
    with pytest.raises(Refused, match="cannot be asked"):
        plans.choose(run=run, application=application, assessors=[cast["stranger"]], reason="Knows it.", by=cast["officer"], at=INVITED)
    made = plans.choose(run=run, application=application, assessors=[new, *stays], reason="Knows it.", by=cast["officer"], at=INVITED)
    assert sorted(change.is_in for change in made) == [False, True]
    assert Event.objects.filter(stream=application.stream, kind="assessment.plan_changed").count() == 2
    again = planned(cast, application, base=run)
    assert {person for _, person in plans.pairs_of(again)} == {new.pk, *(one.pk for one in stays)}
    assert sent(cast, run) == {application.pk: ""}
    assert Assessment.objects.get(assessor=new).why == "Chosen by hand: Knows it."


def test_what_changed_since_is_refused_with_its_reason(cast, application):
    run = planned(cast, application)
    who = next(iter(people(run, application)))
    describe(cast, who, application, is_available=False)
    assert "Is not available." in sent(cast, run)[application.pk]
    assert not Assessment.objects.exists()


def test_a_plan_is_asked_for_previewed_changed_and_sent_on_its_pages(client, cast, application):
    client.force_login(cast["officer"])
    assert "There is a problem" in client.post(PLANS, {"least": "x", "balance": "1"}).content.decode()
    page = client.post(PLANS, {"one_per_organisation": "on", "least": "0", "balance": "1"}, follow=True)
    assert "Step 1 of 2" in page.content.decode()
    delivery.drain(at=now())
    search, run = Run.objects.order_by("pk")
    assert client.get(f"/manage/assessment/DIAGCOMM-1/conflicts/searches/{search.pk}/").headers["location"] == f"{PLANS}{run.pk}/"
    here = f"{PLANS}{run.pk}/"
    page = client.get(here).content.decode()
    assert "No other allocation fits better" in page
    assert "Ada Assessor" in page
    assert not Assessment.objects.exists()
    item = f"{here}{application.reference}/"
    assert "There is a problem" in client.post(item, {"reason": " "}).content.decode()
    client.post(item, {"assessors": [str(cast["assessor-4"].pk)], "reason": "She knows it."})
    assert [person for _, person in plans.pairs_of(run_again(run))] == [cast["assessor-4"].pk]
    assert "She knows it." in client.get(here).content.decode()
    assert "1 invited; 2 more are needed." in client.post(here + "send/", follow=True).content.decode()
    for who, status in (("auditor", 200), ("stranger", 404), ("monitor", 403)):
        client.force_login(cast[who])
        assert {client.get(path).status_code for path in (PLANS, here)} == {status}
    client.force_login(cast["chair"])
    assert client.post(here + "send/").status_code == 403


def test_a_plan_that_failed_says_why_and_is_tried_again(client, cast, application, monkeypatch):
    def refuses(*args, **more):
        raise BadInput("No allocation was found in the time allowed.")

    with monkeypatch.context() as broken:
        broken.setattr("assessments.methods.planning.work_out", refuses)
        run = plans.request(round=application.round, settings=Settings(), by=cast["officer"], at=INVITED)
        delivery.drain(at=INVITED)
    assert run_again(run).failure == "No allocation was found in the time allowed."
    client.force_login(cast["officer"])
    assert "in the time allowed" in client.get(f"{PLANS}{run.pk}/").content.decode()
    again = plans.request(round=application.round, settings=Settings(), by=cast["officer"], at=INVITED + DAY)
    delivery.drain(at=INVITED + DAY)
    assert again == run
    assert run_again(run).outcome is not None


def test_a_calculation_that_breaks_off_says_so_in_the_end(cast, application, monkeypatch):
    def breaks(*args, **more):
        raise MemoryError

    monkeypatch.setattr("assessments.methods.planning.work_out", breaks)
    run = plans.request(round=application.round, settings=Settings(), by=cast["officer"], at=INVITED)
    for days in range(4):
        delivery.drain(at=INVITED + days * DAY)
    assert Run.objects.get(pk=run.pk).failure == jobs.BROKE_OFF


def test_places_filled_by_hand_are_held_to_the_load_and_to_one_of_each_employer(cast, application):
    describe(cast, "assessor-1", application, employer="Trent University", max_reviews=1)
    describe(cast, "assessor-2", application, employer="Trent  university")
    run = planned(cast, application)
    pair = [cast["assessor-1"], cast["assessor-2"]]
    with pytest.raises(Refused) as refusal:
        plans.choose(run=run, application=application, assessors=pair, reason="They know it.", by=cast["officer"], at=INVITED)
    assert refusal.value.sentence == (
        "Ada Assessor and Ben Assessor work for one employer, Trent University. This plan has at most one of each employer."
    )
    either_way = planned(cast, application, one_per_organisation=False)
    assert plans.choose(run=either_way, application=application, assessors=pair, reason="Both.", by=cast["officer"], at=INVITED)
    run.inputs["assessors"] = [{**one, "most": 0} for one in run.inputs["assessors"]]
    with pytest.raises(Refused) as refusal:
        plans.choose(run=run, application=application, assessors=pair[:1], reason="She knows it.", by=cast["officer"], at=INVITED)
    assert refusal.value.code == "assessor_full"


def test_what_is_amiss_with_hand_filled_places_is_said(cast, application, client, monkeypatch):
    from assessments import handpicked
    from grants.definition.form import Skill

    monkeypatch.setattr(handpicked, "scheme_of", lambda version: _with_skills(version, [Skill(topic="Clinician", at_least=1)]))
    for who in ("assessor-1", "assessor-2"):
        describe(cast, who, application, employer="Trent University")
    client.force_login(cast["officer"])
    path = f"/manage/assessment/{application.round.reference}/{application.reference}/invite/"
    page = client.post(path, {"assessors": [cast[f"assessor-{n}"].pk for n in (1, 2, 3)]}, follow=True).text
    assert "Ada Assessor and Ben Assessor work for one employer, Trent University." in page
    assert "0 of these assessors know Clinician; the programme asks for 1." in page
