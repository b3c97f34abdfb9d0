"""Limits of a portfolio, from the programme's document to the solver."""

from types import SimpleNamespace

import pytest

from assessments.actions import selections
from assessments.methods.selection import Limit
from assessments.presenters.selections import limit_in_words
from grants.definition.loading import DocumentRefused, parse
from grants.definition.references import rename
from tests.stages.grants import document

DECLARED = """  selection: portfolio
  portfolio:
    - {by: size, value: micro, at_least: 2}
    - {by: postcode_area, at_most: 5, share_at_most: 40}
    - {by: company, at_most: 1}
    - {by: answer, question: diagnostic_use, value: monitoring, at_least: 3}
    - {by: answer, question: diagnostic_use, share_at_most: 50}
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
        "Answer to “What is the product used for?” “Monitoring a known condition”: at least 3",
        "Each answer to “What is the product used for?”: at most 50 % of the money",
    ]
    assert Limit(**found[2]).bounds(1_001) == Limit("postcode_area", most=400, is_pence=True)
    assert declared(document()) == ()


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ("[{by: size}]", "bounds nothing"),
        ("[{by: size, at_least: 3, at_most: 2}]", "The least is more than the most"),
        ("[{by: size, question: diagnostic_use, at_most: 2}]", "names a question only where it goes by an answer"),
        ("[{by: answer, at_most: 2}]", "one of several options"),
        ("[{by: answer, question: need, at_most: 2}]", "one of several options"),
        ("[{by: answer, question: diagnostic_use, value: cooking, at_most: 2}]", "is not an option of"),
    ],
)
def test_a_limit_that_says_nothing_or_contradicts_itself_is_refused(limits, sentence):
    with pytest.raises(DocumentRefused, match=sentence):
        parse(document().replace("  selection: top_down\n", f"  selection: portfolio\n  portfolio: {limits}\n"))


def test_a_question_that_a_limit_goes_by_is_renamed_there_too():
    text = document().replace("  selection: top_down\n", DECLARED + "  hidden: [diagnostic_use]\n")
    definition = parse(rename(text, {("question", "diagnostic_use"): "purpose"}))
    assert [one.question for one in definition.assessment.portfolio if one.by == "answer"] == ["purpose", "purpose"]
    assert definition.assessment.hidden == ["purpose"]


def test_limits_without_a_portfolio_are_refused():
    with pytest.raises(DocumentRefused, match="not spread as a portfolio"):
        parse(document().replace("  selection: top_down\n", "  selection: top_down\n  portfolio: [{by: size, at_most: 2}]\n"))


@pytest.mark.parametrize(("postcode", "area"), [("WS1 1AA", "WS"), ("b15 2tt", "B"), ("", "")])
def test_the_area_is_the_letters_of_a_postcode(postcode, area):
    assert selections.area_of(postcode) == area
