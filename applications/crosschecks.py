"""Whether answers agree with each other, as the programme's own checks have it: told while people write, insisted on when they send."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from applications.reading import Reading
from grants.rules import RuleOutcome, evaluate
from grants.rules.evaluation import compiled


@dataclass(frozen=True)
class Disagreement:
    """A check that does not hold. `section` is where it stands, "" for one of the whole form."""

    section: str
    outcome: RuleOutcome

    @property
    def sentence(self) -> str:
        return self.outcome.sentence


def outcomes(reading: Reading) -> list[tuple[str, Any, RuleOutcome]]:
    """Section, check and outcome of every check whose answers are all there; what is not answered yet agrees with everything."""
    asked = list(_asked(reading))
    found = evaluate([check for _, check in asked], reading.facts) if asked else []
    return [(section, check, outcome) for (section, check), outcome in zip(asked, found, strict=True) if outcome.on_fail == "reject"]


def disagreements(reading: Reading) -> list[Disagreement]:
    """Every check that does not hold as the answers stand."""
    return [Disagreement(section, outcome) for section, _, outcome in outcomes(reading) if not outcome.passed]


def told_on(reading: Reading, section: Any) -> list[Any]:
    """The checks that a section's page tells of: its own, and those of the whole form that read one of its questions."""
    here = {question.id for question in section.questions}
    return [*section.checks, *(check for check in reading.definition.form.checks if _questions(check.must) & here)]


def on_page(reading: Reading, section: Any) -> dict[str, str]:
    """What a section's page says of its checks, by the question beside which it is said; "" while they hold."""
    told = {check.id: place(check, section) for check in told_on(reading, section)}
    said = dict.fromkeys(told.values(), "")
    for one in disagreements(reading) if told else ():
        if one.outcome.id in told:
            said[told[one.outcome.id]] += f" {one.sentence}"
    return {question: sentence.strip() for question, sentence in said.items()}


def place(check: Any, section: Any) -> str:
    """The question beside which a check is told: the last that it reads, or the section's last."""
    reads = _questions(check.must)
    asked = [question.id for question in section.questions if question.kind != "calculated"]
    return ([id for id in asked if id in reads] or asked)[-1]


def _asked(reading: Reading) -> Iterator[tuple[str, Any]]:
    for found in reading.asked:
        yield from ((found.section.id, check) for check in found.section.checks)
    yield from (("", check) for check in reading.definition.form.checks)


def _questions(expression: str) -> frozenset[str]:
    return frozenset(path.split(".")[1] for path in compiled(expression)[1] if path.startswith("answers."))
