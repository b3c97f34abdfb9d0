"""Verifying: a good trail verifies, and every way of tampering with one is found and named."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection

from audit import canonical, checkpoints, personal, sealer, trail, triggers, verify
from audit.models import Event, PersonalValue, Position, Tile, Unsealed
from tests.integration.audit.conftest import NOON, write

CASE = "case:DIAGCOMM-7K2M"


@pytest.fixture
def signed_trail(small_trail):
    return checkpoints.sign(at=NOON)


def tamper(*statements):
    """Write behind the application's back, as somebody who owns the database can."""
    with triggers.lifted(), connection.cursor() as cursor:
        for statement, *parameters in statements:
            cursor.execute(statement, parameters)


def rewritten(event, *, body):
    """The statement that puts other bytes and their true hash in an event's place."""
    return ("UPDATE audit_event SET body = %s, hash = %s WHERE id = %s", body, canonical.sha256(body), event.pk)


def event(stream, sequence):
    return Event.objects.get(stream=stream, sequence=sequence)


def problems():
    return verify.verify_all().problems


def test_a_good_trail_verifies(signed_trail):
    report = verify.verify_all()
    assert report.problems == []
    assert (report.events, report.streams, report.sealed, report.checkpoints, report.personal_values) == (11, 3, 11, 1, 6)
    assert report.newer_than_last_checkpoint == 0
    assert report.sentence() == "The trail verifies: 11 events in 3 streams, 11 sealed."


def test_an_empty_trail_verifies(db):
    assert verify.verify_all().problems == []


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_a_snapshot_is_read_and_left():
    write(CASE, 3, personal={"note": "x"})
    checkpoints.sign(at=NOON)
    assert verify.verify_all().problems == []
    write(CASE)
    assert verify.verify_stream(CASE).events == 4


def test_unsealed_events_are_no_problem(signed_trail):
    write(CASE, 2)
    report = verify.verify_all()
    assert (report.problems, report.sealed, report.newer_than_last_checkpoint) == ([], 11, 2)


def test_one_changed_byte_is_found_and_named(signed_trail):
    target = event(CASE, 3)
    body = bytes(target.body).replace(b"1200000", b"1200001")
    tamper(("UPDATE audit_event SET body = %s WHERE id = %s", body, target.pk))
    assert problems()[0] == (
        f"The bytes of {CASE}#3 (application.save) were changed: they no longer give the hash that was stored with them."
    )


def test_a_changed_byte_with_a_new_hash_breaks_the_next_link_and_the_seal(signed_trail):
    target = event(CASE, 3)
    tamper(rewritten(target, body=bytes(target.body).replace(b"1200000", b"1200001")))
    assert problems()[:2] == [
        f"{CASE}#4 (application.save) does not follow {CASE}#3: it names another hash as the one before.",
        f"{CASE}#3 is not the event that was sealed.",
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [("kind", "application.approve"), ("kind", "x"), ("actor", 8), ("actor", None), ("role", "lead"), ("subject", "x:1"),
     ("request_id", "other"), ("on_behalf_of", 9), ("at", "2027-03-03 12:02:01")],
)  # fmt: skip
def test_a_changed_column_is_found_and_named(signed_trail, column, value):
    tamper((f"UPDATE audit_event SET {column} = %s WHERE id = %s", value, event(CASE, 3).pk))
    name = "request" if column == "request_id" else column
    assert problems()[0].startswith(f"The column {name} of {CASE}#3 was changed: it says ")
    assert not [said for said in problems() if "personal values" in said], "bytes that are in doubt are not counted on"


def test_a_whole_stream_rewritten_with_its_hashes_contradicts_the_checkpoint(signed_trail):
    """Somebody recomputes the chain, the head and the sealed hashes: only the signature cannot be made again."""
    before, statements = canonical.NOTHING_BEFORE, []
    for row in Event.objects.filter(stream=CASE).order_by("sequence"):
        body = json.loads(bytes(row.body)) | {"previous": before}
        if row.sequence == 3:
            body["change"]["after"]["amount_pence"] = 9_900_000
        data = canonical.dumps(body)
        before = canonical.sha256(data)
        statements += [rewritten(row, body=data), ("UPDATE audit_position SET event_hash = %s WHERE event_id = %s", before, row.pk)]
    tamper(*statements, ("UPDATE audit_streamhead SET hash = %s WHERE stream = %s", before, CASE))
    assert problems() == ["The first 11 events are not those that checkpoint 1 of 2027-03-03 was signed over."]


def test_a_deleted_event_is_found_and_named(signed_trail):
    target = event(CASE, 3)
    tamper(
        ("DELETE FROM audit_personalvalue WHERE event_id = %s", target.pk),
        ("DELETE FROM audit_position WHERE event_id = %s", target.pk),
        ("DELETE FROM audit_event WHERE id = %s", target.pk),
    )
    assert problems()[0] == f"{CASE}#3 missing: the next event kept is {CASE}#4."
    assert any(problem.startswith("Position 3 is missing") for problem in problems())


def test_reordered_events_are_found(signed_trail):
    third, fourth = event(CASE, 3), event(CASE, 4)
    tamper(
        ("UPDATE audit_event SET sequence = 99 WHERE id = %s", third.pk),
        ("UPDATE audit_event SET sequence = 3 WHERE id = %s", fourth.pk),
        ("UPDATE audit_event SET sequence = 4 WHERE id = %s", third.pk),
    )
    assert problems()[:2] == [
        f"{CASE}#3 missing: the next event kept is {CASE}#4.",
        f"{CASE}#3 is out of order: it was written after {CASE}#4.",
    ]


def test_swapped_positions_are_found(signed_trail):
    tamper(
        ("UPDATE audit_position SET number = 99 WHERE number = 2",),
        ("UPDATE audit_position SET number = 2 WHERE number = 3",),
        ("UPDATE audit_position SET number = 3 WHERE number = 99",),
    )
    assert problems() == ["The first 11 events are not those that checkpoint 1 of 2027-03-03 was signed over."]


def cut_off(number):
    """Take the last events away, with everything that speaks of them."""
    gone = list(Event.objects.order_by("-pk")[:number])
    ids = ",".join(str(row.pk) for row in gone)
    tamper(
        *((f"DELETE FROM {table} WHERE event_id IN ({ids})",) for table in ("audit_personalvalue", "audit_position", "audit_unsealed")),
        (f"DELETE FROM audit_event WHERE id IN ({ids})",),
        ("DELETE FROM audit_streamhead WHERE stream = 'system'",),
    )


def test_a_tail_cut_off_after_a_checkpoint_is_found(signed_trail):
    cut_off(1)
    assert problems() == ["The end of the trail is missing: checkpoint 1 of 2027-03-03 was signed over 11 events, and 10 are sealed now."]


def test_a_tail_cut_off_while_its_head_remembers_is_found(small_trail):
    last = event(CASE, 6)
    tamper(("DELETE FROM audit_unsealed WHERE event_id = %s", last.pk), ("DELETE FROM audit_event WHERE id = %s", last.pk))
    assert problems() == [f"The end of {CASE} is missing: its head stands at {CASE}#6, but the last event kept is {CASE}#5."]


def test_a_checkpoint_kept_outside_finds_what_was_cut_off_with_its_checkpoint(signed_trail):
    document = checkpoints.as_document(signed_trail)
    cut_off(1)
    tamper(("DELETE FROM audit_checkpoint",))
    assert problems() == []
    assert verify.verify_all(held=document).problems == [
        "The end of the trail is missing: the checkpoint you hold, of 2027-03-03, was signed over 11 events, and 10 are sealed now."
    ]


def test_a_checkpoint_kept_outside_agrees_with_a_trail_that_grew(signed_trail):
    document = checkpoints.as_document(signed_trail)
    write("person:7", 300)
    checkpoints.sign(at=NOON)
    assert verify.verify_all(held=document, key=signed_trail.key_id).problems == []


