"""What every rule of a definition says of example companies: made-up ones of the programme, and some that every programme has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from grants import precheck
from grants.definition import Definition
from grants.definition.questions import Calculated
from grants.models import ExampleCompany
from grants.rules import RuleOutcome, evaluate
from grants.rules.evaluation import worked_out


@dataclass(frozen=True)
class Example:
    """A made-up company, as the eligibility check would be given it."""

    name: str
    given: Mapping[str, Any]
    pk: int | None = None


def ready_made(definition: Definition, at: datetime) -> list[Example]:
    """A company that asks for what is usual, and three that should meet a rule."""
    funding = definition.funding
    grant = (funding.grant_min + funding.grant_max) // 2 // 100 * 100
    rate = definition.rate_for("small") or definition.funding.rates[0].percent or Decimal(100)
    starts_on = at.date() + timedelta(days=120)
    usual = {
        "legal_form": "limited",
        "status": "active",
        "postcode": _postcode(definition),
        "employees": 8,
        "turnover": 60_000_000,
        "balance_sheet": 30_000_000,
        "incorporated_on": at.date() - timedelta(days=1_500),
        "is_insolvent": False,
        "mfa_received": 0,
        "grant": grant,
        "project_cost": int(grant * 100 / rate) + 100,
        "starts_on": starts_on,
        "ends_on": starts_on + timedelta(days=150),
    }
    return [
        Example("The usual case", usual),
        Example("A large plc", usual | {"legal_form": "plc", "employees": 900, "turnover": 9_000_000_000, "balance_sheet": 6_000_000_000}),
        Example("Elsewhere, insolvent", usual | {"postcode": "PL1 1AA", "is_insolvent": True, "status": "insolvent"}),
        Example("Asks for too much", usual | {"grant": funding.grant_max * 2, "mfa_received": 31_000_000}),
    ]


def examples(definition: Definition, stored: Iterable[ExampleCompany], at: datetime) -> list[Example]:
    """The programme's own examples, then the ready-made ones."""
    own = [Example(each.name, precheck.taken_up(each.given), each.pk) for each in stored]
    return own + ready_made(definition, at)


def answer(definition: Definition, given: Mapping[str, Any], at: datetime) -> list[RuleOutcome]:
    """Every rule's outcome for one example, as at a submission in a round that is open now."""
    round_facts = precheck.round_facts(definition, None) | {
        "reference": "EXAMPLE-1",
        "opens_at": at - timedelta(days=7),
        "closes_at": at + timedelta(days=30),
    }
    facts = precheck.facts(definition, dict(given), round_facts=round_facts, at=at)
    facts["company"] |= {"overdue_reports": 0}
    facts["application"] |= {"tries": 0, "activity": facts["answers"].get(definition.form.means.activity or "")}
    facts["subsidy"] |= {"is_confirmed": True}
    files = {question.id for question in definition.form.questions() if question.kind == "file"}
    for id in files & facts["answers"].keys():
        there = facts["answers"][id]
        facts["answers"][id] = None if there is None else ["example.pdf"] if there else []
    for question in definition.form.questions():
        if isinstance(question, Calculated):
            facts["answers"][question.id] = worked_out(question.value, facts)
    return evaluate(definition.eligibility.rules, facts)


def _postcode(definition: Definition) -> str:
    """A postcode that lies in the area; Birmingham's where the programme names none."""
    for pattern in definition.area.includes if definition.area else ["B"]:
        bare = pattern.partition("-")[0]
        outcode = bare if bare[-1].isdigit() else f"{bare}1"
        if definition.area_of(outcode) == "in":
            return f"{outcode} 1AA"
    return "B1 1AA"
