"""The bank's file, held against the ISO schema and taken by a bank that was not written by us; its statements read back."""

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import resources
from typing import Any

import pytest
import xmlschema
from defusedxml.ElementTree import fromstring
from mockbank.server import Config, make_server

from payments.actions import payments, runs
from payments.books import check_books
from payments.models import Award, Claim, Payment, PaymentRun, StatementLine
from tests.stages import payments as stage

Ask = Callable[..., Any]
OURS = "GB48MOCK30000087654321"


@pytest.fixture
def bank() -> Iterator[Ask]:
    """A bank that holds our account: `bank("GET", path)`, `bank("POST", path, body)`."""
    server = make_server(Config(port=0, quiet=True, clock=f"{stage.PAID:%Y-%m-%dT09:00}"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def ask(method: str, path: str, body: Any = None) -> Any:
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{server.server_address[1]}{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
            return json.loads(answer.read())

    ask(
        "POST",
        "/_mock/accounts",
        {"id": "US", "iban": OURS, "name": "Sample Cluster Ltd", "currency": "GBP", "balance": 100_000_000, "account_number": "87654321"},
    )
    yield ask
    server.shutdown()
    server.server_close()
    thread.join()


def statements_of(bank: Ask) -> list[bytes]:
    return [one["body"].encode() for one in bank("GET", "/_mock/mailbox?type=camt.053")]


def test_the_file_fits_the_iso_schema(cast):
    run = stage.run_released(cast)

    schema = xmlschema.XMLSchema(str(resources.files("sepaxml") / "schemas" / "pain.001.001.09.xsd"))
    schema.validate(run.file)


def test_the_file_says_what_the_run_says(cast):
    run = stage.run_released(cast)
    payment = run.payments.get()
    read = fromstring(run.file)

    def text(path: str) -> list[str | None]:
        return [found.text for found in read.iterfind(".//" + "/".join(f"{{*}}{part}" for part in path.split("/")))]

    pounds = f"{payment.amount_pence // 100}.{payment.amount_pence % 100:02d}"
    assert text("GrpHdr/MsgId") == [run.reference]
    assert text("NbOfTxs") == ["1", "1"]
    assert text("CtrlSum") == [pounds, pounds]
    assert text("InstdAmt") == [pounds]
    assert text("EndToEndId") == [payment.end_to_end]
    assert text("CdtrAgt/FinInstnId/ClrSysMmbId/MmbId") == [payment.bank_account.sort_code]
    assert text("CdtrAcct/Id/Othr/Id") == [payment.bank_account.account_number]
    assert text("DbtrAcct/Id/Othr/Id") == ["87654321"]


def test_a_bank_takes_the_file_and_its_statement_settles_the_run(cast, bank):
    run = stage.run_released(cast)

    answer = bank("POST", "/payments", run.file.encode())
    assert answer["status"] == "ACCP", answer
    bank("POST", "/_mock/advance?days=5")
    (statement, *_) = [one for one in statements_of(bank) if run.payments.get().end_to_end.encode() in one]
    stage.imported(cast, run, statement, name="camt.053.xml")

    assert run.payments.get().state == "settled"
    assert PaymentRun.objects.get(pk=run.pk).state == "reconciled"
    assert check_books() == []


def test_money_that_comes_back_later_is_owed_again(cast, bank):
    run = stage.run_released(cast)
    payment = run.payments.get()
    bank("PATCH", "/_mock/accounts/US", {"behaviour": "return-later", "parameters": {"days": 2, "reason": "AC04"}})
    bank("POST", "/payments", run.file.encode())
    bank("POST", "/_mock/advance?days=10")
    for statement in statements_of(bank):
        if payment.end_to_end.encode() in statement:
            stage.imported(cast, run, statement, name="camt.053.xml")

    returned = Payment.objects.get(pk=payment.pk)
    assert returned.state == "returned"
    assert Claim.objects.get(pk=payment.claim_id).state == "approved"
    assert Award.objects.get(pk=payment.award_id).paid_pence == 0
    assert list(StatementLine.objects.order_by("pk").values_list("outcome", flat=True)) == ["settled", "returned"]
    assert check_books() == []
    again = payments.retry(payment=returned, note="They have a new account.", by=cast["finance"], at=stage.SETTLED)
    later = stage.SETTLED + timedelta(days=20)
    second = runs.build(programme=run.programme, by=cast["finance"], at=later)
    assert second.payments.get().end_to_end != payment.end_to_end
    assert again.pk == payment.pk
