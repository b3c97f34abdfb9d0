"""What the page's script saves: each answer for itself, acknowledged with its revision, and nobody's words written over."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from applications.actions import answers, applications
from applications.models import AnswerRevision
from applications.policies import SectionsIncomplete
from applications.presenters.history import difference
from tests.integration.applications.test_pages import texts
from tests.stages import applications as stages

pytestmark = pytest.mark.django_db


def path(application, page, *more):
    return reverse(f"applications:{page}", args=[application.reference, *more])


def test_every_answer_is_saved_for_itself_and_acknowledged(as_, draft, applicant):
    client = as_(applicant)
    given = {
        "project_title": "A reader",
        "project_title-revision": "0",
        "starts_on_day": "31",
        "starts_on_month": "2",
        "starts_on_year": "2027",
        "starts_on-revision": "0",
    }
    said = client.post(path(draft, "save", "project"), given).json()
    assert said["saved"] == {"project_title": 1}
    assert "real date" in said["refused"]["starts_on"]
    assert said["said"].startswith("Saved ")
    assert draft.values() == {"project_title": "A reader"}
    again = client.post(path(draft, "save", "project"), given).json()
    assert again["saved"] == {"project_title": 1}


def test_the_later_of_two_is_told_and_nothing_is_written_over(as_, draft, applicant, colleague, now):
    answers.save(application=draft, question="need", value="Colin's text.", by=colleague, at=now)
    said = as_(applicant).post(path(draft, "save", "case"), {"need": "Ann's text.", "need-revision": "0"}).json()
    stale = said["stale"]["need"]
    assert (stale["by"], stale["theirs"], stale["revision"], stale["is_yours"]) == (colleague.name, "Colin's text.", 1, False)
    assert draft.values()["need"] == "Colin's text."


def test_a_draft_keeps_more_than_can_be_sent_in(as_, filled, applicant, signatory, now):
    long = "word " * 400
    said = as_(applicant).post(path(filled, "save", "case"), {"need": long, "need-revision": "1"}).json()
    assert said["saved"] == {"need": 2}
    with pytest.raises(SectionsIncomplete, match="you have 100 words too many"):
        applications.sign(application=filled, name="Sigrid", position="Director", by=signatory, at=now)
    refused = as_(applicant).post(path(filled, "save", "case"), {"need": "x" * 100_001, "need-revision": "2"}).json()["refused"]
    assert "far too long to keep" in refused["need"]


def test_continuing_with_something_wrong_keeps_the_rest(as_, draft, applicant):
    client = as_(applicant)
    given = {"project_title": "A reader", "project_title-revision": "0", "public_summary": "", "public_summary-revision": "0"}
    page = client.post(path(draft, "section", "project"), given)
    assert page.status_code == 200
    assert "Answer “" in page.content.decode()
    assert draft.values()["project_title"] == "A reader"
    assert 'name="project_title-revision" value="1"' in page.content.decode()


def test_money_is_checked_as_it_is_saved(as_, filled, applicant):
    rows = {"costs-count": "1", "costs-0-category": "labour", "costs-0-description": "People", "costs-0-amount_pence": "10,000"}
    section = filled.version.definition.form.section_of("costs").id
    said = as_(applicant).post(path(filled, "save", section), rows | {"costs-revision": "1"}).json()
    assert "Saved total £10,000, of which eligible £10,000." in said["checks"]["costs"]
    assert "The most is" in said["checks"]["grant_requested"]


def test_who_is_on_the_page_is_said_to_colleagues_only(as_, draft, applicant, colleague, stranger, now):
    as_(colleague).post(path(draft, "here", "case"))
    answers.save(application=draft, question="need", value="Colin's text.", by=colleague, at=now)
    from applications import presence

    presence.touch(draft, "case", colleague)
    presence.touch(draft, "case", stranger)
    client = as_(applicant)
    presence.touch(draft, "case", colleague)
    said = client.post(path(draft, "here", "case")).json()
    assert said["others"] == [colleague.name]
    assert said["answers"]["need"]["revision"] == 1
    assert as_(stranger).post(path(draft, "here", "case")).status_code == 404


def test_what_was_sent_in_and_what_is_closed_are_refused_in_a_sentence(as_, cast, open_now, applicant, now):
    sent = stages.eligible(cast, round=open_now, at=now)
    answer = as_(applicant).post(path(sent, "save", "case"), {"need": "More", "need-revision": "1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_a_draft")
    assert as_(applicant).post(path(sent, "save", "nowhere"), {}).status_code in (404, 409)


def test_every_version_can_be_read_compared_and_used_again(as_, draft, applicant, colleague, now):
    answers.save(application=draft, question="need", value="One in nine patients waits.", by=applicant, at=now)
    answers.save(application=draft, question="need", value="One in ten patients <waits>.", by=colleague, at=now)
    client = as_(applicant)
    page = client.get(path(draft, "history", "need")).content.decode()
    assert "</span>nine</del>" in page
    assert "</span>ten</ins>" in page
    assert "&lt;waits&gt;" in page
    assert client.post(path(draft, "history", "need"), {"version": "7", "revision": "2"}).status_code == 400
    stale = client.post(path(draft, "history", "need"), {"version": "1", "revision": "1"})
    assert stale.status_code == 409
    client.post(path(draft, "history", "need"), {"version": "1", "revision": "2"})
    assert draft.values()["need"] == "One in nine patients waits."
    assert AnswerRevision.objects.filter(answer__question="need").count() == 2


def test_the_difference_of_two_texts_gives_both_back():
    before, after = "One  two three\nfour", "One two three four five"
    pieces = difference(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after
    assert difference("", "") == []


def test_lines_of_a_spreadsheet_go_into_the_table_and_are_saved(as_, draft, applicant):
    client = as_(applicant)
    start = {
        "costs-count": "2",
        "costs-0-category": "labour",
        "costs-0-description": "People",
        "costs-0-amount_pence": "100",
        "costs-revision": "0",
    }
    sheet = "Labour\tTwo engineers\t1,200.50\nYachts\tOne\t5\nlabour\t\tmany"
    page = client.post(path(draft, "section", "money"), start | {"paste_rows": "costs", "costs-paste": sheet}).content.decode()
    assert "3 lines from the spreadsheet are in the table" in page
    assert 'value="Yachts: One"' in page
    assert 'value="many"' in page
    assert draft.values()["costs"][-1]["as typed"] == {"amount_pence": "many"}
    start["costs-revision"] = "1"
    page = client.post(path(draft, "section", "money"), start | {"paste_rows": "costs", "costs-paste": sheet.rsplit("\n", 1)[0]})
    assert "data-said>Saved" in page.content.decode()
    assert "Saved total £1,300.50" in page.content.decode()
    assert "Saved total £1,300.50" in client.get(path(draft, "section", "money")).content.decode()
    assert [line["amount_pence"] for line in draft.values()["costs"]] == [10_000, 120_050, 500]
    full = client.post(path(draft, "section", "money"), start | {"paste_rows": "costs", "costs-paste": "a\tb\t1\n" * 300})
    assert "too many" in full.content.decode()
    assert "a\tb\t1\na\tb" in full.content.decode()
    assert client.post(path(draft, "section", "money"), start | {"paste_rows": "need"}).status_code == 404


def test_a_line_is_called_what_it_is_called_on_the_page(as_, draft, applicant):
    """Empty lines above it are not stored, and stand there all the same."""
    client, said = as_(applicant), "Line 3: “many” cannot be read"
    line = {"costs-2-category": "labour", "costs-2-description": "People", "costs-2-amount_pence": "many"}
    rows = {"costs-count": "3", **line, "costs-revision": "0"}
    assert said in client.post(path(draft, "save", "money"), rows).json()["checks"]["costs"]
    assert said in texts(client.post(path(draft, "section", "money"), rows | {"costs-revision": "1", "add_row": "costs"}))
    assert said.replace("3", "1") in texts(client.get(path(draft, "section", "money")))


def test_what_was_typed_in_a_session_that_had_ended_is_held_until_it_can_be_sent(draft, applicant):
    typed = {"need": "Sepsis kills, and “hours” count <now>, as every ward knows.", "need-revision": "0"}
    section, ours = path(draft, "section", "case"), {"Sec-Fetch-Site": "same-origin"}
    client = Client(enforce_csrf_checks=True)
    held = client.post(section, typed, headers=ours)
    assert (held.status_code, "Sign in to save what you typed" in texts(held)) == (403, True)
    assert 'name="need" value="Sepsis kills, and “hours” count &lt;now&gt;' in held.content.decode()
    assert "held on this page" not in texts(client.post(section, typed, headers={"Sec-Fetch-Site": "cross-site"}))
    client.force_login(applicant)
    again = client.post(section, typed, headers=ours)
    assert "Send it once more" in texts(again)
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', again.content.decode())[1]
    assert client.post(section, typed | {"later": "1", "csrfmiddlewaretoken": token}, headers=ours).status_code == 302
    assert draft.values()["need"] == typed["need"]
