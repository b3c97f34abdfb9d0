"""Officers invite assessors: as suggested, by hand, never past a conflict."""

from datetime import timedelta

import pytest
from django.utils.timezone import localtime

from accounts.models import Person, RoleAssignment
from accounts.refusals import Denied, NotAllowedNow, Refused
from applications.models import Application
from assessments import fitting, interests
from assessments.actions import allocation, at_once, conflicts, pool, reviews
from assessments.models import Assessment, Conflict
from audit.models import Event
from notifications.models import Notice
from tests.cast import *  # noqa: F403
from tests.stages import applications, assessments, grants
from tests.stages.assessments import INVITED
from workflow import deadlines

DAY = timedelta(days=1)


@pytest.fixture
def application(cast) -> Application:
    return applications.eligible(cast)


def describe(cast, person: Person, application: Application, **about):
    pool.describe(person=person, programme=application.round.programme, by=cast["officer"], at=INVITED, **about)
    return Person.objects.get(pk=person.pk)


def suggested(application: Application, **about) -> list[str]:
    return [one.person.email.partition("@")[0] for one in allocation.suggest(application=application, at=INVITED, **about)]


def test_as_many_are_suggested_as_the_programme_asks_for(application):
    assert suggested(application) == ["assessor-1", "assessor-2", "assessor-3"]


def test_those_who_know_the_topic_come_first_and_say_so(cast, application):
    describe(cast, cast["assessor-4"], application, topics=["Diagnostics", "tractors"])
    first = allocation.suggest(application=application, at=INVITED)[0]
    assert first.person == cast["assessor-4"]
    assert first.topics == ("diagnostics",)
    assert "Knows diagnostics; 0 reviews in this round, room for 12" in first.why


def test_the_lightest_load_comes_first(cast, application):
    assessments.invited(cast, application=application)
    other = applications.eligible(cast, round=application.round)
    assert suggested(other, wanted=2) == ["assessor-4", "conflicted-assessor"]


def test_allocation_sends_the_application_to_its_assessors(cast, application):
    invited = assessments.invited(cast, application=application)
    assert Application.objects.get(pk=application.pk).state == "assessing"
    assert [one.state for one in invited] == ["invited"] * 3
    assert localtime(invited[0].due_at).isoformat() == "2026-11-14T17:00:00+00:00", "at five on its day, whatever the hour of asking"
    notice = Notice.objects.get(person=cast["assessor-1"], kind="assessment.invited")
    assert notice.path == f"/assess/{invited[0].pk}/"
    assert Event.objects.filter(stream=application.stream, kind="assessment.invited").count() == 3


def test_too_few_leave_it_eligible_until_the_last_place_is_filled(cast, application):
    allocation.allocate(application=application, assessors=[cast["assessor-1"]], by=cast["officer"], at=INVITED)
    assert Application.objects.get(pk=application.pk).state == "eligible"
    allocation.allocate(application=application, assessors=assessments.panel(cast)[1:], by=cast["officer"], at=INVITED)
    assert Application.objects.get(pk=application.pk).state == "assessing"


def give(cast, who: str, role: str) -> Person:
    cast[who].role_assignments.create(role=role, scope="programme:diagcomm", starts_at=grants.BEFORE, granted_by=cast["admin"])
    return Person.objects.get(pk=cast[who].pk)


def test_scores_come_from_outside_the_programme(cast, application, client):
    """Its staff read what is hidden from assessors and every score that is in; who sits on its panel reads the scores."""
    officer, chair = give(cast, "second-lead", "assessor"), give(cast, "panel-member", "assessor")
    assert refused_code(cast, application, officer) == "assessor_barred"
    assert fitting.absent([*pool.members(application.round.programme, at=INVITED)], application.round, at=INVITED) == {
        officer.pk: "Works on this programme as programme lead: scores come from outside it."
    }
    client.force_login(cast["officer"])
    page = client.get(f"/manage/assessment/{application.round.reference}/{application.reference}/").text
    assert "Lena Lead</b>: Works on this programme as programme lead" in page
    allocation.allocate(application=application, assessors=[chair], by=cast["officer"], at=INVITED)
    other = assessments.submitted(cast, round=application.round)[0].application
    barred = {one.person: one.barred for one in allocation.candidates(applications=[other], at=INVITED)[other.pk]}
    assert barred[chair] == ("Sits as panel member, and can read the scores that are in.",)
    assert fitting.readers(pool.members(other.round.programme, at=INVITED), [other, application]).keys() == {(other.pk, chair.pk)}


def refused_code(cast, application, *people, by="officer", exception=Refused) -> str:
    before = Assessment.objects.count()
    with pytest.raises(exception) as refusal:
        allocation.allocate(application=application, assessors=people, by=cast[by], at=INVITED)
    assert Assessment.objects.count() == before
    return refusal.value.code


def test_who_may_not_be_asked(cast, application, stranger):
    describe(cast, cast["assessor-2"], application, is_available=False)
    assert refused_code(cast, application, stranger) == "not_in_pool"
    assert refused_code(cast, application, cast["assessor-1"], cast["assessor-1"]) == "assessor_twice"
    assert refused_code(cast, application, cast["assessor-2"]) == "assessor_barred"
    assert refused_code(cast, application) == "nobody_chosen"
    assert not Assessment.objects.exists()


def test_nobody_is_asked_beyond_their_load(cast, application):
    describe(cast, cast["assessor-1"], application, max_reviews=1)
    assessments.invited(cast, application=application)
    other = applications.eligible(cast, round=application.round)
    assert refused_code(cast, other, cast["assessor-1"]) == "assessor_full"
    assert "assessor-1" not in suggested(other)


