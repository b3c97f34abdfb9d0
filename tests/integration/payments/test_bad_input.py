"""Whatever is sent to the doors of claims, bank details, finance, statements and the API gets a sentence and changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone

from audit.models import Event
from payments.books import check_books
from payments.models import Award, BankAccount, Claim, Payment, Statement
from tests.cast import everybody
from tests.stages import payments as stage
from tests.stages.keys import api_key
from workflow.models import StepTaken

pytestmark = pytest.mark.django_db
LONG = "Ä" * 20_000
HUGE = "9" * 40
MEGABYTE = 1024 * 1024
WORDS = ("a\0b", LONG)
AMOUNTS = ("", "-1", "1e9", "NaN", "Infinity", "1.005", "one", "1,2,3", "١٢", HUGE, "a\0b", LONG, "0x10", "1_000")
DATES = (("", "", ""), ("31", "2", "2027"), ("1", "1", "0000"), ("1", "1", "99999"), ("-1", "1", "2027"), (HUGE, "1", "2027"),
         ("1", "13", "2027"), ("a\0", "1", "2027"), ("1", "1", "2999"))  # fmt: skip
GOOD_LINE = {
    "supplier": "Bench Ltd", "invoice_number": "B-1", "category": "materials", "description": "",
    "invoice_on_day": "1", "invoice_on_month": "2", "invoice_on_year": "2027",
    "paid_on_day": "1", "paid_on_month": "2", "paid_on_year": "2027",
    "net_pence": "100", "vat_pence": "0", "eligible_pence": "100",
}  # fmt: skip
GOOD_BANK = {"name": "Sample Ltd", "sort_code": "20-00-00", "account_number": "55779911"}
GOOD_CALL = {"called_on": "0121 496 0000", "spoke_to": "Ann", "payee_match": "full"}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[dict[str, Any]]:
    """An award with a claim being written and one being checked, bank details to call back about, and one payment due."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = everybody()
        award = stage.live(cast)
        payment = stage.payment_due(cast, award=award)
        checking = stage.claim_checking(cast, award=award, milestone=2)
        draft = stage.claim_draft(cast, award=award, milestone=3)
        account = stage.bank_entered(cast, award, account_number="11112222")
        key = api_key(organisation=award.programme.funder, issuer=cast["admin"], confirmer=cast["independent-approver"], at=timezone.now())[
            1
        ]
        clients = {who: Client(raise_request_exception=False) for who in ("applicant", "officer", "lead", "stranger")}
        for who, client in clients.items():
            client.force_login(cast[who])
        ref = award.reference
        yield {
            "clients": clients,
            "key": key,
            "add": f"/apply/awards/{ref}/claims/{draft.number}/lines/add/",
            "attach": f"/apply/awards/{ref}/claims/{draft.number}/lines/1/evidence/",
            "claim": f"/apply/awards/{ref}/claims/{draft.number}/",
            "submit": f"/apply/awards/{ref}/claims/{draft.number}/submit/",
            "bank": f"/apply/awards/{ref}/bank/",
            "decide": f"/finance/claims/{ref}/{checking.number}/lines/1/decide/",
            "ask": f"/finance/claims/{ref}/{checking.number}/lines/1/ask/",
            "recommend": f"/finance/claims/{ref}/{checking.number}/recommend/",
            "call": f"/finance/bank/{account.pk}/",
            "reveal": f"/finance/bank/{account.pk}/reveal/",
            "hold": f"/finance/payments/{payment.pk}/hold/",
            "runs": "/finance/runs/",
            "statements": "/finance/statements/",
            "paying": "/finance/paying-account/diagcomm/",
            "suspend": f"/manage/awards/{ref}/suspend/",
            "conditions": f"/manage/awards/{ref}/conditions/",
            "award": ref,
        }
        transaction.set_rollback(True)


@pytest.fixture
def send(world):
    """Post to a door as somebody, and hold that nothing was changed and that the answer is a page with a sentence."""

    def sent(who: str, door: str, data: dict[str, Any], *, statuses: tuple[int, ...] = (200, 400, 409)) -> str:
        before = everything()
        answer = world["clients"][who].post(world.get(door, door), data)
        assert answer.status_code in statuses, (answer.status_code, {name: str(value)[:40] for name, value in data.items()})
        assert everything() == before
        if answer.status_code == 200:
            assert "There is a problem" in answer.text
            assert "<title>Error: " in answer.text
        return answer.text

    return sent


def everything() -> tuple[int, ...]:
    return (
        StepTaken.objects.count(), Event.objects.count(), Statement.objects.count(), Payment.objects.count(), BankAccount.objects.count(),
        Claim.objects.count(),
    )  # fmt: skip


