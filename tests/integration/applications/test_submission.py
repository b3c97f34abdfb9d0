"""From signature to screening: one submission, a receipt that proves itself, every reason at once."""

import hashlib
import json
from datetime import timedelta

import pytest
import rfc8785
from django.core.files.base import ContentFile
from django.db import DatabaseError, transaction
from django.utils.timezone import localdate

from accounts.refusals import Denied, NotAllowedNow, Refused
from accounts.roles import Role
from applications import papers, samples
from applications.actions import answers, applications, companies, documents, eligibility, teams
from applications.models import Application, EligibilityOutcome, SubmittedPaper
from applications.policies import CostsDoNotFit, DeclarationMissing, GrantOutOfLimits, SectionsIncomplete
from grants.policies import RoundClosed
from notifications.models import Notice
from tests.stages import applications as stages
from workflow.engine import fire
from workflow.models import StepTaken


def send(application, signatory, at, key=None):
    return applications.sign_and_submit(application=application, name="Sigrid", position="Director", by=signatory, at=at, key=key)


def test_the_receipt_is_the_hash_of_the_frozen_paper(filled, signatory, now):
    sent = send(filled, signatory, now)
    paper = SubmittedPaper.objects.get(application=sent)
    assert sent.state == Application.State.ELIGIBLE
    assert sent.receipt_sha256 == paper.sha256 == hashlib.sha256(paper.document.encode()).hexdigest()
    frozen = json.loads(paper.document)
    assert frozen["company"]["company_number"] == sent.company.company_number
    assert {answer["question"] for answer in frozen["answers"]} == set(sent.answers.values_list("question", flat=True))
    assert [document["sha256"] for document in frozen["documents"]] == list(sent.documents.values_list("sha256", flat=True))


def test_a_double_click_is_one_submission(filled, signatory, now):
    first = send(filled, signatory, now, key="once")
    second = send(filled, signatory, now + timedelta(seconds=1), key="once")
    assert (first.receipt_sha256, first.submitted_at) == (second.receipt_sha256, second.submitted_at)
    assert StepTaken.objects.filter(step="submit").count() == SubmittedPaper.objects.count() == 1
    with pytest.raises(NotAllowedNow, match="eligible now"):
        send(filled, signatory, now, key="twice")


def test_papers_and_outcomes_cannot_be_changed(filled, signatory, now):
    send(filled, signatory, now)
    for rows, change in ((SubmittedPaper.objects, {"document": "{}"}), (EligibilityOutcome.objects, {"passed": True})):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(**change)


def test_every_rule_leaves_its_outcome_with_values_and_the_versions_hash(filled, signatory, now):
    sent = send(filled, signatory, now)
    outcomes = {one.rule_id: one for one in sent.eligibility_outcomes.all()}
    assert set(outcomes) == {rule.id for rule in sent.version.definition.eligibility.rules}
    assert all(one.rule_version_sha == sent.version.sha256 for one in outcomes.values())
    assert outcomes["grant_size"].values["application.grant_pence"] == sent.grant_requested_pence


def test_what_is_missing_is_named(draft, signatory, applicant, now):
    with pytest.raises(SectionsIncomplete, match="What is your project called") as refused:
        send(draft, signatory, now)
    named = {one["question"] for one in refused.value.details["missing"]}
    assert {"project_title", "costs", "milestones", "project_plan"} <= named
    assert "letters" not in named
    assert "declaration" not in named


@pytest.mark.parametrize(
    ("question", "value", "sentence"),
    [
        ("costs", [{"category": "labour", "description": "", "amount_pence": 100}], "line 1 needs its description"),
        ("costs", [{"category": "", "description": "x", "amount_pence": None}], "line 1 needs its kind of cost and its amount"),
    ],
)
def test_a_half_filled_row_may_be_saved_but_not_sent(filled, applicant, signatory, now, question, value, sentence):
    answers.save(application=filled, question=question, value=value, by=applicant, at=now)
    with pytest.raises(SectionsIncomplete, match=sentence):
        send(filled, signatory, now)


def test_the_grant_lies_within_limits_and_rate(filled, applicant, signatory, now):
    for amount, sentence in ((999_900, "smallest grant is £10,000"), (4_000_001, "largest grant is £40,000"), (4_000_000, "70 %")):
        answers.save(application=filled, question="grant_requested", value=amount, by=applicant, at=now)
        with pytest.raises(GrantOutOfLimits, match=sentence):
            send(filled, signatory, now)


def test_a_flat_rate_category_stays_within_its_rate(filled, applicant, signatory, now):
    costs = [
        {"category": "labour", "description": "People", "amount_pence": 3_000_000},
        {"category": "overheads", "description": "Rent", "amount_pence": 600_001},
    ]
    answers.save(application=filled, question="costs", value=costs, by=applicant, at=now)
    with pytest.raises(CostsDoNotFit, match="20 % of “Labour”, which is £6,000"):
        send(filled, signatory, now)


def test_only_a_signatory_signs_and_the_signature_covers_the_answers(filled, applicant, colleague, signatory, now):
    for person in (applicant, colleague):
        with pytest.raises(Denied, match="signatory"):
            send(filled, person, now)
    with pytest.raises(DeclarationMissing, match="must sign"):
        applications.submit(application=filled, by=applicant, at=now)
    applications.sign(application=filled, name="Sigrid", position="Director", by=signatory, at=now)
    answers.save(application=filled, question="need", value="Changed after signing.", by=applicant, at=now)
    with pytest.raises(DeclarationMissing, match="signed again"):
        applications.submit(application=filled, by=applicant, at=now)
    applications.sign(application=filled, name="Sigrid", position="Director", by=signatory, at=now)
    assert applications.submit(application=filled, by=applicant, at=now).state == Application.State.ELIGIBLE


def test_a_second_after_the_close_is_late_by_the_servers_clock(filled, signatory, now):
    with pytest.raises(RoundClosed, match="closed at"):
        send(filled, signatory, filled.round.closes_at)
    assert send(filled, signatory, filled.round.closes_at - timedelta(seconds=1)).submitted_at < filled.round.closes_at


def test_the_edge_of_the_area_is_referred_and_an_officer_decides_with_a_reason(cast, open_now, officer, now):
    referred = stages.referred(cast, round=open_now, at=now)
    with pytest.raises(Refused, match="Give a reason"):
        eligibility.clear(application=referred, note=" ", by=officer, at=now)
    cleared = eligibility.clear(application=referred, note="It is in Tamworth.", by=officer, at=now)
    assert cleared.state == Application.State.ELIGIBLE
    assert Notice.objects.filter(kind="application.referral_cleared").count() == 3


def test_all_reasons_are_told_at_once(cast, open_now, now):
    application = stages.ineligible(cast, round=open_now, at=now, given={"has_started": True, "diagnostic_use": "none"})
    codes = {one.code for one in application.failed_outcomes()}
    assert {"out_of_area", "not_diagnostic", "already_started"} <= codes
    letter = Notice.objects.filter(kind="application.screened").first()
    assert all(one.sentence in letter.body for one in application.failed_outcomes())


def test_a_refusal_is_reviewed_by_a_second_person(cast, open_now, officer, lead, now):
    refused = stages.refused(cast, round=open_now, at=now)
    with pytest.raises(Denied):
        eligibility.reinstate(application=refused, note="I was wrong.", by=officer, at=now)
    assert eligibility.reinstate(application=refused, note="The map says otherwise.", by=lead, at=now).state == "eligible"


def test_a_lead_who_refused_does_not_review_it(cast, open_now, lead, second_lead, now):
    referred = stages.referred(cast, round=open_now, at=now)
    refused = eligibility.refuse(application=referred, note="Outside.", by=lead, at=now)
    with pytest.raises(Denied, match="found this ineligible"):
        eligibility.reinstate(application=refused, note="Inside.", by=lead, at=now)
    assert eligibility.reinstate(application=refused, note="Inside.", by=second_lead, at=now).state == "eligible"


def test_ruling_out_takes_two_people(cast, open_now, officer, lead, second_lead, now):
    sent = stages.eligible(cast, round=open_now, at=now)
    with pytest.raises(NotAllowedNow, match="Another person must first ask"):
        eligibility.rule_out(application=sent, note="Copied.", by=lead, at=now)
    asked = eligibility.ask_ruling_out(application=sent, note="Copied.", by=lead, at=now)
    assert asked.state == Application.State.ELIGIBLE
    with pytest.raises(Denied, match="asked to rule"):
        eligibility.rule_out(application=asked, note="Copied.", by=lead, at=now)
    assert eligibility.rule_out(application=asked, note="Agreed.", by=second_lead, at=now).state == Application.State.RULED_OUT


def test_ruling_out_is_turned_down_by_the_second_person_or_taken_back_by_the_first(client, cast, open_now, lead, second_lead, now):
    sent = stages.eligible(cast, round=open_now, at=now)
    refuse, take_back = eligibility.refuse_ruling_out, eligibility.take_back_ruling_out
    for answer in (refuse, take_back):
        with pytest.raises(NotAllowedNow, match="first ask"):
            answer(application=sent, note="Not so.", by=lead, at=now)
    for answer, by, other, offered in (
        (refuse, second_lead, lead, "Do not rule it out"),
        (take_back, lead, second_lead, "Take the request back"),
    ):
        asked = eligibility.ask_ruling_out(application=sent, note="Copied from another.", by=lead, at=now)
        with pytest.raises(Denied, match=r"request back instead|Only the person who asked"):
            answer(application=asked, note="Not so.", by=other, at=now)
        with pytest.raises(Refused, match="reason"):
            answer(application=asked, note=" ", by=by, at=now)
        for person in (by, other):
            client.force_login(person)
            page = client.get(sent.staff_path()).text
            assert "“Copied from another.”" in page
            assert (f">{offered}<" in page) is (person == by)
        client.force_login(by)
        client.post(f"{sent.staff_path()}{answer.__name__}/", {"note": "It was written first."})
        went_on = Application.objects.get(pk=sent.pk)
        assert (went_on.state, went_on.ruling_out_asked_by, went_on.ruling_out_because) == ("eligible", None, "")
        assert "A second person decides" not in client.get(sent.staff_path()).text
    assert eligibility.ask_ruling_out(application=sent, note="Copied after all.", by=second_lead, at=now).ruling_out_asked_by == second_lead