@pytest.mark.parametrize("document", [{}, {"checkpoint": "x", "signature": "", "public_key": ""}, {"checkpoint": 3}])
def test_an_unreadable_checkpoint_is_said_to_be(signed_trail, document):
    assert verify.verify_all(held=document).problems == ["The checkpoint you hold cannot be read."]


def test_a_forged_checkpoint_is_found(signed_trail):
    document = checkpoints.as_document(signed_trail)
    document["checkpoint"] = document["checkpoint"].replace('"size":11', '"size":12')
    assert "The checkpoint you hold is not signed by the key that it names." in verify.verify_all(held=document).problems


def test_a_changed_checkpoint_is_found(signed_trail):
    tamper(("UPDATE audit_checkpoint SET root = %s", "a" * 64))
    assert problems()[0] == "The columns of checkpoint 1 were changed: they do not say what was signed."


def test_a_checkpoint_signed_again_by_another_key_is_found_by_the_fingerprint(signed_trail, settings):
    trusted = signed_trail.key_id
    settings.AUDIT_SIGNING_KEY = "/" * 43 + "="
    write("system")
    checkpoints.sign(at=NOON)
    assert verify.verify_all().problems == []
    assert verify.verify_all(key=trusted).problems[0].startswith("Checkpoint 2 is signed by another key, ")


def test_a_missing_checkpoint_is_found(small_trail):
    first = checkpoints.sign(at=NOON)
    checkpoints.sign(at=NOON)
    tamper(("DELETE FROM audit_checkpoint WHERE id = %s", first.pk))
    assert problems() == ["Before checkpoint 1 a checkpoint is missing: it names another as the one before."]


def test_an_erased_value_still_verifies(signed_trail):
    assert personal.erase(stream=CASE, reason="Retention ended", by=3, at=NOON) == 6
    report = verify.verify_all()
    assert (report.problems, report.personal_values) == ([], 1)


@pytest.mark.parametrize(("column", "value"), [("value", '"Another reason"'), ("salt", b"\x00" * 32)])
def test_a_changed_personal_value_is_found(signed_trail, column, value):
    target = PersonalValue.objects.filter(path="note").first()
    tamper((f"UPDATE audit_personalvalue SET {column} = %s WHERE id = %s", value, target.pk))
    assert problems() == [f"The personal value 'note' of {CASE}#1 does not open its commitment: it or its salt was changed."]


def test_a_personal_value_that_went_without_an_erasure_is_found(signed_trail):
    notes = PersonalValue.objects.filter(path="note", event__stream=CASE)
    tamper(("DELETE FROM audit_personalvalue WHERE id = %s", notes.first().pk))
    gone = [f"Of the personal values of {CASE}, 1 is gone, and no erasure tells of it."]
    assert (problems(), verify.verify_stream(CASE).problems) == (gone, gone)


def test_a_personal_value_that_should_have_been_erased_is_found(signed_trail):
    kept = PersonalValue.objects.filter(path="note", event__stream=CASE).first()
    assert personal.erase(stream=CASE, reason="Retention ended", by=3, at=NOON) == 6
    PersonalValue(event_id=kept.event_id, path=kept.path, value=kept.value, salt=kept.salt).save()
    assert problems() == [f"{CASE} says that personal values were erased, and 1 more of them is there."]


def test_an_event_that_will_never_be_sealed_is_found(small_trail):
    tamper(("DELETE FROM audit_unsealed WHERE event_id = %s", event(CASE, 2).pk))
    assert problems() == [f"{CASE}#2 neither has a position nor waits for one."]


def test_a_changed_tile_is_found(db):
    write("system", 256)
    sealer.seal(at=NOON)
    tamper(("UPDATE audit_tile SET root = %s", "a" * 64))
    assert problems() == ["Tile 1/0 is missing or was changed."]


