"""What every rule of a definition says of example companies: made-up ones of the programme, and some that every programme has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.timezone import localdate

from grants import precheck
from grants.definition import Definition
from grants.models import ExampleCompany
from grants.rules import RuleOutcome, evaluate


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
    starts_on = localdate(at) + timedelta(days=120)
    usual = {
        "legal_form": "limited",
        "status": "active",
        "postcode": postcode_in(definition),
        "employees": 8,
        "turnover": 60_000_000,
        "balance_sheet": 30_000_000,
        "incorporated_on": localdate(at) - timedelta(days=1_500),
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
    facts["company"] |= {"overdue_reports": given.get("overdue_reports") or 0}
    facts["application"] |= {"tries": given.get("tries") or 0}
    facts["subsidy"] |= {"is_confirmed": given.get("is_confirmed") is not False}
    facts["costs"] |= _costs(definition, facts["answers"].get(definition.form.means.costs))
    files = {question.id for question in definition.form.questions() if question.kind == "file"}
    for id in files & facts["answers"].keys():
        there = facts["answers"][id]
        facts["answers"][id] = None if there is None else ["example.pdf"] if there else []
    return evaluate(definition.eligibility.rules, precheck.worked_out(definition, facts), asked=definition.form.labels())


def _costs(definition: Definition, lines: list[dict[str, Any]] | None) -> dict[str, Any]:
    """What lines of a cost table come to; nothing where an example has none, so that its whole cost stands."""
    if not lines:
        return {}
    categories = definition.delivery.cost_categories
    by = {each.id: sum(line.get("amount_pence") or 0 for line in lines if line.get("category") == each.id) for each in categories}
    return {
        "by_category": by,
        "total_pence": sum(by.values()),
        "eligible_pence": sum(by[each.id] for each in categories if each.is_eligible),
    }


def postcode_in(definition: Definition) -> str:
    """A postcode that lies in the area; Birmingham's where the programme names none."""
    for pattern in definition.area.includes if definition.area else ["B"]:
        bare = pattern.partition("-")[0]
        outcode = bare if bare[-1].isdigit() else f"{bare}1"
        if definition.area_of(outcode) == "in":
            return f"{outcode} 1AA"
    return "B1 1AA"
