"""Belonging to the pool: signed, declared for a year and chased, attested; what a programme asks for bars who lacks it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.refusals import Denied, NotAllowedNow, Refused
from assessments import fitting, interests, membership
from assessments.actions import allocation, conflicts, plans
from assessments.actions import membership as acts
from assessments.actions import reviews as reviewing
from assessments.fitting import Settings
from assessments.models import Assessment, AssessorProfile, InterestDeclaration
from audit.models import Event
from notifications.models import Notice
from tests.cast import *  # noqa: F403
from tests.stages import applications, grants
from tests.stages import assessments as stages
from tests.stages.assessments import INVITED, SCORED
from workflow import deadlines

DAY = timedelta(days=1)
OWN = "/assess/membership/"
ASKS = "  asks: [agreement, declaration, induction]\n  fee_per_review: £150\n  selection: top_down"


def join(cast, who: str, *, programme=None) -> None:
    acts.sign(by=cast[who], at=INVITED)
    acts.declare(interests=[], statement="None.", by=cast[who], at=INVITED)
    if programme:
        acts.attest_induction(person=cast[who], programme=programme, by=cast["officer"], at=INVITED)


def test_what_the_programme_asks_for_bars_who_lacks_it(client, cast):
    text = grants.document().replace("  selection: top_down", ASKS)
    round = grants.open_round(cast, programme=grants.published(cast, text=text))
    application = applications.eligible(cast, round=round)
    with pytest.raises(Refused, match="Has not signed the agreement"):
        allocation.allocate(application=application, assessors=[cast["assessor-1"]], by=cast["officer"], at=INVITED)
    with pytest.raises(NotAllowedNow, match=r"Ada Assessor: Has not signed the agreement. Has no declaration .* 2 more"):
        plans.request(round=round, settings=Settings(), by=cast["officer"], at=INVITED)
    client.force_login(cast["assessor-1"])
    assert "Until then you cannot be invited" in client.get("/home/").text
    assert "Before you can be invited: Sign the agreement. Declare" in client.get("/assess/").text
    join(cast, "assessor-1")
    assert membership.to_do(cast["assessor-1"], at=INVITED) == []
    with pytest.raises(Refused, match="Has not been inducted"):
        allocation.allocate(application=application, assessors=[cast["assessor-1"]], by=cast["officer"], at=INVITED)
    for who in ("assessor-2", "assessor-3", "assessor-4"):
        join(cast, who, programme=round.programme)
    run = stages.planned(cast, application)
    assert {pair["assessor"] for pair in run.figures["pairs"]} == {cast[f"assessor-{n}"].pk for n in (2, 3, 4)}
    later = INVITED + acts.YEAR
    assert membership.lacking([cast["assessor-2"]], ["declaration"], at=later) == {
        cast["assessor-2"].pk: ["Has no declaration of interest in force."]
    }
    invited = allocation.allocate(application=application, assessors=[cast["assessor-2"]], by=cast["officer"], at=INVITED)
    client.force_login(cast["officer"])
    here = f"/manage/assessment/{round.reference}/"
    assert "No review has been submitted" in client.get(f"{here}assessors/{invited[0].assessor_id}/statement/").text
    assert "Has not been inducted" in client.get(here).text

    # and: what is paid for is summed for all, and to be had as a file
    taken = reviewing.accept(assessment=invited[0], by=cast["assessor-2"], at=INVITED)
    Assessment.objects.filter(pk=taken.pk).update(submitted_at=SCORED, submitted_by=cast["assessor-2"])
    cast["assessor-2"].role_assignments.update(ends_at=INVITED, ended_by=cast["lead"])
    page = client.get(f"{here}statement/").text
    assert page.count("£150.00") == 2
    line = client.get(f"{here}statement.csv").content.decode("utf-8-sig").splitlines()[1]
    assert line == f"{round.reference},Ben Assessor,assessor-2@example.org,{application.reference},{SCORED.isoformat()},150.00"
    conflicts.declare(application=application, reason="My sister works there.", by=cast["officer"], at=SCORED)
    own = client.get(f"{here}assessors/{cast['assessor-2'].pk}/statement.csv").content.decode()
    assert application.reference not in own
    assert "150.00" in own


def test_a_statement_counts_what_was_submitted(client, cast):
    reviews = stages.submitted(cast, at=SCORED)
    client.force_login(cast["officer"])
    page = client.get(f"/manage/assessment/DIAGCOMM-1/assessors/{reviews[0].assessor_id}/statement/").content.decode()
    assert reviews[0].application.reference in page
    assert "1 reviews" not in page
    assert "names no fee" in page
    client.force_login(cast["chair"])
    for page in (f"assessors/{reviews[0].assessor_id}/statement/", "statement/", "statement.csv"):
        assert client.get(f"/manage/assessment/DIAGCOMM-1/{page}").status_code == 403


def test_a_declaration_is_found_by_and_chased_until_there_is_a_later_one(cast):
    application = applications.eligible(cast)
    first = acts.declare(interests=[application.company.company_number, ""], statement="", by=cast["assessor-1"], at=INVITED)
    profiled = type(cast["assessor-1"]).objects.get(pk=cast["assessor-1"].pk)
    assert (profiled.pk, application.pk) in interests.find([profiled], [application], on=INVITED.date())
    deadlines.fire_due(at=first.expires_at - 29 * DAY)
    letter, last = Notice.objects.get(kind="assessor.declaration"), first.expires_at
    assert letter.subject == "Your declaration of interest expires soon"
    assert f"It holds until {last.day} {last:%B %Y}." in letter.body
    acts.declare(interests=[], statement="None any more.", by=cast["assessor-1"], at=first.expires_at - 20 * DAY)
    deadlines.fire_due(at=first.expires_at)
    assert Notice.objects.filter(kind="assessor.declaration").count() == 1
    deadlines.fire_due(at=first.expires_at + acts.YEAR)
    assert Notice.objects.filter(kind="assessor.declaration").count() == 3


def test_who_may_sign_declare_and_attest(cast):
    application = applications.eligible(cast)
    with pytest.raises(Denied):
        acts.sign(by=cast["officer"], at=INVITED)
    with pytest.raises(Denied):
        acts.declare(interests=["X"], statement="", by=cast["applicant"], at=INVITED)
    with pytest.raises(Refused):
        acts.declare(interests=[" "], statement=" ", by=cast["assessor-1"], at=INVITED)
    with pytest.raises(Denied):
        acts.attest_induction(person=cast["assessor-1"], programme=application.round.programme, by=cast["chair"], at=INVITED)
    acts.sign(by=cast["assessor-1"], at=INVITED)
    acts.sign(by=cast["assessor-1"], at=INVITED + DAY)
    assert Event.objects.filter(kind="assessor.agreed").count() == 1


def test_an_assessor_signs_and_declares_on_their_page(client, cast):
    round = applications.eligible(cast).round
    client.force_login(cast["assessor-1"])
    assert "Not signed" in client.get(OWN).content.decode()
    client.post(OWN + "sign/")
    assert "There is a problem" in client.post(OWN, {"interests": " ", "statement": ""}).content.decode()
    page = client.post(OWN, {"interests": "Acme Ltd\n", "statement": ""}, follow=True).content.decode()
    assert "You have signed this." in page
    assert "In force until" in page
    assert InterestDeclaration.objects.get().interests == ["Acme Ltd"]
    away = dict(zip(("away_from_on_day", "away_from_on_month", "away_from_on_year"), ("3", "12", "2026"), strict=True))
    page = client.post(f"{OWN}times/", {"max_reviews": "4", "is_available": "on", **away}).content.decode()
    assert "Say from when until when, the earlier day first." in page
    assert page.count("There is a problem") == 1
    back = {name.replace("from", "until"): value for name, value in away.items()} | {"away_until_on_day": "9"}
    assert (
        "Saved: " in client.post(f"{OWN}times/", {"max_reviews": "4", "is_available": "on", **away, **back}, follow=True).content.decode()
    )
    profile = AssessorProfile.objects.get(person=cast["assessor-1"])
    assert (profile.max_reviews, profile.is_available, profile.is_away(date(2026, 12, 9))) == (4, True, True)
    assert "Is away until 9 December 2026." in fitting.absent([profile.person], round, at=datetime(2026, 12, 4, tzinfo=UTC)).values()
    client.force_login(cast["officer"])
    path = f"/manage/assessment/DIAGCOMM-1/assessors/{cast['assessor-1'].pk}/"
    assert "Attest the induction" in client.get(path).content.decode()
    page = client.post(path + "induction/", follow=True).content.decode()
    assert "induction is attested" in page
    assert "Attest the induction" not in page
    assert client.post(path + "induction/").status_code == 409
