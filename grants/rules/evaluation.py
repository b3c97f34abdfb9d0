"""Answers rules: every one of them, each with its sentence and the values that decided it."""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from types import ModuleType
from typing import Any, Protocol

from grants.rules import catalogue, sentences
from grants.rules.syntax import MAX_ITEMS, ExpressionRefused, parse, walk

# The package imports its command line too, and with it a terminal library: half a second and 15 MB in each of our processes.
sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))
import cel  # noqa: E402

MAX_CHARACTERS = 20_000
MAX_CHARACTERS_OF_ITEM = 1_000
"""Texts inside lists, such as what a cost line is for, are cut to this before a rule sees them."""


class Rule(Protocol):
    """What evaluation needs to know of a rule; `grants.definition.form.Rule` has more."""

    @property
    def id(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def must(self) -> str: ...
    @property
    def on_fail(self) -> str: ...
    @property
    def sentence(self) -> str: ...


@dataclass(frozen=True)
class RuleOutcome:
    """What one rule says of one set of facts.

    `passed` is False both when the rule is broken and when a fact it needs is not known; then `missing` names that fact and `on_fail` is
    `refer`, for nobody is rejected for what we do not know. `values` holds the facts it read, as JSON can carry them.
    """

    id: str
    code: str
    passed: bool
    on_fail: str
    sentence: str
    values: dict[str, Any]
    missing: tuple[str, ...] = field(default=())


def evaluate(rules: Iterable[Rule], facts: Mapping[str, Any], *, asked: Mapping[str, str] | None = None) -> list[RuleOutcome]:
    """The outcome of every rule, in order. `facts` is what `grants.rules.catalogue` lists; None means not known.

    `asked` are the form's own questions in words, by their ids, for whoever hears that one is not answered.
    """
    plain = as_cel(facts)
    context = cel.Context(variables=plain, functions=FUNCTIONS)
    return [_outcome(rule, plain, context, asked or {}) for rule in rules]


def holds(expression: str, facts: Mapping[str, Any]) -> bool:
    """Whether a condition (`when:`) holds; a condition on a fact that is not known does not."""
    program, _ = compiled(expression)
    try:
        return program.execute(cel.Context(variables=as_cel(facts), functions=FUNCTIONS)) is True
    except _FAILURES:
        return False


def worked_out(expression: str, facts: Mapping[str, Any]) -> Any:
    """What an expression gives; None where a fact that it needs is not known, or there is no such number."""
    program, _ = compiled(expression)
    try:
        return program.execute(cel.Context(variables=as_cel(facts), functions=FUNCTIONS))
    except _FAILURES:
        return None


@lru_cache(maxsize=4_096)
def compiled(expression: str) -> tuple[cel.Program, tuple[str, ...]]:
    """The compiled expression and the dotted names it reads. Raises ExpressionRefused."""
    tree = parse(expression)
    try:
        return cel.compile(expression), _paths(tree)
    except ValueError as error:
        raise ExpressionRefused(f"The expression cannot be read: {str(error).splitlines()[0]}") from None


def as_cel(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as the evaluator takes them: unknown ones left out, dates at midnight UTC, decimals as numbers, nothing endless."""
    return {name: _plain(value) for name, value in facts.items() if value is not None}


def _outcome(rule: Rule, facts: dict[str, Any], context: cel.Context, asked: Mapping[str, str]) -> RuleOutcome:
    program, paths = compiled(rule.must)
    values = {path: _json(sentences.look_up(path, facts)) for path in dict.fromkeys([*paths, *sentences.quoted_names(rule.sentence)])}
    try:
        passed = program.execute(context)
    except _FAILURES:
        missing = tuple(path for path in paths if sentences.look_up(path, facts) is None)
        return RuleOutcome(rule.id, rule.code, False, "refer", _not_known(rule, missing, asked), values, missing)
    return RuleOutcome(rule.id, rule.code, passed is True, rule.on_fail, sentences.fill(rule.sentence, facts), values)


def _not_known(rule: Rule, missing: tuple[str, ...], asked: Mapping[str, str]) -> str:
    if not missing:
        return f"“{rule.title}” could not be worked out from what was given, so a person will look at it."
    names = "; ".join(_in_words(path, asked) for path in missing)
    return f"“{rule.title}” could not be checked, because this is not known: {names}. A person will look at it."


def _in_words(path: str, asked: Mapping[str, str]) -> str:
    """What a name in a rule means, for people who never read one."""
    fact, (group, _, name) = catalogue.fact(path), path.partition(".")
    if group == "answers" and (label := asked.get(name.partition(".")[0])):
        return f"your answer to “{label}”"
    return fact.means if fact else name.replace("_pence", "").replace("_", " ") or path


def _paths(tree: Any) -> tuple[str, ...]:
    """The longest dotted names in a tree, macros' own letters left out."""
    nodes = walk(tree)
    own = {str(node.parts[1].value) for node in nodes if node.kind == "macro"}
    inner = {id(node.parts[0]) for node in nodes if node.kind == "member"}
    found = (node.path for node in nodes if node.path and id(node) not in inner)
    return tuple(dict.fromkeys(path for path in found if path.split(".")[0] not in own))


def _plain(value: Any, longest: int = MAX_CHARACTERS) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(held, longest) for name, held in value.items() if held is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(held, MAX_CHARACTERS_OF_ITEM) for held in value[:MAX_ITEMS]]
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, Decimal):
        return float(value)
    return value[:longest] if isinstance(value, str) else value


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _json(held) for name, held in value.items()}
    return [_json(held) for held in value] if isinstance(value, list) else value


def _date(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def months_between(first: datetime, last: datetime) -> int:
    """Full months from one date to another; negative when the second comes first."""
    if last < first:
        return -months_between(last, first)
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


FUNCTIONS: dict[str, Callable[..., Any]] = {"date": _date, "months_between": months_between, "sum": sum}
_FAILURES = (KeyError, TypeError, ValueError, ArithmeticError, RuntimeError, LookupError)
