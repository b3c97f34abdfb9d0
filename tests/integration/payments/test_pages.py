"""The pages of awards and money, driven as a browser would, without JavaScript."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit.models import Event
from payments.models import Award, BankAccount, Claim, OutcomeReport, Payment, PaymentRun
from tests.stages import payments as stage


@pytest.fixture
def at_home(cast, settings):
    """`at_home("officer")`: a client signed in as that person, second factor counted as given (demo mode)."""
    settings.DEMO = True

    def signed_in(who: str) -> Client:
        client = Client()
        client.force_login(cast[who])
        return client

    return signed_in


def url(name: str, *about) -> str:
    return reverse(f"payments:{name}", args=about)


def post(client: Client, path: str, **data):
    """Post, follow, and expect a page."""
    response = client.post(path, data, follow=True)
    assert response.status_code == 200, (path, response.status_code, text_of(response))
    return response


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def date_boxes(name: str, day) -> dict[str, str]:
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


def test_everybody_does_their_part_by_hand(cast, at_home):
    """From the drafted award to the accepted report, through pages only."""
    award = stage.drafted(cast)
    ref = award.reference
    who = ("officer", "lead", "finance", "applicant", "signatory", "independent-approver")

    with time_machine.travel(stage.CHECKED, tick=False):
        officer, lead, finance, owner, signatory, approver = map(at_home, who)
        assert ref in text_of(officer.get(url("awards")))
        for check in award.checks.exclude(code="assistance"):
            post(officer, url("award_check", ref, check.code), result="passed")
        refused = officer.post(url("award_check", ref, "assistance"), {"result": "passed"})
        assert "Send the company the subsidy notification first." in text_of(refused)
        post(officer, url("award_notify_subsidy", ref))
        page = signatory.get(url("company_subsidy", ref))
        assert "Minimal Financial Assistance" in text_of(page)
        assert "Only an authorised signatory" in text_of(owner.get(url("company_subsidy", ref)))
        post(signatory, url("company_subsidy", ref), other_pence="0", is_agreed="on")
        assert "Confirmed on 15 November 2026: £0 from others" in text_of(owner.get(url("company_subsidy", ref)))
        post(officer, url("award_check", ref, "assistance"), result="passed")
        post(officer, url("award_step", ref, "clear"))
        assert "Offer of grant" in text_of(officer.get(url("award_offer", ref)))
        post(officer, url("award_offer", ref))
    with time_machine.travel(stage.ACCEPTED, tick=False):
        officer, lead, finance, owner, signatory, approver = map(at_home, who)
        assert "Only an authorised signatory" in text_of(owner.get(url("company_offer", ref)))
        assert owner.post(url("company_offer", ref)).status_code == 403
        post(signatory, url("company_offer", ref))
        assert f"Enter bank details for {ref}" in text_of(owner.get("/home/"))
        assert f'href="/apply/awards/{ref}/"' in owner.get(f"/apply/{ref}/").text
        assert f'href="/manage/awards/{ref}/"' in officer.get(f"/manage/applications/{ref}/").text
        post(owner, url("company_bank", ref), name="Sample Ltd", sort_code="20-00-00", account_number="55779911")
        account = BankAccount.objects.get()
        post(officer, url("bank_account", account.pk), called_on="0121 496 0000", spoke_to="Ann", payee_match="full")
        post(lead, url("bank_step", account.pk, "verify"))
        post(officer, url("award_conditions", ref), note="Nothing was started.")
        post(officer, url("award_step", ref, "go_live"))
        post(lead, url("paying_account", "diagcomm"), name="Sample Cluster Ltd", sort_code="300000", account_number="87654321")
    with time_machine.travel(stage.CLAIMED, tick=False):
        officer, lead, finance, owner, signatory, approver = map(at_home, who)
        post(owner, url("company_claim_start", ref, 1))
        paid_on = (stage.CLAIMED).date()
        form = {"supplier": "Bench Ltd", "invoice_number": "B-1", "category": "materials", "net_pence": "3000", "vat_pence": "600"}
        given = form | {"eligible_pence": "3,000.00"} | date_boxes("invoice_on", paid_on) | date_boxes("paid_on", paid_on)
        post(owner, url("company_line_add", ref, 1), **given)
        post(owner, url("company_attach", ref, 1, 1), file=stage.upload("b-1"))
        post(owner, url("company_claim", ref, 1), narrative="We agreed the protocol.")
        refused = owner.post(url("company_submit", ref, 1))
        assert "Confirm the declaration" in text_of(refused)
        post(owner, url("company_submit", ref, 1), declaration="on")
        post(officer, url("claim_step", ref, 1, "start_checking"))
        post(officer, url("claim_ask", ref, 1, 1), question="Which site?")
        post(officer, url("claim_step", ref, 1, "query"))
        query = Claim.objects.get().queries.get()
        post(owner, url("company_answer", ref, 1), **{f"answer_{query.pk}": "The first site."})
        page = officer.get(url("claim", ref, 1), {"line": 1})
        assert "invoice.pdf" in text_of(page)
        file = Claim.objects.get().evidence.get()
        shown = officer.get(url("evidence", file.pk))
        assert b"".join(shown.streaming_content).startswith(b"%PDF")
        assert "sandbox" in shown["Content-Security-Policy"]
        post(officer, url("claim_decide", ref, 1, 1), outcome="accepted")
        post(officer, url("claim_recommend", ref, 1), milestone_outcome="met")
        assert officer.post(url("claim_step", ref, 1, "approve")).status_code == 403
        post(lead, url("claim_step", ref, 1, "approve"))
    with time_machine.travel(stage.PAID, tick=False):
        officer, lead, finance, owner, signatory, approver = map(at_home, who)
        assert ref in text_of(finance.get(url("payments")))
        post(finance, url("runs"), programme="diagcomm")
        run = PaymentRun.objects.get()
        assert finance.post(url("run_step", run.reference, "release")).status_code == 403
        assert "Import the bank statement" not in text_of(finance.get("/home/"))
        post(finance, url("run_step", run.reference, "approve"))
        post(approver, url("run_step", run.reference, "release"))
        assert "Import the bank statement" in text_of(finance.get("/home/"))
        file = approver.post(url("run_file", run.reference))
        assert file["Content-Type"] == "application/xml"
        assert b"pain.001.001.09" in file.content
        assert Event.objects.filter(kind="paymentrun.file_taken").count() == 1
    with time_machine.travel(stage.SETTLED, tick=False):
        officer, lead, finance, owner, signatory, approver = map(at_home, who)
        payment = Payment.objects.get()
        statement = stage.statement_csv(payment)
        post(officer, url("statements"), programme="diagcomm", file=SimpleUploadedFile("bank.csv", statement))
        assert Payment.objects.get().state == "settled"
        shown = text_of(owner.get(url("company_award", ref)))
        assert "28 January 2027" in shown, "the day on the bank's statement, not that of its import"
        report = OutcomeReport.objects.get(is_final=True)
        values = {indicator.id: "1" for indicator in report.indicators()}
        post(owner, url("company_report", ref, report.pk), **values, narrative="It worked.")
        post(officer, url("award_report_step", ref, report.pk, "accept"))
        assert Award.objects.get().paid_pence == payment.amount_pence
        for client in (officer, lead, finance, approver):
            for name in ("finance", "claims", "bank", "payments", "runs", "statements", "awards"):
                assert client.get(url(name)).status_code == 200, name
        for client in (owner, signatory, officer, finance):
            assert client.get("/home/").status_code == 200


def test_the_numbers_of_an_account_are_shown_only_with_a_reason_on_the_trail(cast, at_home):
    award = stage.accepted(cast)
    account = stage.bank_entered(cast, award, account_number="55779911")
    officer = at_home("officer")

    page = text_of(officer.get(url("bank_account", account.pk)))
    assert "55779911" not in page
    assert "9911" in page
    assert "55779911" not in text_of(officer.post(url("bank_reveal", account.pk), {"reason": ""}))
    assert "55779911" in text_of(officer.post(url("bank_reveal", account.pk), {"reason": "The bank asked"}))
    assert Event.objects.filter(kind="bank_account.revealed").count() == 1
    assert at_home("auditor").get(url("bank_reveal", account.pk)).status_code == 403


def test_an_offer_that_ran_out_is_not_offered_to_be_accepted(cast, at_home):
    """Also before the job that lets it lapse has come round."""
    award = stage.offered(cast)
    offer = url("company_offer", award.reference)
    for moment, is_open in ((award.offer_until - timedelta(seconds=1), True), (award.offer_until, False)):
        with time_machine.travel(moment, tick=False):
            for who, says in (("signatory", "By accepting you sign"), ("applicant", "Only an authorised signatory")):
                client = at_home(who)
                page = text_of(client.get(offer))
                assert (says in page, "This offer ran out at" in page) == (is_open, not is_open), who
                assert (f"Accept the offer {award.reference}" in text_of(client.get("/home/"))) == is_open
                page = text_of(client.get(url("company_award", award.reference)))
                assert ("The offer stands until" in page, "The offer ran out at" in page) == (is_open, not is_open)


def test_strangers_and_other_companies_find_nothing(cast, at_home):
    claim = stage.claim_draft(cast)
    ref, file = claim.award.reference, claim.evidence.get()
    account = BankAccount.objects.get()
    pages = [
        url("company_award", ref),
        url("company_claim", ref, 1),
        url("company_line", ref, 1, 1),
        url("company_evidence", ref, 1, file.pk),
        url("company_bank", ref),
        url("award", ref),
        url("claim", ref, 1),
        url("evidence", file.pk),
        url("bank_account", account.pk),
        url("payments"),
        url("finance"),
    ]
    for who in ("stranger", "assessor-1"):
        client = at_home(who)
        assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 404), who
    company_only = at_home("applicant")
    assert company_only.get(url("company_claim", ref, 1)).status_code == 200
    assert company_only.get(url("award", ref)).status_code == 404
    assert company_only.get(url("bank_account", account.pk)).status_code == 404
    staff = at_home("officer")
    assert staff.get(url("company_claim", ref, 1)).status_code == 404
    assert staff.get(url("claim", ref, 1)).status_code == 404, "a draft is the company's own"


def test_the_claim_queue_costs_the_same_for_one_claim_and_for_three(cast, at_home, django_assert_max_num_queries):
    award = stage.live(cast)
    client = at_home("officer")
    counts = []
    for number in (1, 2, 3):
        stage.claim_submitted(cast, award=award, milestone=number)
        client.get(url("claims"))
        with django_assert_max_num_queries(12) as queries:
            assert f"{award.reference}-C{number}" in text_of(client.get(url("claims")))
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts
