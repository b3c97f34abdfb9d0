"""What an attacker would try, and what turns it away. docs/security.md has the table; what is tested elsewhere is named there."""

import http.server
import io
import struct
import threading
import zipfile

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.limits import Limit
from accounts.refusals import Refused
from applications import companies_house, spreadsheets, uploads
from applications.models import Application
from assessments import sheets
from config import limits, logs, refused
from tests.stages import assessments as stages

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_limits_left_over():
    cache.clear()


def views(resolver: URLResolver | None = None, prefix: str = ""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), entry.callback
        else:
            yield from views(entry, prefix + str(entry.pattern))


# forms from elsewhere


def test_no_view_but_the_api_s_takes_a_form_without_its_token():
    exempt = {route for route, view in views() if getattr(view, "csrf_exempt", False)}
    assert exempt
    assert all(route.startswith(("api/v1/", "api/schema/")) for route in exempt), exempt


def test_the_api_knows_no_cookies_so_that_a_form_from_elsewhere_is_nobody(cast):
    client = Client()
    client.force_login(cast["lead"])
    assert client.post("/api/v1/programmes/").status_code == 401


# what browsers are told


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/healthz", "/metrics", "/nowhere/", "/api/v1/awards/", "/look/x.css", "/home/"])
def test_every_answer_tells_browsers_to_run_nothing_and_frame_nothing(client, path):
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


def test_pages_that_know_their_reader_are_kept_by_nobody_and_leave_at_sign_out(client, applicant):
    client.force_login(applicant)
    assert client.get("/home/")["Cache-Control"] == "private, no-cache"
    assert client.post("/accounts/logout/")["Clear-Site-Data"] == '"cache"'


def test_another_host_name_is_refused(client):
    answer = client.get("/accounts/login/", headers={"host": "evil.example", "referer": "http://evil.example/x"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.text


# pages drawn again after a refusal


def asked_again(person, page):
    request = RequestFactory().post("/anything/", headers={"Referer": f"http://testserver{page}"})
    request.user = person
    return refused.page_again(request, Refused("No."))


def test_a_refusal_draws_no_page_that_its_reader_could_not_ask_for(client, officer, settings):
    assert asked_again(AnonymousUser(), "/home/") is None
    officer.authenticator_set.all().delete()
    assert asked_again(officer, "/home/") is None


# decisions that nobody may know yet


def test_a_decision_that_was_not_told_shows_nowhere_to_the_company(client, cast):
    declined = stages.declined(cast)
    client.force_login(cast["applicant"])
    home = client.get("/home/").text
    assert f"{declined.reference}: " in home
    assert "It is with the programme&#x27;s lead" in home
    assert "eclined" not in home
    page = client.get(declined.get_absolute_url()).text
    assert "Being assessed" in page
    assert "eclined" not in page
    assert Application.objects.going().filter(pk=declined.pk).exists(), "nobody may start another one to find out"


# too much


def test_who_invites_too_many_is_stopped_with_a_sentence(client, cast, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "accounts:invite", Limit(2, 3600, "You have invited many people."))
    client.force_login(cast["admin"])
    answers = [client.post("/accounts/people/invite/", {}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "You have invited many people." in answers[-1].text


def test_a_flood_of_files_is_stopped_and_one_person_s_flood_stops_nobody_else(client, cast, monkeypatch):
    monkeypatch.setattr(limits, "UPLOADS", Limit(1, 3600, "You have sent very many files."))

    def send(person):
        client.force_login(person)
        return client.post("/assess/offline/", {"file": SimpleUploadedFile("reviews.csv", b"x")}).status_code

    first, second = cast["assessor-1"], cast["assessor-2"]
    assert [send(first), send(first), send(second)] == [200, 429, 200]


def test_a_body_that_says_it_is_huge_is_not_even_read(client, cast):
    client.force_login(cast["assessor-1"])
    answer = client.generic("POST", "/assess/offline/", b"x", content_type="text/plain", CONTENT_LENGTH=str(limits.MOST_BYTES + 1))
    assert answer.status_code == 413


def test_a_body_that_does_not_say_how_long_it_is_is_not_read_either(client, cast):
    client.force_login(cast["assessor-1"])
    answer = client.post("/assess/offline/", {"a": "b"}, headers={"Transfer-Encoding": "chunked"})
    assert (answer.status_code, "did not say how long it is" in answer.text) == (411, True)


def test_who_guesses_keys_is_turned_away_for_a_while(client, monkeypatch):
    monkeypatch.setattr("accounts.authentication.GUESSES", Limit(2, 600, "Too many unknown keys."))
    guess = {"Authorization": "Bearer ph_live_guessed"}
    answers = [client.get("/api/v1/awards/", headers=guess) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert int(answers[-1]["Retry-After"]) >= 600


# files that lie


def workbook(size: int, *, says: int | None = None) -> bytes:
    """An archive with one member of so many zeros, which says in both its headers that it holds `says` bytes."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"\0" * size)
        archive.writestr("xl/workbook.xml", b"<workbook/>")
    found = body.getvalue()
    return found if says is None else found.replace(struct.pack("<I", size), struct.pack("<I", says))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (workbook(41 * uploads.MEGABYTE), "document_bomb"),
        (workbook(30 * uploads.MEGABYTE, says=1000), "workbook_unreadable"),
        (workbook(5000)[:-30], "workbook_unreadable"),
    ],
)
@pytest.mark.parametrize("reader", [lambda file: spreadsheets.uploaded(file), lambda file: sheets.read(file)])
def test_a_workbook_that_unpacks_to_too_much_is_refused_before_a_reader_has_it(content, code, reader, monkeypatch):
    monkeypatch.setattr("python_calamine.CalamineWorkbook.from_filelike", lambda file: pytest.fail("a reader had it"), raising=False)
    monkeypatch.setattr(spreadsheets, "CalamineWorkbook", None)
    with pytest.raises(Refused) as told:
        reader(ContentFile(content, name="costs.xlsx"))
    assert told.value.code in (code, "document_type")


# what leaves the house


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A register that points elsewhere."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(302)
        self.send_header("Location", "/stolen")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


def test_the_register_s_key_does_not_follow_where_the_register_points(settings):
    with http.server.HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        settings.COMPANIES_HOUSE_URL, settings.COMPANIES_HOUSE_API_KEY = f"http://127.0.0.1:{server.server_port}", "secret"
        with pytest.raises(companies_house.RegisterAway):
            companies_house.fetch("01234567")
    assert Elsewhere.asked == ["/company/01234567"]


def test_a_row_that_the_database_refused_does_not_reach_the_log():
    told = 'IntegrityError: "person_has_name"\nDETAIL:  Failing row contains (7, olive@example.org, Olive Osei, 07700 900123).\nat line 3'
    struck = logs.without_personal_data(None, "error", {"event": "broken", "exception": told})["exception"]
    assert "Olive" not in struck
    assert "07700" not in struck
    assert "at line 3" in struck


def test_forgetting_a_password_tells_nobody_who_has_an_account(applicant):
    answers = []
    for address in (applicant.email, "nobody@example.org"):
        answer = Client().post("/accounts/password/reset/", {"email": address})
        answers.append((answer.status_code, answer.headers.get("Location")))
    assert answers[0] == answers[1]
