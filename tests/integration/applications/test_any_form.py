"""Forms of every kind of question, with conditions: filled in, drawn, posted and sent, whatever the programme asks."""

import re
from datetime import timedelta

import pytest
import yaml
from django.urls import reverse

from accounts.actions import sample
from applications import samples
from applications.actions import answers, applications
from applications.models import Application
from applications.policies import SectionsIncomplete
from applications.reading import Reading
from tests.cast import SINCE
from tests.integration.applications.test_pages import posted, texts
from tests.stages import applications as stages
from tests.stages import grants

OPTIONS = [{"id": f"o{number}", "label": f"Option {number}"} for number in range(15)]
EXTRA = {
    "id": "extra",
    "title": "Everything else",
    "questions": [
        {"id": "strands", "kind": "several", "label": "Which strands?", "at_most": 2,
         "options": [{"id": name, "label": name.title()} for name in ("data", "devices", "digital")]},
        {"id": "share", "kind": "percent", "label": "What share is export?", "minimum": 5, "maximum": 90},
        {"id": "sites", "kind": "number", "label": "How many sites?", "minimum": 1, "maximum": 9, "unit": "sites"},
        {"id": "partner_number", "kind": "company_number", "label": "Your partner's company number", "required": False},
        {"id": "partner_postcode", "kind": "postcode", "label": "Where is your partner?", "required": False},
        {"id": "uses_samples", "kind": "yes_no", "label": "Do you use patient samples?"},
        {"id": "ethics", "kind": "long_text", "label": "Which approval do you have?", "max_words": 20, "when": "answers.uses_samples"},
        {"id": "many", "kind": "choice", "label": "Pick one of many", "options": OPTIONS},
        {"id": "codes", "kind": "sic_codes", "label": "What does your company do?", "at_most": 2, "required": False},
        {"id": "places", "kind": "group", "label": "Where will you work?", "row": "place", "at_least": 2, "at_most": 3, "questions": [
            {"id": "place_postcode", "kind": "postcode", "label": "Postcode"},
            {"id": "place_beds", "kind": "number", "label": "Beds", "minimum": 1},
            {"id": "place_why", "kind": "text", "label": "Why there?", "max_words": 3, "required": False},
        ]},
    ],
}  # fmt: skip
LATER = {
    "id": "later",
    "title": "Only with samples",
    "when": "answers.uses_samples",
    "questions": [{"id": "biobank", "kind": "text", "label": "Which biobank?", "max_characters": 40}],
}


@pytest.fixture
def round_of_everything(cast, now):
    """DIAGCOMM with every other kind of question, two conditions and a rule that reads a closed answer."""
    document = yaml.safe_load(grants.document())
    document["form"]["words_in_all"] = 3000
    document["form"]["sections"][-1:-1] = [EXTRA, LATER]
    document["eligibility"]["rules"].append(
        {
            "id": "samples",
            "code": "no_samples",
            "title": "You use samples.",
            "must": "answers.uses_samples",
            "on_fail": "reject",
            "sentence": "You must use patient samples.",
        }
    )
    document["eligibility"]["rules"].append(
        {"id": "beds", "code": "few_beds", "title": "The places have beds.", "on_fail": "refer", "sentence": "Too few.",
         "must": "sum(answers.places.map(place, place.place_beds)) > 1 && answers.places.all(place, place.place_beds > 0)"}
    )  # fmt: skip
    before = now - timedelta(days=2)
    programme = grants.published(cast, text=yaml.safe_dump(document, sort_keys=False, allow_unicode=True), at=before)
    return grants.open_round(cast, programme=programme, opens_at=before, closes_at=now + timedelta(days=10), at=before)


def path(application, section):
    return reverse("applications:section", args=[application.reference, section])


def test_fill_completes_any_form_and_finds_answers_that_are_eligible(cast, round_of_everything, now):
    sent = stages.eligible(cast, round=round_of_everything, at=now)
    assert sent.values()["uses_samples"] is True
    assert sent.values()["biobank"]


def test_fill_keeps_what_it_is_given_whatever_the_rules_say(cast, round_of_everything, now):
    sent = stages.submitted(cast, round=round_of_everything, at=now, given={"uses_samples": False, "title": "My own title"})
    assert (sent.state, sent.title) == ("ineligible", "My own title")
    assert [one.code for one in sent.failed_outcomes()] == ["no_samples"]


