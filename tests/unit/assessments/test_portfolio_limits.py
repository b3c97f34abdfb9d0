"""Limits of a portfolio, from the programme's document to the solver."""

from types import SimpleNamespace

import pytest

from assessments.actions import selections
from assessments.methods.selection import Limit
from assessments.presenters.selections import limit_in_words
from grants.definition.loading import DocumentRefused, parse
from tests.stages.grants import document

DECLARED = """  selection: portfolio
  portfolio:
    - {by: size, value: micro, at_least: 2}
    - {by: postcode_area, at_most: 5, share_at_most: 40}
    - {by: company, at_most: 1}
"""


def declared(text: str):
    return selections.declared(SimpleNamespace(definition=parse(text)))


def test_what_the_document_declares_is_what_the_solver_is_given():
    found = declared(document().replace("  selection: top_down\n", DECLARED))
    assert [limit_in_words(limit) for limit in found] == [
        "Company size “micro”: at least 2",
        "Each postcode area: at most 5",
        "Each postcode area: at most 40 % of the money",
        "Each company: at most 1",
    ]
    assert Limit(**found[2]).bounds(1_001) == Limit("postcode_area", most=400, is_pence=True)
    assert declared(document()) == ()


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ("[{by: size}]", "bounds nothing"),
        ("[{by: size, at_least: 3, at_most: 2}]", "The least is more than the most"),
    ],
)
def test_a_limit_that_says_nothing_or_contradicts_itself_is_refused(limits, sentence):
    with pytest.raises(DocumentRefused, match=sentence):
        parse(document().replace("  selection: top_down\n", f"  selection: portfolio\n  portfolio: {limits}\n"))


def test_limits_without_a_portfolio_are_refused():
    with pytest.raises(DocumentRefused, match="not spread as a portfolio"):
        parse(document().replace("  selection: top_down\n", "  selection: top_down\n  portfolio: [{by: size, at_most: 2}]\n"))


@pytest.mark.parametrize(("postcode", "area"), [("WS1 1AA", "WS"), ("b15 2tt", "B"), ("", "")])
def test_the_area_is_the_letters_of_a_postcode(postcode, area):
    assert selections.area_of(postcode) == area