def test_nobody_screens_their_own_company(cast, open_now, now):
    referred = stages.referred(cast, round=open_now, at=now)
    teams.add(company=referred.company, person=cast["officer"], role=Role.MEMBER, by=cast["applicant"], at=now)
    with pytest.raises(Denied, match="belong to"):
        eligibility.clear(application=referred, note="Fine.", by=cast["officer"], at=now)
    assert not Application.objects.for_staff(cast["officer"]).exists()


def test_reopening_keeps_the_paper_and_asks_for_a_new_signature(cast, open_now, applicant, signatory, now):
    sent = stages.eligible(cast, round=open_now, at=now)
    reopened = applications.reopen(application=sent, by=applicant, at=now)
    assert (reopened.state, reopened.submitted_at, reopened.receipt_sha256, reopened.declared_at) == ("draft", None, "", None)
    answers.save(application=reopened, question="need", value="A better text.", by=applicant, at=now)
    again = send(Application.objects.get(pk=sent.pk), signatory, now)
    assert list(again.papers.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert again.receipt_sha256 != sent.receipt_sha256
    with pytest.raises(RoundClosed):
        applications.reopen(application=again, by=applicant, at=open_now.closes_at)


def test_withdrawing_frees_the_company_to_start_again(cast, open_now, applicant, now):
    sent = stages.eligible(cast, round=open_now, at=now)
    with pytest.raises(NotAllowedNow, match=sent.reference):
        applications.start(round=open_now, company=sent.company, by=applicant, at=now)
    assert applications.withdraw(application=sent, by=applicant, at=now).state == "withdrawn"
    assert applications.start(round=open_now, company=sent.company, by=applicant, at=now).state == "draft"


def test_declared_and_known_assistance_counts_for_the_group(cast, open_now, applicant, signatory, now):
    first = stages.company(cast, at=now, enterprise_group="The Sample Group")
    second = stages.company(cast, at=now, enterprise_group="the sample group")
    given_on = localdate(now) - timedelta(days=200)
    companies.declare_award(company=first, body="A council", nature="mfa", amount_pence=30_000_000, given_on=given_on, by=applicant, at=now)
    application = send(stages.draft(cast, round=open_now, company=second, at=now), signatory, now)
    failed = application.failed_outcomes()
    assert [one.code for one in failed] == ["mfa_exceeded"]
    assert failed[0].values["subsidy.received_pence"] == 30_000_000


def test_an_infected_document_stops_it_and_one_that_waits_for_its_scan_does_not(filled, signatory, now):
    document = filled.documents.get()
    document.scan_state, document.scanned_at = "infected", now
    document.save(update_fields=["scan_state", "scanned_at"])
    with pytest.raises(Refused, match="virus was found"):
        send(filled, signatory, now)
    document.scan_state, document.scanned_at = "waiting", None
    document.save(update_fields=["scan_state", "scanned_at"])
    assert send(filled, signatory, now).state != "draft"


def test_the_machines_step_is_nobody_elses(cast, open_now, officer, now):
    sent = stages.eligible(cast, round=open_now, at=now)
    with pytest.raises(Denied):
        fire(sent, "screen", by=officer, at=now)


def test_files_are_hashed_renamed_and_counted(draft, applicant, now):
    def attach(name, content=None, question="project_plan"):
        upload = ContentFile(content or samples.pdf("A plan"), name=name)
        return documents.attach(application=draft, question=question, upload=upload, by=applicant, at=now)

    document = attach("..\\..\\my plan.exe.pdf")
    assert (document.name, document.content_type) == ("my plan-exe.pdf", "application/pdf")
    assert document.sha256 == hashlib.sha256(samples.pdf("A plan")).hexdigest()
    assert "plan" not in document.file.name
    with pytest.raises(Refused, match="already added"):
        attach("same.pdf")
    with pytest.raises(Refused, match="1 file here"):
        attach("other.pdf", samples.pdf("Another"))
    with pytest.raises(Refused, match="does not take files"):
        attach("x.pdf", question="need")
    documents.remove(document=document, by=applicant, at=now)
    assert attach("my plan.pdf").name == "my plan.pdf"


def test_the_paper_is_canonical(filled, signatory, now):
    sent = send(filled, signatory, now)
    paper = sent.current_paper()
    assert rfc8785.dumps(json.loads(paper.document)) == paper.document.encode()
    assert json.loads(paper.document)["format"] == papers.FORMAT