class TestClaimLines:
    @pytest.mark.parametrize("field", ["supplier", "invoice_number", "description"])
    @pytest.mark.parametrize("wrong", WORDS)
    def test_words(self, send, field, wrong):
        page = send("applicant", "add", GOOD_LINE | {field: wrong})
        assert 'value="B-1"' in page or field == "invoice_number", "what was typed is kept"

    @pytest.mark.parametrize("field", ["net_pence", "vat_pence", "eligible_pence"])
    def test_amounts(self, send, field):
        for wrong in AMOUNTS if field == "net_pence" else AMOUNTS[:4]:
            assert 'value="Bench Ltd"' in send("applicant", "add", GOOD_LINE | {field: wrong})

    @pytest.mark.parametrize("field", ["invoice_on", "paid_on"])
    def test_dates(self, send, field):
        for day, month, year in DATES if field == "invoice_on" else DATES[-1:]:
            wrong = {f"{field}_day": day, f"{field}_month": month, f"{field}_year": year}
            assert 'value="Bench Ltd"' in send("applicant", "add", GOOD_LINE | wrong)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"category": "yachts"}, {"category": ""}, {"category": "a\0b"}, {"net_pence": "0"}, {"eligible_pence": "0"},
            {"eligible_pence": "100.01"}, {"net_pence": "99999999999.99", "eligible_pence": "99999999999.99"},
        ],
    )  # fmt: skip
    def test_what_does_not_go_together(self, send, wrong):
        send("applicant", "add", GOOD_LINE | wrong)

    def test_nothing_at_all(self, send):
        send("applicant", "add", {})
        send("applicant", "submit", {})


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("empty.pdf", b""),
            ("page.html", b"<html><script>alert(1)</script></html>"),
            ("lies.pdf", b"MZ\x90\x00" + b"\0" * 100),
            ("long.pdf", b"%PDF-1.4\n" + b"0" * (11 * MEGABYTE)),
        ],
    )
    def test_evidence(self, send, name, data):
        send("applicant", "attach", {"file": SimpleUploadedFile(name, data)})

    def test_no_file(self, send):
        send("applicant", "attach", {})
        send("applicant", "attach", {"file": "not a file"})
        send("officer", "statements", {"programme": "diagcomm"})

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b" \n",
            b"\0\0\0",
            b"Date,Amount\n",
            b"Date,Amount\n2027-01-01,NaN\n",
            b"Date,Amount\n2027-01-01,1e9\n",
            b"Date,Amount\n2027-01-01,1e400\n",
            b"Date,Amount\n2027-01-01," + b"9" * 30 + b"\n",
            b"Date,Amount\n0000-01-01,1\n",
            b"Date,Amount\n2027-01-01,--1\n",
            b'Date,Amount,Description\n2027-01-01,1,"' + b"x" * 200_000 + b'"\n',
            b"Date,Amount\n2027-01-01,1\n2027-01-02\n",
            b"\xff\xfe" + "Date,Amount\n".encode("utf-16-le"),
            b"<Document",
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
            b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"></Document>',
            b'<?xml version="1.0" encoding="none-such"?><Document/>',
            b"<" * 100_000,
            b"<a>" * 100_000,
            b"Date,Amount\n" + b"2027-01-01,1\n" * 20_100,
            b"x" * (30 * MEGABYTE),
        ],
        ids=lambda data: f"{len(data)}-{data[:12].decode('latin-1')!r}",
    )
    def test_statements(self, send, data):
        send("officer", "statements", {"programme": "diagcomm", "file": SimpleUploadedFile("statement.csv", data)})

    def test_a_statement_of_a_programme_that_is_not_there(self, send):
        for programme in ("none", "a\0b", LONG, ""):
            send("officer", "statements", {"programme": programme, "file": SimpleUploadedFile("s.csv", b"Date,Amount\n2027-01-01,1\n")})


class TestBank:
    @pytest.mark.parametrize(
        ("field", "wrong"),
        [(field, wrong) for field in ("name", "sort_code", "account_number") for wrong in ("", "a\0b", LONG)]
        + [(field, wrong) for field in ("sort_code", "account_number") for wrong in ("٢٠٠٠٠٠", "-1", "20000")],
    )
    def test_the_companys(self, send, field, wrong):
        send("applicant", "bank", GOOD_BANK | {field: wrong})
        send("lead", "paying", GOOD_BANK | {field: wrong})

    @pytest.mark.parametrize(
        "wrong", [{"called_on": ""}, {"spoke_to": LONG}, {"payee_match": "perhaps"}, {"spoke_to": "a\0b"}, {"payee_match": ""}]
    )
    def test_the_call_back(self, send, wrong):
        send("officer", "call", GOOD_CALL | wrong)

    @pytest.mark.parametrize("reason", ["", " ", "a\0b", LONG])
    def test_a_look_without_a_reason(self, send, reason):
        send("officer", "reveal", {"reason": reason})


