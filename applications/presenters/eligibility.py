"""What the rules said, as rows with the values they looked at."""

from datetime import datetime
from typing import Any

from applications.models import Application, EligibilityOutcome
from grants.rules.catalogue import fact
from grants.rules.sentences import in_words
from grants.rules.types import TIMESTAMP


def outcomes_of(application: Application) -> list[EligibilityOutcome]:
    """Every rule's outcome for the paper that was sent in last, those that failed first."""
    paper = application.current_paper()
    return list(paper.outcomes.order_by("passed", "pk")) if paper else []


def rows(application: Application, outcomes: list[EligibilityOutcome]) -> list[list[Any]]:
    """For a table: rule, result, values."""
    rules = {rule.id: rule for rule in application.version.definition.eligibility.rules}
    form = application.version.definition.form
    titles = {id: rule.title for id, rule in rules.items()}
    checks = [*form.checks, *(check for section in form.sections for check in section.checks)]
    titles |= {f"check:{check.id}": check.title for check in checks}
    return [
        [
            {"text": titles.get(outcome.rule_id, outcome.code), "hint": "" if outcome.passed else outcome.sentence},
            _result(outcome),
            "\n".join(looked_at(path, value) for path, value in sorted(outcome.values.items())),
        ]
        for outcome in outcomes
    ]


def looked_at(path: str, value: Any) -> str:
    """`company.turnover_pence`, 21000000 as `Turnover: £210,000`; the times of the paper's JSON are times again."""
    known = fact(path)
    if known and known.type is TIMESTAMP and isinstance(value, str):
        value = datetime.fromisoformat(value)
    label = path.rpartition(".")[2].removesuffix("_pence").removesuffix("_percent").replace("_", " ")
    return f"{label.capitalize()}: {in_words(path, value)}"


def _result(outcome: EligibilityOutcome) -> dict[str, str]:
    if outcome.passed:
        return {"tag": "Met", "tone": "good"}
    return {"tag": "Refer", "tone": "waiting"} if outcome.on_fail == "refer" else {"tag": "Not met", "tone": "neutral"}


def reasons(application: Application, outcomes: list[EligibilityOutcome]) -> list[dict[str, str]]:
    """For the company: every rule that was not met, and what to do instead."""
    rules = {rule.id: rule for rule in application.version.definition.eligibility.rules}
    return [
        {"sentence": outcome.sentence, "instead": (rules[outcome.rule_id].instead or "") if outcome.rule_id in rules else ""}
        for outcome in outcomes
        if not outcome.passed
    ]
