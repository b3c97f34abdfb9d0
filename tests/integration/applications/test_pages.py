"""The applicant's pages as a browser meets them: whole way through, bad input, other people's references, two editors."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications import samples
from applications.actions import answers
from applications.actions import applications as actions
from applications.models import Application, Document, SubmittedPaper
from tests.stages import applications as stages

TEXTS = ("need", "innovation", "evidence_so_far", "adoption_route", "team", "net_zero", "jobs_additionality")


def path(application, page="form", *more):
    return reverse(f"applications:{page}", args=[application.reference, *more])


def texts(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def posted(application, section, given):
    """What the page of a section posts: the values and a revision for every question."""
    found = next(each for each in application.version.definition.form.sections if each.id == section)
    return given | {f"{question.id}-revision": "0" for question in found.questions if question.kind not in ("file", "declaration")}


def test_the_whole_form_by_hand(as_, cast, open_now, applicant, colleague, signatory, now):
    """Every section posted as the page draws it, then signed and sent, twice with one key."""
    company = stages.company(cast, at=now)
    client = as_(applicant)
    response = client.post(reverse("applications:start", args=[open_now.reference]), {"company": company.pk})
    application = Application.objects.get(company=company)
    assert response.url == path(application)
    year = str(now.year + 1)
    rows = {"deliverable": "A thing", "success": "Seen"}
    by_section = {
        "project": {
            "project_title": "A better test", "public_summary": "It is faster.", "diagnostic_use": "detection", "has_started": "no",
            "starts_on_day": "1", "starts_on_month": "3", "starts_on_year": year,
            "ends_on_day": "30", "ends_on_month": "11", "ends_on_year": year,
        },
        "position": {"insolvency": "no", "assistance_received": "0"},
        "case": dict.fromkeys(TEXTS, "Some words."),
        "jobs": {"jobs_created": "1.5", "jobs_safeguarded": "0"},
        "money": {
            "costs-count": "2", "costs-0-category": "labour", "costs-0-description": "People", "costs-0-amount_pence": "30,000",
            "costs-1-category": "", "costs-1-description": "", "costs-1-amount_pence": "", "grant_requested": "20000",
            "match_source": "reserves", "milestones-count": "3",
            **{f"milestones-{row}-{name}": value for row in range(3) for name, value in (rows | {"month": str(row * 3 + 1)}).items()},
        },
        "documents": {"project_plan": SimpleUploadedFile("plan.pdf", samples.pdf("Plan"))},
    }  # fmt: skip
    for section, given in by_section.items():
        response = client.post(path(application, "section", section), posted(application, section, given))
        assert response.status_code == 302, (section, texts(response))
    assert response.url == path(application, "check")
    assert "Nothing is missing" in texts(client.get(response.url))
    assert "signatory of your company must sign" in texts(client.get(response.url))
    client = as_(signatory)
    key = re.search(r'name="key" value="([^"]+)"', client.get(path(application, "check")).content.decode())[1]
    signed = {"agreed": "on", "name": "Sigrid Signatory", "position": "Director", "key": key}
    assert "Tick the box" in texts(client.post(path(application, "submit"), {**signed, "agreed": ""}))
    for _ in range(2):
        assert client.post(path(application, "submit"), signed).url == path(application, "receipt")
    paper = SubmittedPaper.objects.get()
    assert paper.sha256 in texts(client.get(path(application, "receipt")))
    assert "A better test" in texts(as_(colleague).get(path(application, "answers")))
    assert "It meets the programme" in texts(client.get(path(application, "status")))


def test_a_signed_application_is_sent_in_by_somebody_else(as_, filled, applicant, signatory):
    client = as_(signatory)
    assert client.post(path(filled, "sign"), {"agreed": "on", "name": "S", "position": "D", "key": "k"}).url == path(filled, "check")
    client = as_(applicant)
    assert "Signed by Sigrid Signatory" in texts(client.get(path(filled, "check")))
    assert client.post(path(filled, "submit"), {"key": "k2"}).url == path(filled, "receipt")


def test_what_is_missing_is_named_with_the_place_to_mend_it(as_, draft, applicant):
    page = as_(applicant).get(path(draft, "check")).content.decode()
    assert f'href="{path(draft, "section", "project")}#id_project_title"' in page
    assert "Sign and send in" not in page


def test_over_long_and_wrong_input_comes_back_as_it_was_typed(as_, draft, applicant):
    given = {"need-revision": "0", "need": "word " * 301, "team-revision": "0", "team": "Kept words"}
    response = as_(applicant).post(path(draft, "section", "case"), given)
    assert "Use 300 words or fewer. You have 1 word too many" in texts(response)
    assert "Error: " in response.content.decode()
    assert "Kept words" in response.content.decode()
    assert draft.values() == {"need": "word " * 300 + "word", "team": "Kept words"}


@pytest.mark.parametrize(
    ("section", "given", "sentence"),
    [
        ("project", {"starts_on_day": "31", "starts_on_month": "2", "starts_on_year": "2027"}, "must be a real date"),
        ("project", {"diagnostic_use": "spying"}, "Select a valid choice"),
        ("position", {"assistance_received": "lots"}, "amount in pounds"),
        ("jobs", {"jobs_created": "two"}, "number in figures"),
        ("jobs", {"jobs_created": "1.25"}, "at most 1 digits after the point"),
        ("jobs", {"jobs_created": "1e400"}, "number in figures"),
        ("money", {"costs-count": "1", "costs-0-category": "yachts"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_understood_gets_its_sentence(as_, draft, applicant, section, given, sentence):
    response = as_(applicant).post(path(draft, "section", section), posted(draft, section, given) | {"later": "1"})
    assert response.status_code == 200
    assert sentence in texts(response)
    assert not draft.answers.exists()


def test_a_wrong_amount_is_kept_as_it_was_typed_and_keeps_no_other_row_waiting(as_, draft, applicant):
    client = as_(applicant)
    rows = {
        "costs-revision": "0", "costs-count": "2", "costs-0-category": "labour", "costs-0-description": "Good",
        "costs-0-amount_pence": "1,000", "costs-1-category": "labour", "costs-1-description": "Not yet", "costs-1-amount_pence": "1,2,3",
    }  # fmt: skip
    saved = client.post(path(draft, "save", "money"), rows).json()
    assert (saved["saved"], saved["refused"]) == ({"costs": 1}, {})
    assert "Saved total £1,000" in saved["checks"]["costs"]
    assert "Line 2: “1,2,3” cannot be read. It is kept as you typed it." in saved["checks"]["costs"]
    page = client.get(path(draft, "section", "money")).content.decode()
    assert ('value="1,2,3"' in page, 'value="1,000"' in page, "Line 2: “1,2,3” cannot be read" in page) == (True, True, True)
    assert "Line 2: “1,2,3” cannot be read" in texts(client.get(path(draft, "check")))
    complete = client.post(path(draft, "section", "money"), rows | {"costs-revision": "1", "costs-1-category": ""}).content.decode()
    assert '<a href="#id_costs-1-amount_pence">Amount, line 2: enter an amount in pounds' in complete
    assert [row["amount_pence"] for row in draft.answers.get(question="costs").value] == [100000, None]


def test_saving_for_later_does_not_insist_and_going_on_does(as_, draft, applicant):
    client = as_(applicant)
    given = {"need-revision": "0", "need": "Half", "team-revision": "0", "team": ""}
    assert "Answer “" in texts(client.post(path(draft, "section", "case"), given))
    assert client.post(path(draft, "section", "case"), given | {"later": "1"}).url == path(draft)
    assert draft.answers.get(question="need").value == "Half"
    assert "In progress" in texts(client.get(path(draft)))


def test_a_stale_page_shows_both_texts_and_either_can_be_kept(as_, draft, applicant, colleague, now):
    client = as_(applicant)
    answers.save(application=draft, question="need", value="Colin's text", by=colleague, at=now)
    given = {"need-revision": "0", "need": "Ann's text", "team-revision": "0", "team": "Us", "later": "1"}
    response = client.post(path(draft, "section", "case"), given)
    assert response.status_code == 409
    assert "Colin&#x27;s text" in response.content.decode()
    assert "Ann&#x27;s text" in response.content.decode()
    assert draft.answers.get(question="team").value == "Us"
    chosen = {"need-revision": "1", "need": "Ann's text", "upload": "1"}
    client.post(path(draft, "section", "case"), chosen | {"need-keep": "theirs"})
    answer = draft.answers.get(question="need")
    assert (answer.value, [row.value for row in answer.earlier.order_by("revision")]) == ("Colin's text", ["Colin's text", "Ann's text"])
    again = client.post(path(draft, "section", "case"), chosen | {"need-keep": "theirs", "need": "Ann's third text"})
    assert (again.status_code, draft.answers.get(question="need").revision) == (409, 3)
    client.post(path(draft, "section", "case"), chosen | {"need-keep": "mine", "need-revision": "3"})
    assert draft.answers.get(question="need").value == "Ann's text"


def test_a_stale_table_can_be_put_in_place_of_the_other(as_, draft, applicant, colleague, now):
    line = {"category": "labour", "description": "Theirs", "amount_pence": 100}
    answers.save(application=draft, question="costs", value=[line], by=colleague, at=now)
    client = as_(applicant)
    mine = {
        "costs-revision": "0", "costs-count": "1", "costs-0-category": "labour", "costs-0-description": "Mine",
        "costs-0-amount_pence": "2", "later": "1",
    }  # fmt: skip
    page = client.post(path(draft, "section", "money"), mine).content.decode()
    assert ("Theirs" in page, "Mine" in page) == (True, True)
    carried = dict(re.findall(r'<input type="hidden" name="(costs-[^"]+)" value="([^"]*)"', page))
    client.post(path(draft, "section", "money"), carried | {"costs-keep": "mine", "upload": "1"})
    assert [row["description"] for row in draft.answers.get(question="costs").value] == ["Mine"]


def test_rows_grow_and_shrink_without_losing_what_was_typed(as_, draft, applicant):
    client = as_(applicant)
    rows = {
        "costs-revision": "0", "costs-count": "2", "costs-0-category": "labour", "costs-0-description": "First",
        "costs-0-amount_pence": "1", "costs-1-category": "labour", "costs-1-description": "Second", "costs-1-amount_pence": "2",
    }  # fmt: skip
    grown = client.post(path(draft, "section", "money"), rows | {"add_row": "costs"}).content.decode()
    assert ('value="First"' in grown, 'value="Second"' in grown, "costs-2-description" in grown) == (True, True, True)
    shrunk = client.post(path(draft, "section", "money"), rows | {"remove_row": "costs:0"}).content.decode()
    assert ('value="First"' in shrunk, 'name="costs-0-description" value="Second"' in shrunk) == (False, True)
    for nonsense in ("costs:99", "costs:x", "other:0", ""):
        assert client.post(path(draft, "section", "money"), rows | {"remove_row": nonsense}).status_code == 200
    assert client.post(path(draft, "section", "money"), rows | {"costs-count": "999999", "later": "1"}).status_code == 302


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.pdf", b"", "empty.pdf is empty"),
        ("big.pdf", b"%PDF-1.4\n" + b"x" * (30 * 1024 * 1024), "big.pdf is 30.0 MB"),
        ("page.pdf", b"<html><script>", "must be a PDF file"),
        ("words.pdf", b"just words", "must be a PDF file"),
        ("run.pdf", b"MZ\x90\x00\x03\x00", "must be a PDF file"),
    ],
    ids=["empty", "30 MB", "html", "text", "program"],
)
def test_a_file_that_cannot_be_kept_gets_a_sentence(as_, draft, applicant, name, content, sentence):
    given = {"project_plan": SimpleUploadedFile(name, content), "upload": "project_plan"}
    response = as_(applicant).post(path(draft, "section", "documents"), given)
    assert response.status_code == 200
    assert sentence in texts(response)
    assert not Document.objects.exists()


def test_a_file_is_added_and_taken_off_by_buttons(as_, draft, applicant):
    client = as_(applicant)
    where = path(draft, "section", "documents")
    given = {"project_plan": SimpleUploadedFile("plan.pdf", samples.pdf("Plan")), "upload": "project_plan"}
    assert client.post(where, given).url == where
    document = Document.objects.get()
    assert "plan.pdf" in texts(client.get(where))
    for nonsense in ("999999", "x", ""):
        assert client.post(where, {"take_off": nonsense}).status_code == 302
    assert Document.objects.kept().count() == 1
    client.post(where, {"take_off": document.pk})
    assert not Document.objects.kept().exists()
    letter, words = SimpleUploadedFile("letter.pdf", samples.pdf("Letter")), SimpleUploadedFile("words.pdf", b"just words")
    answer = texts(client.post(where, {"letters": [letter, words]}))  # the plan is missing, one of two letters is none
    assert "Choose a file to upload" in answer
    assert "must be a PDF file" in answer
    assert [one.name for one in Document.objects.kept()] == ["letter.pdf"]
    assert "letter.pdf" in answer


def test_a_document_is_for_the_team_and_for_staff_once_sent_in(as_, cast, open_now, officer, colleague, stranger, now):
    sent = stages.eligible(cast, round=open_now, at=now)
    where = path(sent, "document", sent.documents.get().pk)
    for person in (colleague, officer):
        response = as_(person).get(where)
        assert b"".join(response.streaming_content).startswith(b"%PDF-1.4")
        assert response["Content-Disposition"].startswith("attachment")
    assert as_(stranger).get(where).status_code == 404


def test_another_companys_reference_is_not_found(as_, cast, open_now, draft, stranger, officer, assessor, now):
    sent = stages.eligible(cast, round=open_now, at=now)
    for person in (stranger, officer, assessor):
        client = as_(person)
        for application in (draft, sent):
            for page in ("status", "form", "check", "receipt", "answers", "withdraw"):
                assert client.get(path(application, page)).status_code == 404, (person, page)
            for page in ("submit", "sign", "reopen", "withdraw"):
                assert client.post(path(application, page), {"key": "x"}).status_code == 404, (person, page)
        assert client.post(path(draft, "section", "case"), {"need-revision": "0", "need": "Mine now"}).status_code == 404
        assert client.get(reverse("applications:company", args=[draft.company_id])).status_code == 404
    assert not draft.answers.exists()


def test_forged_ids_are_not_found(as_, draft, applicant):
    client = as_(applicant)
    for where in (
        "/apply/DIAGCOMM-ZZZZ/", "/apply/nonsense/", "/apply/companies/999999/", path(draft, "section", "nothing"),
        path(draft, "document", 999999), "/apply/rounds/NOPE-1/start/",
    ):  # fmt: skip
        assert client.get(where).status_code == 404, where


def test_an_application_is_started_for_ones_own_company_and_once(as_, open_now, draft, stranger, applicant):
    start = reverse("applications:start", args=[open_now.reference])
    assert as_(stranger).post(start, {"company": draft.company_id}).status_code == 200
    again = as_(applicant).post(start, {"company": draft.company_id})
    assert f"already has an application to this round: {draft.reference}" in texts(again)
    assert Application.objects.count() == 1


def test_withdraw_and_reopen_by_hand(as_, cast, open_now, applicant, colleague, now):
    sent = stages.eligible(cast, round=open_now, at=now)
    assert as_(colleague).post(path(sent, "withdraw")).status_code == 403
    client = as_(applicant)
    assert "Until the round closes you can reopen it" in texts(client.get(path(sent, "withdraw")))
    assert client.post(path(sent, "withdraw")).url == "/apply/"
    assert client.post(path(sent, "reopen"), {"key": "k"}).url == path(sent)
    assert Application.objects.get(pk=sent.pk).state == "draft"


def test_a_company_that_is_refused_reads_every_reason(as_, cast, open_now, applicant, now):
    refused = stages.ineligible(cast, round=open_now, at=now)
    page = texts(as_(applicant).get(path(refused, "status")))
    assert "M1 1AE is not in the West Midlands" in page
    assert "A second person, who did not make the finding, looks at it" in page


def test_whoever_signs_is_led_to_what_only_lacks_a_signature(as_, cast, filled, colleague, signatory, now):
    page = as_(signatory).get("/home/")
    assert f"Sign {filled.reference}" in texts(page)
    assert f'href="{path(filled, "check")}#declaration"' in page.text
    assert f"Finish {filled.reference}" in texts(as_(colleague).get("/home/"))
    actions.sign(application=filled, name="Sig", position="Director", by=signatory, at=now)
    assert f"Send in {filled.reference}" in texts(as_(signatory).get("/home/"))


def test_the_landing_page_says_what_waits(as_, cast, open_now, draft, applicant, officer, stranger, now):
    assert f"Finish {draft.reference}" in texts(as_(applicant).get("/home/"))
    stages.referred(cast, round=open_now, at=now)
    assert "Decide referred applications" in texts(as_(officer).get("/home/"))
    assert "Register your company" in texts(as_(stranger).get("/home/"))
