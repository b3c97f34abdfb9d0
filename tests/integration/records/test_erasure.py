"""What erasure takes, what it leaves, and what keeps it away."""

import json
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, models

from accounts.models import Person
from accounts.refusals import Denied, NotAllowedNow, Refused
from applications.actions import appeals, applications, messages
from applications.models import Application, Document
from audit import verify
from audit.models import Event, PersonalValue
from notifications.delivery import drain
from payments.books import check_books
from payments.models import Award, LedgerEntry
from records import erasing, keeping
from records.actions import erasures, holds
from records.models import Erasure
from tests.stages import applications as apply_stages
from tests.stages import assessments, grants, payments
from tests.stages import records as stages

YEAR = timedelta(days=366)
LONG = 14
"""Characters of a text that is nobody else's by chance."""


def words_in(application) -> set[str]:
    """Every longer text in what erasure names."""
    found = set()
    for part in (*erasing.ROWS, *erasing.WORDS):
        texts = [f.name for f in part.model._meta.concrete_fields if isinstance(f, (models.TextField, models.JSONField))]
        for row in part.of(application).values(*(getattr(part, "columns", None) or texts)):
            found |= set(_texts(row))
    kept = (application.title, application.public_summary, *Person.objects.values_list("name", flat=True))
    return {text for text in found if not any(text in word for word in kept)}


def _texts(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str) and len(value) >= LONG and " " in value and value[0] not in "{[":
        yield value


