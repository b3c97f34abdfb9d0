"""What a person may take away of what we hold about them."""

from django.apps import apps

from accounts.models import Person
from applications.actions import answers, assignments
from reporting import personal
from tests.cast import sign_in
from tests.stages import applications as stages
from tests.stages import grants
from tests.unit.records.test_nothing_is_forgotten import wordy

OF_THE_OFFICE = {
    "grants.Programme", "grants.ExampleCompany", "grants.RequirementNote", "grants.Rehearsal", "grants.Round",
    "grants.RoundChange", "grants.Correction", "assessments.Run", "assessments.PlanChange", "assessments.Decision",
    "assessments.FewerReviews", "assessments.Draw", "assessments.FeedbackLetter", "assessments.Meeting", "assessments.Absence",
    "assessments.Moderation", "payments.Award", "payments.AwardCheck", "payments.AwardPaper", "payments.Milestone",
    "payments.PayingAccount", "payments.PaymentRun", "payments.Payment", "payments.Recovery", "payments.Statement",
    "payments.SortCodeWeights", "records.LegalHold", "accounts.ApiKey",
}  # fmt: skip
"""What staff decide and note in their office: the copy names each by its number."""
SAID_ELSEWHERE = {
    "applications.SubmittedPaper": "the answers", "assessments.ReviewPaper": "the scores", "applications.Uploading": "the documents",
    "payments.ClaimLine": "the company's invoices, by nobody's name", "workflow.StepTaken": "no words", "mfa.Authenticator": "a secret",
}  # fmt: skip


def test_whatever_people_write_under_their_name_is_in_the_copy_or_has_its_reason():
    known = {held.model for held in personal.HELD.values()}
    forgotten = {
        model._meta.label
        for model in set(apps.get_models()) - known
        if wordy(model) and any(field.is_relation and field.related_model is Person for field in model._meta.concrete_fields)
    }
    assert forgotten - OF_THE_OFFICE - set(SAID_ELSEWHERE) == set()


def test_a_person_takes_away_their_own_data_and_nobody_elses(client, cast, applicant, colleague):
    draft = stages.draft(cast, filled=False)
    at = grants.WHILE_OPEN
    answers.save(application=draft, question="need", value="What I wrote.", by=applicant, at=at)
    answers.save(application=draft, question="team", value="What my colleague wrote.", by=colleague, at=at)
    part = {"section": "case", "question": "", "due_on": None}
    assignments.assign(application=draft, **part, to=colleague, note="What I ask for.", by=applicant, at=at)
    sign_in(client, applicant)
    answer = client.get("/accounts/my-data/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]
    held = answer.json()
    assert held["person"]["email"] == applicant.email
    assert [row["value"] for row in held["answers"]] == ["What I wrote."]
    assert [row["note"] for row in held["assignments"]] == ["What I ask for."]
    assert (held["sessions"][0]["ip"], held["companies"][0]["company_number"]) == ("127.0.0.1", draft.company.company_number)
    assert {"owner"} <= {row["role"] for row in held["roles"]}
    assert "What my colleague wrote." not in answer.content.decode()
    kinds = {row["kind"]: row["ids"] for row in held["named_in"]}
    assert kinds["application"] == [draft.pk]


def test_nobody_gets_any_without_signing_in(client, db):
    assert client.get("/accounts/my-data/").status_code == 302


def test_a_programme_says_what_it_does_with_data_before_anybody_signs_in(client, cast):
    stages.draft(cast, filled=False)
    page = client.get("/programmes/diagcomm/privacy/").content.decode()
    assert "legitimate interest" in page
    assert "2 years after they are decided" in page
    assert "/programmes/diagcomm/privacy/" in client.get("/programmes/diagcomm/").content.decode()
