"""The eligibility check for visitors: asks for what the public rules read, and answers with the same evaluator as a submission."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from grants import calculated, identifiers, sizes
from grants.definition import Definition
from grants.definition.form import Rule
from grants.definition.questions import Calculated
from grants.money import rate_percent
from grants.rules import RuleOutcome, catalogue, evaluate
from grants.rules.evaluation import compiled
from grants.rules.types import DOUBLE, TIMESTAMP
from grants.subsidies import limit_pence, window_start

if TYPE_CHECKING:
    from grants.models import Round

Given = dict[str, Any]
ORDER = (
    "legal_form", "status", "company_number", "sic_codes", "postcode", "incorporated_on", "employees", "turnover", "balance_sheet",
    "is_insolvent", "mfa_received", "grant", "project_cost", "starts_on", "ends_on",
)  # fmt: skip
"""What the catalogue's facts are asked from, in the order in which it is asked."""
OURS = {"company.overdue_reports": "overdue_reports", "application.tries": "tries", "subsidy.is_confirmed": "is_confirmed"}
"""Facts that no visitor can be asked: only an example company is given them."""
IN_ROWS = ("group", "cost_table", "milestone_plan")
"""Kinds of question whose answer is several rows: asked in the form, and of an example company."""


def rules(definition: Definition) -> list[Rule]:
    """The rules that the check answers: those marked public that can be worked out from what a visitor can be asked."""
    rows = {f"answers.{question.id}" for question in definition.form.questions() if question.kind in IN_ROWS}
    return [
        rule
        for rule in definition.eligibility.rules
        if rule.in_public_check and all(_can_ask(definition, path) and path not in rows for path in _reads(definition, rule))
    ]


def rules_left_out(definition: Definition) -> list[Rule]:
    """The rules that are looked at only once an application is in."""
    asked = {rule.id for rule in rules(definition)}
    return [rule for rule in definition.eligibility.rules if rule.id not in asked]


def left_out(definition: Definition) -> list[tuple[str, str]]:
    """The rules that the check does not try, each with why."""
    return [(rule.title, _why_left_out(definition, rule)) for rule in rules_left_out(definition)]


def _why_left_out(definition: Definition, rule: Rule) -> str:
    rows = {f"answers.{question.id}": question.label for question in definition.form.questions() if question.kind in IN_ROWS}
    read = _reads(definition, rule)
    asked = [rows[path] for path in rows if path in read]
    if "costs.by_category" in read:
        asked = [rows[f"answers.{definition.form.means.costs}"], *asked]
    if asked:
        listed = ", ".join(f"“{label}”" for label in dict.fromkeys(asked))
        return f"It goes by what you list in the form under {listed}"
    return "It goes by what we know of you, or by what you confirm when you apply" if read & OURS.keys() else "We look at it ourselves"


def asks(definition: Definition, *, every: bool = False) -> list[str]:
    """What to ask: names from ORDER, then `answers.<question>` for the form's own questions, each once.

    `every`: for all rules, as when they are tried on example companies, not only for those of the public check; rows are asked apart.
    """
    told = definition.eligibility.rules if every else rules(definition)
    wanted = {name for rule in told for path in _reads(definition, rule) for name in _fields(definition, path)}
    asked = [question for question in definition.form.questions() if question.kind not in (*IN_ROWS, "calculated")]
    own = [f"answers.{question.id}" for question in asked if f"answers.{question.id}" in wanted]
    return [name for name in (*ORDER, *(OURS.values() if every else ())) if name in wanted] + own


def rows_asked(definition: Definition) -> list[Any]:
    """The questions of several rows that some rule reads, for an example company to be given rows."""
    wanted = {path for rule in definition.eligibility.rules for path in _reads(definition, rule)}
    if "costs.by_category" in wanted:
        wanted.add(f"answers.{definition.form.means.costs}")
    return [each for each in definition.form.questions() if each.kind in IN_ROWS and f"answers.{each.id}" in wanted]


def answer(definition: Definition, given: Given, *, round_facts: Given, at: datetime) -> list[RuleOutcome]:
    """Every public rule's outcome for what a visitor gave; what was left empty counts as not known."""
    found = facts(definition, given, round_facts=round_facts, at=at)
    return evaluate(rules(definition), found, asked=definition.form.labels())


def facts(definition: Definition, given: Given, *, round_facts: Given, at: datetime) -> Given:
    """What the visitor gave, as the catalogue names it, with what the form works out from it."""
    return worked_out(definition, _facts(definition, given, round_facts=round_facts, at=at))


