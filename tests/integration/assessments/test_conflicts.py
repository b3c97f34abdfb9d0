"""Conflicts of interest: found from what the records say, judged by people, and shut out wherever applications are found."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import Person, RoleAssignment
from accounts.refusals import Denied, NotAllowedNow
from applications.models import Application, Company, RelatedEnterprise
from assessments import interests, jobs
from assessments.actions import allocation, conflicts, membership, pool, reviews, searches
from assessments.models import Advice, Assessment, Conflict, Run
from audit.models import Event
from notifications import delivery
from notifications.models import Notice
from payments.models import Award
from tests.cast import *  # noqa: F403
from tests.stages import applications, grants
from tests.stages import assessments as stages
from tests.stages.assessments import DECIDED, INVITED, SETTLED

ON = INVITED.date()


@pytest.fixture
def application(cast) -> Application:
    return Application.objects.for_pages().get(pk=applications.eligible(cast).pk)


def describe(cast, application, **about) -> Person:
    person = cast["conflicted-assessor"]
    pool.describe(person=person, programme=application.round.programme, by=cast["officer"], at=INVITED, **about)
    return person


def grounds(person: Person, application: Application) -> list[tuple[str, str]]:
    shown = interests.find([person], [application], on=ON).get((person.pk, application.pk), [])
    return [(str(one.ground), str(one.status)) for one in shown]


def join(person: Person, company: Company, **about) -> RoleAssignment:
    scope = f"organisation:{company.organisation_id}"
    return RoleAssignment.objects.create(person=person, role="member", scope=scope, starts_at=grants.BEFORE, granted_by=person, **about)


class TestFound:
    def test_nothing_between_strangers(self, cast, application):
        everybody = [cast[f"assessor-{n}"] for n in range(1, 5)]
        assert interests.find(everybody, [application], on=ON) == {}

    @pytest.mark.parametrize("by_number", [True, False])
    def test_an_interest_declared_for_the_year(self, cast, application, by_number):
        company = application.company
        named = company.company_number.lower() if by_number else f"The {company.name.upper()} Limited"
        assert grounds(describe(cast, application, interests=[named]), application) == [("interest", "confirmed")]

    def test_a_company_of_the_same_group(self, cast, application):
        mother = applications.company(cast, enterprise_group="Meridian Group")
        Company.objects.filter(pk=application.company_id).update(enterprise_group="meridian group ")
        fresh = Application.objects.for_pages().get(pk=application.pk)
        person = describe(cast, application, employer_number=mother.company_number)
        assert grounds(person, fresh) == [("group", "confirmed")]

    @pytest.mark.parametrize(
        ("parent", "related", "said", "expected"),
        [
            ("07654321", None, {"employer_number": "07654321"}, [("group", "confirmed")]),
            ("07654321", None, {"interests": ["07654321"]}, [("group", "confirmed")]),
            ("", "linked", {"employer_number": "07654321"}, [("group", "confirmed")]),
            ("", "linked", {"employer": "Meridian Holdings Limited"}, [("group", "confirmed")]),
            ("", "partner", {"employer": "Meridian Holdings Limited"}, [("group", "suggested")]),
            ("07654321", "linked", {"employer_number": "07654322", "employer": "Another Ltd"}, []),
        ],
    )
    def test_a_parent_or_a_company_that_the_applicant_named(self, cast, application, parent, related, said, expected):
        """Whether or not it ever had an account here."""
        Company.objects.filter(pk=application.company_id).update(group_parent_number=parent)
        if related:
            share = 80 if related == "linked" else 30
            RelatedEnterprise.objects.create(
                company=application.company, name="Meridian Holdings Ltd", company_number="07654321", relation=related, share_percent=share,
                employees=9, turnover_pence=1, balance_sheet_pence=1, added_at=INVITED, added_by=cast["applicant"],
            )  # fmt: skip
        fresh = Application.objects.for_pages().get(pk=application.pk)
        assert grounds(describe(cast, fresh, **said), fresh) == expected

    def test_a_sister_with_the_same_parent(self, cast, application):
        sister = applications.company(cast, group_parent_number="07654321")
        Company.objects.filter(pk=application.company_id).update(group_parent_number="07654321")
        fresh = Application.objects.for_pages().get(pk=application.pk)
        assert grounds(describe(cast, fresh, employer_number=sister.company_number), fresh) == [("group", "confirmed")]

    def test_a_postcode(self, cast, application):
        person = describe(cast, application, postcode=application.company.postcode.lower().replace(" ", ""))
        assert grounds(person, application) == [("postcode", "suggested")]

    def test_a_director_in_both_teams(self, cast, application):
        """The applicant's signatory also sits in the team of the assessor's own company."""
        other = applications.company(cast, owner="stranger")
        join(cast["conflicted-assessor"], other)
        assert ("shared_people", "suggested") in grounds(cast["conflicted-assessor"], application)

    def test_people_who_applied_together_within_five_years(self, cast, application):
        earlier = applications.draft(cast, round=application.round, filled=False).company
        join(cast["conflicted-assessor"], earlier, ends_at=grants.OPENS, ended_by=cast["lead"])
        assert grounds(cast["conflicted-assessor"], application) == [("co_applicant", "suggested")]

    def test_an_assessor_or_employer_that_the_application_names(self, cast):
        text = "Others in the field are Quillon Biosensors Ltd and the group of Prof Connie Conflicted in Leeds."
        application = applications.eligible(cast, given={"need": text})
        application = Application.objects.for_pages().get(pk=application.pk)
        assert grounds(cast["conflicted-assessor"], application) == [("named", "suggested")]
        pool.describe(
            person=cast["assessor-1"], programme=application.round.programme, employer="Quillon Biosensors Limited",
            by=cast["officer"], at=INVITED,
        )  # fmt: skip
        assert grounds(cast["assessor-1"], application) == [("named", "suggested")]

    def test_who_advised_the_company(self, cast, application):
        Advice.objects.create(
            person=cast["assessor-2"], company=application.company, what="Read a draft.", given_on=ON, recorded_at=INVITED,
            recorded_by=cast["officer"],
        )  # fmt: skip
        assert grounds(cast["assessor-2"], application) == [("advised", "suggested")]

    def test_in_a_fixed_number_of_queries(self, cast, application, django_assert_max_num_queries):
        people = list(pool.members(application.round.programme, at=INVITED))
        with django_assert_max_num_queries(14):
            interests.find(people, [application], on=ON)


class TestBeforeTheFileOpens:
    def test_the_records_are_searched_again(self, cast):
        review = stages.invited(cast)[0]
        join(cast["assessor-1"], review.application.company)
        with pytest.raises(NotAllowedNow, match="Belongs to") as refusal:
            reviews.accept(assessment=review, by=review.assessor, at=INVITED)
        assert refusal.value.code == "conflict_found"
        assert Conflict.objects.get().ground == "team"
        assert Assessment.objects.get(pk=review.pk).state == "conflicted"
        assert Notice.objects.filter(kind="assessment.shut", person=cast["officer"]).count() == 1

    def test_and_again_before_a_score_counts_and_when_another_interest_is_declared(self, cast):
        first, second, third = stages.accepted(cast)
        company = first.application.company
        pool.describe(
            person=first.assessor, programme=first.application.round.programme, employer_number=company.company_number,
            by=cast["officer"], at=INVITED,
        )  # fmt: skip
        with pytest.raises(NotAllowedNow, match="Is employed by"):
            reviews.submit(assessment=first, content=stages.content(first), by=first.assessor, at=SETTLED)
        reviews.submit(assessment=second, content=stages.content(second), by=second.assessor, at=SETTLED)
        membership.declare(interests=[company.company_number], statement="", by=second.assessor, at=SETTLED)
        assert [Assessment.objects.get(pk=one.pk).state for one in (first, second, third)] == ["conflicted", "conflicted", "accepted"]
        assert not first.application.assessments.counted().exists()

    def test_what_they_suggest_is_judged_by_a_person_first(self, cast, client):
        review = stages.invited(cast)[0]
        stages_company = review.application.company
        Advice.objects.create(
            person=review.assessor, company=stages_company, what="A clinic.", given_on=ON, recorded_at=INVITED, recorded_by=cast["officer"]
        )
        with pytest.raises(NotAllowedNow) as refusal:
            reviews.accept(assessment=review, by=review.assessor, at=INVITED)
        assert refusal.value.code == "conflict_to_judge"
        client.force_login(cast["officer"])
        assert "Conflicts to judge (DIAGCOMM-1)" in client.get("/home/").text
        Conflict.objects.update(person=cast["officer"])
        with pytest.raises(Denied, match="Somebody else judges"):
            conflicts.judge(conflict=Conflict.objects.get(), confirm=False, reason="Not I.", by=cast["officer"], at=INVITED)
        Conflict.objects.update(person=review.assessor)
        conflicts.judge(conflict=Conflict.objects.get(), confirm=False, reason="An open talk.", by=cast["officer"], at=INVITED)
        assert reviews.accept(assessment=review, by=review.assessor, at=INVITED).state == "accepted"


def test_a_late_conflict_voids_the_score_and_keeps_it(cast):
    review = stages.submitted(cast)[0]
    conflict = Conflict.objects.create(
        person=review.assessor, application=review.application, kind="found", ground="advised", status="suggested", recorded_at=SETTLED,
        recorded_by=cast["officer"],
    )  # fmt: skip
    conflicts.judge(conflict=conflict, confirm=True, reason="Paid adviser.", by=cast["officer"], at=SETTLED)
    fresh = Assessment.objects.get(pk=review.pk)
    assert (fresh.state, fresh.total, fresh.papers.count()) == ("conflicted", 80, 1)
    assert fresh not in Assessment.objects.counted()
    assert not Assessment.objects.with_content_for(review.assessor).exists()


class TestShutOut:
    """A member of staff with a conflict is told that nothing is there: by page, file, list, export and history."""

    def test_everywhere_staff_find_applications(self, cast, client, officer):
        application = stages.notified(cast)
        award = Award.objects.filter(application=application).first()
        client.force_login(officer)
        paths = [
            reverse("assessments:application", args=[application.round.reference, application.reference]),
            reverse("manage_applications:detail", args=[application.reference]),
            reverse("reporting:case_history", args=[application.reference]),
            reverse("assessments:settle", args=[application.round.reference, 1]),
        ]
        assert [client.get(path).status_code for path in paths[:3]] == [200, 200, 200]
        document = application.documents.order_by("pk").first()
        conflicts.declare(application=application, reason="My brother runs it.", by=officer, at=DECIDED)
        paths.append(reverse("applications:document", args=[application.reference, document.pk]))
        assert [client.get(path).status_code for path in paths] == [404] * len(paths)
        for name in ("assessments:ranking", "assessments:decisions", "assessments:allocation"):
            assert application.reference not in client.get(reverse(name, args=[application.round.reference])).text
        assert application.reference not in client.get(reverse("manage_applications:queue")).text
        assert not Award.objects.for_staff(officer).filter(application=application).exists()
        assert award is None or not Award.objects.visible_to(officer).filter(pk=award.pk).exists()

    def test_the_company_still_sees_its_own(self, cast, application):
        conflicts.declare(application=application, reason="It is ours.", by=cast["applicant"], at=INVITED)
        assert Application.objects.visible_to(cast["applicant"]).filter(pk=application.pk).exists()

    def test_who_is_not_asked_to_assess_finds_nothing(self, cast, client, assessor):
        application = stages.submitted(cast)[0].application
        client.force_login(cast["assessor-4"])
        theirs = application.assessments.first()
        for name in ("declare", "review", "give_back"):
            assert client.get(reverse(f"assessments:{name}", args=[theirs.pk])).status_code == 404
        assert client.get(reverse("manage_applications:detail", args=[application.reference])).status_code == 404


def test_a_conflict_of_the_officer_voids_nothing_they_had_no_part_in(cast):
    decision = stages.proposed(cast)
    conflicts.declare(application=decision.application, reason="A neighbour.", by=cast["second-lead"], at=DECIDED)
    assert Application.objects.get(pk=decision.application_id).state == "proposed"


def test_allocation_says_why_somebody_cannot_be_asked(cast, application):
    person = describe(cast, application, interests=[application.company.company_number])
    barred = {one.person.pk: one.barred for one in allocation.candidates(applications=[application], at=INVITED)[application.pk]}
    assert barred[person.pk] == (f"Declared an interest in {application.company.name}.",)


class TestSearch:
    """The whole round is searched in the background."""

    PAGE = "/manage/assessment/DIAGCOMM-1/conflicts/"

    def test_what_is_found_closes_reviews_and_waits_for_judgement(self, client, cast, application):
        first, *_ = stages.invited(cast, application=application)
        pool.describe(
            person=first.assessor,
            programme=application.round.programme,
            employer_number=application.company.company_number,
            by=cast["officer"],
            at=INVITED,
        )
        describe(cast, application, postcode=application.company.postcode)
        client.force_login(cast["officer"])
        page = client.post(f"{self.PAGE}searches/", follow=True)
        assert "Being" not in page.content.decode()
        assert "Searching" in page.content.decode()
        assert client.post(f"{self.PAGE}searches/").headers["location"] == page.redirect_chain[-1][0]
        assert not Conflict.objects.exists()
        delivery.drain(at=now())
        assert sorted(Conflict.objects.values_list("ground", "status")) == [("employer", "confirmed"), ("postcode", "suggested")]
        assert Assessment.objects.get(pk=first.pk).state == "conflicted"
        page = client.get(page.redirect_chain[-1][0]).content.decode()
        assert "Suggested by the records" in page
        page = client.get(self.PAGE).text
        assert "Last searched" in page
        assert "Closed to them, at once" in page
        client.force_login(cast["panel-member"])
        assert "Closed to them" not in client.get(self.PAGE).text
        client.force_login(cast["officer"])
        Conflict.objects.update(person=first.assessor)
        assert "Nothing waits to be judged" in client.get(self.PAGE).text, "they are barred already"

    def test_again_it_writes_nothing_twice(self, cast, application):
        describe(cast, application, postcode=application.company.postcode)
        for days in range(2):
            run = searches.request(round=application.round, by=cast["officer"], at=INVITED + timedelta(days=days))
            assert jobs.done_now(run, at=INVITED).figures == {"confirmed": 0, "suggested": 1}
        assert Event.objects.filter(kind="conflict.found").count() == Conflict.objects.count() == 1

    def test_who_may_not_any_more_is_told(self, cast, application):
        run = searches.request(round=application.round, by=cast["officer"], at=INVITED)
        cast["officer"].role_assignments.all().delete()
        assert jobs.done_now(Run.objects.get(pk=run.pk), at=INVITED).failure == "Your role does not allow this."
        with pytest.raises(Denied):
            searches.request(round=application.round, by=cast["chair"], at=INVITED)

    def test_everybody_of_an_employer_is_found_and_every_company_of_a_name(self, cast, application):
        mother = applications.company(cast, enterprise_group="Meridian Group")
        Company.objects.filter(pk=application.company_id).update(enterprise_group="Meridian Group")
        fresh = Application.objects.for_pages().get(pk=application.pk)
        both = [cast["assessor-1"], cast["assessor-2"]]
        for person in both:
            programme = application.round.programme
            pool.describe(person=person, programme=programme, employer_number=mother.company_number, by=cast["officer"], at=INVITED)
        assert interests.find(both, [fresh], on=ON).keys() == {(person.pk, fresh.pk) for person in both}
