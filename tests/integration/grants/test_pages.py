"""The pages of programmes: public ones for everybody, staff's for staff, every refusal a sentence."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from grants.actions import programmes, rounds
from grants.models import Programme, ProgrammeVersion, Round
from tests.cast import *  # noqa: F403
from tests.cast import sign_in
from tests.stages import grants as stages

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="session")
def now():
    return timezone.now()


@pytest.fixture
def programme(cast, now) -> Programme:
    return stages.published(cast, at=now)


@pytest.fixture
def open_now(cast, programme, now) -> Round:
    about = {"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=10), "at": now}
    return rounds.open(round=stages.scheduled_round(cast, programme=programme, **about), by=cast["lead"], at=now)


@pytest.fixture
def as_(client):
    """Sign somebody in as a browser does, second factor and all."""

    def signed_in(person):
        client.logout()
        cache.clear()
        sign_in(client, person)
        return client

    return signed_in


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace("&#x27;", "'").replace("&quot;", '"')


class TestPublic:
    def test_the_list_shows_what_is_open(self, client, open_now):
        page = text_of(client.get("/"))
        assert "DIAGCOMM diagnostics innovation grants" in page
        assert "£10,000 to £40,000" in page
        assert "Open" in page
        assert "Closes at" in page

    def test_an_empty_list_says_so(self, client, db):
        assert "No programme is published yet" in text_of(client.get("/"))

    def test_what_is_not_published_is_not_there(self, client, cast):
        stages.prepared(cast)
        assert "DIAGCOMM" not in text_of(client.get("/"))
        assert client.get("/programmes/diagcomm/").status_code == 404
        assert client.get("/programmes/diagcomm/check/").status_code == 404

    def test_the_page_shows_every_question_rule_criterion_and_weight(self, client, open_now):
        page = text_of(client.get("/programmes/diagcomm/"))
        definition = open_now.definition
        for question in definition.form.questions():
            assert question.label in page
        for rule in definition.eligibility.rules:
            assert rule.title in page
        for criterion in definition.criteria:
            assert f"{criterion.title} {criterion.weight} %" in page
            assert criterion.guidance in page
        assert "70 % for micro and small companies; 50 % for medium-sized companies" in page
        assert f'href="/apply/rounds/{open_now.reference}/start/"' in client.get("/programmes/diagcomm/").content.decode()

    def test_a_round_that_is_not_open_cannot_be_started(self, client, cast, programme, now):
        about = {"opens_at": now + timedelta(days=1), "closes_at": now + timedelta(days=2), "at": now}
        stages.scheduled_round(cast, programme=programme, **about)
        response = client.get("/programmes/diagcomm/")
        assert "Opens at" in text_of(response)
        assert "/start/" not in response.content.decode()

    def test_a_running_round_is_shown_by_its_own_version(self, client, cast, officer, lead, open_now, now):
        version = programmes.load(document=stages.document().replace("grant_max: £40,000", "grant_max: £44,000"), by=officer, at=now)
        programmes.publish(version=version, by=lead, at=now)
        assert "£10,000 to £40,000" in text_of(client.get("/programmes/diagcomm/"))

    def test_costs_the_same_queries_for_two_programmes_and_many(self, client, cast, open_now, now, django_assert_max_num_queries):
        with django_assert_max_num_queries(6):
            client.get("/")
        with django_assert_max_num_queries(7):
            shown = text_of(client.get("/programmes/diagcomm/"))
        assert "Odds so far No earlier round has results to go by yet" in shown
        assert "A grant of £40,000, its milestones spread over" in shown


class TestCalendar:
    def test_the_dates_of_the_round_shown_come_as_a_calendar_file(self, client, open_now):
        response = client.get("/programmes/diagcomm/dates.ics")
        assert response["Content-Type"].startswith("text/calendar")
        lines = response.content.decode().split("\r\n")
        assert lines[0] == "BEGIN:VCALENDAR"
        assert lines[-2:] == ["END:VCALENDAR", ""]
        assert f"DTSTART:{open_now.closes_at:%Y%m%dT%H%M%SZ}" in lines
        assert not any(line.startswith("DTEND") for line in lines), "an end that is no later than the beginning is no end"
        assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == lines.count("SEQUENCE:0") == 2
        assert all(len(line.encode()) <= 75 for line in lines)
        unfolded = response.content.decode().replace("\r\n ", "")
        assert "SUMMARY:DIAGCOMM diagnostics innovation grants: round 1 closes" in unfolded
        assert 'href="/programmes/diagcomm/dates.ics"' in client.get("/programmes/diagcomm/").content.decode()

    def test_without_a_round_there_is_none(self, client, programme):
        assert client.get("/programmes/diagcomm/dates.ics").status_code == 404


class TestCheck:
    def test_asks_without_an_account_and_answers_everything_at_once(self, client, open_now):
        assert "Check whether you can apply" in text_of(client.get("/programmes/diagcomm/check/"))
        page = text_of(client.post("/programmes/diagcomm/check/", {"legal_form": "sole_trader", "grant": "50,000", "postcode": "bs1 1aa"}))
        assert "As things stand you cannot apply: 3 of 11 rules are not met" in page
        assert "You ask for £50,000. Grants are between £10,000 and £40,000." in page
        assert "BS1 1AA is not in the West Midlands." in page
        assert "Cannot tell yet" in page
        assert 'value="50,000"' in client.post("/programmes/diagcomm/check/", {"grant": "50,000"}).content.decode()

    def test_a_good_case_may_start(self, client, open_now):
        given = {
            "legal_form": "limited", "status": "active", "postcode": "B15 2TT", "employees": "12", "turnover": "900,000",
            "balance_sheet": "400000", "is_insolvent": "no", "mfa_received": "0", "grant": "21,000", "project_cost": "30,000",
            "starts_on_day": "1", "starts_on_month": "2", "starts_on_year": "2099", "ends_on_day": "1", "ends_on_month": "6",
            "ends_on_year": "2099", "answers__diagnostic_use": "detection", "answers__has_started": "no",
        }  # fmt: skip
        response = client.post("/programmes/diagcomm/check/", given)
        assert "From what you told us, you can apply" in text_of(response)
        assert "/start/" in response.content.decode()

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"grant": "lots"}, "Enter an amount in pounds"),
            ({"postcode": "nowhere"}, "Enter a full UK postcode"),
            ({"employees": "-3"}, "“How many people do you employ?” must be 0 or more"),
            ({"employees": "9" * 400}, "must be 10000000 or less"),
            ({"legal_form": "king"}, "not one of the available choices"),
            ({"starts_on_day": "31", "starts_on_month": "2", "starts_on_year": "2027"}, "must be a real date"),
        ],
    )
    def test_nonsense_gets_a_sentence_and_keeps_what_was_typed(self, client, open_now, given, says):
        response = client.post("/programmes/diagcomm/check/", given)
        assert response.status_code == 200
        assert says in text_of(response)


class TestStaff:
    def test_strangers_are_kept_out(self, as_, client, cast, stranger, applicant, open_now):
        assert client.get("/manage/programmes/").status_code == 302
        for person in (stranger, applicant):
            assert as_(person).get("/manage/programmes/").status_code == 403
            assert client.get("/manage/programmes/diagcomm/").status_code == 404
            assert client.get("/manage/programmes/diagcomm/versions/1/").status_code == 404
            assert client.get(f"/manage/programmes/rounds/{open_now.reference}/").status_code == 404
            assert client.post(f"/manage/programmes/rounds/{open_now.reference}/cancel/", {"note": "x"}).status_code == 404
            assert client.get("/manage/programmes/load/").status_code == 403

    def test_onlookers_read_and_change_nothing(self, as_, auditor, open_now, client):
        as_(auditor)
        for path in ("", "diagcomm/", "diagcomm/versions/1/", "diagcomm/versions/1/document/", f"rounds/{open_now.reference}/"):
            assert client.get(f"/manage/programmes/{path}").status_code == 200, path
        assert client.post(f"/manage/programmes/rounds/{open_now.reference}/pause/", {"note": "x"}).status_code == 403
        assert Round.objects.get().state == Round.State.OPEN

    def test_one_loads_another_publishes(self, as_, client, officer, lead, cast):
        as_(officer)
        file = SimpleUploadedFile("diagcomm.yaml", stages.document().encode())
        assert client.post("/manage/programmes/load/", {"file": file}).status_code == 302
        again = SimpleUploadedFile("diagcomm.yaml", b"\xef\xbb\xbf" + stages.document().replace("\n", "\r\n").encode())
        assert "Nothing differs from" in text_of(client.post("/manage/programmes/load/", {"file": again}, follow=True))
        assert client.post("/manage/programmes/diagcomm/versions/1/prepare/").status_code == 302
        assert client.post("/manage/programmes/diagcomm/versions/1/publish/").status_code == 403
        assert "It waits to be published, by Leo Lead or Lena Lead." in text_of(client.get("/manage/programmes/diagcomm/versions/1/"))
        as_(lead)
        assert "Publish DIAGCOMM diagnostics innovation grants version 1" in text_of(client.get("/home/"))
        assert client.post("/manage/programmes/diagcomm/versions/1/publish/").url == "/manage/programmes/diagcomm/"
        assert ProgrammeVersion.objects.get().published_by == lead
        assert client.get("/manage/programmes/diagcomm/versions/1/document/").content.decode() == stages.document()

    def test_a_bad_document_names_every_line_and_is_kept(self, as_, officer, client, cast):
        as_(officer)
        text = stages.document().replace("weight: 20\n", "weigth: 20\n", 1).replace("control: small_team", "control: none")
        page = text_of(client.post("/manage/programmes/load/", {"text": text}))
        assert "Did you mean “weight”?" in page
        assert "“none” is not one of small_team or standard." in page
        assert "weigth: 20" in page
        assert not Programme.objects.exists()

    def test_a_new_programme_s_document_is_refused_with_what_to_do_and_kept(self, as_, officer, client, programme):
        as_(officer)
        text = stages.document().replace("slug: diagcomm", "slug: othercomm")
        page = text_of(client.post("/manage/programmes/load/", {"text": text}))
        assert "There is no programme “othercomm” yet" in page
        assert "slug: othercomm" in page
        assert Programme.objects.count() == 1

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({}, "Choose a file, or paste the document."),
            ({"text": "   "}, "Choose a file, or paste the document."),
            ({"file": SimpleUploadedFile("x.yaml", b"\xff\xfe\x00")}, "not text in UTF-8"),
            ({"file": SimpleUploadedFile("x.yaml", b"x" * 5_000_000)}, "5.0 MB long; the most is 1 MB"),
        ],
    )
    def test_no_document_is_said_so(self, as_, officer, client, cast, given, says):
        as_(officer)
        assert says in text_of(client.post("/manage/programmes/load/", given))

    def test_schedules_opens_pauses_and_closes_a_round(self, as_, lead, client, programme):
        as_(lead)
        given = {
            "title": "Spring", "opens_on_day": "1", "opens_on_month": "3", "opens_on_year": "2099", "opens_time": "09:00",
            "closes_on_day": "30", "closes_on_month": "6", "closes_on_year": "2099", "closes_time": "12:00", "budget_pence": "250,000",
        }  # fmt: skip
        assert client.post("/manage/programmes/diagcomm/schedule/", given).status_code == 302
        round_ = Round.objects.get()
        assert (round_.budget.amount_pence, round_.closes_at.isoformat()) == (25_000_000, "2099-06-30T11:00:00+00:00")
        base = f"/manage/programmes/rounds/{round_.reference}/"
        assert client.post(f"{base}open/").status_code == 302
        assert client.post(f"{base}pause/", {"note": ""}).status_code == 400
        assert client.post(f"{base}pause/", {"note": "Outage"}).status_code == 302
        assert client.post(f"{base}resume/").status_code == 302
        assert client.post(f"{base}close/").status_code == 409
        assert client.post(f"{base}close_early/", {"note": "All is committed"}).status_code == 302
        assert client.post(f"{base}frobnicate/").status_code == 400
        assert Round.objects.get().state == Round.State.CLOSED

    def test_times_in_the_wrong_order_are_said_on_the_form(self, as_, lead, client, programme):
        as_(lead)
        given = {
            "opens_on_day": "1", "opens_on_month": "3", "opens_on_year": "2099", "opens_time": "09:00", "closes_on_day": "1",
            "closes_on_month": "2", "closes_on_year": "2099", "closes_time": "12:00", "budget_pence": "250,000",
        }  # fmt: skip
        assert "The round must close after it opens." in text_of(client.post("/manage/programmes/diagcomm/schedule/", given))
        slip = given | {"opens_on_year": "2026", "opens_on_month": "1"}
        assert re.search(r"Opens on must be .* or later", text_of(client.post("/manage/programmes/diagcomm/schedule/", slip)))
        assert not Round.objects.exists()

    def test_the_budget_changes_with_a_reason(self, as_, lead, client, open_now):
        as_(lead)
        path = f"/manage/programmes/rounds/{open_now.reference}/"
        assert "Say why the budget changes" in text_of(client.post(path, {"amount_pence": "500,000", "reason": ""}))
        assert client.post(path, {"amount_pence": "500,000", "reason": "More money"}).status_code == 302
        assert Round.objects.get().budget.amount_pence == 50_000_000

    def test_a_version_says_what_it_changes(self, as_, lead, officer, client, programme, now):
        text = stages.document().replace("    weight: 20\n", "    weight: 25\n", 1).replace("    weight: 10\n", "    weight: 5\n")
        programmes.load(document=text, by=officer, at=now)
        page = text_of(as_(lead).get("/manage/programmes/diagcomm/versions/2/"))
        assert "Criterion Need: weight 20 → 25" in page
        assert "Publish" in page

    def test_the_list_costs_the_same_for_two_and_twenty(self, as_, lead, client, cast, programme, now, django_assert_max_num_queries):
        as_(lead)
        client.get("/manage/programmes/")
        for number in range(3):
            about = {"opens_at": now + timedelta(days=number + 1), "closes_at": now + timedelta(days=number + 2), "at": now}
            stages.scheduled_round(cast, programme=programme, **about)
        with django_assert_max_num_queries(12):
            client.get("/manage/programmes/")
        with django_assert_max_num_queries(24):
            client.get("/manage/programmes/diagcomm/")
