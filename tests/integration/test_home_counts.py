"""The landing page asks a bounded number of questions, and counts what waits up to a thousand."""

from datetime import timedelta

import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import home
from accounts.home import answered, counted, grouped, named, one_by_one
from accounts.models import Person
from applications.actions import assignments
from tests.stages import applications, grants
from tests.stages import payments as stage

MOST_ASKED = 12
A_DRAFT_READ = 6
"""More for whoever signs, where a draft may lack nothing but that: it is read and judged whole."""


def test_a_count_ends_where_nobody_needs_it(cast, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(home, "MOST_COUNTED", 3)
    with django_assert_num_queries(1) as sent:
        assert home.number_of(Person.objects.order_by("name")) == 4
    assert "LIMIT 4" in sent[0]["sql"]
    assert [home.in_count(number) for number in (0, 3, 4)] == ["0", "3", "3+"]
    assert home.HomeItem("Decide", "", "/", count=4).counted == "3+"


def test_whatever_waits_is_asked_in_one_query(cast, monkeypatch, django_assert_num_queries):
    """Counts, names and records keep their order and their places; a question that can find nothing asks nothing."""
    monkeypatch.setattr(home, "MOST_COUNTED", 3)
    people = Person.objects.filter(email__startswith="s").order_by("-email")
    emails = list(people.values_list("email", flat=True))
    line = home.HomeItem("Between", "", "/")
    given = [
        named(people, "email", lambda email: home.HomeItem(email, "", "/")),
        line,
        counted(Person.objects.all(), "All", "", "/"),
        counted(Person.objects.none(), "Nobody", "", "/"),
        counted(Person.objects.filter(email="%"), "Nobody either", "", "/"),
        grouped(people, "is_active", lambda name, n: home.HomeItem("Active", "", "/", n)),
        one_by_one(people, lambda person: home.HomeItem(person.name, "", "/") if person.email == emails[0] else None),
    ]
    with django_assert_num_queries(2):
        said = [(item.title, item.count) for item in answered(given)]
    assert len(emails) > 1
    first = Person.objects.get(email=emails[0]).name
    assert said == [*((email, 0) for email in emails), ("Between", 0), ("All", 4), ("Active", len(emails)), (first, 0)]


def test_staff_are_told_what_waits_in_a_dozen_queries(cast, client):
    """With a claim to approve, bank details to verify and an award to set up, for each who may do it."""
    claim = stage.claim_recommended(cast)
    stage.bank_checked(cast, claim.award, at=stage.CLAIMED)
    told = {"officer": "Read outcome reports", "lead": "Approve claims", "second-lead": "Verify bank details"}
    report = claim.award.outcome_reports.order_by("pk").first()
    stage.report_submitted(cast, report, at=stage.CLAIMED)
    with time_machine.travel(stage.CLAIMED, tick=False):
        for who, title in told.items():
            client.force_login(cast[who])
            with CaptureQueriesContext(connection) as sent:
                page = client.get("/home/")
            assert title in page.text, who
            assert len(sent) <= MOST_ASKED, (who, "\n".join(one["sql"] for one in sent))


def test_a_companys_people_are_told_what_waits_in_a_dozen_queries(cast, client):
    """With an award, a claim to finish, another application that lacks only its signature, and a part of it to write."""
    claim = stage.claim_draft(cast)
    soon, later = stage.CLAIMED - timedelta(days=1), stage.CLAIMED + timedelta(days=9)
    round = grants.open_round(cast, programme=claim.award.programme, opens_at=soon, closes_at=later, at=soon)
    draft = applications.draft(cast, round=round, company=claim.award.company, at=stage.CLAIMED)
    part = {"section": "case", "question": "", "due_on": None, "note": ""}
    assignments.assign(application=draft, **part, to=cast["colleague"], by=cast["applicant"], at=stage.CLAIMED)
    told = {"applicant": f"Finish {claim.reference}", "colleague": "Write “", "signatory": f"Sign {draft.reference}"}
    with time_machine.travel(stage.CLAIMED, tick=False):
        for who, title in told.items():
            client.force_login(cast[who])
            with CaptureQueriesContext(connection) as sent:
                page = client.get("/home/")
            assert title in page.text, who
            most = MOST_ASKED + (A_DRAFT_READ if who == "signatory" else 0)
            assert len(sent) <= most, (who, "\n".join(one["sql"] for one in sent))