@pytest.mark.parametrize("who", ["assessor-1", "applicant", "finance", "auditor", "chair"])
def test_only_those_who_run_assessment_allocate(cast, application, who):
    with pytest.raises(Denied):
        allocation.allocate(application=application, assessors=[cast["assessor-2"]], by=cast[who], at=INVITED)


def test_a_draft_is_not_allocated(cast):
    draft = applications.draft(cast)
    assert refused_code(cast, draft, cast["assessor-1"], exception=NotAllowedNow) == "wrong_state"


def join(person: Person, company) -> None:
    RoleAssignment.objects.create(
        person=person, role="member", scope=f"organisation:{company.organisation_id}", starts_at=grants.BEFORE, granted_by=person
    )


def test_who_belongs_to_the_company_is_found_and_not_asked(cast, application, conflicted_assessor):
    join(conflicted_assessor, application.company)
    assert "conflicted-assessor" not in suggested(application, wanted=9)
    assert refused_code(cast, application, conflicted_assessor) == "assessor_barred"


def test_who_belongs_to_a_rival_in_the_round_is_found(cast, application, conflicted_assessor):
    rival = applications.eligible(cast, round=application.round)
    join(conflicted_assessor, rival.company)
    assert "conflicted-assessor" not in suggested(application, wanted=9)


@pytest.mark.parametrize("by_number", [True, False])
def test_an_employee_is_found_by_name_or_number(cast, application, conflicted_assessor, by_number):
    company = application.company
    employer = {"employer_number": company.company_number} if by_number else {"employer": f" {company.name.upper()} Ltd."}
    describe(cast, conflicted_assessor, application, **employer)
    assert "conflicted-assessor" not in suggested(application, wanted=9)


def test_a_shared_mail_domain_waits_for_a_person(cast, application, conflicted_assessor, officer):
    Person.objects.filter(pk=conflicted_assessor.pk).update(email="connie@acme-diagnostics.co.uk")
    Person.objects.filter(pk=cast["colleague"].pk).update(email="colin@acme-diagnostics.co.uk")
    person = Person.objects.get(pk=conflicted_assessor.pk)
    [found] = conflicts.record_found(applications=[application], people=[person], by=officer, at=INVITED)
    assert (found.ground, found.status) == ("email_domain", "suggested")
    assert refused_code(cast, application, person) == "assessor_barred"
    conflicts.judge(conflict=found, confirm=False, reason="Shared incubator address.", by=officer, at=INVITED)
    allocation.allocate(application=application, assessors=[person], by=officer, at=INVITED)
    with pytest.raises(NotAllowedNow):
        conflicts.judge(conflict=found, confirm=True, reason="Again.", by=officer, at=INVITED)


def test_public_mail_domains_mean_nothing(cast, application, officer):
    """The whole cast writes from example.org, which is nobody's own."""
    assert interests.find([cast["assessor-1"]], [application], on=INVITED.date()) == {}


def test_what_is_found_is_written_once(cast, application, conflicted_assessor, officer):
    join(conflicted_assessor, application.company)
    for _ in range(2):
        conflicts.record_found(applications=[application], people=[conflicted_assessor], by=officer, at=INVITED)
    assert Conflict.objects.count() == 1
    assert Event.objects.filter(kind="conflict.found").count() == 1


def test_who_gave_a_review_back_is_not_asked_again(cast, application):
    first, *_ = assessments.invited(cast, application=application)
    reviews.decline(assessment=first, reason="On leave.", by=first.assessor, at=INVITED)
    assert allocation.places_left(application) == 1
    assert suggested(application) == ["assessor-4"]
    assert refused_code(cast, application, first.assessor) == "assessor_barred"


def test_a_whole_round_is_allocated_and_every_application_reported(cast, application, officer):
    other = applications.eligible(cast, round=application.round)
    for number in range(1, 5):
        describe(cast, cast[f"assessor-{number}"], application, max_reviews=1)
    describe(cast, cast["conflicted-assessor"], application, is_available=False)
    results = {found.pk: refusal for found, refusal in at_once.allocate_round(round=application.round, by=officer, at=INVITED)}
    assert results[application.pk] is None
    assert results[other.pk].code == "assessors_short"
    assert Application.objects.get(pk=other.pk).state == "eligible"
    assert "1 invited; 2 more are needed." in results[other.pk].sentence


def test_load_is_spread_over_the_round(cast, application, officer):
    for _ in range(4):
        applications.eligible(cast, round=application.round)
    assert all(refusal is None for _, refusal in at_once.allocate_round(round=application.round, by=officer, at=INVITED))
    loads = [person.assessments.count() for person in Person.objects.filter(assessments__isnull=False).distinct()]
    assert sorted(loads) == [3, 3, 3, 3, 3]


def test_reminders_and_lateness_are_told_once_and_only_while_something_is_asked(cast, application):
    first, second, third = assessments.invited(cast, application=application)
    reviews.accept(assessment=second, by=second.assessor, at=INVITED)
    reviews.decline(assessment=third, reason="On leave.", by=third.assessor, at=INVITED)
    deadlines.fire_due(at=first.due_at - 2 * DAY)
    deadlines.fire_due(at=first.due_at - DAY)
    told = Notice.objects.filter(kind="assessment.reminder")
    assert {notice.person for notice in told} == {first.assessor, second.assessor}
    assert told.count() == 2
    deadlines.fire_due(at=first.due_at + DAY)
    assert Notice.objects.filter(kind="assessment.overdue", person=cast["officer"]).count() == 2
