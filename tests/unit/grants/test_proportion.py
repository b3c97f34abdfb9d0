"""What is out of proportion to the size of the grant is said, and keeps nothing from being published."""

import pytest

from grants.definition import parse, proportion
from tests.stages.grants import document

SHIPPED = ("diagcomm", "devicomm", "datacomm", "digicomm", "starter")


@pytest.mark.parametrize("slug", SHIPPED)
def test_the_shipped_programmes_are_in_proportion(slug):
    assert proportion.warnings(parse(document(slug))) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("words_in_all: 2000", "words_in_all: 3000", "asks for 3,000 words in all; 2,000 are usual for grants up to £40,000"),
        ("claims_at_most: ", "claims_at_most: 1", "claims are taken; 4 are usual"),
        ("title: Sanctions and exclusion lists", "title: Lists", "No check before the offer is about sanctions"),
        ("virement_percent: 10", "virement_percent: 5", "already needs our word; 10 % is usual"),
        ("    every_months: 6\n", "", "There is no half-yearly report"),
        ("percent: 70\n", "percent: 0\n", "they may apply, and get nothing"),
    ],
)
def test_what_is_out_of_proportion_is_said(old, new, says):
    text = document()
    assert old in text
    changed = text.replace(old, new, 1).replace("id: sanctions", "id: lists", 1)
    assert any(says in warning for warning in proportion.warnings(parse(changed))), proportion.warnings(parse(changed))


def test_a_smaller_grant_needs_less():
    text = document().replace("grant_min: £10,000", "grant_min: £5,000").replace("grant_max: £40,000", "grant_max: £10,000")
    text = text.replace("between £10,000 and £40,000", "between £5,000 and £10,000")
    found = proportion.warnings(parse(text))
    assert any("600 are usual for grants up to £10,000" in warning for warning in found)
    assert any("There is a half-yearly report, more than is usual" in warning for warning in found)
    assert proportion.warnings(parse(document().replace("grant_max: £40,000", "grant_max: £60,000"))) == [], (
        "above £50,000 nothing is usual"
    )
