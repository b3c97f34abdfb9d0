"""The demo's front door: there in the demo, absent everywhere else."""

import pytest
from django.core import mail
from django.core.mail import get_connection

from accounts.models import Person
from audit.models import Event


@pytest.fixture
def in_demo(settings):
    settings.DEMO = True
    settings.ROOT_URLCONF = "tests.demo_urls"


@pytest.mark.parametrize("path", ["/demo/", "/demo/sign-in/", "/outbox/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_routes_do_not_exist_outside_the_demo(client, cast, path, method):
    client.force_login(cast["applicant"])
    assert getattr(client, method)(path, {"who": "officer"}).status_code == 404


@pytest.mark.parametrize("path", ["/demo/", "/outbox/"])
def test_routes_wired_by_mistake_still_answer_404(client, cast, settings, path):
    settings.ROOT_URLCONF = "tests.demo_urls"
    assert client.get(path).status_code == 404
    assert client.post("/demo/sign-in/", {"who": "officer"}).status_code == 404


def test_the_page_lists_everybody_by_part_with_one_button_each(client, cast, in_demo):
    page = client.get("/demo/").content.decode()
    for who in ["applicant", "colleague", "signatory", "assessor-1", "assessor-4", "officer", "lead", "second-lead", "chair", "monitor",
                "finance", "independent-approver", "funder", "auditor", "admin"]:  # fmt: skip
        assert page.count(f'name="who" value="{who}"') == 1
        assert cast[who].name in page


@pytest.mark.django_db
def test_the_page_says_so_when_nobody_is_there_yet(client, in_demo):
    assert "Nobody is here yet" in client.get("/demo/").content.decode()


def test_one_button_signs_in_and_lands_at_home(client, cast, in_demo):
    response = client.post("/demo/sign-in/", {"who": "officer"}, follow=True)
    assert response.redirect_chain == [("/home/", 302)]
    assert "Hello, Olive Officer" in response.content.decode()
    assert Event.objects.filter(stream=f"person:{cast['officer'].pk}", kind="person.signed_in").count() == 1


def test_signing_in_as_somebody_else_leaves_nothing_of_the_first(client, cast, in_demo):
    client.post("/demo/sign-in/", {"who": "officer"})
    first = client.session.session_key
    client.post("/demo/sign-in/", {"who": "lead"})
    assert client.session["_auth_user_id"] == str(cast["lead"].pk)
    assert client.session.session_key != first


@pytest.mark.parametrize("who", ["", "nobody", "system", "assessor-99", "stranger", "officer@example.org"])
def test_only_the_sample_people_can_be_signed_in_as(client, cast, in_demo, who):
    assert client.post("/demo/sign-in/", {"who": who}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_a_look_signs_nobody_in(client, cast, in_demo):
    assert client.get("/demo/sign-in/", {"who": "officer"}).status_code == 405


def test_a_sample_person_that_was_closed_is_not_offered(client, cast, in_demo):
    Person.objects.filter(pk=cast["officer"].pk).update(is_active=False)
    assert client.post("/demo/sign-in/", {"who": "officer"}).status_code == 404


def test_the_outbox_shows_what_would_have_been_sent(client, db, settings, in_demo, tmp_path):
    settings.EMAIL_FILE_PATH = str(tmp_path)
    assert "No mail yet" in client.get("/outbox/").content.decode()
    connection = get_connection("django.core.mail.backends.filebased.EmailBackend")
    for subject in ["First letter", "Second – with a dash"]:
        mail.EmailMessage(subject, "Go to http://127.0.0.1:8000/x/ <b>now</b>", to=["ann@example.org"], connection=connection).send()
    page = client.get("/outbox/").content.decode()
    assert page.index("Second – with a dash") < page.index("First letter")
    assert '<a href="http://127.0.0.1:8000/x/"' in page
    assert "<b>now</b>" not in page
