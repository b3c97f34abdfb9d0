"""A programme in two steps, rolling rounds, advances and skills: what the document must say about them."""

import pytest

from grants.definition import DocumentRefused, parse
from tests.stages.grants import document


@pytest.mark.parametrize(
    ("slug", "old", "new", "says"),
    [
        (
            "devicomm",
            "stages: [expression_of_interest, ",
            "stages: [",
            "There is no stage “expression_of_interest” in which this could be asked",
        ),
        ("devicomm", "  full_days: 28\n  guidance", "  guidance", "“full_days” is missing"),
        ("devicomm", "      asked_in: expression_of_interest\n", "", "The expression of interest must ask this"),
        (
            "devicomm",
            "must: answers.readiness >= 3",
            "must: application.grant_pence > 0 && answers.readiness >= 3",
            "reads “grant_requested”",
        ),
        ("devicomm", "moderation, interview, decision", "moderation, decision", "“interview” is not among the stages"),
        (
            "diagcomm",
            "    - id: rate\n      code: rate_too_high",
            "    - id: rate\n      in_expression: true\n      code: rate_too_high",
            "to judge by it",
        ),
        ("datacomm", "  every_months: 1\n", "", "Rolling rounds need “every_months”"),
        ("datacomm", "  kind: rolling\n", "", "Only rolling rounds come every so many months"),
        ("digicomm", "  payment: advance\n", "  payment: arrears\n", "An advance is named"),
        (
            "digicomm",
            "topic: clinician, at_least: 1",
            "topic: clinician, at_least: 4",
            "4 assessors must know “clinician”, but only 3 are asked",
        ),
    ],
)
def test_what_does_not_fit_together_is_said(slug, old, new, says):
    text = document(slug)
    assert old in text
    with pytest.raises(DocumentRefused) as caught:
        parse(text.replace(old, new, 1))
    assert says in caught.value.report()