def worked_out(definition: Definition, found: Given) -> Given:
    """The facts with the form's calculated values, each from those before it."""
    for question in definition.form.questions():
        if isinstance(question, Calculated):
            found["answers"][question.id] = calculated.as_answer(question, calculated.value(question, found))
    return found


def _facts(definition: Definition, given: Given, *, round_facts: Given, at: datetime) -> Given:
    today = at.astimezone(ZoneInfo(definition.time_zone)).date()
    size = _size(definition, given, today)
    grant, cost, received = (given.get(name) for name in ("grant", "project_cost", "mfa_received"))
    starts_on, ends_on = given.get("starts_on"), given.get("ends_on")
    postcode = given.get("postcode") or None
    outcode = identifiers.outcode(postcode) if postcode else None
    answers = _answers(definition, given)
    activity = answers.get(definition.form.means.activity or "")
    rate = definition.rate_for(size, activity) if size else None
    return {
        "company": {
            "number": given.get("company_number") or None,
            "sic_codes": given.get("sic_codes"),
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
            "activity": activity,
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
        "round": round_facts | {"rate_max_percent": (rate or 0) if size else None},
        "answers": answers,
        "today": today,
    }


def months_begun(first: date, last: date) -> int:
    """Months from the first day to the last, begun ones counted: 1 March to 31 May is three."""
    return (last.year - first.year) * 12 + last.month - first.month + (1 if last.day >= first.day else 0)


def _answers(definition: Definition, given: Given) -> Given:
    """The form's own answers: those given by their question, and those that the house asks in its own words."""
    found = {path.removeprefix("answers."): given[name] for path, name in _in_our_words(definition).items() if name in given}
    found |= {name.removeprefix("answers."): value for name, value in given.items() if name.startswith("answers.")}
    return {question.id: _typed(question, found[question.id]) for question in definition.form.questions() if question.id in found}


def _typed(question: Any, value: Any) -> Any:
    """An answer that was kept as plain text, as rules take it again."""
    if question.kind == "group" and isinstance(value, list):
        return [{cell.id: _typed(cell, row.get(cell.id)) for cell in question.questions} for row in value]
    if isinstance(value, str) and question.answer_type in (DOUBLE, TIMESTAMP):
        return Decimal(value) if question.answer_type == DOUBLE else date.fromisoformat(value)
    return value


def _in_our_words(definition: Definition) -> dict[str, str]:
    """The form's questions that mean what the check asks in any programme, so that nothing is asked twice."""
    means = definition.form.means
    same = {
        "grant": means.grant,
        "starts_on": means.starts_on,
        "ends_on": means.ends_on,
        "mfa_received": means.assistance,
        "is_insolvent": means.insolvent,
    }
    return {f"answers.{question}": name for name, question in same.items() if question}


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


def _reads(definition: Definition, rule: Rule) -> set[str]:
    """The names that a rule reads, itself or by way of a calculated value."""
    worked_out = {f"answers.{each.id}": each.value for each in definition.form.questions() if isinstance(each, Calculated)}
    found: set[str] = set()
    waiting = list(compiled(rule.must)[1])
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += compiled(worked_out[path])[1] if path in worked_out else ()
    return found - worked_out.keys()


def _can_ask(definition: Definition, path: str) -> bool:
    group = path.split(".")[0]
    fact = catalogue.fact(path)
    given_freely = group in ("round", "today") or path in ("subsidy.limit_pence", "subsidy.window_from")
    is_asked = path == "application.activity" and definition.form.means.activity is not None
    return given_freely or is_asked or group == "answers" or bool(fact and fact.asks)


def _fields(definition: Definition, path: str) -> Iterator[str]:
    activity = definition.form.means.activity
    if path.startswith("answers."):
        yield _in_our_words(definition).get(path, path)
    elif path == "round.rate_max_percent":
        yield from ("employees", "turnover", "balance_sheet")
        if activity and any(rate.activities for rate in definition.funding.rates):
            yield f"answers.{activity}"
    elif path == "application.activity":
        yield f"answers.{activity}"
    elif path in OURS:
        yield OURS[path]
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
    """What `kept` made plain, with its days as dates again; the form's own answers take their types from their questions."""
    days = ("starts_on", "ends_on", "incorporated_on")
    return {name: date.fromisoformat(value) if name in days else value for name, value in kept.items()}


def kept(given: Given) -> Given:
    """What a visitor gave, as plain values for their own session: dates and decimals as text, what was left empty left out."""
    return {name: _plain(value) for name, value in given.items() if value not in (None, "", [])}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return kept(value)
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


def session_key(slug: str) -> str:
    """Where a browser's session keeps what was answered for a programme."""
    return f"precheck:{slug}"