def test_the_shipped_open_programme_is_filled_too(as_, cast, applicant, now):
    before = now - timedelta(days=2)
    sample.seed_cast(programmes=["demo-open"], at=SINCE)
    programme = grants.published(cast, slug="demo-open", at=before)
    opened = grants.open_round(cast, programme=programme, opens_at=before, closes_at=now + timedelta(days=10), at=before)
    sent = stages.eligible(cast, round=opened, at=now)
    assert sent.reference.startswith("DEMO-OPEN-")

    # its milestones are the company's own: what is wrong with all of them stands where they are added up, what one lacks at that one
    other, client = stages.draft(cast, round=opened, filled=False, at=now), as_(applicant)
    plan = next(question.id for question in opened.definition.form.questions() if question.kind == "milestone_plan")
    section = opened.definition.form.section_of(plan).id
    rows = {f"{plan}-{row}-{name}": "Done" for row in (0, 1) for name in ("title", "deliverable", "success")}
    rows |= {f"{plan}-count": "2", f"{plan}-revision": "0", f"{plan}-0-month": "3", f"{plan}-0-percent": "60"}
    rows |= {f"{plan}-1-month": "6", f"{plan}-1-percent": "41"}
    over = client.post(path(other, section), posted(other, section, rows)).content.decode()
    assert f'<a href="#id_{plan}-whole">The shares add up to 101 %' in over
    assert f'id="id_{plan}-whole"' in over
    lacks = client.post(path(other, section), posted(other, section, rows | {f"{plan}-0-deliverable": "", f"{plan}-1-percent": ""}))
    assert "Milestone 1, What you will deliver: enter the deliverable" in texts(lacks)
    assert "Milestone 2, Share of the grant: enter the share" in texts(lacks)
    late = posted(other, section, rows) | {f"{plan}-1-month": "121", f"{plan}-revision": str(other.answers.get(question=plan).revision)}
    assert "from 1 to 120" in texts(client.post(path(other, section), late))
    assert other.answers.get(question=plan).value[1]["as typed"] == {"month": "121"}


def test_a_question_that_is_not_asked_is_neither_missing_nor_counted(cast, round_of_everything, applicant, now):
    draft = stages.draft(cast, round=round_of_everything, at=now)
    answers.save(application=draft, question="uses_samples", value=False, by=applicant, at=now)
    reading = Reading(Application.objects.get(pk=draft.pk), at=now)
    assert reading.section("later") is None
    assert "biobank" not in reading.counting
    assert reading.missing() == []
    answers.save(application=draft, question="uses_samples", value=True, by=applicant, at=now)
    answers.save(application=draft, question="biobank", value=None, by=applicant, at=now)
    with pytest.raises(SectionsIncomplete, match="Which biobank"):
        applications.sign(application=draft, name="S", position="D", by=cast["signatory"], at=now)


def test_an_answer_that_opens_a_question_stays_on_the_page(as_, cast, round_of_everything, applicant, now):
    draft = stages.draft(cast, round=round_of_everything, filled=False, at=now)
    client = as_(applicant)
    assert "Which approval" not in texts(client.get(path(draft, "extra")))
    assert client.get(path(draft, "later")).status_code == 404
    given = posted(draft, "extra", {"strands": ["data"], "share": "12.5", "sites": "2", "uses_samples": "yes", "many": "o3"})
    assert "Add at least one place" in texts(client.post(path(draft, "extra"), given))
    places = {f"places-{row}-{name}": said for row in (0, 1) for name, said in (("place_postcode", "B4 7ET"), ("place_beds", "3"))}
    given |= places | {"places-count": "2"} | {f"{answer.question}-revision": str(answer.revision) for answer in draft.answers.all()}
    del given["ethics-revision"]
    assert client.post(path(draft, "extra"), given).url == path(draft, "extra")
    assert "Which approval" in texts(client.get(path(draft, "extra")))
    assert client.get(path(draft, "later")).status_code == 200


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"strands": ["data", "devices", "digital"]}, "Choose 2 or fewer"),
        ({"strands": ["nonsense"]}, "Select a valid choice"),
        ({"share": "4"}, "Enter 5 % or more"),
        ({"share": "91"}, "Enter 90 % or less"),
        ({"sites": "1.5"}, "whole number"),
        ({"sites": "10"}, "Enter 9 or less"),
        ({"partner_number": "12"}, "Enter the number from Companies House"),
        ({"partner_postcode": "B1"}, "full UK postcode"),
        ({"many": "o99"}, "Select a valid choice"),
        ({"codes": "72110, 40000"}, "there is no division 40"),
        ({"codes": "72110, 62012, 62020"}, "Enter 2 codes or fewer"),
        ({"places-count": "1", "places-0-place_postcode": "B1"}, "full UK postcode"),
        ({"places-count": "1", "places-0-place_beds": "0"}, "Enter 1 or more"),
    ],
)
def test_each_kind_says_what_is_wrong(as_, cast, round_of_everything, applicant, now, given, sentence):
    draft = stages.draft(cast, round=round_of_everything, filled=False, at=now)
    response = as_(applicant).post(path(draft, "extra"), posted(draft, "extra", given) | {"later": "1"})
    assert sentence in texts(response)
    typed = [row.get("as typed", {}) for answer in draft.answers.all() for row in answer.value]
    assert typed == [{name.split("-")[2]: said} for name, said in given.items() if name.startswith("places-0-")]


