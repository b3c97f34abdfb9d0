"""The outbox: written once with the change, done at least once, kept when it fails; a broker that is away stops nobody."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import transaction

from notifications import delivery, outbox
from notifications.models import Notice, OutboxMessage
from notifications.tasks import deliver_waiting

AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def done(monkeypatch) -> list[str]:
    seen: list[str] = []
    monkeypatch.setitem(outbox.HANDLERS, "test.kind", lambda message, at: seen.append(message.key))
    return seen


def test_the_same_key_is_written_once(db, done):
    outbox.put("test.kind", {}, key="a", at=AT)
    outbox.put("test.kind", {}, key="a", at=AT)
    assert delivery.drain(at=AT) == 1
    assert done == ["a"]


def test_a_change_that_is_rolled_back_takes_its_messages_along(db, done):
    with transaction.atomic():
        outbox.put("test.kind", {}, key="a", at=AT)
        transaction.set_rollback(True)
    assert delivery.drain(at=AT) == 0


def test_what_fails_waits_longer_each_time_and_is_given_up_in_the_end(db, monkeypatch):
    def fail(message, at):
        raise ConnectionError("somebody@example.org refused")

    monkeypatch.setitem(outbox.HANDLERS, "test.kind", fail)
    outbox.put("test.kind", {}, key="a", at=AT)
    moment, waits = AT, []
    for _ in range(delivery.GIVE_UP_AFTER):
        assert delivery.drain(at=moment) == 0
        message = OutboxMessage.objects.get()
        waits.append(message.available_at - moment)
        moment = message.available_at
    assert waits == sorted(waits)
    assert message.given_up_at is not None
    assert message.last_error == "ConnectionError", "the text of an error may carry an address"


def test_two_workers_do_not_do_the_same_message(db, done):
    message = outbox.put("test.kind", {}, key="a", at=AT)
    assert delivery._take_lease(message, AT)
    assert not delivery.attempt(message, at=AT)
    assert delivery.attempt(message, at=AT + delivery.LEASE + timedelta(seconds=1))
    assert done == ["a"]


def test_a_broker_that_is_away_stops_nobody(db, done, monkeypatch, django_capture_on_commit_callbacks):
    def unreachable(*args, **options):
        raise OSError("no broker")

    monkeypatch.setattr(deliver_waiting, "apply_async", unreachable)
    with django_capture_on_commit_callbacks(execute=True):
        outbox.put("test.kind", {}, key="a", at=AT)
    assert OutboxMessage.objects.get().done_at is None
    assert delivery.drain(at=AT) == 1, "beat's next ring finds it"


def test_a_transaction_rings_once_however_much_it_writes(db, done, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as rings:
        outbox.put("test.kind", {}, key="a", at=AT)
        outbox.put("test.kind", {}, key="b", at=AT)
    assert len(rings) == 1


def test_a_notice_is_on_the_page_and_in_the_post(stranger):
    outbox.send_notice("test", outbox.Letter(stranger, "Your claim is paid", "It is paid.", "/apply/"), at=AT, key="n:1")
    assert Notice.objects.get().sent_at is None
    delivery.drain(at=AT)
    assert Notice.objects.get().sent_at == AT
    assert [message.to for message in mail.outbox] == [[stranger.email]]
    assert "It is paid." in mail.outbox[0].body
    assert "/apply/" in mail.outbox[0].body


def test_a_person_reads_their_own_messages_and_nobody_elses(client, stranger, applicant):
    outbox.send_notice("test", outbox.Letter(stranger, "For Stan", "Words."), at=AT, key="n:1")
    outbox.send_notice("test", outbox.Letter(applicant, "For Ann", "Words."), at=AT, key="n:2")
    client.force_login(stranger)
    page = client.get("/messages/").content.decode()
    assert "For Stan" in page
    assert "For Ann" not in page
    client.post("/messages/read/")
    assert Notice.objects.get(person=stranger).read_at is not None
    assert Notice.objects.get(person=applicant).read_at is None


def test_nobody_takes_anothers_place_without_a_word():
    for taken, register in ((next(iter(outbox.HANDLERS)), outbox.handles), (next(iter(outbox.COMPOSERS)), outbox.composes)):
        with pytest.raises(RuntimeError, match="look after it"):
            register(taken)(lambda *_: None)