def whole_database() -> str:
    """Every value of every table but those of programmes, as text."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if not name.startswith(("grants_", "django_", "auth_"))]
        found = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(bytes(v) if isinstance(v, memoryview) else v) for row in cursor.fetchall() for v in row if v is not None]
    return "\n".join(found)


def ran(*, at):
    """The nightly job, which told the teams a month ago."""
    erasures.warn(at=at - keeping.WARNED)
    return erasures.run(at=at)


@pytest.fixture
def ineligible(cast) -> Application:
    return apply_stages.ineligible(cast)


def test_an_award_that_was_kept_for_its_years_loses_its_words_and_keeps_its_money(cast):
    award = stages.closed(cast)
    application = award.application
    words, paths = words_in(application), list(Document.objects.filter(application=application).values_list("file", flat=True))
    assert len(words) > 15
    assert all(word in whole_database() for word in list(words)[:3])
    entries = list(LedgerEntry.objects.order_by("pk").values())
    at = stages.CLOSED + 7 * YEAR
    assert keeping.due(Application.objects.all(), at=stages.CLOSED + 6 * YEAR) == []

    [(kept, erasure)] = list(ran(at=at))
    drain(at=at)

    assert kept.because.startswith("Award: kept 7 years from its last payment")
    assert (erasure.state, erasure.ground, erasure.judged_by.is_system) == ("done", "retention", True)
    left = whole_database()
    assert {word for word in words if word in left} == set()
    assert not any(default_storage.exists(path) for path in paths)
    assert paths
    held = PersonalValue.objects.filter(event__stream=application.stream)
    assert set(held.values_list("event__kind", flat=True)) <= {"personal.erased"}
    assert verify.verify_all().is_good
    assert check_books() == []
    assert list(LedgerEntry.objects.order_by("pk").values()) == entries
    remains = Award.objects.get(pk=award.pk)
    assert (remains.amount_pence, remains.paid_pence, remains.state) == (award.amount_pence, award.paid_pence, "closed")
    assert (remains.application.title, remains.company.name) == (application.title, award.company.name)
    assert remains.company.bank_accounts.get().account_number == ""
    assert list(ran(at=at + YEAR)) == []


def test_of_what_was_not_funded_title_and_summary_go_too(ineligible):
    title = ineligible.title
    at = grants.WHILE_OPEN + 3 * YEAR
    assert erasing.preview(ineligible)["answers"] > 5
    list(ran(at=at))
    gone = Application.objects.get(pk=ineligible.pk)
    assert (gone.title, gone.erased_at, gone.state) == (erasing.STRUCK, at, "ineligible")
    assert gone.receipt_sha256 == ineligible.receipt_sha256
    assert title not in whole_database()


def test_a_draft_that_was_never_sent_in_is_kept_from_when_its_round_closed(cast):
    draft = apply_stages.draft(cast)
    kept = keeping.of(draft, at=grants.CLOSES + timedelta(days=1))
    assert kept.because == "Never sent in: kept 2 years from 30 October 2026."
    list(ran(at=grants.CLOSES + 2 * YEAR))
    assert not draft.answers.exists()
    with pytest.raises(NotAllowedNow, match="were erased at"):
        applications.extend(application=draft, until=grants.CLOSES + 4 * YEAR, note="Late.", by=cast["lead"], at=grants.CLOSES + 3 * YEAR)


def test_a_hold_keeps_it_until_it_is_lifted(cast, ineligible):
    at = grants.WHILE_OPEN + 3 * YEAR
    hold = holds.place(application=ineligible, reason="A complaint to the ombudsman.", by=cast["officer"], at=grants.WHILE_OPEN)
    [(kept, refusal)] = list(ran(at=at))
    assert (kept.obstacles, refusal.code) == (("a legal hold keeps it",), "records_in_use")
    assert not Erasure.objects.exists()
    with pytest.raises(NotAllowedNow, match="already"):
        holds.place(application=ineligible, reason="Again.", by=cast["lead"], at=at)
    with pytest.raises(Refused):
        holds.lift(hold=hold, reason=" ", by=cast["lead"], at=at)
    holds.lift(hold=hold, reason="The ombudsman has answered.", by=cast["lead"], at=at)
    assert set(Event.objects.filter(kind__startswith="hold.").values_list("kind", flat=True)) == {"hold.placed", "hold.lifted"}
    [(_, erasure)] = list(ran(at=at))
    assert erasure.state == "done"
    with pytest.raises(NotAllowedNow, match="erased already"):
        holds.place(application=ineligible, reason="Too late.", by=cast["officer"], at=at)
    with pytest.raises(NotAllowedNow, match="were erased"):
        messages.ask(application=ineligible, body="Hello?", by=cast["applicant"], at=at)


def test_an_open_appeal_keeps_it(cast):
    application = assessments.notified(cast, outcome="decline")
    at = assessments.NOTIFIED + timedelta(days=1)
    appeal = appeals.lodge(application=application, ground="fact", statement="The site is ours.", by=cast["applicant"], at=at)
    assert keeping.of(application, at=at).obstacles == ("an appeal is open",)
    appeals.refuse(appeal=appeal, note="Not a fact.", by=cast["second-lead"], at=at)
    assert keeping.of(application, at=at).obstacles == ()


def test_it_takes_two_people_to_erase_on_request(cast, ineligible):
    at = grants.WHILE_OPEN + timedelta(days=1)
    with pytest.raises(Denied):
        erasures.ask(application=ineligible, reason="Please.", by=cast["colleague"], at=at)
    asked = erasures.ask(application=ineligible, reason="A founder has left.", by=cast["lead"], at=at)
    with pytest.raises(Denied, match="somebody else"):
        erasures.answer(erasure=asked, step="erase", by=cast["lead"], at=at)
    with pytest.raises(Denied):
        erasures.answer(erasure=asked, step="erase", by=cast["officer"], at=at)
    refused = erasures.answer(erasure=asked, step="refuse", note="The round is not over.", by=cast["second-lead"], at=at)
    assert refused.answer == "The round is not over."
    again = erasures.ask(application=ineligible, reason="A founder has left.", by=cast["applicant"], at=at)
    done = erasures.answer(erasure=again, step="erase", by=cast["lead"], at=at)
    assert done.went["answers"] > 5
    assert verify.verify_all().is_good


def test_what_public_money_was_given_for_is_kept_whoever_asks(cast):
    award = payments.accepted(cast)
    with pytest.raises(NotAllowedNow, match="not over"):
        erasures.ask(application=award.application, reason="Please.", by=cast["applicant"], at=payments.LIVE)


def test_what_was_paid_is_not_erased_before_its_years(cast):
    award = stages.closed(cast)
    with pytest.raises(NotAllowedNow, match="The law asks us to keep it"):
        erasures.ask(application=award.application, reason="Please.", by=cast["applicant"], at=stages.CLOSED)


def test_the_command_says_what_would_go_and_erases_nothing(cast, ineligible, capsys, time_machine):
    time_machine.move_to(grants.WHILE_OPEN + 2 * YEAR - timedelta(days=30))
    call_command("retention", "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out)["applications"] == []
    call_command("retention", "--dry-run", "--within", "60", "--json")
    [row] = json.loads(capsys.readouterr().out)["applications"]
    assert (row["reference"], row["goes"]) == (ineligible.reference, True)
    assert row["what"]["papers sent in"] == 1
    time_machine.move_to(grants.WHILE_OPEN + 2 * YEAR)
    call_command("retention")
    assert "0 of 1 erased; 1 kept back.\n3 people were told" in capsys.readouterr().out, "nobody's words go unannounced"
    call_command("retention", "--dry-run")
    assert "its people hear a month before" in capsys.readouterr().out
    time_machine.move_to(grants.WHILE_OPEN + 2 * YEAR + timedelta(days=30))
    call_command("retention")
    assert "1 of 1 erased; 0 kept back." in capsys.readouterr().out
    assert Application.objects.get(pk=ineligible.pk).erased_at is not None


def test_the_pages_ask_hold_and_answer(cast, ineligible, client, time_machine):
    time_machine.move_to(grants.WHILE_OPEN + 2 * YEAR)
    record = f"/manage/records/{ineligible.reference}/"
    client.force_login(cast["officer"])
    assert "its people hear a month before" in client.get("/manage/records/").content.decode()
    erasures.warn(at=grants.WHILE_OPEN + 2 * YEAR - keeping.WARNED)
    due = client.get("/manage/records/").content.decode()
    assert ineligible.reference in due
    assert "Erased tonight" in due
    client.post(f"{record}hold/", {"reason": "An inquiry."})
    assert "a legal hold keeps it" in client.get("/manage/records/").content.decode()
    assert "An inquiry." in client.get(record).content.decode()
    client.post(f"{record}lift/", {"note": "It is over."})
    client.force_login(cast["applicant"])
    own = f"/apply/{ineligible.reference}/erasure/"
    assert "Ask us to erase it" in client.get(own).content.decode()
    client.post(own, {"reason": "We have moved on."})
    assert "A second person decides" in client.get(own).content.decode()
    client.force_login(cast["lead"])
    assert f"Erase {ineligible.reference}, or not" in client.get("/home/").content.decode()
    assert client.post(f"{record}erasure/erase/").status_code == 302
    assert "What went" in client.get(record).content.decode()
    for path in (ineligible.staff_path(), f"{ineligible.staff_path()}messages/", f"/manage/cases/{ineligible.reference}/history/"):
        assert client.get(path).status_code == 200, path
    client.force_login(cast["applicant"])
    for path in ("", "erasure/", "answers/", "receipt/", "messages/", "form/", "review/", "appeal/"):
        assert client.get(f"/apply/{ineligible.reference}/{path}").status_code in (200, 302, 404, 409), path


def test_the_list_costs_the_same_for_one_as_for_more(cast, ineligible, django_assert_max_num_queries):
    for number in (2, 3):
        apply_stages.ineligible(cast, round=ineligible.round, company=None, at=grants.WHILE_OPEN + timedelta(minutes=number))
    with django_assert_max_num_queries(4):
        found = keeping.due(Application.objects.all(), at=grants.WHILE_OPEN + 3 * YEAR)
    assert len(found) == 3
