"""Equality answers: their giver's alone; told in groups; gone when taken back."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Person
from accounts.refusals import Denied, Refused
from applications.actions import equality
from applications.models import EqualityAnswer, EqualityReport
from audit.models import Event
from tests.stages import applications, grants

AT = grants.WHILE_OPEN
MAY_READ = {"applications/actions/equality.py", "applications/models/equality.py", "applications/models/__init__.py"}


@pytest.fixture
def sent(cast):
    return applications.submitted(cast)


def test_answers_are_kept_apart_and_belong_to_their_giver(client, cast, sent):
    client.force_login(cast["applicant"])
    before = Event.objects.count()
    path = f"/apply/{sent.reference}/equality/"
    assert path in client.get(f"/apply/{sent.reference}/receipt/").content.decode()
    assert "checked" not in client.get(path).content.decode()
    client.post(path, {"age": "35", "gender": "not_said"})
    client.post(path, {"age": "45"})
    assert list(EqualityAnswer.objects.values_list("question", "choice")) == [("age", "45")]
    assert client.get(path).content.decode().count("checked") == 1
    assert client.get("/accounts/my-data/").json()["equality_answers"] == {"diagcomm": {"age": "45"}}
    assert Event.objects.count() == before, "the trail would name the giver"
    assert not [field for field in EqualityAnswer._meta.concrete_fields if field.is_relation]
    for who in ("colleague", "officer", "lead", "assessor-1", "auditor"):
        client.force_login(cast[who])
        assert "checked" not in client.get(path).content.decode(), who
    client.force_login(cast["applicant"])
    client.post(f"{path}delete/")
    assert not EqualityAnswer.objects.exists()


def test_only_the_team_answers_and_only_with_what_is_asked(cast, sent):
    with pytest.raises(Denied):
        equality.give(application=sent, answers={"age": "35"}, by=cast["assessor-1"], at=AT)
    with pytest.raises(Refused):
        equality.give(application=sent, answers={"age": "123"}, by=cast["applicant"], at=AT)


def test_a_report_waits_for_ten_and_the_next_for_ten_more(client, cast, sent):
    def say(numbers, **answers):
        for number in numbers:
            giver = Person(pk=10_000 + number)
            EqualityAnswer.objects.bulk_create(
                EqualityAnswer(giver=equality._giver(giver, "diagcomm"), programme="diagcomm", question=name, choice=choice, given_in=2026)
                for name, choice in answers.items()
            )

    client.force_login(cast["officer"])
    say(range(9), gender="woman")
    assert equality.report_all(at=AT) == 0
    assert "Too few to tell" in client.get("/manage/applications/equality/diagcomm/").content.decode()
    say(range(9, 30), gender="woman")
    say(range(30, 45), gender="man")
    say(range(45, 47), gender="another")
    assert equality.report_all(at=AT) == 1
    assert EqualityReport.objects.get().figures["gender"] == {"woman": 30, "man": None, "another": None, "not_said": None}
    say(range(47, 50), gender="another")
    assert equality.report_all(at=AT) == 0, "three more would be told by subtraction"
    page = client.get("/manage/applications/equality/diagcomm/").content.decode()
    assert "30 to 39" in page
    assert "Left out" in page
    client.force_login(cast["assessor-1"])
    assert client.get("/manage/applications/equality/diagcomm/").status_code == 404


def test_no_other_module_reads_the_answers():
    readers = set()
    for path in Path(settings.BASE_DIR).glob("*/**/*.py"):
        name = str(path.relative_to(settings.BASE_DIR))
        if name.startswith(("tests/", "node_modules/", "var/")) or "/migrations/" in name:
            continue
        text = path.read_text()
        if "EqualityAnswer" in text and any(getattr(node, "id", "") == "EqualityAnswer" for node in ast.walk(ast.parse(text))):
            readers.add(name)
    assert readers <= MAY_READ
