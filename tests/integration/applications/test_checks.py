"""What a form works out, and what its answers must agree on: told while they are written, insisted on when they are sent."""

import json
from datetime import timedelta

import pytest
import yaml
from django.urls import reverse

from applications import samples
from applications.actions import answers, applications
from applications.models import Application
from applications.policies import AnswersDisagree
from applications.presenters.answers import of_paper
from assessments.answers import paper_of
from tests.integration.applications.test_pages import posted, texts
from tests.stages import applications as stages
from tests.stages import grants

PRICE = {
    "id": "price",
    "title": "Price",
    "questions": [
        {"id": "pieces", "kind": "number", "label": "How many?", "minimum": 1, "maximum": 9},
        {"id": "each", "kind": "money", "label": "At what price?"},
        {"id": "in_all", "kind": "calculated", "label": "In all", "value": "answers.each * answers.pieces", "shown_as": "money"},
        {"id": "per_head", "kind": "calculated", "label": "A head", "decimals": 1, "unit": "pence",
         "value": "double(answers.in_all) / double(answers.pieces - 3)"},
    ],
    "checks": [
        {"id": "cheap", "code": "too_dear", "must": "answers.in_all <= 100000", "sentence": "{answers.in_all} is more than £1,000."},
    ],
}  # fmt: skip


@pytest.fixture
def round_with_checks(cast, now):
    document = yaml.safe_load(grants.document())
    document["form"]["sections"].insert(1, PRICE)
    document["form"]["checks"] = [
        {
            "id": "modest",
            "code": "price_above_grant",
            "must": "answers.in_all <= application.grant_pence",
            "sentence": "More than the grant.",
        }
    ]
    document["eligibility"]["rules"].append(
        {
            "id": "few",
            "code": "too_few",
            "title": "It costs something.",
            "must": "answers.in_all > 5",
            "on_fail": "refer",
            "sentence": "Too cheap.",
        }
    )
    before = now - timedelta(days=2)
    programme = grants.published(cast, text=yaml.safe_dump(document, sort_keys=False, allow_unicode=True), at=before)
    return grants.open_round(cast, programme=programme, opens_at=before, closes_at=now + timedelta(days=10), at=before)


def path(application, name="section", *more):
    return reverse(f"applications:{name}", args=[application.reference, *more])


def test_what_does_not_agree_is_told_while_it_is_written(as_, cast, round_with_checks, applicant, now):
    draft = stages.draft(cast, round=round_with_checks, filled=False, at=now)
    client = as_(applicant)
    assert "Not known yet" in texts(client.get(path(draft, "section", "price")))
    saved = client.post(path(draft, "save", "price"), posted(draft, "price", {"pieces": "3", "each": "400"})).json()
    assert saved["checks"] == {"in_all": "£1,200", "per_head": "Not known yet", "each": "£1,200 is more than £1,000."}, (
        "nothing over nothing"
    )
    page = texts(client.get(path(draft, "section", "price")))
    assert ("£1,200 is more than £1,000." in page, "In all £1,200" in page) == (True, True)
    changed = {"pieces": "5", "each": "300", "pieces-revision": "1", "each-revision": "1"}
    after = texts(client.post(path(draft, "section", "price"), posted(draft, "price", {}) | changed, follow=True))
    assert "Saved, but look at this: £1,500 is more than £1,000." in after
    assert draft.values() == {"pieces": 5, "each": 300_00}, "what is worked out is no answer of anybody's"
    saved = client.post(path(draft, "save", "price"), {"each": "100", "each-revision": "2"}).json()
    assert saved["checks"] == {"in_all": "£500", "per_head": "25000.0 pence", "each": ""}
    with pytest.raises(answers.Refused, match="worked out from other answers"):
        answers.save(application=draft, question="in_all", value=1, by=applicant, at=now)


def test_what_does_not_agree_is_not_taken(as_, cast, round_with_checks, applicant, signatory, now):
    draft = stages.draft(cast, round=round_with_checks, filled=False, at=now)
    samples.fill(draft, by=applicant, at=now, given={"pieces": 4, "each": 30_000_00})
    check = texts(as_(applicant).get(path(draft, "check")))
    assert "£120,000 is more than £1,000. More than the grant." in check
    with pytest.raises(AnswersDisagree) as refused:
        applications.sign_and_submit(application=draft, name="S", position="D", by=signatory, at=now)
    assert [(one["code"], one["section"]) for one in refused.value.details["checks"]] == [("too_dear", "price"), ("price_above_grant", "")]


def test_what_agrees_is_frozen_with_what_was_worked_out_and_what_was_checked(as_, cast, round_with_checks, now):
    sent = stages.submitted(cast, round=round_with_checks, at=now, given={"pieces": 4, "each": 200_00})
    paper = sent.current_paper()
    frozen = {one["question"]: one for one in json.loads(paper.document)["answers"]}
    assert (frozen["in_all"]["value"], frozen["in_all"]["revision"], frozen["per_head"]["value"]) == (800_00, 0, "80000.0")
    shown = {answer.id: answer.text for section in of_paper(sent.version.definition, paper) for answer in section.answers}
    assert (shown["in_all"], shown["per_head"]) == ("£800", "80000.0 pence")
    assert paper_of(Application.objects.get(pk=sent.pk)).answer("in_all").text == "£800"
    kept = {row.rule_id: (row.passed, row.values, row.rule_version_sha) for row in paper.outcomes.all()}
    assert kept["check:cheap"] == (True, {"answers.in_all": 800_00}, sent.version.sha256)
    assert (kept["check:modest"][0], kept["few"][0]) == (True, True)


def test_invented_answers_agree(cast, round_with_checks, now):
    assert stages.submitted(cast, round=round_with_checks, at=now, given={"each": 250_00}).values()["pieces"] in (1, 2, 3, 4)
