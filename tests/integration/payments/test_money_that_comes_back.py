"""A bank returns a payment when the work is long finished: it is still owed, is found, and is paid again once somebody knows why."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.refusals import NotAllowedNow, Refused
from payments.actions import awards, claims, payments, runs
from payments.actions import statements as bank_statements
from payments.books import check_books
from payments.models import Award, Claim, Payment
from tests.stages import payments as stage

pytestmark = pytest.mark.django_db
LATER = stage.OVER + timedelta(days=1)


@pytest.fixture
def came_back(cast):
    """Settled, the award completed, and then sent back by the bank."""
    payment = stage.settled(cast).payments.get()
    award = Award.objects.get(pk=payment.award_id)
    awards.complete(award=award, by=cast["officer"], at=stage.OVER)
    data = stage.statement_csv(payment, sign="")
    bank_statements.import_file(programme=award.programme, name="return.csv", data=data, by=cast["officer"], at=LATER)
    return Payment.objects.get(pk=payment.pk)


def pay_again(payment, cast):
    payments.retry(payment=payment, note="They have opened a new account.", by=cast["finance"], at=LATER)
    run = runs.build(programme=payment.award.programme, by=cast["finance"], at=LATER)
    return runs.release(run=run, by=cast["independent-approver"], at=LATER)


def test_a_finished_award_does_not_close_over_it(cast, came_back):
    award = Award.objects.get(pk=came_back.award_id)
    with pytest.raises(NotAllowedNow, match="claim is still open"):
        awards.close(award=award, by=cast["officer"], at=LATER + timedelta(days=900))


def test_it_is_paid_again_although_the_work_is_finished(cast, came_back):
    with pytest.raises(Refused, match="reason"):
        payments.retry(payment=came_back, note="", by=cast["finance"], at=LATER)
    assert pay_again(came_back, cast).state == "released"
    assert Payment.objects.get(pk=came_back.pk).state == "released"
    assert check_books() == []


def test_cancelled_its_claim_is_checked_and_approved_again(cast, came_back):
    payments.cancel(payment=came_back, note="Paid by hand.", by=cast["lead"], at=LATER)
    claim = claims.recommend(claim=came_back.claim, milestone_outcome="met", by=cast["officer"], at=LATER)
    assert claims.approve(claim=claim, by=cast["lead"], at=LATER).state == "approved"
    assert check_books() == []


def test_everybody_sees_what_happened_and_what_to_do(client, cast, came_back):
    where = reverse("payments:payment", args=[came_back.pk])
    client.force_login(cast["finance"])
    page = client.get(where).content.decode()
    for words in (
        "Ring the company before you pay it again",
        "Returned by the bank",
        "Came back",
        reverse("payments:bank_account", args=[1])[:14],
    ):
        assert words in page
    assert "Failed or came back" in client.get("/finance/").content.decode()
    statement = came_back.statement_lines.latest("pk").statement
    assert "1 line brought a payment back" in client.get(reverse("payments:statement", args=[statement.pk])).content.decode()
    claim = Claim.objects.get(pk=came_back.claim_id)
    assert where in client.get(reverse("payments:claim", args=[claim.award.reference, claim.number])).content.decode()
    client.force_login(cast["applicant"])
    assert "was sent back by your bank" in client.get(reverse("payments:company_award", args=[claim.award.reference])).content.decode()
