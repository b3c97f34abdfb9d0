"""From a notified decision to a closed award, through the actions."""

from datetime import timedelta
from functools import partial

import pytest

from accounts.refusals import Denied, NotAllowedNow
from applications.actions import eligibility
from notifications.models import Notice
from payments.actions import awards, claims, reports, runs
from payments.books import check_books
from payments.models import Award, Claim, LedgerEntry, Milestone, OutcomeReport, Payment
from tests.stages import payments as stage
from workflow.deadlines import fire_due
from workflow.models import Deadline


def test_a_milestone_is_paid(cast):
    run = stage.settled(cast)

    payment = run.payments.get()
    award = Award.objects.get(pk=payment.award_id)
    assert run.state == "reconciled"
    assert payment.state == "settled"
    assert payment.claim.state == "paid"
    assert payment.claim.milestone.state == "met"
    assert award.paid_pence == award.approved_pence == payment.amount_pence == payment.claim.milestone.cap_pence
    assert award.committed_pence == award.amount_pence
    assert check_books() == []


def test_the_whole_award_is_paid_with_retention_after_the_final_report(cast):
    award = stage.live(cast)
    for number in (1, 2, 3):
        stage.settled(cast, award=award, milestone=number)
    before = Award.objects.get(pk=award.pk)
    held = award.amount_pence // 10
    assert before.paid_pence == award.amount_pence - held

    final = award.outcome_reports.get(is_final=True)
    reports.accept(report=stage.report_submitted(cast, final), by=cast["monitor"], at=stage.SETTLED)
    run = runs.build(programme=award.programme, by=cast["finance"], at=stage.SETTLED)
    runs.approve(run=run, by=cast["second-finance"], at=stage.SETTLED)
    run = runs.release(run=run, by=cast["independent-approver"], at=stage.SETTLED)
    stage.settled(cast, run=run)

    after = Award.objects.get(pk=award.pk)
    assert after.paid_pence == award.amount_pence
    assert list(award.payments.filter(kind="retention").values_list("amount_pence", flat=True)) == [held]
    assert check_books() == []
    done = awards.complete(award=award, by=cast["officer"], at=stage.SETTLED)
    for report in done.outcome_reports.exclude(state="accepted"):
        reports.accept(report=stage.report_submitted(cast, report), by=cast["monitor"], at=stage.SETTLED)
    closed = awards.close(award=done, by=cast["lead"], at=stage.SETTLED + timedelta(days=400))
    assert closed.state == "closed"
    assert check_books() == []


@pytest.mark.parametrize("reached", ["drafted", "cleared", "offered"])
def test_an_application_is_ruled_out_until_its_award_is_accepted_and_the_award_goes_with_it(client, cast, reached):
    award = getattr(stage, reached)(cast)
    asked = eligibility.ask_ruling_out(application=award.application, note="Copied.", by=cast["second-lead"], at=stage.ACCEPTED)
    with pytest.raises(Denied, match="asked to rule"):
        eligibility.rule_out(application=asked, note="Copied.", by=cast["second-lead"], at=stage.ACCEPTED)
    out = eligibility.rule_out(application=asked, note="Agreed.", by=cast["lead"], at=stage.ACCEPTED)
    after = Award.objects.get(pk=award.pk)
    assert (out.state, out.assessments.counted().count()) == ("ruled_out", 3)
    assert (after.state, after.rescinded_by, after.committed_pence) == ("rescinded", cast["lead"], 0)
    assert not Deadline.objects.live().of(after).exists()
    assert check_books() == []
    with pytest.raises(NotAllowedNow, match="rescinded, so nothing of it is set up"):
        awards.meet_conditions(award=after, note="Seen.", by=cast["officer"], at=stage.ACCEPTED)
    client.force_login(cast["officer"])
    page = client.get(award.get_absolute_url()).text
    assert f", {cast['lead'].name}" in page
    assert not any(words in page for words in ("Record that conditions are met", "Agreement signed", "Offer stands until", "Not met yet"))
    client.force_login(cast["signatory"])
    assert "Where we pay the grant" not in client.get(award.company_url).text


