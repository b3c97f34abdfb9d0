"""Money given as Minimal Financial Assistance may not reward buying in the UK or the region."""

import pytest

from grants.definition import DocumentRefused, parse
from tests.stages.grants import document

TEXT = document()
GUIDANCE = "Are the costs right for the work, would it not happen otherwise, and what does the area gain?"


@pytest.mark.parametrize(
    "guidance",
    [
        "Are the components bought from UK suppliers?",
        "Is there British content?",
        "More marks for local suppliers.",
        "How much of the materials comes from the region?",
        "Are parts sourced within the West Midlands?",
    ],
)
def test_rewarding_domestic_inputs_is_refused(guidance):
    text = TEXT.replace(GUIDANCE, guidance)
    with pytest.raises(DocumentRefused, match="Subsidy Control Act") as caught:
        parse(text)
    assert caught.value.problems[0].line == text[: text.index(guidance)].count("\n") + 1


def test_another_basis_is_not_the_business_of_this_rule():
    assert parse(TEXT.replace(GUIDANCE, "Is there British content?").replace("basis: mfa", "basis: streamlined_route"))


@pytest.mark.parametrize("slug", ["diagcomm", "devicomm", "datacomm", "digicomm", "starter"])
def test_where_a_company_works_is_another_thing(slug):
    assert parse(document(slug))
