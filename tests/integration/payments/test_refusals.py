"""What is not done, and the sentence that says why."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts.refusals import Denied, NotAllowedNow, Refused
from applications import subsidies
from assessments.actions.conflicts import declare
from assessments.actions.decisions import left_pence
from audit import triggers
from payments import ledger
from payments.actions import awards, bank, claims, evidence, lines, payments, reports, runs
from payments.actions.statements import import_file
from payments.books import check_books
from payments.models import Award, BankAccount, Claim, LedgerEntry, OutcomeReport, Payment, PaymentRun, StatementLine
from payments.policies import awards as award_policies
from payments.presenters import company
from tests.stages import applications, assessments, grants
from tests.stages import payments as stage
from workflow.deadlines import fire_due
from workflow.engine import available_steps, fire

NO_STATEMENTS = (
    (b"", "is empty"),
    (b"Date,Amount\n", "no lines"),
    (b"who,what\n1,2\n", "headings"),
    (b"Date,Amount,Reference\n31/02/2027,1.00,x\n", "Line 2: .31/02/2027. is not a date"),
    (b"Date,Amount,Reference\n01/02/2027,1.005,x\n", "Line 2: .1.005. is not an amount"),
    (b"Date,Amount,Reference\n01/02/2027,1.00,x\n02/02/2027\n", "Line 3"),
    (b'Date,Amount,Reference\n01/02/2027,1.00,"x\n', "not well-formed CSV|Line 2"),
    (b"Date,Amount\n01/02/2027,\n", "Line 2: the amount is missing"),
    (b"\x00\x01\x02", "not a CSV"),
    (b"<Document><Stmt>", "Line 1: this is not well-formed XML"),
    (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><Document>&a;</Document>', "entities"),
    (b"<html></html>", "not a camt.053"),
)


class TestBeforeTheOffer:
    def test_nothing_is_cleared_before_every_check_passed(self, cast):
        award = stage.drafted(cast)
        awards.start_checking(award=award, by=cast["officer"], at=stage.CHECKED)
        with pytest.raises(NotAllowedNow, match="Companies House"):
            awards.clear(award=award, by=cast["officer"], at=stage.CHECKED)

    def test_nothing_is_cleared_before_the_company_confirmed(self, cast):
        award = stage.drafted(cast)
        passed = partial(awards.record_check, award=award, result="passed", by=cast["officer"], at=stage.CHECKED)
        for check in award.checks.exclude(code="assistance"):
            passed(code=check.code)
        with pytest.raises(NotAllowedNow, match="notification first"):
            passed(code="assistance")
        awards.notify_subsidy(award=award, by=cast["officer"], at=stage.CHECKED)
        with pytest.raises(NotAllowedNow, match="has not confirmed"):
            passed(code="assistance")
        with pytest.raises(NotAllowedNow, match="Minimal Financial Assistance notified"):
            awards.clear(award=award, by=cast["officer"], at=stage.CHECKED)

    def test_a_failed_check_needs_a_note_and_stops_the_award(self, cast):
        award = stage.checked(cast)
        code = award.checks.first().code
        record = partial(awards.record_check, award=award, code=code, result="failed", by=cast["officer"], at=stage.CHECKED)
        with pytest.raises(Refused, match="Say what you found"):
            record()
        record(note="Struck off on Monday.")
        with pytest.raises(NotAllowedNow, match="Due diligence"):
            awards.clear(award=award, by=cast["officer"], at=stage.CHECKED)

    @pytest.mark.parametrize(("other_pence", "is_refused"), [(31_500_000, True), (1, None)])
    def test_the_subsidy_limit_holds(self, cast, other_pence, is_refused, monkeypatch):
        award = stage.drafted(cast)
        awards.notify_subsidy(award=award, by=cast["officer"], at=stage.CHECKED)
        other = other_pence if is_refused else 31_500_000 - award.amount_pence
        confirm = partial(awards.confirm_subsidy, award=award, is_agreed=True, by=cast["signatory"], at=stage.CHECKED)
        if is_refused:
            with pytest.raises(Refused, match="more than the limit of £315,000"):
                confirm(other_pence=other)
        else:
            with pytest.raises(Refused, match="more than the limit"):
                confirm(other_pence=other + 1)
            assert confirm(other_pence=other).kind == "confirmation", "equality is allowed"
            assert confirm(other_pence=other).pk == award.subsidy_notices.get(kind="confirmation").pk, "sent twice it is one"
            with pytest.raises(NotAllowedNow, match=r"from others was confirmed on 1\d November 2026. If that is not right"):
                confirm(other_pence=0)
            award_policies.check_subsidy_room(award, at=stage.CHECKED)
            since = subsidies.Given("We", 1, stage.CHECKED.date())
            monkeypatch.setattr(subsidies, "_known", [lambda group, day: [since]])
            with pytest.raises(NotAllowedNow, match="would exceed the limit"):
                award_policies.check_subsidy_room(award, at=stage.CHECKED)

    def test_only_a_signatory_confirms_and_accepts(self, cast):
        award = stage.drafted(cast)
        awards.notify_subsidy(award=award, by=cast["officer"], at=stage.CHECKED)
        with pytest.raises(Denied):
            awards.confirm_subsidy(award=award, other_pence=0, is_agreed=True, by=cast["applicant"], at=stage.CHECKED)
        offered = stage.offered(cast, award=award)
        for who in ("applicant", "colleague", "officer", "lead"):
            with pytest.raises(Denied):
                awards.accept(award=offered, by=cast[who], at=stage.ACCEPTED)
        twice = [awards.accept(award=offered, by=cast["signatory"], at=stage.ACCEPTED).accepted_at for _ in range(2)]
        assert twice == [stage.ACCEPTED] * 2, "a button pressed twice is one acceptance"

    def test_a_budget_that_cannot_bear_it_makes_no_offer(self, cast):
        award = stage.cleared(cast)
        type(award.budget).objects.filter(pk=award.budget_id).update(amount_pence=award.amount_pence - 1)
        with pytest.raises(NotAllowedNow, match="The round has £"):
            awards.offer(award=award, by=cast["officer"], at=stage.OFFERED)
        assert not LedgerEntry.objects.exists()

    def test_drafting_twice_is_drafting_once(self, cast):
        award = stage.drafted(cast)
        assert awards.draft(application=award.application, by=cast["officer"], at=stage.CHECKED).pk == award.pk
        assert Award.objects.count() == 1

    def test_an_application_that_was_not_told_becomes_no_award(self, cast):
        application = assessments.approved(cast)
        with pytest.raises(NotAllowedNow, match="was told"):
            awards.draft(application=application, by=cast["officer"], at=stage.CHECKED)


class TestTheOffer:
    def test_it_lapses_by_itself_and_gives_the_money_back(self, cast):
        award = stage.offered(cast)
        late = award.offer_until + timedelta(minutes=1)
        with pytest.raises(NotAllowedNow, match="ran out"):
            awards.accept(award=award, by=cast["signatory"], at=late)
        fire_due(at=late)

        after = Award.objects.select_related("budget").get(pk=award.pk)
        assert (after.state, after.committed_pence, after.budget.committed_pence) == ("lapsed", 0, 0)
        assert left_pence(after.application.round) == after.budget.amount_pence
        assert check_books() == []

    def test_it_can_be_refused_with_a_reason(self, cast):
        award = stage.offered(cast)
        with pytest.raises(Refused, match="Give a reason"):
            awards.refuse(award=award, note=" ", by=cast["signatory"], at=stage.ACCEPTED)
        refused = awards.refuse(award=award, note="We found other money.", by=cast["signatory"], at=stage.ACCEPTED)
        assert refused.state == "refused"
        assert check_books() == []

    def test_acceptance_gives_the_subsidy_and_plans_the_work(self, cast):
        award = stage.accepted(cast)
        assert set(award.subsidy_notices.values_list("kind", flat=True)) == {"notification", "confirmation", "giving"}
        assert award.subsidy_notices.get(kind="giving").dated_on == stage.ACCEPTED.date()
        caps = list(award.milestones.order_by("number").values_list("cap_pence", flat=True))
        assert sum(caps) == award.amount_pence
        assert [milestone.state for milestone in award.milestones.all()] == ["planned"] * 3
        assert award.papers.get(kind="offer").sha256 in award.papers.get(kind="agreement").body

    def test_a_second_offer_of_the_same_award_commits_nothing_more(self, cast):
        award = stage.offered(cast)
        post = partial(ledger.post, kind="commitment", budget=award.budget, award=award, amount_pence=award.amount_pence)
        again = post(source="offer", external_ref=str(award.pk), at=stage.OFFERED)
        assert LedgerEntry.objects.filter(kind="commitment").get() == again

    def test_live_needs_a_verified_account_and_met_conditions(self, cast):
        award = stage.accepted(cast)
        with pytest.raises(NotAllowedNow, match="bank account is not verified"):
            awards.go_live(award=award, by=cast["officer"], at=stage.LIVE)
        stage.bank_verified(cast, award)
        with pytest.raises(NotAllowedNow, match="conditions are not met"):
            awards.go_live(award=award, by=cast["officer"], at=stage.LIVE)


class TestBankDetails:
    def test_numbers_that_cannot_be_are_refused(self, cast):
        award = stage.accepted(cast)
        for sort_code, account_number, sentence in (
            ("2000", "12345678", "sort code of 6"),
            ("20-00-00", "12", "6 to 8"),
            ("200000", "abcdefgh", "6 to 8"),
            ("000000", "12345678", "own numbers"),
        ):
            with pytest.raises(Refused, match=sentence):
                stage.bank_entered(cast, award, sort_code=sort_code, account_number=account_number)
        assert not BankAccount.objects.exists()

    def test_who_checked_does_not_verify(self, cast):
        award = stage.accepted(cast)
        account = stage.bank_checked(cast, award)
        with pytest.raises(Denied):
            bank.verify(account=account, by=cast["officer"], at=stage.ACCEPTED)

    def test_the_finance_officer_who_checked_does_not_verify_either(self, cast):
        award = stage.accepted(cast)
        account = stage.bank_entered(cast, award)
        account = bank.check(account=account, called_on="1", spoke_to="Ann", payee_match="full", by=cast["finance"], at=stage.ACCEPTED)
        with pytest.raises(Denied, match="You checked these bank details"):
            bank.verify(account=account, by=cast["finance"], at=stage.ACCEPTED)

    def test_an_account_in_another_name_is_not_verified(self, cast):
        award = stage.accepted(cast)
        account = stage.bank_entered(cast, award)
        account = bank.check(account=account, called_on="1", spoke_to="Ann", payee_match="none", by=cast["officer"], at=stage.ACCEPTED)
        with pytest.raises(NotAllowedNow, match="does not match"):
            bank.verify(account=account, by=cast["lead"], at=stage.ACCEPTED)

    def test_a_changed_account_cools_off_before_it_is_paid(self, cast):
        payment = stage.payment_due(cast)
        stage.bank_verified(cast, payment.award, at=stage.PAID, account_number="22334455")
        build = partial(runs.build, programme=payment.award.programme, by=cast["finance"])
        with pytest.raises(NotAllowedNow, match="Nothing is due that can be paid now"):
            build(at=stage.PAID + timedelta(hours=1))
        assert build(at=stage.PAID + timedelta(days=3)).payments.get().bank_account.last4 == "4455"
        assert BankAccount.objects.filter(state="superseded").count() == 1

    def test_an_account_changed_after_the_run_was_built_stops_the_release(self, cast):
        run = stage.run_approved(cast)
        stage.bank_verified(cast, run.payments.get().award, at=stage.PAID, account_number="22334455")
        with pytest.raises(NotAllowedNow, match=r"build it again|can be paid from"):
            runs.release(run=run, by=cast["independent-approver"], at=stage.PAID)
        assert Payment.objects.get().state == "in_run"
        assert PaymentRun.objects.get().file == ""

    def test_the_numbers_rest_encrypted(self, cast):
        stage.bank_entered(cast, stage.accepted(cast), account_number="55779911")
        with connection.cursor() as cursor:
            cursor.execute("SELECT sort_code, account_number FROM payments_bankaccount")
            assert "55779911" not in str(cursor.fetchall())

    def test_the_same_account_on_two_companies_is_seen(self, cast):
        first = applications.company(cast)
        second = applications.company(cast)
        enter = partial(bank.enter, name="Sample", sort_code="200000", account_number="55779911", by=cast["applicant"], at=stage.ACCEPTED)
        enter(company=first)
        assert [twin.company for twin in enter(company=second).elsewhere()] == [first]


class TestClaims:
    def test_a_line_without_evidence_is_not_sent(self, cast):
        award = stage.live(cast)
        claim = claims.start(milestone=award.milestones.first(), by=cast["applicant"], at=stage.CLAIMED)
        submit = partial(claims.submit, claim=claim, declaration=True, by=cast["applicant"], at=stage.CLAIMED)
        with pytest.raises(NotAllowedNow, match="at least one cost"):
            submit()
        lines.add(claim=claim, cost=stage.cost(), by=cast["applicant"], at=stage.CLAIMED)
        with pytest.raises(NotAllowedNow, match=r"Line 1 .* has no evidence"):
            submit()

    def test_the_declaration_is_needed(self, cast):
        claim = stage.claim_draft(cast)
        with pytest.raises(Refused, match="declaration"):
            claims.submit(claim=claim, declaration=False, by=cast["applicant"], at=stage.CLAIMED)

    def test_a_member_writes_but_does_not_submit(self, cast):
        claim = stage.claim_draft(cast)
        with pytest.raises(Denied):
            claims.submit(claim=claim, declaration=True, by=cast["colleague"], at=stage.CLAIMED)

    def test_a_cost_that_cannot_be_is_refused(self, cast):
        award = stage.live(cast)
        claim = claims.start(milestone=award.milestones.first(), by=cast["applicant"], at=stage.CLAIMED)
        for instead, sentence in (
            ({"supplier": " "}, "supplier"),
            ({"supplier": "x" * 161}, "160 characters"),
            ({"net_pence": 0}, "more than nothing"),
            ({"net_pence": 100, "vat_pence": 0}, "at most the whole invoice"),
            ({"category": "champagne"}, "cost categories"),
            ({"paid_on": stage.CLAIMED.date() + timedelta(days=3)}, "in the future"),
        ):
            with pytest.raises(Refused, match=sentence):
                lines.add(claim=claim, cost=stage.cost(**instead), by=cast["applicant"], at=stage.CLAIMED)
        assert not claim.lines.exists()

    def test_the_same_invoice_is_on_one_line_only(self, cast):
        claim = stage.claim_draft(cast)
        with pytest.raises(Refused, match="on line 1 already"):
            lines.add(claim=claim, cost=stage.cost(101), by=cast["applicant"], at=stage.CLAIMED)

    def test_a_file_that_may_not_be_kept_is_refused(self, cast):
        claim = stage.claim_draft(cast)
        attach = partial(evidence.attach, claim=claim, line=claim.lines.get(), by=cast["applicant"], at=stage.CLAIMED)
        for name, content, sentence in (
            ("empty.pdf", b"", "is empty"),
            ("page.pdf", b"<html><script>alert(1)</script></html>", "something else"),
            ("big.pdf", stage.PDF + b"\0" * (11 * 1024 * 1024), "no larger than 10 MB"),
        ):
            with pytest.raises(Refused, match=sentence):
                attach(upload=SimpleUploadedFile(name, content))
        assert claim.evidence.count() == 1

    def test_who_checked_does_not_approve(self, cast):
        claim = stage.claim_submitted(cast)
        claims.start_checking(claim=claim, by=cast["officer"], at=stage.CLAIMED)
        with pytest.raises(NotAllowedNow, match="Start checking"):
            claims.decide_line(line=claim.lines.get(), outcome="accepted", by=cast["monitor"], at=stage.CLAIMED)
        claims.decide_line(line=claim.lines.get(), outcome="accepted", by=cast["officer"], at=stage.CLAIMED)
        claims.recommend(claim=claim, milestone_outcome="met", by=cast["officer"], at=stage.CLAIMED)
        with pytest.raises(Denied):
            claims.approve(claim=claim, by=cast["officer"], at=stage.APPROVED)

    def test_a_claim_is_capped_by_what_the_milestone_has_left(self, cast):
        award = stage.live(cast)
        cap = award.milestones.get(number=1).cap_pence
        claim = stage.claim_approved(cast, award=award, costs=(stage.earning(award, cap) * 3,))
        assert claim.claimed_pence > claim.approved_pence == cap

    def test_two_claims_never_come_to_more_than_the_award(self, cast):
        award = stage.live(cast)
        for number in (1, 2, 3):
            stage.claim_approved(cast, award=award, milestone=number, costs=(award.amount_pence * 3,))
        after = Award.objects.get(pk=award.pk)
        held = sum(claim.retained_pence for claim in after.claims.all())
        assert after.approved_pence + held == award.amount_pence
        assert check_books() == []

    def test_the_award_is_not_approved_beyond_itself(self, cast):
        award = stage.live(cast)
        with pytest.raises(NotAllowedNow, match="of this award is left"):
            ledger.count_approved(award=award, amount_pence=award.amount_pence + 1)
        with pytest.raises(IntegrityError), transaction.atomic():
            Award.objects.filter(pk=award.pk).update(approved_pence=award.amount_pence + 1)

    def test_a_milestone_has_one_open_claim(self, cast):
        claim = stage.claim_submitted(cast)
        with pytest.raises(NotAllowedNow, match="Claim 1 for this milestone is submitted"):
            claims.start(milestone=claim.milestone, by=cast["applicant"], at=stage.CLAIMED)

    def test_nothing_is_claimed_before_the_project_starts_and_the_page_says_so(self, cast):
        award = stage.live(cast)
        start = partial(claims.start, milestone=award.milestones.get(number=1), by=cast["applicant"])
        with pytest.raises(NotAllowedNow, match="Your project starts on 1 February 2027") as refusal:
            start(at=stage.LIVE)
        shown = company.milestones(award, cast["applicant"], now=stage.LIVE)
        assert {(one["can_claim"], one["why_not"]) for one in shown} == {(False, refusal.value.sentence)}
        start(at=stage.CLAIMED)
        shown = company.milestones(award, cast["applicant"], now=stage.CLAIMED)
        assert [(one["can_claim"], one["why_not"]) for one in shown] == [(False, ""), (True, ""), (True, "")], "the first has its claim"

    def test_a_returned_claim_is_corrected_and_sent_again(self, cast):
        claim = stage.claim_checking(cast)
        claims.decide_line(line=claim.lines.get(), outcome="accepted", by=cast["officer"], at=stage.CLAIMED)
        claims.return_to_company(claim=claim, note="The wrong invoice.", by=cast["officer"], at=stage.CLAIMED)
        claims.reopen(claim=claim, by=cast["colleague"], at=stage.CLAIMED)
        sent = claims.submit(claim=claim, declaration=True, by=cast["applicant"], at=stage.CLAIMED)
        assert sent.state == "submitted"
        assert sent.lines.get().outcome == ""
        assert Claim.objects.get(pk=sent.pk).milestone.state == "claimed"

    def test_every_question_wants_its_answer(self, cast):
        claim = stage.claim_queried(cast)
        asked = claim.queries.get()
        with pytest.raises(Refused, match="Answer every question"):
            claims.answer(claim=claim, answers={}, by=cast["applicant"], at=stage.CLAIMED)
        assert claims.answer(claim=claim, answers={asked.pk: "The first."}, by=cast["applicant"], at=stage.CLAIMED).state == "checking"

    def test_a_suspended_award_takes_and_pays_nothing(self, cast):
        payment = stage.payment_due(cast)
        awards.suspend(award=payment.award, note="A question about control.", by=cast["officer"], at=stage.PAID)
        with pytest.raises(NotAllowedNow, match="Nothing is due"):
            runs.build(programme=payment.award.programme, by=cast["finance"], at=stage.PAID)
        with pytest.raises(NotAllowedNow, match="suspended"):
            claims.start(milestone=payment.award.milestones.get(number=2), by=cast["applicant"], at=stage.PAID)


class TestRuns:
    def test_a_payment_is_in_one_run_only(self, cast):
        run = stage.run_drafted(cast)
        with pytest.raises(NotAllowedNow, match="Nothing is due"):
            runs.build(programme=run.programme, by=cast["second-finance"], at=stage.PAID)

    def test_nobody_who_had_a_hand_in_it_releases(self, cast):
        run = stage.run_approved(cast)
        for who in ("officer", "lead", "finance", "second-finance", "second-lead", "chair", "auditor", "applicant", "funder"):
            with pytest.raises(Denied):
                runs.release(run=run, by=cast[who], at=stage.PAID)

    def test_an_approver_who_decided_elsewhere_in_the_case_does_not_release(self, cast):
        """The independent approver approved the run: then somebody else must release it, though the role would allow it."""
        run = stage.run_drafted(cast)
        run = runs.approve(run=run, by=cast["independent-approver"], at=stage.PAID)
        with pytest.raises(Denied, match="You approved this payment run"):
            runs.release(run=run, by=cast["independent-approver"], at=stage.PAID)

    def test_a_small_team_releases_what_the_machine_built(self, cast):
        run = stage.run_drafted(cast)
        assert run.control() == "small_team"
        assert runs.release(run=run, by=cast["independent-approver"], at=stage.PAID).state == "released"

    def test_it_is_released_once(self, cast):
        run = stage.run_released(cast)
        with pytest.raises(NotAllowedNow):
            runs.release(run=run, by=cast["independent-approver"], at=stage.PAID)
        assert PaymentRun.objects.get().file_sha256 == run.file_sha256

    def test_a_void_run_gives_its_payments_back(self, cast):
        run = stage.run_drafted(cast)
        with pytest.raises(Refused, match="Give a reason"):
            runs.void(run=run, note="", by=cast["finance"], at=stage.PAID)
        runs.void(run=run, note="Wrong date.", by=cast["finance"], at=stage.PAID)
        assert Payment.objects.get().state == "due"
        assert runs.build(programme=run.programme, by=cast["finance"], at=stage.PAID).reference != run.reference

    def test_nothing_is_released_without_an_account_to_pay_from(self, cast):
        run = stage.run_approved(cast)
        run.paying_account().delete()
        with pytest.raises(NotAllowedNow, match="No bank account to pay from"):
            runs.release(run=run, by=cast["independent-approver"], at=stage.PAID)

    def test_a_held_payment_stays_out(self, cast):
        payment = stage.payment_due(cast)
        payments.hold(payment=payment, note="We are asking the bank.", by=cast["officer"], at=stage.PAID)
        with pytest.raises(NotAllowedNow, match="Nothing is due"):
            runs.build(programme=payment.award.programme, by=cast["finance"], at=stage.PAID)

    def test_a_cancelled_payment_takes_the_approval_back(self, cast):
        payment = stage.payment_due(cast)
        payments.hold(payment=payment, note="Twice?", by=cast["officer"], at=stage.PAID)
        payments.cancel(payment=payment, note="Approved by mistake.", by=cast["lead"], at=stage.PAID)
        claim = Claim.objects.get()
        assert (claim.state, claim.approved_pence, claim.award.approved_pence) == ("checking", 0, 0)
        assert check_books() == []

    def test_the_file_is_taken_only_by_those_who_handle_runs(self, cast):
        run = stage.run_released(cast)
        assert runs.hand_over_file(run=run, by=cast["finance"], at=stage.PAID) == run.file
        for who in ("auditor", "lead", "monitor", "applicant"):
            with pytest.raises(Denied):
                runs.hand_over_file(run=run, by=cast[who], at=stage.PAID)

    def test_a_conflict_with_a_company_in_the_run_closes_its_release_and_its_file(self, cast):
        run = stage.run_drafted(cast)
        application = run.payments.get().award.application
        for who, act in (("second-finance", runs.approve), ("independent-approver", runs.release)):
            declare(application=application, reason="My sister works there.", by=cast[who], at=stage.PAID)
            (offered,) = available_steps(run, cast[who], at=stage.PAID, only=[act.__name__])
            assert (offered.is_allowed, offered.code) == (False, "conflict"), "no button that is refused afterwards"
            with pytest.raises(Denied, match="conflict of interest"):
                act(run=run, by=cast[who], at=stage.PAID)
            application.conflicts.all().delete()
            run = act(run=run, by=cast[who], at=stage.PAID)
        declare(application=application, reason="My sister works there.", by=cast["finance"], at=stage.PAID)
        with pytest.raises(Denied, match="conflict of interest"):
            runs.hand_over_file(run=run, by=cast["finance"], at=stage.PAID)

    def test_a_failed_payment_is_paid_again(self, cast):
        run = stage.run_released(cast)
        failed = payments.fail(payment=run.payments.get(), note="AC04, the account is closed.", by=cast["officer"], at=stage.SETTLED)
        assert PaymentRun.objects.get(pk=run.pk).state == "reconciled"
        payments.retry(payment=failed, note="Rang them.", by=cast["finance"], at=stage.SETTLED)
        second = runs.build(programme=run.programme, by=cast["finance"], at=stage.SETTLED)
        assert second.payments.get().end_to_end.endswith("-2")


class TestStatements:
    def test_importing_it_twice_changes_nothing(self, cast):
        run = stage.run_released(cast)
        data = stage.statement_csv(run.payments.get())
        stage.imported(cast, run, data)
        again = stage.imported(cast, run, data)
        assert StatementLine.objects.count() == 1
        assert again.lines.count() == 0
        assert LedgerEntry.objects.filter(kind="payment").count() == 1

    def test_another_amount_settles_nothing(self, cast):
        run = stage.run_released(cast)
        payment = run.payments.get()
        payment.amount_pence -= 1
        stage.imported(cast, run, stage.statement_csv(payment))
        assert StatementLine.objects.get().outcome == "mismatch"
        assert Payment.objects.get().state == "released"

    def test_what_is_not_ours_is_kept_and_left(self, cast):
        run = stage.run_released(cast)
        stage.imported(cast, run, b"Date,Description,Paid out,Paid in\n28/01/2027,Bank charges,12.50,\n28/01/2027,Interest,,0.31\n")
        assert list(StatementLine.objects.order_by("pk").values_list("outcome", "direction", "amount_pence")) == [
            ("unmatched", "out", 1250),
            ("unmatched", "in", 31),
        ]

    def test_a_file_that_is_no_statement_is_refused_with_its_line(self, cast):
        read = partial(import_file, programme=grants.published(cast), name="x.csv", by=cast["officer"], at=stage.SETTLED)
        for data, sentence in NO_STATEMENTS:
            with pytest.raises(Refused, match=sentence):
                read(data=data)
        assert not StatementLine.objects.exists()

    def test_only_those_who_reconcile_import(self, cast):
        run = stage.run_released(cast)
        for who in ("lead", "auditor", "independent-approver", "applicant"):
            with pytest.raises(Denied):
                import_file(programme=run.programme, name="x", data=b"Date,Amount\n", by=cast[who], at=stage.SETTLED)


class TestReports:
    def test_numbers_are_wanted_for_every_indicator(self, cast):
        award = stage.live(cast)
        report: OutcomeReport = award.outcome_reports.get(is_final=True)
        good = {indicator.id: "1" for indicator in report.indicators()}
        send = partial(reports.submit, report=report, narrative="It worked.", by=cast["applicant"], at=stage.SETTLED)
        for wrong, sentence in (
            (good | {"jobs_created": "many"}, "Enter a number for “Jobs created”"),
            (good | {"jobs_created": "-1"}, "0 or more"),
            (good | {"validation_sites": "1.5"}, "a whole number"),
            (good | {"unicorns": "1"}, "not an indicator"),
            ({}, "Enter a number"),
        ):
            with pytest.raises(Refused, match=sentence):
                send(values=wrong)
        assert send(values=good | {"jobs_created": "1,000.25"}).values["jobs_created"] == "1000.25"


class TestBooks:
    def test_a_total_changed_behind_the_ledgers_back_is_named(self, cast, capsys):
        award = stage.offered(cast)
        call_command("books", "check")
        assert "balance" in capsys.readouterr().out
        Award.objects.filter(pk=award.pk).update(committed_pence=award.amount_pence - 1)
        with pytest.raises(CommandError, match=f"Award {award.reference}: its totals say"):
            call_command("books", "check")

    def test_an_entry_taken_out_of_the_ledger_is_named(self, cast):
        run = stage.settled(cast)
        payment = run.payments.get()
        with triggers.lifted():
            LedgerEntry.objects.filter(kind="payment").delete()
        faults = " ".join(check_books())
        assert payment.award.reference in faults
        assert f"{payment.end_to_end} of {payment.award.reference} is settled without a ledger entry" in faults

    def test_the_ledger_is_append_only(self, cast):
        stage.offered(cast)
        for change in (lambda: LedgerEntry.objects.update(amount_pence=1), lambda: LedgerEntry.objects.all().delete()):
            with pytest.raises(Exception, match="append-only"), transaction.atomic():
                change()

    def test_a_step_of_money_is_not_taken_by_a_person_where_the_machine_takes_it(self, cast):
        run = stage.run_released(cast)
        for who in cast.values():
            with pytest.raises(Denied):
                fire(run.payments.get(), "settle", by=who, at=stage.SETTLED, statement_ref="x")
