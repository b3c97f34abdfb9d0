"""Run the eligibility rules of the version an application was written under, and keep what each of them said."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from applications import crosschecks
from applications.reading import read
from grants.definition.form import Rule
from grants.rules import RuleOutcome, evaluate

if TYPE_CHECKING:
    from applications.models import Application


def judge(application: "Application", *, at: datetime) -> str:
    """Store one outcome per rule and per check that could be made; return the state they lead to: `ineligible`, `referred` or `eligible`.

    Every rule is run, so that a company hears all the reasons at once.
    """
    reading = read(application, at=at)
    outcomes = evaluate(rules_for(application), reading.facts, asked=reading.definition.form.labels())
    agreed = [replace(outcome, id=f"check:{outcome.id}") for _, _, outcome in crosschecks.outcomes(reading)]
    paper = application.current_paper()
    rows = application.eligibility_outcomes
    rows.bulk_create(
        rows.model(
            application=application,
            paper=paper,
            rule_id=outcome.id,
            code=outcome.code,
            passed=outcome.passed,
            on_fail=outcome.on_fail,
            sentence=outcome.sentence,
            values=outcome.values,
            rule_version_sha=application.version.sha256,
            at=at,
        )
        for outcome in [*outcomes, *agreed]
    )
    return _leads_to(outcomes)


def rules_for(application: "Application") -> list[Rule]:
    """The rules that judge it: all of the programme's, or those for an expression of interest."""
    rules = application.version.definition.eligibility.rules
    return [rule for rule in rules if rule.in_expression] if application.is_expression else rules


def _leads_to(outcomes: list[RuleOutcome]) -> str:
    failed = {outcome.on_fail for outcome in outcomes if not outcome.passed}
    if "reject" in failed:
        return "ineligible"
    return "referred" if failed else "eligible"
