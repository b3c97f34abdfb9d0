"""The table of example companies and what each rule says of them."""

from datetime import datetime
from typing import Any

from grants import rehearsing
from grants.presenters.builder import Draft
from grants.rules import RuleOutcome


def table(draft: Draft, at: datetime) -> dict[str, Any]:
    """A column for each example, a row for each rule; the sentence stands where a rule is not met."""
    definition = draft.definition
    shown = rehearsing.examples(definition, draft.programme.examples.order_by("name", "pk"), at)
    outcomes = [rehearsing.answer(definition, example.given, at) for example in shown]
    rules = definition.eligibility.rules
    rows = [[{"text": rule.title, "hint": rule.must}, *(cell(answers[index]) for answers in outcomes)] for index, rule in enumerate(rules)]
    return {
        "columns": ["Rule", *(example.name for example in shown)],
        "rows": rows,
        "total": ["In all", *(_in_all(answers) for answers in outcomes)],
        "own": [{"name": each.name, "href": draft.url("draft_forget", str(each.pk))} for each in shown if each.pk],
    }


def cell(outcome: RuleOutcome) -> dict[str, str]:
    """One rule's word on one example."""
    if outcome.missing:
        names = ", ".join(name.partition(".")[2].replace("_pence", "").replace("_", " ") for name in outcome.missing)
        return {"tag": "Cannot tell", "tone": "neutral", "hint": f"Not given: {names}"}
    if outcome.passed:
        return {"tag": "Met", "tone": "good"}
    return {"tag": "A person looks" if outcome.on_fail == "refer" else "Not met", "tone": "waiting", "hint": outcome.sentence}


def _in_all(outcomes: list[RuleOutcome]) -> str:
    broken = [each for each in outcomes if not each.passed and not each.missing]
    if any(each.on_fail == "reject" for each in broken):
        return "Ends the application"
    return "A person looks" if broken else "May go on"
