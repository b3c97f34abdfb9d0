"""Rules say what they mean before anybody meets them, and every one of them is answered."""

import time
from dataclasses import dataclass
from datetime import date

import pytest

from grants.rules import catalogue, checking, evaluate, evaluation, primer, sentences
from grants.rules.syntax import ExpressionRefused, parse
from grants.rules.types import BOOL, DOUBLE, INT, STRING, list_of, one_of, record

ANSWERS = {
    "employees": INT,
    "share": DOUBLE,
    "name": STRING,
    "ready": BOOL,
    "sites": list_of(STRING),
    "use": one_of("lab", "home"),
    "plan": list_of(record(title=STRING, percent=INT)),
}
NAMES = catalogue.names(ANSWERS)
BOUNDED = 5
"""Seconds of processor for the worst that is taken, on however slow a machine. `benchmarks/definitions.py` measures how fast rules are."""


@dataclass
class Rule:
    must: str
    sentence: str = "No."
    on_fail: str = "reject"
    id: str = "rule"
    code: str = "code"
    title: str = "The company is small"


class TestChecking:
    @pytest.mark.parametrize(
        "expression",
        [
            'company.status == "active"',
            "answers.employees < 10 && !answers.ready",
            "answers.share <= 1.5 || answers.share <= 2",
            'answers.use in ["lab", "home"]',
            '"Leeds" in answers.sites && size(answers.sites) <= 3',
            "answers.plan.all(x, x.percent > 0)",
            'answers.plan.exists(x, x.title.startsWith("A") && x.percent == 5)',
            "has(answers.name) ? answers.name.size() > 2 : false",
            'application.starts_on > date("2027-01-01") && today < round.closes_at + duration("24h")',
            "months_between(company.incorporated_on, today) >= 6",
            'costs.by_category["labour"] * 2 <= costs.total_pence',
            "double(costs.total_pence) * 0.5 >= 3.0",
            "-answers.employees % 2 == 0",
            "answers.employees / 2 > 9223372036854775807 - 1 && -9223372036854775807 - 1 < 0",
            "costs.total_pence / (-7 / 2 + 4) == 7 % -4 || 1.5 / 2.0 > answers.share",
        ],
    )
    def test_accepts(self, expression):
        assert checking.check(expression, NAMES).type == BOOL
        evaluation.compiled(expression)

    def test_accepts_the_examples_that_people_are_shown(self):
        asked = {"has_started": BOOL, "product_use": one_of("none", "lab"), "buyers": list_of(STRING), "sites": list_of(record(beds=INT))}
        for expression, _ in primer.EXAMPLES:
            assert checking.check(expression, catalogue.names(asked)).type == BOOL, expression

    @pytest.mark.parametrize(
        ("expression", "says"),
        [
            ("", "empty"),
            ("answers.emploees < 10", "Did you mean “answers.employees”"),
            ("compny.size == 1", "Did you mean “company”"),
            ("company.size == 1", "compared with a whole number"),
            ('company.status == "liquidation"', "It is one of active, dormant"),
            ('answers.use != "hospital"', "It is one of lab, home"),
            ('company.size in ["tiny"]', "It is never “tiny”"),
            ("answers.employees", "gives a whole number"),
            ("answers.name < 3", "cannot be compared"),
            ("answers.employees + 1.5 > 2.0", "write double"),
            ("!answers.name", "needs a yes or no"),
            ("answers.sites.all(x, x)", "needs a yes or no"),
            ("answers.name.all(x, true)", "asked of a list"),
            ("answers.sites.exists(company, true)", "already means something"),
            ("answers.sites.exists(x, answers.sites.exists(y, answers.sites.exists(z, true)))", "as deep as they may go"),
            ("frobnicate(1)", "not a function"),
            ('date("soon") < today', "in quotation marks"),
            ("date(answers.name) < today", "in quotation marks"),
            ('answers.name.matches("(a+)+$")', "repeats a repetition"),
            ('answers.name.matches("a{1000}")', "repeats too often"),
            ("answers.sites.exists(x, answers.sites.exists(y, x == y))", "A list inside another"),
            ("answers.plan.map(x, answers.sites) == []", "one value for each item"),
            ('answers.sites.exists(x, x + x == "aa")', "not joined inside a list"),
            (r'answers.name.matches("((\\w{20})b){20}")', "repeats too often"),
            (r'answers.sites.exists(x, x.matches("\\w{40}"))', "a pattern used on every item"),
            ('company.legal_form = "limited"', "Write “==” to compare."),
            ("answers.ready and answers.ready", "“and” was not expected here. Write “&&” for “and”."),
            ("not answers.ready", "Write “!” before"),
            ("answers.employees <> 5", "Write “!=” for “not equal”."),
            ("answers.employees > £50,000", "a plain number of pence"),
            ("answers.employees > 50,000", "Write numbers without commas."),
            ("answers.employees > 50%", "without “%”."),
            ("answers.employees in (1, 2)", "Write a list in square brackets"),
            ("(answers.ready", "A “(” is not closed."),
            ("1 < answers.employees < 5", "Write both comparisons, with “&&” between them."),
            ("answers.ready == True", "Did you mean “true”?"),
            ("answers.ready &&", "It breaks off after “&&”."),
            ("answers.ready &&", "the end was not expected"),
            ("answers.ready ) (", "was not expected"),
            ("answers.ready ; 1", "does not belong"),
            ("b'x' == b'y'", "was not expected"),
            ("{'a': 1}", "does not belong"),
            ("[1, 'a'] == [1]", "must all be of one type"),
            ("(" * 60 + "true" + ")" * 60, "nested more than"),
            ("!" * 60 + "true", "nested more than"),
            ("&&".join(["1<2"] * 150), "more than 300 parts"),
            ("true" + " " * 3000, "characters long"),
            ("99999999999999999999 > 1", "too large a number"),
            ("1.5 < 1.0e999", "too large to be worked out"),
            ("1 / 0 == 1", "At character 5, “/” divides by 0"),
            ("costs.total_pence / (2 - 2) > 1", "divides by 0"),
            ("answers.employees % -0 == 1", "“%” divides by 0"),
            ("answers.share / double(0) > 1.0", "divides by 0"),
            ("answers.ready || answers.sites.exists(x, size(x) / 0 == 1)", "divides by 0"),
            ("answers.employees < 9223372036854775807 + 1", "At character 21, this comes to a number that is too large"),
            ("-4611686018427387904 * 3 < answers.employees", "too large to be worked out"),
        ],
    )
    def test_refuses_with_the_mend(self, expression, says):
        with pytest.raises(ExpressionRefused, match=says.replace("(", r"\(")):
            checking.check(expression, NAMES)

    @pytest.mark.parametrize(
        "expression",
        [
            "answers.sites.exists(x, ['a', 'b', 'c'].exists(y, x == y))",
            r'answers.sites.all(x, x.matches("^[A-Z]{2}$"))',
            r'answers.name.matches("\\w{40}") && answers.name.matches("(a|aa)*b$")',
            " || ".join(["answers.sites.exists(x, x.contains('zz'))"] * 20),
            "size(answers.sites.map(x, x).filter(x, x != 'a').map(x, size(x))) == 1",
        ],
    )
    def test_what_is_taken_is_bounded_whatever_the_answers(self, expression):
        checking.check(expression, NAMES)
        facts = {"answers": {"sites": ["a" * 20_000] * 5_000, "name": "a" * 1_000_000}}
        began = time.process_time()
        assert len(evaluate([Rule(expression)], facts)) == 1
        assert time.process_time() - began < BOUNDED

    def test_says_what_is_read(self):
        found = checking.check('company.size == "small" && answers.plan.exists(x, x.percent > 1)', NAMES)
        assert found.references == {"company.size", "answers.plan"}

    def test_knows_where_each_name_stands(self):
        text = "answers.ready && answers.employees > 3"
        names = [text[node.start : node.end] for node in _members(parse(text))]
        assert names == ["answers.ready", "answers.employees"]


