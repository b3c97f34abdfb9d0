"""A document as another document: copies, renamed ids, files that extend others."""

import copy

import pytest
from pydantic import ValidationError

from accounts.refusals import Refused
from grants.definition import Definition, DocumentRefused, checks, cloning, differences, editing, extending, parse, references, yaml_text
from tests.stages.grants import DOCUMENTS, document

FOUR = ("diagcomm", "devicomm", "datacomm", "digicomm")


@pytest.mark.parametrize("slug", FOUR)
def test_a_copy_says_the_same_but_for_its_name(slug):
    text = document(slug)
    source, other = parse(text), parse(cloning.clone(text, slug="newcomm", title="NEWCOMM: “new” grants", strand="open"))
    same = source.model_dump() | {"slug": "newcomm", "name": "NEWCOMM: “new” grants", "strand": "open"}
    said = other.model_dump()
    assert said.pop("notices") == [{**each, "words": each["words"].replace(slug.upper(), "NEWCOMM")} for each in same.pop("notices")]
    assert said == same


def test_comments_and_layout_of_the_copy_stay():
    text = document()
    before, after = text.splitlines(), cloning.clone(text, slug="newcomm", title="New", strand="open").splitlines()
    changed = [line for line, other in zip(before, after, strict=True) if line != other]
    assert len(changed) == 4, "slug, name, strand and the notice that names the programme"


def test_ids_that_carry_the_short_name_are_remapped_in_expressions_too():
    text = document().replace("diagnostic_use", "diagcomm_use")
    other = cloning.clone(text, slug="new-comm")
    assert "diagcomm_use" not in other
    rule = next(rule for rule in parse(other).eligibility.rules if rule.id == "diagnostic")
    assert rule.must == 'answers.new_comm_use != "none"'
    assert parse(other).form.question("new_comm_use")


@pytest.mark.parametrize("slug", ["diagcomm", "Has Capitals", "1st", "a" * 41, "../x"])
def test_a_short_name_that_cannot_be_one_is_refused(slug):
    with pytest.raises(Refused):
        cloning.clone(document(), slug=slug)


@pytest.mark.parametrize("slug", FOUR)
def test_renaming_every_id_leaves_a_valid_document_and_renaming_back_the_same_one(slug):
    text = document(slug)
    every = list(references.all_ids(text))
    renamed = references.rename(text, {(kind, id): f"{id}_x" for kind, id in every})
    assert parse(renamed)
    assert parse(references.rename(renamed, {(kind, f"{id}_x"): id for kind, id in every})) == parse(text)


@pytest.mark.parametrize("slug", FOUR)
def test_breaking_any_one_reference_is_caught(slug):
    """For every id and every place that uses it: the place alone is changed, and validation says so."""
    text, unseen, broken = document(slug), [], 0
    values = yaml_text.read(text).values
    scalars = list(editing.values(text))
    for kind, id in references.all_ids(text):
        for use in references.uses(scalars, kind, id):
            wrong = copy.deepcopy(values)
            holder = wrong
            for step in use.path[:-1]:
                holder = holder[step]
            holder[use.path[-1]] = references._renamed(use.path, use.text, kind, id, "nowhere_to_be_found")
            broken += 1
            try:
                found = checks.problems(Definition.model_validate(wrong))
            except ValidationError:
                continue
            if not found:
                unseen.append(str(use))
    assert not unseen
    assert broken >= 30


def test_what_uses_a_question_is_named():
    found = [str(use) for use in references.uses(list(editing.values(document())), "question", "diagnostic_use")]
    assert found == ['eligibility.rules[6].must: answers.diagnostic_use != "none"']
    assert references.uses(list(editing.values(document())), "category", "labour")[0].path == (
        "delivery",
        "cost_categories",
        1,
        "flat_rate",
        "of",
    )


def test_texts_that_only_look_like_a_name_are_left():
    expression = 'answers.team != "answers.team" && answers.team_size > 1 && "it\\"s answers.team" != answers["team"]'
    place = ("eligibility", "rules", 0, "must")
    renamed = 'answers.people != "answers.team" && answers.team_size > 1 && "it\\"s answers.team" != answers["people"]'
    assert references._renamed(place, expression, "question", "team", "people") == renamed


class TestExtends:
    def whole(self, tmp_path, text, **others):
        (tmp_path / "starter.yaml").write_text(document("starter"))
        for name, other in others.items():
            (tmp_path / f"{name}.yaml").write_text(other)
        (tmp_path / "mine.yaml").write_text(text)
        return extending.whole(tmp_path / "mine.yaml")

    def test_a_file_that_extends_nothing_stays_byte_for_byte(self):
        assert extending.whole(DOCUMENTS / "diagcomm.yaml") == document()

    def test_only_what_differs_is_said(self, tmp_path):
        mine = parse(self.whole(tmp_path, "extends: starter.yaml\nslug: mine\nname: Mine\nfunding: {grant_max: '£20,000'}\n"))
        assert differences.between(parse(document("starter")), mine) == [
            "slug “starter” → “mine”",
            "name “Starter programme” → “Mine”",
            "funding: grant max £25,000 → £20,000",
        ]

    def test_lists_merge_by_id(self, tmp_path):
        over = (
            "extends: starter.yaml\nslug: mine\ncriteria:\n- {id: need, weight: 20}\n- {id: gain, remove: true}\n"
            "- {id: green, title: Green, weight: 40, guidance: Is it?, reads: [gain], "
            "bands: [{low: 0, high: 10, label: Any, guidance: Any}]}\n"
        )
        mine = parse(self.whole(tmp_path, over))
        assert [(one.id, one.weight) for one in mine.criteria] == [("need", 20), ("delivery", 40), ("green", 40)]
        assert mine.criteria[0].guidance == parse(document("starter")).criteria[0].guidance

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("extends: ../secret.yaml\n", "another file of the same folder"),
            ("extends: nothing.yaml\n", "no file nothing.yaml"),
            ("extends: mine.yaml\n", "extends itself"),
            ("extends: other.yaml\n", "extends itself, by way of other.yaml"),
        ],
    )
    def test_what_cannot_be_extended_is_said(self, tmp_path, text, says):
        with pytest.raises(DocumentRefused, match=says):
            self.whole(tmp_path, text, other="extends: mine.yaml\n")

    def test_a_document_that_is_sent_extends_nothing(self):
        with pytest.raises(DocumentRefused, match="Only files extend one another"):
            parse("extends: starter.yaml\nslug: mine\n")