def test_each_kind_is_stored_regular_and_shown_again(as_, cast, round_of_everything, applicant, now):
    draft = stages.draft(cast, round=round_of_everything, filled=False, at=now)
    client = as_(applicant)
    given = {
        "strands": ["data", "digital"], "share": "12.50", "sites": "1", "partner_number": "sc 12345", "partner_postcode": "b152tt",
        "uses_samples": "yes", "ethics": "Two\r\nlines", "many": "o3", "codes": "72.11/0; 62012 72110",
        "places-count": "3", "places-0-place_postcode": "b152tt", "places-0-place_beds": "7", "places-2-place_beds": "3",
    }  # fmt: skip
    client.post(path(draft, "extra"), posted(draft, "extra", given) | {"later": "1"})
    assert draft.values() == {
        "strands": ["data", "digital"], "share": "12.50", "sites": 1, "partner_number": "SC012345", "partner_postcode": "B15 2TT",
        "uses_samples": True, "ethics": "Two\nlines", "many": "o3", "codes": ["72110", "62012"],
        "places": [
            {"place_postcode": "B15 2TT", "place_beds": 7, "place_why": None},
            {"place_postcode": None, "place_beds": 3, "place_why": None},
        ],
    }  # fmt: skip
    page = client.get(path(draft, "extra")).content.decode()
    assert re.search(r'value="digital"[^>]*checked', page) or re.search(r'checked[^>]*value="digital"', page)
    assert 'value="SC012345"' in page
    check = texts(client.get(reverse("applications:check", args=[draft.reference])))
    assert ("Option 3" in check, "12.50 %" in check, "1 sites" in check) == (True, True, True)
    assert ("72110, 62012" in check, "Place 2, Postcode: not answered yet" in check) == (True, True)


def test_rows_of_a_group_are_added_and_taken_away_without_a_script(as_, cast, round_of_everything, applicant, now):
    draft = stages.draft(cast, round=round_of_everything, filled=False, at=now)
    client = as_(applicant)
    page = client.get(path(draft, "extra")).content.decode()
    assert ('name="places-1-place_beds"' in page, 'name="places-2-place_beds"' in page) == (True, False), "as many as there must be"
    assert "72110" in page, "the codes of the company's own page"
    two = {"places-count": "2", "places-0-place_beds": "7", "places-1-place_beds": "3"}
    grown = client.post(path(draft, "extra"), posted(draft, "extra", two) | {"add_row": "places"}).content.decode()
    assert 'name="places-2-place_beds"' in grown
    assert "Add another place" not in grown, "three at most"
    shrunk = client.post(path(draft, "extra"), posted(draft, "extra", two) | {"remove_row": "places:0"}).content.decode()
    assert ('name="places-0-place_beds" value="3"' in shrunk, 'name="places-1-place_beds"' in shrunk) == (True, False)
    given = {
        "places-count": "1",
        "places-0-place_postcode": "B15 2TT",
        "places-0-place_beds": "7",
        "places-0-place_why": "one two three four",
    }
    said = texts(client.post(path(draft, "extra"), posted(draft, "extra", given)))
    assert "Use 3 words or fewer. You have 1 word too many." in said
    given["places-0-place_why"] = "one two"
    assert "Give at least 2 of these; there is 1" in texts(client.post(path(draft, "extra"), posted(draft, "extra", given)))


def test_a_confidential_answer_says_so_and_is_frozen_so(as_, cast, open_now, applicant, signatory, now):
    draft = stages.draft(cast, round=open_now, at=now)
    client = as_(applicant)
    given = {"innovation-revision": "1", "innovation": "Secret sauce", "innovation-confidential": "on", "later": "1"}
    client.post(path(draft, "case"), given)
    assert "Marked as commercially confidential" in texts(client.get(reverse("applications:check", args=[draft.reference])))
    sent = applications.sign_and_submit(application=draft, name="S", position="D", by=signatory, at=now)
    assert '"is_confidential":true,"question":"innovation"' in sent.current_paper().document


def test_samples_are_plainly_samples():
    details = samples.company(5)
    assert details.name.startswith("Sample ")
    assert details.is_number_synthetic
