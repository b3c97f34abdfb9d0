"""Writing events: what they hold, what they refuse, and how they chain."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from django.db import transaction

from audit import canonical, context, personal, trail
from audit.appendonly import AppendOnlyError
from audit.models import Event, PersonalValue, StreamHead, Unsealed
from tests.integration.audit.conftest import NOON, write

pytestmark = pytest.mark.django_db


def test_an_event_s_bytes_are_canonical_and_give_its_hash():
    (event,) = write("case:X-1", before={"b": 1, "a": None}, subject="applications.application:4", role="officer")
    event = Event.objects.get(pk=event.pk)
    assert bytes(event.body) == canonical.dumps(json.loads(bytes(event.body)))
    assert event.hash == canonical.sha256(bytes(event.body))
    assert event.before == {"a": None, "b": 1}
    assert (event.stream, event.sequence, event.content["previous"]) == ("case:X-1", 1, "0" * 64)


def test_each_event_names_the_one_before_it_in_its_stream():
    first, second = write("case:X-1", 2)
    write("case:X-2")
    (third,) = write("case:X-1")
    assert second.content["previous"] == first.hash
    assert third.content["previous"] == second.hash
    assert third.sequence == 3
    head = StreamHead.objects.get(stream="case:X-1")
    assert (head.sequence, head.hash) == (3, third.hash)


def test_times_are_kept_in_utc_with_microseconds():
    at = datetime(2027, 7, 1, 13, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    event = trail.record(stream="system", kind="clock.read", actor=None, at=at)
    assert event.content["at"] == "2027-07-01T12:00:00.000005Z"


@pytest.mark.parametrize("value", [0.1, {"rate": 0.5}, [1, [2.5]], object(), b"bytes"])
def test_floats_and_strangers_are_refused(value):
    with pytest.raises(TypeError, match="does not hold"):
        write("system", after={"value": value})


@pytest.mark.parametrize("field", ["stream", "kind", "subject", "role"])
@pytest.mark.parametrize("text", ['with "quotes"', "back\\slash", "Ünicode", "line\nbreak"])
def test_names_in_an_event_are_plain(field, text):
    with pytest.raises(ValueError, match=f"event's {field} is printable"):
        write(**({"stream": "system"} | {field: text}))


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        trail.record(stream="system", kind="clock.read", actor=None, at=NOON.replace(tzinfo=None))


def test_a_personal_value_is_not_in_the_chain_and_opens_its_commitment():
    with context.request(request_id_="request-1", ip_="192.0.2.7"):
        (event,) = write("case:X-1", personal={"note": "Her mother is ill"})
    assert b"mother" not in event.body
    assert b"192.0.2.7" not in event.body
    assert event.request_id == "request-1"
    kept = {value.path: value for value in PersonalValue.objects.filter(event=event)}
    assert set(kept) == set(event.commitments) == {"note", "ip"}
    for path, value in {"note": "Her mother is ill", "ip": "192.0.2.7"}.items():
        assert trail.commitment("case:X-1#1", path, value, bytes(kept[path].salt)) == event.commitments[path]


def test_the_same_value_never_gives_the_same_commitment():
    first, second = write("case:X-1", 2, personal={"note": "Approved"})
    assert first.commitments["note"] != second.commitments["note"]


def test_a_refused_change_leaves_no_event():
    write("case:X-1")
    with transaction.atomic():
        write("case:X-1")
        transaction.set_rollback(True)
    assert Event.objects.filter(stream="case:X-1").count() == StreamHead.objects.get(stream="case:X-1").sequence == 1
    assert Unsealed.objects.count() == 1


def test_erasing_takes_value_and_salt_and_says_so():
    write("case:X-1", 2, personal={"note": "Her mother is ill", "phone": "01632 960001"})
    write("case:X-2", personal={"note": "Another case"})
    assert personal.erase(stream="case:X-1", paths=["note"], reason="Retention ended", by=3, at=NOON) == 2
    assert set(PersonalValue.objects.values_list("event__stream", "path")) == {
        ("case:X-1", "phone"),
        ("case:X-1", "note"),
        ("case:X-2", "note"),
    }
    event = Event.objects.get(kind="personal.erased")
    assert event.after == {"values": 2, "paths": ["note"], "events_before": None}
    assert set(event.commitments) == {"note"}


def test_erasing_nothing_leaves_no_event():
    write("case:X-1")
    assert personal.erase(stream="case:X-1", reason="Retention ended", by=3, at=NOON) == 0
    assert not Event.objects.filter(kind="personal.erased").exists()


def test_the_model_and_the_queryset_refuse_changes():
    (event,) = write("case:X-1", personal={"note": "x"})
    value = PersonalValue.objects.get()
    for attempt in (
        event.save,
        event.delete,
        Event.objects.all().delete,
        lambda: Event.objects.update(kind="x"),
        lambda: Event.objects.bulk_update([event], ["kind"]),
        lambda: Event.objects.update_or_create(pk=event.pk, defaults={"kind": "x"}),
        value.save,
        lambda: PersonalValue.objects.update(value="1"),
        PersonalValue.objects.all().delete,
    ):
        with pytest.raises(AppendOnlyError, match="append-only"):
            attempt()
    with pytest.raises(TypeError, match="erase"):
        value.delete()
