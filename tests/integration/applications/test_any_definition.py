"""Any programme that validates can be previewed, filled in, drawn, sent in and given out, whatever it asks."""

import os
from datetime import timedelta

import pytest
import yaml
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings

from applications import receipts
from applications.actions import applications
from applications.presenters.answers import of_paper
from assessments import packs
from assessments.actions import moderation, reviews
from assessments.answers import paper_of
from assessments.packs import _answer
from grants.actions import rounds
from grants.models import Round
from tests.any_definition import documents
from tests.stages import applications as stages
from tests.stages import assessments as assessing
from tests.stages import grants

EXAMPLES = int(os.environ.get("EXAMPLES", "2"))


@pytest.mark.once
@given(documents())
@settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES < 10,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_valid_definition_goes_all_the_way(client, cast, applicant, now, text):
    before = now - timedelta(days=2)
    with transaction.atomic():
        programme = grants.published(cast, text=text, at=before)
        opened = grants.open_round(cast, programme=programme, opens_at=before, closes_at=now + timedelta(days=10), at=before)
        draft = stages.draft(cast, round=opened, at=now)
        client.force_login(applicant)
        for section in opened.definition.form.sections[6:-1]:
            assert client.get(reverse("applications:section", args=[draft.reference, section.id])).status_code == 200
        assert client.get(reverse("applications:check", args=[draft.reference])).status_code == 200
        sent = applications.sign_and_submit(application=draft, name="S", position="D", by=cast["signatory"], at=now)
        paper = sent.current_paper()
        asked = {question.id for question in opened.definition.form.questions()}
        shown = {answer.id for section in of_paper(opened.definition, paper) for answer in section.answers}
        assert shown <= asked
        assert receipts.compose(paper).parts
        read = paper_of(sent)
        assert all(_answer(read.answer(question)) for question in asked)
        assessed(cast, sent, at=now + timedelta(days=11))
        given_out(client, cast, sent)
        transaction.set_rollback(True)


def assessed(cast, sent, *, at):
    """Three assessors read their packs and score every criterion; the total is what weights and marks make of it."""
    rounds.close(round=Round.objects.get(pk=sent.round_id), by=cast["lead"], at=at)
    reviews_in = []
    for number, one in enumerate(assessing.accepted(cast, application=sent, at=at), start=1):
        assert packs.write(one, at=at).startswith(b"%PDF") if number == 1 else packs.compose(one, at=at).parts
        full = {criterion.id: criterion.maximum for criterion in one.scheme.criteria}
        reviews_in.append(reviews.submit(assessment=one, content=assessing.content(one, marks=full), by=one.assessor, at=at))
    assert {review.total for review in reviews_in} == {100}
    assert moderation.begin(application=reviews_in[0].application, by=cast["officer"], at=at).state == "panel"


def given_out(client, cast, sent):
    """Everything that leaves the house about it: the sample, the funder's rows, figures, one's own data, the trail, the document."""
    slug = sent.round.programme.slug
    client.force_login(cast["funder"])
    rows = b"".join(client.post(reverse("reporting:download", args=[slug, "applications"])).streaming_content).decode()
    assert sent.reference in rows
    client.force_login(cast["applicant"])
    assert sent.reference in client.get(reverse("reporting:my_data")).content.decode()
    client.force_login(cast["auditor"])
    exported = client.post(reverse("reporting:audit_export", args=[sent.case.stream]))
    assert exported.status_code == 200
    assert client.get(reverse("grants:document", args=[slug, 1])).content.decode() == sent.version.document
    client.logout()
    assert client.get(reverse("grants:sample", args=[slug])).content.startswith(b"%PDF")


@pytest.mark.once
def test_a_form_of_three_hundred_questions_costs_the_queries_of_a_small_one(as_, cast, applicant, open_now, now):
    before = now - timedelta(days=2)
    values = yaml.safe_load(grants.document())
    many = [{"id": f"q{number}", "kind": "number", "label": f"Number {number}?", "required": False} for number in range(276)]
    extra = [
        {
            "id": f"part_{start}", "title": f"Part {start}", "questions": many[start : start + 50],
            "checks": [{"id": f"c{start}", "code": "less", "must": f"answers.q{start} > 0", "sentence": "Less than nothing."}],
        }
        for start in range(0, len(many), 50)
    ]  # fmt: skip
    values["form"]["sections"][-1:-1] = extra
    small = stages.draft(cast, round=open_now, filled=False, at=now)
    big_text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
    programme = grants.published(cast, text=big_text, at=before)
    opened = grants.open_round(cast, programme=programme, opens_at=before, closes_at=now + timedelta(days=10), at=before)
    assert len(list(opened.definition.form.questions())) == 300
    big = stages.draft(cast, round=opened, filled=False, at=now)
    client = as_(applicant)
    for name, section in (("form", ()), ("section", ("money",)), ("check", ())):
        counts = []
        for application in (small, big):
            path = reverse(f"applications:{name}", args=[application.reference, *section])
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            counts.append(len(queries))
        assert counts[1] <= counts[0], (name, counts)