class TestAnswers:
    def test_every_rule_is_answered_with_the_values_that_decided(self):
        rules = [
            Rule('company.size == "small"', "It is {company.size}."),
            Rule("application.grant_pence <= round.grant_max_pence", "You ask for {application.grant_pence} of {round.grant_max_pence}."),
        ]
        facts = {"company": {"size": "large"}, "application": {"grant_pence": 5_000_050}, "round": {"grant_max_pence": 4_000_000}}
        first, second = evaluate(rules, facts)
        assert (first.passed, first.sentence, first.values) == (False, "It is large.", {"company.size": "large"})
        assert second.sentence == "You ask for £50,000.50 of £40,000."

    def test_nobody_is_rejected_for_what_is_not_known(self):
        (outcome,) = evaluate([Rule("company.employees < 10")], {"company": {"employees": None}})
        assert (outcome.passed, outcome.on_fail, outcome.missing) == (False, "refer", ("company.employees",))
        assert "“The company is small” could not be checked, because this is not known: average number of emp" in outcome.sentence

    def test_what_was_not_answered_is_named_in_the_words_of_the_form(self):
        (outcome,) = evaluate([Rule('answers.use == "lab"')], {"answers": {}}, asked={"use": "Where will it be used?"})
        assert "not known: your answer to “Where will it be used?”. A person" in outcome.sentence

    def test_what_is_known_can_decide_without_the_rest(self):
        (outcome,) = evaluate([Rule('company.status == "active" && company.employees < 10')], {"company": {"status": "dissolved"}})
        assert (outcome.passed, outcome.on_fail) == (False, "reject")

    def test_a_rule_that_divides_by_nothing_is_looked_at(self):
        (outcome,) = evaluate([Rule("costs.total_pence / costs.match_pence > 2")], {"costs": {"total_pence": 1, "match_pence": 0}})
        assert (outcome.passed, outcome.on_fail, outcome.missing) == (False, "refer", ())

    def test_dates_compare_as_days(self):
        facts = {"today": date(2027, 3, 3), "application": {"starts_on": date(2027, 3, 4)}}
        (outcome,) = evaluate([Rule("application.starts_on > today", "It starts on {application.starts_on}.")], facts)
        assert outcome.passed
        assert outcome.sentence == "It starts on 4 March 2027."

    def test_conditions_on_what_is_not_known_do_not_hold(self):
        assert evaluation.holds("answers.ready", {"answers": {"ready": True}})
        assert not evaluation.holds("answers.ready", {"answers": {}})

    def test_lists_that_go_on_are_cut(self):
        facts = {"answers": {"sites": ["x"] * 100_000}}
        (outcome,) = evaluate([Rule("answers.sites.all(x, answers.sites.all(y, x == y))")], facts)
        assert outcome.passed


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("a.b_pence", 1_250_000, "£12,500"),
        ("a.rate_percent", 70.0, "70 %"),
        ("a.rate_percent", 66.67, "66.7 %"),
        ("a.b", True, "yes"),
        ("a.b", 1234, "1,234"),
        ("a.b", ["x", "y"], "x, y"),
        ("a.b", [], "none"),
        ("a.b", None, "not known"),
        ("company.legal_form", "llp", "a limited liability partnership"),
    ],
)
def test_values_are_quoted_in_words(path, value, words):
    assert sentences.in_words(path, value) == words


def _members(tree):
    from grants.rules.syntax import walk

    return [node for node in walk(tree) if node.kind == "member"]