def test_one_stream_is_verified_alone(signed_trail):
    write(CASE)
    report = verify.verify_stream(CASE)
    assert (report.problems, report.events, report.streams, report.newer_than_last_checkpoint) == ([], 7, 1, 1)
    tamper(("UPDATE audit_event SET kind = 'x' WHERE id = %s", event("person:7", 2).pk))
    assert verify.verify_stream(CASE).is_good
    assert not verify.verify_stream("person:7").is_good


def test_one_stream_rewritten_contradicts_the_checkpoint_it_is_in(signed_trail):
    target = event("system", 1)
    body = bytes(target.body).replace(b"1200000", b"1200001")
    tamper(
        rewritten(target, body=body),
        ("UPDATE audit_position SET event_hash = %s WHERE event_id = %s", canonical.sha256(body), target.pk),
        ("UPDATE audit_streamhead SET hash = %s WHERE stream = 'system'", canonical.sha256(body)),
    )
    assert verify.verify_stream("system").problems == ["system#1 is not in the tree that the checkpoint of 2027-03-03 signed."]


def test_the_command_says_that_all_is_well(signed_trail, capsys):
    call_command("audit", "verify")
    said = capsys.readouterr().out
    assert "The trail verifies: 11 events in 3 streams, 11 sealed." in said
    assert f"Signed with {signed_trail.key_id}" in said


def test_the_command_exits_1_and_names_the_first_bad_event(signed_trail, capsys):
    tamper(("UPDATE audit_event SET kind = 'x' WHERE id = %s", event(CASE, 2).pk))
    with pytest.raises(SystemExit, match="1"):
        call_command("audit", "verify")
    assert f"The trail does not verify. The column kind of {CASE}#2 was changed" in capsys.readouterr().out


def test_the_command_s_json_is_one_object(signed_trail, capsys):
    call_command("audit", "verify", "--json")
    assert json.loads(capsys.readouterr().out) | {"seconds": 0} == {
        "verified": True, "events": 11, "streams": 3, "sealed": 11, "checkpoints": 1, "personal_values": 6,
        "newer_than_last_checkpoint": 0, "problems": [], "seconds": 0,
    }  # fmt: skip


def test_a_checkpoint_written_to_a_file_is_held_against_the_trail(small_trail, tmp_path, capsys):
    call_command("audit", "checkpoint", "--output", str(tmp_path / "checkpoint.json"))
    call_command("audit", "verify", "--held", str(tmp_path / "checkpoint.json"))
    assert "The trail verifies" in capsys.readouterr().out


def test_without_a_key_no_checkpoint_is_signed(small_trail, settings):
    settings.AUDIT_SIGNING_KEY = ""
    with pytest.raises(ImproperlyConfigured, match="cannot be signed"):
        checkpoints.sign(at=NOON)


def test_the_commitment_is_not_found_by_guessing_without_the_salt(signed_trail):
    row = event(CASE, 1)
    guess = trail.commitment(row.name, "ip", "192.0.2.7", b"\x00" * 32)
    assert guess != row.commitments["ip"]


def test_sealing_is_gapless_and_keeps_the_order(small_trail, monkeypatch):
    monkeypatch.setattr(sealer, "BATCH", 4)
    assert sealer.seal(at=NOON) == 11
    assert list(Position.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 12))
    assert list(Position.objects.order_by("number").values_list("event_id", flat=True)) == sorted(
        Event.objects.values_list("pk", flat=True)
    )
    assert not Unsealed.objects.exists()
    assert sealer.seal(at=NOON) == 0


def test_tiles_are_laid_across_batches(db, monkeypatch):
    monkeypatch.setattr(sealer, "BATCH", 100)
    write("system", 530)
    sealer.seal(at=NOON)
    assert list(Tile.objects.order_by("index").values_list("level", "index")) == [(1, 0), (1, 1)]
    checkpoints.sign(at=NOON)
    assert problems() == []