class TestFinance:
    @pytest.mark.parametrize("wrong", AMOUNTS)
    def test_part_of_a_line(self, send, wrong):
        send("officer", "decide", {"outcome": "part", "accepted_pence": wrong, "reason": "Half."})

    @pytest.mark.parametrize("data", [{}, {"outcome": "x"}, {"outcome": "rejected"}, {"outcome": "rejected", "reason": "a\0b"}])
    def test_a_decision_without_what_it_needs(self, send, data):
        send("officer", "decide", data)

    @pytest.mark.parametrize("text", ["", " ", "a\0b", LONG])
    def test_texts(self, send, text):
        send("officer", "ask", {"question": text})
        send("officer", "conditions", {"note": text})
        send("officer", "hold", {"note": text})
        send("officer", "suspend", {"note": text})

    def test_an_outcome_that_is_none(self, send):
        for outcome in ("", "perhaps", "a\0b"):
            send("officer", "recommend", {"milestone_outcome": outcome})

    @pytest.mark.parametrize("day", DATES[1:8])
    def test_a_run_on_no_day(self, send, day):
        send("officer", "runs", {"programme": "diagcomm", **dict(zip(("pays_on_day", "pays_on_month", "pays_on_year"), day, strict=True))})

    def test_a_run_in_the_past_or_of_nothing(self, send):
        send("officer", "runs", {"programme": "diagcomm", "pays_on_day": "1", "pays_on_month": "1", "pays_on_year": "2001"})
        send("officer", "runs", {"programme": "nothing"})


class TestAddresses:
    """Forged ids, other companies' references, and addresses that no link of ours has."""

    @pytest.mark.parametrize("forged", ["0", "999999", HUGE, "-1", "a%00b", "%ff", "x" * 3000])
    def test_forged_ids_are_not_found(self, world, forged):
        before = everything()
        for path in (
            f"/finance/bank/{forged}/", f"/finance/payments/{forged}/", f"/finance/runs/{forged}/", f"/finance/statements/{forged}/",
            f"/finance/claims/{forged}/1/", f"/finance/claims/{world['award']}/{forged}/", f"/manage/awards/{forged}/",
            f"/finance/evidence/{forged}/", f"/finance/paying-account/{forged}/",
        ):  # fmt: skip
            assert world["clients"]["officer"].get(path).status_code in (400, 404), path
            assert world["clients"]["officer"].post(path).status_code in (400, 404, 405), path
        for path in (
            f"/apply/awards/{forged}/",
            f"/apply/awards/{world['award']}/claims/{forged}/",
            f"/apply/awards/{world['award']}/papers/{forged}/",
        ):
            assert world["clients"]["applicant"].get(path).status_code in (400, 404), path
        assert everything() == before

    def test_another_companys_reference_is_not_found(self, world):
        for door in ("add", "attach", "claim", "submit", "bank"):
            assert world["clients"]["stranger"].post(world[door], GOOD_LINE | GOOD_BANK).status_code in (404, 405)

    @pytest.mark.parametrize(
        "query",
        [
            "q=%00", "q=" + "x" * 5000, "state=%00", "after=%00", "after=" + HUGE, "after=%ff%fe", "page=" + HUGE, "line=" + HUGE,
            "line=%00", "page=%00",
        ],
    )  # fmt: skip
    def test_queries_that_no_form_sends(self, world, query):
        claim = world["decide"].split("lines/")[0]
        for path in (
            "/finance/claims/",
            "/finance/payments/",
            "/finance/runs/",
            "/finance/bank/",
            "/finance/statements/",
            "/manage/awards/",
            claim,
        ):
            answer = world["clients"]["officer"].get(f"{path}?{query}")
            assert answer.status_code in (200, 400, 404), path


class TestTheApi:
    @pytest.mark.parametrize("resource", ["programmes", "rounds", "applications", "awards", "claims", "payments"])
    def test_addresses_and_queries_that_no_client_sends(self, world, resource):
        key = {"Authorization": f"Bearer {world['key']}"}
        client = Client(raise_request_exception=False)
        for forged in ("0", "-1", HUGE, "a%00b", "%ff", "x" * 3000, "é"):
            answer = client.get(f"/api/v1/{resource}/{forged}/", headers=key)
            assert answer.status_code in (400, 404), (forged, answer.status_code)
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["title"]
        for query in ("state=%00", "state=" + LONG, "programme=%00", "limit=0", "limit=-1", "limit=x", "limit=" + HUGE, "cursor=x",
                      "cursor=%00",
                      "cursor=" + HUGE, "award=%00", "round=%00", "strand=%00", "nothing=1"):  # fmt: skip
            answer = client.get(f"/api/v1/{resource}/?{query}", headers=key)
            assert answer.status_code in (200, 400, 404), (query, answer.status_code)
            assert answer.json()

    def test_keys_that_are_none(self, world):
        for secret in ("", "a b", "x" * 10_000, "é", "%00"):
            assert Client().get("/api/v1/awards/", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_after_all_that_the_books_balance(world):
    assert Award.objects.get(reference=world["award"]).state == "live"
    assert check_books() == []