def test_what_was_accepted_is_not_ruled_out(cast):
    award = stage.offered(cast)
    asked = eligibility.ask_ruling_out(application=award.application, note="Copied.", by=cast["officer"], at=stage.ACCEPTED)
    awards.accept(award=award, by=cast["signatory"], at=stage.ACCEPTED)
    for act, who in ((eligibility.rule_out, "lead"), (eligibility.ask_ruling_out, "officer")):
        with pytest.raises(NotAllowedNow, match="has accepted its award"):
            act(application=asked, note="Copied.", by=cast[who], at=stage.ACCEPTED)
    kept = eligibility.refuse_ruling_out(application=asked, note="It is theirs.", by=cast["lead"], at=stage.ACCEPTED)
    assert (kept.state, kept.ruling_out_asked_at) == ("approved", None), "the request does not stay open for ever"


def test_what_is_not_spent_goes_back_to_the_budget(cast):
    award = stage.live(cast)
    stage.settled(cast, award=award, costs=(1_000_00,))
    for report in award.outcome_reports.all():
        reports.accept(report=stage.report_submitted(cast, report), by=cast["monitor"], at=stage.SETTLED)
    with pytest.raises(NotAllowedNow, match=r"Milestone 2, “.+”, can still be claimed, until "):
        awards.complete(award=award, by=cast["officer"], at=stage.SETTLED)
    done = awards.complete(award=award, by=cast["officer"], at=stage.OVER)
    awards.close(award=done, by=cast["officer"], at=stage.OVER)
    told = Notice.objects.filter(kind__in=("award.completed", "award.closed"), person=cast["signatory"]).order_by("pk")
    assert list(told.values_list("kind", flat=True)) == ["award.completed", "award.closed"]

    after = Award.objects.select_related("budget").get(pk=award.pk)
    assert after.committed_pence == after.paid_pence == after.budget.committed_pence
    assert LedgerEntry.objects.filter(award=award, kind="release").get().amount_pence == award.amount_pence - after.paid_pence
    assert check_books() == []


def test_a_part_accepted_line_lowers_the_grant(cast):
    claim = stage.claim_checking(cast, costs=(4_000_00, 2_000_00))
    first, second = claim.lines.order_by("number")
    decide = partial(claims.decide_line, by=cast["officer"], at=stage.CLAIMED)
    decide(line=first, outcome="part", accepted_pence=1_000_00, reason="Three quarters are not the project's.")
    decide(line=second, outcome="rejected", reason="Recoverable VAT.")
    claims.recommend(claim=claim, milestone_outcome="part_met", by=cast["officer"], at=stage.CLAIMED)
    approved = claims.approve(claim=Claim.objects.get(pk=claim.pk), by=cast["lead"], at=stage.APPROVED)

    assert approved.approved_pence == -(-1_000_00 * approved.award.rate_bp // 10_000)
    assert Payment.objects.get(claim=claim).amount_pence == approved.approved_pence
    assert Milestone.objects.get(pk=claim.milestone_id).state == "part_met"
    assert check_books() == []


def test_an_overdue_report_keeps_payments_out_of_runs(cast):
    payment = stage.payment_due(cast)
    report = payment.award.outcome_reports.order_by("due_on").first()
    late = stage.SETTLED + timedelta(days=600)
    fire_due(at=late)

    assert OutcomeReport.objects.get(pk=report.pk).state == "overdue"
    with pytest.raises(NotAllowedNow, match="Nothing is due"):
        runs.build(programme=payment.award.programme, by=cast["finance"], at=late)
    for report in payment.award.outcome_reports.filter(state="overdue"):
        stage.report_submitted(cast, report, at=late)
    assert runs.build(programme=payment.award.programme, by=cast["finance"], at=late).count == 1
