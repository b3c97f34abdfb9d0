"""Queries composed once: the same rows as the ORM's own, for other values each time."""

from datetime import UTC, datetime

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from accounts.models import Person
from audit.composed import Composed, Given
from audit.models import PersonalValue, StreamHead
from audit.trail import record

AT = datetime(2027, 3, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db

BY_EMAIL = Composed(lambda: Person.objects.filter(email=Given("email", models.CharField())))
SINCE = Composed(
    lambda: StreamHead.objects.filter(last_at__gte=Given("at", models.DateTimeField())).order_by("stream").values_list("stream")
)
VALUES = Composed(lambda: PersonalValue.objects.select_related("event").filter(event__stream=Given("stream", models.CharField())))


def test_each_question_has_its_own_answer() -> None:
    for name in ("ada", "bob"):
        Person.objects.create(email=f"{name}@example.org", name=name)
    assert [BY_EMAIL.one(email=f"{name}@example.org").name for name in ("ada", "bob", "ada")] == ["ada", "bob", "ada"]


def test_nobody_found_is_the_models_own_refusal() -> None:
    with pytest.raises(Person.DoesNotExist):
        BY_EMAIL.one(email="nobody@example.org")
    assert BY_EMAIL.all(email="nobody@example.org") == []


def test_values_times_and_related_records_come_as_the_orm_brings_them() -> None:
    record(stream="person:1", kind="person.created", actor=None, at=AT, personal={"name": "Ada Ä", "age": 36})
    assert SINCE.all(at=AT) == [("person:1",)]
    assert SINCE.all(at=AT.replace(year=2028)) == []
    with CaptureQueriesContext(connection) as asked:
        read = [(value.path, value.value, len(value.salt), value.event.kind) for value in VALUES.all(stream="person:1")]
    assert sorted(read) == [("age", "36", 32, "person.created"), ("name", '"Ada Ä"', 32, "person.created")]
    assert len(asked) == 1


def test_what_is_found_can_be_changed_and_saved() -> None:
    Person.objects.create(email="ada@example.org", name="ada")
    found = BY_EMAIL.one(email="ada@example.org")
    found.name = "Ada"
    found.save(update_fields=["name"])
    assert BY_EMAIL.one(email="ada@example.org").name == "Ada"
