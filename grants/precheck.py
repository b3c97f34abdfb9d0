"""The eligibility check for visitors: asks for what the public rules read, and answers with the same evaluator as a submission."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from grants import identifiers, sizes
from grants.definition import Definition
from grants.definition.form import Rule
from grants.money import rate_percent
from grants.rules import RuleOutcome, catalogue, evaluate
from grants.rules.evaluation import compiled
from grants.subsidies import limit_pence, window_start

if TYPE_CHECKING:
    from grants.models import Round

Given = dict[str, Any]
ORDER = (
    "legal_form", "status", "postcode", "incorporated_on", "employees", "turnover", "balance_sheet", "is_insolvent", "mfa_received",
    "grant", "project_cost", "starts_on", "ends_on",
)  # fmt: skip
"""What the catalogue's facts are asked from, in the order in which it is asked."""


NOT_ASKED = frozenset({"group", "cost_table", "milestone_plan", "calculated"})
"""Kinds of question that are asked in the form only."""


def rules(definition: Definition) -> list[Rule]:
    """The rules that the check answers: those marked public that can be worked out from what a visitor can be asked."""
    never = {f"answers.{question.id}" for question in definition.form.questions() if question.kind in NOT_ASKED}
    return [
        rule
        for rule in definition.eligibility.rules
        if rule.in_public_check and all(_can_ask(path) and path not in never for path in _reads(rule))
    ]


def rules_left_out(definition: Definition) -> list[Rule]:
    """The rules that are looked at only once an application is in."""
    asked = {rule.id for rule in rules(definition)}
    return [rule for rule in definition.eligibility.rules if rule.id not in asked]


def asks(definition: Definition, *, every: bool = False) -> list[str]:
    """What to ask: names from ORDER, then `answers.<question>` for the form's own questions, each once.

    `every`: for all rules, as when they are tried on example companies, not only for those of the public check.
    """
    told = definition.eligibility.rules if every else rules(definition)
    wanted = {name for rule in told for path in _reads(rule) for name in _fields(path)}
    askable = [question for question in definition.form.questions() if question.kind not in NOT_ASKED]
    own = [f"answers.{question.id}" for question in askable if f"answers.{question.id}" in wanted]
    return [name for name in ORDER if name in wanted] + own


def answer(definition: Definition, given: Given, *, round_facts: Given, at: datetime) -> list[RuleOutcome]:
    """Every public rule's outcome for what a visitor gave; what was left empty counts as not known."""
    return evaluate(rules(definition), facts(definition, given, round_facts=round_facts, at=at))


def facts(definition: Definition, given: Given, *, round_facts: Given, at: datetime) -> Given:
    """What the visitor gave, as the catalogue names it."""
    today = at.astimezone(ZoneInfo(definition.time_zone)).date()
    size = _size(definition, given, today)
    grant, cost, received = (given.get(name) for name in ("grant", "project_cost", "mfa_received"))
    starts_on, ends_on = given.get("starts_on"), given.get("ends_on")
    postcode = given.get("postcode") or None
    outcode = identifiers.outcode(postcode) if postcode else None
    return {
        "company": {
            "legal_form": given.get("legal_form") or None,
            "status": given.get("status") or None,
            "size": size,
            "employees": given.get("employees"),
            "turnover_pence": given.get("turnover"),
            "balance_sheet_pence": given.get("balance_sheet"),
            "postcode": postcode,
            "outcode": outcode,
            "area": definition.area_of(outcode) if outcode else None,
            "incorporated_on": given.get("incorporated_on"),
            "age_months": _age(given.get("incorporated_on"), today),
            "is_insolvent": given.get("is_insolvent"),
        },
        "application": {
            "grant_pence": grant,
            "project_pence": cost,
            "rate_percent": None if grant is None or cost is None else rate_percent(grant, cost),
            "starts_on": starts_on,
            "ends_on": ends_on,
            "months": months_begun(starts_on, ends_on) if starts_on and ends_on else None,
        },
        "costs": {
            "total_pence": cost,
            "eligible_pence": cost,
            "match_pence": None if grant is None or cost is None else cost - grant,
        },
        "subsidy": {
            "received_pence": received,
            "with_this_pence": None if received is None or grant is None else received + grant,
            "limit_pence": limit_pence(today),
            "window_from": window_start(today),
        },
        "round": round_facts | {"rate_max_percent": (definition.rate_for(size) or 0) if size else None},
        "answers": {name.removeprefix("answers."): value for name, value in given.items() if name.startswith("answers.")},
        "today": today,
    }


def months_begun(first: date, last: date) -> int:
    """Months from the first day to the last, begun ones counted: 1 March to 31 May is three."""
    return (last.year - first.year) * 12 + last.month - first.month + (1 if last.day >= first.day else 0)


def _size(definition: Definition, given: Given, today: date) -> str | None:
    if given.get("legal_form") == "plc":
        return sizes.LARGE
    figures = [given.get(name) for name in ("turnover", "balance_sheet", "employees")]
    if any(figure is None for figure in figures):
        return None
    limits = sizes.Limits(*figures)  # type: ignore[arg-type]
    if definition.size_rule == "eu_2003_361":
        return sizes.by_eu(sizes.in_euro_cents(limits, on=today))
    return sizes.classify(limits, rule_set=definition.size_rule, year_began_on=today)


def _age(incorporated_on: date | None, today: date) -> int | None:
    if incorporated_on is None:
        return None
    return (today.year - incorporated_on.year) * 12 + today.month - incorporated_on.month - (today.day < incorporated_on.day)


def _reads(rule: Rule) -> Iterable[str]:
    return compiled(rule.must)[1]


def _can_ask(path: str) -> bool:
    group = path.split(".")[0]
    fact = catalogue.fact(path)
    given_freely = group in ("round", "today") or path in ("subsidy.limit_pence", "subsidy.window_from")
    return given_freely or group == "answers" or bool(fact and fact.asks)


def _fields(path: str) -> Iterator[str]:
    if path.startswith("answers."):
        yield path
    elif path == "round.rate_max_percent":
        yield from ("employees", "turnover", "balance_sheet")
    elif fact := catalogue.fact(path):
        yield from fact.asks


def round_facts(definition: Definition, round_: "Round | None") -> Given:
    """The facts of the round that the check is for; its times are not known where none is announced."""
    return {
        "reference": round_.reference if round_ else None,
        "opens_at": round_.opens_at if round_ else None,
        "closes_at": round_.closes_at if round_ else None,
        "grant_min_pence": definition.funding.grant_min,
        "grant_max_pence": definition.funding.grant_max,
    }


def taken_up(kept: Given) -> Given:
    """What `kept` made plain, as it was: dates and exact numbers again."""
    days = ("starts_on", "ends_on", "incorporated_on")
    found = {name: date.fromisoformat(value) if name in days else value for name, value in kept.items()}
    return {name: _day_or(value) if name.startswith("answers.") else value for name, value in found.items()}


def _day_or(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else value
    except ValueError:
        return value


def kept(given: Given) -> Given:
    """What a visitor gave, as plain values for their own session: dates and decimals as text, what was left empty left out."""
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()}
    return {
        name: format(value, "f") if isinstance(value, Decimal) else value for name, value in plain.items() if value not in (None, "", [])
    }


def session_key(slug: str) -> str:
    """Where a browser's session keeps what was answered for a programme."""
    return f"precheck:{slug}"
