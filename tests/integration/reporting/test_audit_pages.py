"""The auditor's pages: who may read them, what they say, and that reading leaves a trace."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Person, RoleAssignment
from accounts.roles import Role
from audit import checkpoints, personal, trail, triggers
from audit.models import Event
from reporting.trails import streams_visible_to
from tests.stages import applications as stages

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 3, 3, 12, 0, tzinfo=UTC)


@pytest.fixture
def application(cast):
    return stages.eligible(cast)


@pytest.fixture
def case(application):
    return application.case.stream


@pytest.fixture
def as_auditor(client, auditor):
    client.force_login(auditor)
    return client


def page(client, name, *args, **query):
    return client.get(reverse(f"reporting:{name}", args=args), query)


def test_an_auditor_finds_the_streams_of_their_programme(as_auditor, application, case):
    content = page(as_auditor, "audit").content.decode()
    assert case in content
    assert application.title in content
    assert "programme:diagcomm" in content
    assert "person:" not in content, "people's sign-ins belong to who audits the whole site"


def test_an_auditor_of_the_whole_site_finds_every_stream(as_auditor, auditor, case):
    on_the_site(auditor)
    assert "person:" in page(as_auditor, "audit").content.decode() or not Event.objects.filter(stream__startswith="person:").exists()
    assert set(streams_visible_to(auditor).values_list("stream", flat=True)) == set(Event.objects.values_list("stream", flat=True))


def give(person, role, scope):
    granter = Person.objects.system()
    RoleAssignment.objects.create(person=person, role=role, scope=scope, starts_at=datetime(2024, 1, 1, tzinfo=UTC), granted_by=granter)


def on_the_site(person):
    give(person, Role.AUDITOR, "site")
    person.__dict__.pop("_held", None)


def test_an_auditor_of_another_programme_finds_nothing(client, stranger, case):
    give(stranger, Role.AUDITOR, "programme:other")
    client.force_login(stranger)
    assert case not in page(client, "audit").content.decode()
    assert page(client, "audit_stream", case).status_code == 404


def test_nobody_audits_their_own_company(as_auditor, auditor, application, case):
    give(auditor, Role.MEMBER, application.company.organisation.scope)
    assert page(as_auditor, "audit_stream", case).status_code == 404
    assert page(as_auditor, "case_history", application.reference).status_code == 404


@pytest.mark.parametrize("who", ["applicant", "officer", "lead", "finance", "funder", "admin", "assessor-1", "stranger"])
def test_nobody_else_is_told_that_the_pages_are_there(client, cast, case, who):
    client.force_login(cast[who])
    sequence = Event.objects.filter(stream=case).latest("sequence").sequence
    for name, *args in (["audit"], ["audit_stream", case], ["audit_event", case, sequence], ["audit_checkpoints"]):
        assert page(client, name, *args).status_code == 404
    for name, *args in (["audit_verify", case], ["audit_export", case], ["audit_verify_all"]):
        assert client.post(reverse(f"reporting:{name}", args=args)).status_code == 404


def test_a_timeline_tells_each_event_in_a_sentence_with_names_and_changes(as_auditor, case):
    content = page(as_auditor, "audit_stream", case).content.decode()
    assert "Sigrid Signatory submitted the application" in content
    assert "Ann Applicant attached a document to “project_plan”" in content
    assert "Ann Applicant saved answers: jobs created, jobs safeguarded" in content
    assert "The system screened the application: eligible" in content
    assert "Draft → Submitted" in content


def test_a_reason_is_quoted_until_it_is_erased(as_auditor, case, officer):
    trail.record(
        stream=case, kind="application.clear_referral", actor=officer.pk, at=NOON, personal={"note": "The postcode is in Tamworth"}
    )
    content = page(as_auditor, "audit_stream", case).content.decode()
    assert f"{officer.name} cleared the referral" in content
    assert "“The postcode is in Tamworth”" in content
    personal.erase(stream=case, paths=["note"], reason="Retention ended", by=officer.pk, at=NOON)
    content = page(as_auditor, "audit_stream", case).content.decode()
    assert "Tamworth”" not in content
    assert "The reason has been erased." in content


def test_a_timeline_is_filtered_by_kind_and_day(as_auditor, case):
    trail.record(stream=case, kind="application.withdraw", actor=None, at=NOON)
    only = page(as_auditor, "audit_stream", case, kind="application.withdraw").content.decode()
    assert "withdrew the application" in only
    assert "submitted the application" not in only
    since = page(as_auditor, "audit_stream", case, since_day=3, since_month=3, since_year=2027).content.decode()
    assert "withdrew the application" in since
    assert "submitted the application" not in since
    until = page(as_auditor, "audit_stream", case, until_day=2, until_month=3, until_year=2027).content.decode()
    assert "withdrew the application" not in until
    assert "submitted the application" in until


@pytest.mark.parametrize(
    "query", [{"kind": "nonsense"}, {"since_day": 31, "since_month": 2, "since_year": 2027}, {"before": "x"}, {"before": "9" * 40}]
)
def test_nonsense_in_the_filter_is_no_error_of_ours(as_auditor, case, query):
    assert page(as_auditor, "audit_stream", case, **query).status_code == 200


@pytest.mark.parametrize("query", [{"before": "yesterday"}, {"kind": "x"}, {"q": "%'\"<script>"}, {"before": "2027-03-03T12:00:00+00:00"}])
def test_nonsense_in_the_search_is_no_error_of_ours(as_auditor, case, query):
    response = page(as_auditor, "audit", **query)
    assert response.status_code == 200
    assert b"<script>" not in response.content.replace(b'<script type="module"', b"")


def test_streams_are_found_by_title_and_company(as_auditor, application, case):
    for text in (application.title[:12], application.company.name, application.reference.lower()):
        assert case in page(as_auditor, "audit", q=text).content.decode()
    assert case not in page(as_auditor, "audit", q="nothing is called so").content.decode()
    assert case not in page(as_auditor, "audit", kind="programme").content.decode()


def test_long_lists_go_on_where_they_stopped(as_auditor, auditor, case):
    on_the_site(auditor)
    for number in range(60):
        trail.record(stream=f"case:LONG-{number:02}", kind="application.started", actor=None, at=NOON)
        trail.record(stream=case, kind="answer.saved", actor=None, at=NOON)
    seen = shown_streams(page(as_auditor, "audit").context)
    older = as_auditor.get(reverse("reporting:audit") + page(as_auditor, "audit").context["next"])
    seen += shown_streams(older.context)
    assert len(seen) == len(set(seen)) == streams_visible_to(auditor).count()
    first = page(as_auditor, "audit_stream", case)
    second = as_auditor.get(reverse("reporting:audit_stream", args=[case]) + first.context["next"])
    assert len(first.context["events"]) == 50
    assert first.context["events"][-1]["href"] != second.context["events"][0]["href"]


def shown_streams(context):
    return [row[0]["text"] for row in context["rows"]]


def test_verifying_says_the_result_and_leaves_a_trace(as_auditor, auditor, case):
    response = as_auditor.post(reverse("reporting:audit_verify", args=[case]))
    assert "The trail verifies: " in response.content.decode()
    event = Event.objects.get(kind="trail.verified")
    assert (event.actor, event.after["stream"], event.after["good"]) == (auditor.pk, case, True)


def test_a_changed_event_is_said_to_be(as_auditor, case):
    with triggers.lifted(), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_event SET kind = 'application.approve' WHERE stream = %s AND sequence = 2", [case])
    content = as_auditor.post(reverse("reporting:audit_verify", args=[case])).content.decode()
    assert "The trail does not verify." in content
    assert f"The column kind of {case}#2 was changed" in content


def test_the_whole_trail_is_verified_by_who_audits_the_whole_site(as_auditor, auditor, case):
    url = reverse("reporting:audit_verify_all")
    assert as_auditor.post(url).status_code == 404
    on_the_site(auditor)
    assert "The trail verifies: " in as_auditor.post(url).content.decode()


@pytest.mark.parametrize("name", ["audit_verify", "audit_export"])
def test_what_leaves_a_trace_is_posted(as_auditor, case, name):
    assert page(as_auditor, name, case).status_code == 405


def test_an_export_has_every_event_and_no_formula(as_auditor, auditor, case):
    trail.record(stream=case, kind="team.added", actor=None, at=NOON, subject="=cmd|calc", after={"role": "owner"})
    response = as_auditor.post(reverse("reporting:audit_export", args=[case]))
    heads, *rows = csv.reader(io.StringIO(b"".join(response.streaming_content).decode()))
    assert heads[:3] == ["Position", "Stream", "Sequence"]
    assert [row[2] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]
    assert len(rows) == Event.objects.filter(stream=case).count()
    assert rows[-1][8] == "'=cmd|calc"
    assert Event.objects.filter(kind="export.trail", stream=f"person:{auditor.pk}").count() == 1


def test_one_event_is_shown_with_its_bytes_and_its_proof(as_auditor, case):
    checkpoints.sign(at=NOON)
    event = Event.objects.get(stream=case, sequence=2)
    content = page(as_auditor, "audit_event", case, 2).content.decode()
    assert event.hash in content
    assert "hashes to be in the checkpoint of 3 March 2027" in content
    assert page(as_auditor, "audit_event", case, 999).status_code == 404


def test_a_checkpoint_is_taken_away_as_a_document(as_auditor, case):
    signed = checkpoints.sign(at=NOON)
    assert "3 March 2027" in page(as_auditor, "audit_checkpoints").content.decode()
    document = json.loads(page(as_auditor, "audit_checkpoint", signed.pk).content)
    assert document == checkpoints.as_document(signed)


def test_a_case_s_history_is_for_who_works_on_it(client, cast, application):
    for who, status in (("officer", 200), ("auditor", 200), ("finance", 200), ("applicant", 404), ("funder", 404), ("stranger", 404)):
        client.force_login(cast[who])
        assert page(client, "case_history", application.reference).status_code == status, who


def test_a_case_s_history_keeps_addresses_and_answers_to_itself(client, officer, application, case):
    trail.record(stream=case, kind="answer.saved", actor=None, at=NOON, personal={"ip": "192.0.2.99", "problem": "A secret answer"})
    client.force_login(officer)
    content = page(client, "case_history", application.reference).content.decode()
    assert "saved answers" in content
    assert "192.0.2.99" not in content
    assert "A secret answer" not in content


def queries(client, url):
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


def test_pages_cost_the_same_for_two_rows_and_for_fifty(as_auditor, auditor, case):
    on_the_site(auditor)
    urls = [reverse("reporting:audit"), reverse("reporting:audit_stream", args=[case])]
    for url in urls:
        queries(as_auditor, url)
    few = [queries(as_auditor, url) for url in urls]
    for number in range(45):
        trail.record(stream=f"person:{number + 1}", kind="person.signed_in", actor=number + 1, at=NOON)
        trail.record(stream=case, kind="team.added", actor=number + 1, at=NOON, after={"person": number}, personal={"note": "x"})
    assert [queries(as_auditor, url) for url in urls] == few
    assert max(few) <= 16
