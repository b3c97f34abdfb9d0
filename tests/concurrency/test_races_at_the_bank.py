"""Races over bank details and statements, in pairs: with the lock exactly one wins; without it the race is seen to happen."""

import pytest

from payments.actions import bank, statements
from payments.books import check_books
from payments.models import LedgerEntry, Payment, Statement, StatementLine
from tests.concurrency.test_races import assert_lost_properly, the_database_had_to_step_in, won
from tests.concurrency.together import in_threads, meet_after
from tests.stages import payments as stage
from workflow.models import StepTaken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def test_one_account_verified_by_two_people(cast, locked, monkeypatch):
    account = stage.bank_checked(cast, stage.accepted(cast))
    meet_after(monkeypatch, "workflow.engine._check")
    people = (cast["lead"], cast["second-finance"])
    outcomes = in_threads(*(lambda person=person: bank.verify(account=account, by=person, at=stage.LIVE) for person in people))
    verified = StepTaken.objects.filter(record_type="payments.bankaccount", record_id=account.pk, step="verify").count()
    if locked:
        assert (len(won(outcomes)), verified) == (1, 1)
        assert_lost_properly(outcomes)
    else:
        assert verified == 2 or the_database_had_to_step_in(outcomes)


def test_one_statement_imported_twice_at_once(cast, locked, monkeypatch):
    run = stage.run_released(cast)
    payment = run.payments.get()
    unmatched = b"\r\n2027-03-01,Bank charges,-5.00,,CHARGE-1"
    data = stage.statement_csv(payment) + unmatched
    meet_after(monkeypatch, "payments.actions.statements._payment_of")
    people = (cast["officer"], cast["finance"])
    outcomes = in_threads(
        *(
            lambda person=person: statements.import_file(programme=run.programme, name="s.csv", data=data, by=person, at=stage.SETTLED)
            for person in people
        )
    )
    settled = StepTaken.objects.filter(record_type="payments.payment", record_id=payment.pk, step="settle").count()
    if locked:
        assert (len(won(outcomes)), settled) == (2, 1), outcomes
        assert (Statement.objects.count(), StatementLine.objects.count()) == (2, 2), "the second found nothing new"
        assert LedgerEntry.objects.filter(kind="payment").count() == 1
        assert Payment.objects.get().state == "settled"
        assert check_books() == []
    else:
        assert settled == 2 or StatementLine.objects.count() > 2 or len(won(outcomes)) < 2
