"""Questions that are asked again for each of several: their ids, their place in expressions, their limits."""

import pytest
import yaml

from applications import facts, shapes
from grants.definition import differences, editing, loading, parse, references
from grants.rules.evaluation import evaluate
from tests.stages.grants import document

SITES = {
    "id": "sites", "kind": "group", "label": "At which sites?", "row": "site", "at_least": 1, "at_most": 3, "questions": [
        {"id": "site_name", "kind": "text", "label": "Name", "max_words": 3},
        {"id": "site_beds", "kind": "number", "label": "Beds"},
        {"id": "site_share", "kind": "percent", "label": "Share"},
        {"id": "site_from", "kind": "date", "label": "From", "required": False},
    ],
}  # fmt: skip
RULE = {
    "id": "beds", "code": "few_beds", "title": "Enough beds.", "on_fail": "reject", "sentence": "Too few beds at {answers.sites}.",
    "must": 'sum(answers.sites.map(site, site.site_beds)) >= 10 && answers.sites.exists(site, site.site_name != "site_name")',
}  # fmt: skip


def text(**instead) -> str:
    values = yaml.safe_load(document())
    values["form"]["words_in_all"] += 9
    values["form"]["sections"][0]["questions"].append(SITES | instead)
    values["eligibility"]["rules"].append(RULE)
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True)


def problems(**instead) -> list[str]:
    return [str(problem) for problem in loading.examine(text(**instead))[1]]


DEFINITION = parse(text())
QUESTION = DEFINITION.form.question("sites")


def test_the_words_of_every_row_count():
    assert DEFINITION.form.words_asked == parse(document()).form.words_asked + 9


@pytest.mark.parametrize(
    ("instead", "says"),
    [
        ({"at_least": 5}, "At least 5 and at most 3 cannot be"),
        ({"questions": [*SITES["questions"], {"id": "has_started", "kind": "yes_no", "label": "Begun?"}]}, "used by two questions"),
        ({"questions": [SITES["questions"][0] | {"when": "true"}, *SITES["questions"][1:]]}, "Give it to the group"),
        ({"questions": SITES["questions"][:1]}, "“site.site_beds” is not a name that rules can use"),
    ],
)
def test_what_cannot_be_is_said(instead, says):
    assert any(says in each for each in problems(**instead))


def test_a_question_of_a_row_is_renamed_wherever_rules_use_it_and_nowhere_else():
    before = text()
    scalars = list(editing.values(before))
    assert [use.path[-1] for use in references.uses(scalars, "cell", "site_beds")] == ["must"]
    assert not references.uses(scalars, "cell", "site_share")
    after = references.rename(before, {("cell", "site_beds"): "beds", ("cell", "site_name"): "called"})
    must = parse(after).eligibility.rules[-1].must
    assert must.startswith("sum(answers.sites.map(site, site.beds)) >= 10")
    assert 'site.called != "site_name"' in must, "what stands in quotation marks is a text"
    assert parse(after).form.question("sites").questions[1].id == "beds"


def test_rules_see_a_list_of_rows_and_refer_what_is_not_known():
    rule = DEFINITION.eligibility.rules[-1]
    rows = [
        {"site_name": "North", "site_beds": 7, "site_share": "12.5", "site_from": None},
        {"site_name": "South", "site_beds": 2, "site_share": None, "site_from": "2027-01-01"},
    ]
    (few,) = evaluate([rule], {"answers": {"sites": facts.as_answer(QUESTION, rows)}})
    assert (few.passed, few.on_fail) == (False, "reject")
    assert "North / 7 / 12.50, South / 2 / 1 January 2027" in few.sentence
    rows[1]["site_beds"] = None
    (unknown,) = evaluate([rule], {"answers": {"sites": facts.as_answer(QUESTION, rows)}})
    assert (unknown.passed, unknown.on_fail) == (False, "refer")


@pytest.mark.parametrize(
    ("rows", "refused", "unfinished"),
    [
        ([{"site_name": "A", "site_beds": 1, "site_share": "5", "site_from": None}], "", ""),
        ([{"site_name": "A", "site_beds": None, "site_share": "5", "site_from": None}], "", "Site 1, Beds: not answered yet"),
        ([{"site_name": "a b c d", "site_beds": 1, "site_share": "5", "site_from": None}], "", "Site 1, Name: Use 3 words or fewer"),
        ([{"site_name": "A", "site_beds": "1", "site_share": "5", "site_from": None}], "Site 1, Beds: Enter a whole number", ""),
        ([{"site_name": "A"}], "Site 1 is not complete", ""),
        (["A"], "Site 1 is not complete", ""),
        ([{}] * 4, "Give 3 of these or fewer", ""),
        ({"site_name": "A"}, "Give 3 of these or fewer", ""),
    ],
)
def test_each_cell_is_checked_by_its_own_kind(rows, refused, unfinished):
    said = shapes.refusal(DEFINITION, QUESTION, rows)
    assert said.startswith(refused) if refused else not said
    if not refused:
        said = shapes.unfinished(DEFINITION, QUESTION, rows)
        assert said.startswith(unfinished) if unfinished else not said


def test_a_difference_names_the_row_s_question():
    other = SITES["questions"][1] | {"minimum": 4}
    after = parse(text(questions=[SITES["questions"][0], other, *SITES["questions"][2:]]))
    (line,) = differences.between(DEFINITION, after)
    assert line.endswith("question At which sites?, question Beds: minimum nothing → 4")
