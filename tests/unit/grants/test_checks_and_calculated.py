"""What a form's checks and worked-out values may say, and that what they use cannot go from under them."""

import pytest
import yaml

from grants import calculated
from grants.definition import editing, loading, references
from grants.definition.questions import Calculated
from grants.rules.sentences import fill
from tests.stages.grants import document

CHECK = {"id": "agrees", "code": "does_not_agree", "must": "answers.total > 0", "sentence": "It is {answers.total}."}
TOTAL = {"id": "total", "kind": "calculated", "label": "Total", "value": "answers.grant_requested * 2", "shown_as": "money"}


def text(total=None, section_check=None, form_check=None) -> str:
    values = yaml.safe_load(document())
    money = next(section for section in values["form"]["sections"] if section["id"] == "money")
    money["questions"].append(TOTAL | (total or {}))
    money["checks"] = [CHECK | (section_check or {})]
    values["form"]["checks"] = [CHECK | {"id": "also"} | (form_check or {})]
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=1_000)


def problems(**instead) -> list[str]:
    return [str(problem) for problem in loading.examine(text(**instead))[1]]


def test_they_hold_together():
    assert problems() == []


@pytest.mark.parametrize(
    ("instead", "says"),
    [
        ({"total": {"shown_as": "percent"}}, "gives a whole number; a number answer is needed"),
        ({"total": {"value": "answers.total"}}, "reads “total”, which is not asked before it"),
        ({"total": {"value": "answers.none_such"}}, "not a name that rules can use"),
        ({"total": {"value": 'costs.by_category["none_such"]'}}, "not a cost category"),
        ({"total": {"may_be_confidential": True}}, "nobody can mark it as confidential"),
        ({"section_check": {"must": "answers.declaration"}}, "asked in a later section; make it a check of the form"),
        ({"section_check": {"must": "answers.total"}}, "gives a whole number; a yes or no answer is needed"),
        ({"section_check": {"sentence": "{answers.totl}"}}, "Did you mean “answers.total”?"),
        ({"form_check": {"must": "answers.totl > 0"}}, "Did you mean “answers.total”?"),
        ({"form_check": {"id": "agrees"}}, "used by two checks"),
    ],
)
def test_what_cannot_be_is_said_at_its_place(instead, says):
    assert any(says in each for each in problems(**instead)), problems(**instead)


def test_what_they_use_is_known_and_renamed_in_them():
    before = text(total={"value": 'costs.by_category["labour"] + answers.grant_requested'})
    scalars = list(editing.values(before))
    used = {".".join(map(str, use.path[-1:])) for use in references.uses(scalars, "question", "total")}
    assert used == {"must", "sentence"}
    assert "value" in {use.path[-1] for use in references.uses(scalars, "question", "grant_requested")}
    assert "value" in {use.path[-1] for use in references.uses(scalars, "category", "labour")}
    names = {("question", "total"): "sum_of_all", ("category", "labour"): "work", ("form check", "also"): "other"}
    after = references.rename(before, names)
    definition, found = loading.examine(after)
    assert found == []
    money = next(section for section in definition.form.sections if section.id == "money")
    assert (money.checks[0].must, money.checks[0].sentence) == ("answers.sum_of_all > 0", "It is {answers.sum_of_all}.")
    assert money.questions[-1].value == 'costs.by_category["work"] + answers.grant_requested'
    assert definition.form.checks[0].id == "other"


def test_a_percentage_is_quoted_with_its_sign():
    share = Calculated(id="share", kind="calculated", label="Share", value="50.0", shown_as="percent")
    known = {"answers": {"share": calculated.as_answer(share, "62.5")}}
    assert fill("It is {answers.share} of the device.", known) == "It is 62.5 % of the device."
