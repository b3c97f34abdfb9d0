"""Says, before anybody meets a rule, whether its names exist and its types fit."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from grants.rules import constants, slips
from grants.rules.syntax import MAX_ITEMS, ExpressionRefused, Node, parse
from grants.rules.types import ANY, BOOL, DOUBLE, DURATION, INT, NULL, NUMBERS, STRING, TIMESTAMP, Type, list_of

MAX_PATTERN = 200
MAX_REPEATS = 50
"""How often a pattern may repeat by count, all its counts multiplied: a pattern is built anew at each use."""
MAX_STEPS = 20_000
"""How many steps an expression may take at the most, each list as long as lists may be, whatever the answers are."""
Names = dict[str, Type]

_CALLS: dict[str, tuple[tuple[tuple[Type, ...], ...], Type]] = {
    "int": (((INT, DOUBLE, STRING),), INT),
    "double": (((INT, DOUBLE, STRING),), DOUBLE),
    "string": (((INT, DOUBLE, STRING, BOOL),), STRING),
    "date": (((STRING,),), TIMESTAMP),
    "duration": (((STRING,),), DURATION),
    "months_between": (((TIMESTAMP,), (TIMESTAMP,)), INT),
}
_METHODS: dict[str, tuple[Type, tuple[Type, ...], Type]] = {
    "startsWith": (STRING, (STRING,), BOOL),
    "endsWith": (STRING, (STRING,), BOOL),
    "contains": (STRING, (STRING,), BOOL),
    "matches": (STRING, (STRING,), BOOL),
    "getFullYear": (TIMESTAMP, (), INT),
    "getMonth": (TIMESTAMP, (), INT),
}


@dataclass(frozen=True)
class Checked:
    """What is known of an expression without running it: its type and the facts that it reads."""

    type: Type
    references: frozenset[str]


def check(text: str, names: Names, *, expects: Type = BOOL) -> Checked:
    """Read an expression and check it against the names there are. Raises ExpressionRefused, saying how to mend it."""
    checker = _Checker(names)
    tree = parse(text)
    found = checker.type_of(tree, {})
    constants.check(tree)
    if (steps := _steps(tree)) > MAX_STEPS:
        raise ExpressionRefused(
            f"This could take {steps:,} steps; a rule may take {MAX_STEPS:,}. A list inside another, or a pattern used on every item, "
            "costs most: go through one list only, or through a short one written out."
        )
    if not _fits(found, expects):
        raise ExpressionRefused(f"The expression gives a {found}; a {expects} answer is needed.")
    return Checked(found, frozenset(checker.references))


def check_path(path: str, names: Names) -> Type:
    """The type of a dotted name such as `company.size`. Raises ExpressionRefused when there is no such name."""
    node = parse(path)
    if node.path != path:
        raise ExpressionRefused(f"“{path}” is not a name.")
    return _Checker(names).type_of(node, {})


class _Checker:
    def __init__(self, names: Names) -> None:
        self.names = names
        self.references: set[str] = set()

    def type_of(self, node: Node, bound: Names) -> Type:
        return getattr(self, f"_{node.kind}")(node, bound)

    def _literal(self, node: Node, bound: Names) -> Type:
        kinds: dict[type, Type] = {bool: BOOL, int: INT, float: DOUBLE, str: STRING, type(None): NULL}
        return kinds[type(node.value)]

    def _name(self, node: Node, bound: Names) -> Type:
        name = str(node.value)
        if name in bound:
            return bound[name]
        if name not in self.names:
            raise _unknown(name, [*self.names, *bound])
        if self.names[name].name != "record":
            self.references.add(name)
        return self.names[name]

    def _member(self, node: Node, bound: Names) -> Type:
        holder = self.type_of(node.parts[0], bound)
        name = str(node.value)
        if holder == ANY:
            return ANY
        found = holder.member(name)
        path = node.path
        if found is None:
            root = node.parts[0].path or str(holder)
            raise _unknown(f"{root}.{name}", [f"{root}.{field}" for field, _ in holder.fields])
        if path and path.split(".")[0] in self.names and holder.name == "record":
            self.references.add(path)
        return found

    def _index(self, node: Node, bound: Names) -> Type:
        holder, index = (self.type_of(part, bound) for part in node.parts)
        wanted = {"list": INT, "map": STRING}.get(holder.name)
        if wanted is None or not _fits(index, wanted):
            raise ExpressionRefused(f"A {holder} cannot be looked into by a {index}.")
        return holder.of or ANY

    def _list(self, node: Node, bound: Names) -> Type:
        held = [self.type_of(part, bound) for part in node.parts]
        if held and any(not _fits(other, held[0]) for other in held):
            raise ExpressionRefused("The values of a list must all be of one type.")
        return list_of(held[0] if held else ANY)

    def _unary(self, node: Node, bound: Names) -> Type:
        inner = self.type_of(node.parts[0], bound)
        if node.value == "!":
            _need(inner, (BOOL,), "“!”")
        else:
            _need(inner, NUMBERS, "“-”")
        return inner

    def _choice(self, node: Node, bound: Names) -> Type:
        test, then, otherwise = (self.type_of(part, bound) for part in node.parts)
        _need(test, (BOOL,), "“?”")
        if not _fits(then, otherwise):
            raise ExpressionRefused(f"Both sides of “:” must be of one type, not {then} and {otherwise}.")
        return then

    def _operator(self, node: Node, bound: Names) -> Type:
        sign = str(node.value)
        left, right = (self.type_of(part, bound) for part in node.parts)
        if sign in ("&&", "||"):
            _need(left, (BOOL,), f"“{sign}”")
            _need(right, (BOOL,), f"“{sign}”")
            return BOOL
        if sign == "in":
            if right.name not in ("list", "map") or not _fits(left, right.of or ANY):
                raise ExpressionRefused(f"“in” looks for a {left} in a {right}, where there can be none.")
            _check_values(left, node.parts[1].parts or node.parts[1:])
            _check_values(right.of or ANY, node.parts[:1])
            return BOOL
        if sign in ("==", "!="):
            if not (_fits(left, right) or NULL in (left, right) or (left in NUMBERS and right in NUMBERS)):
                raise ExpressionRefused(f"A {left} is compared with a {right}; they are never equal.")
            _check_values(left, node.parts[1:])
            _check_values(right, node.parts[:1])
            return BOOL
        if sign in ("<", "<=", ">", ">="):
            if not ((left in NUMBERS and right in NUMBERS) or (_fits(left, right) and left in (STRING, TIMESTAMP, DURATION, ANY))):
                twice = " Write both comparisons, with “&&” between them." if left == BOOL and _is_comparison(node.parts[0]) else ""
                quoted = ' A day is written date("2027-03-31").' if {left, right} == {STRING, TIMESTAMP} else ""
                raise ExpressionRefused(f"A {left} cannot be compared with a {right} by “{sign}”.{twice}{quoted}")
            return BOOL
        if bound and left == right == STRING:
            raise ExpressionRefused("Texts are not joined inside a list: compare them as they are.")
        return _arithmetic(sign, left, right)

    def _call(self, node: Node, bound: Names) -> Type:
        name = str(node.value)
        if name == "has":
            if len(node.parts) != 1 or node.parts[0].kind != "member":
                raise ExpressionRefused("“has” asks about one name, such as has(answers.employees).")
            self.type_of(node.parts[0], bound)
            return BOOL
        held = [self.type_of(part, bound) for part in node.parts]
        if name == "size":
            if len(held) != 1 or (held[0].name not in ("list", "map", "string", "any")):
                raise ExpressionRefused("“size” counts the characters of one text or the items of one list.")
            return INT
        if name == "sum":
            if len(held) != 1 or held[0].name != "list" or held[0].of not in NUMBERS:
                raise ExpressionRefused("“sum” adds up one list of numbers, as in sum(answers.sites.map(site, site.beds)).")
            return held[0].of
        if name not in _CALLS:
            raise _unknown(name, [*_CALLS, "size", "sum", "has"], what="a function")
        takes, gives = _CALLS[name]
        if len(takes) != len(held) or any(not any(_fits(got, kind) for kind in kinds) for got, kinds in zip(held, takes, strict=True)):
            wanted = ", ".join(" or ".join(str(kind) for kind in kinds) for kinds in takes)
            raise ExpressionRefused(f"“{name}” takes {wanted}.")
        if name in ("date", "duration"):
            _check_literal(name, node.parts[0])
        return gives

    def _method(self, node: Node, bound: Names) -> Type:
        name = str(node.value)
        held = [self.type_of(part, bound) for part in node.parts]
        if name == "size" and len(held) == 1 and held[0].name in ("list", "map", "string"):
            return INT
        if name not in _METHODS:
            raise _unknown(name, [*_METHODS, "size"], what="a function")
        subject, takes, gives = _METHODS[name]
        if not _fits(held[0], subject) or len(held) - 1 != len(takes) or any(not _fits(g, t) for g, t in zip(held[1:], takes, strict=True)):
            raise ExpressionRefused(f"“{name}” is asked of a {subject} with ({', '.join(map(str, takes))}).")
        if name == "matches":
            _check_pattern(node.parts[1])
        return gives

    def _macro(self, node: Node, bound: Names) -> Type:
        name = str(node.value)
        holder = self.type_of(node.parts[0], bound)
        if holder.name not in ("list", "any") or len(node.parts) != 3 or node.parts[1].kind != "name":
            raise ExpressionRefused(f"“{name}” is asked of a list, as in answers.sites.{name}(x, …).")
        variable = str(node.parts[1].value)
        if variable in self.names or variable in bound:
            raise ExpressionRefused(f"“{variable}” already means something; use another letter in “{name}”.")
        inner = self.type_of(node.parts[2], {**bound, variable: holder.of or ANY})
        if name == "map":
            if inner.name in ("list", "map", "record"):
                raise ExpressionRefused("“map” gives one value for each item, not a list or a group for each.")
            return list_of(inner)
        _need(inner, (BOOL,), f"“{name}”")
        return holder if name == "filter" else BOOL


def _is_comparison(node: Node) -> bool:
    return node.kind == "operator" and node.value in ("<", "<=", ">", ">=")


def _steps(node: Node) -> int:
    """The most steps that working a node out can take."""
    if node.kind == "macro" and len(node.parts) == 3:
        return _steps(node.parts[0]) + _longest(node.parts[0]) * _steps(node.parts[2])
    steps = 1 + sum(_steps(part) for part in node.parts)
    return steps + _steps_of_pattern(str(node.parts[1].value)) if node.value == "matches" and len(node.parts) == 2 else steps


def _steps_of_pattern(pattern: str) -> int:
    """What building a pattern costs; a class of Unicode characters such as \\w is a large table."""
    classes = len(re.findall(r"\\[wWdDsSpPbB]", pattern))
    return 2 * _repeats(pattern) * (len(pattern) + 100 * classes)


def _repeats(pattern: str) -> int:
    """All counts of a pattern multiplied."""
    repeats = 1
    for counted in re.findall(r"\{[\d,]*\}", pattern):
        repeats *= max([int(number[:6]) for number in re.findall(r"\d+", counted)], default=1) or 1
    return repeats


def _longest(node: Node) -> int:
    """How many items a list can have."""
    if node.kind == "list":
        return len(node.parts)
    is_as_long = node.kind == "macro" and node.value in ("map", "filter")
    return _longest(node.parts[0]) if is_as_long else MAX_ITEMS


def _fits(found: Type, wanted: Type) -> bool:
    if ANY in (found, wanted):
        return True
    if found.name == wanted.name == "list":
        return _fits(found.of or ANY, wanted.of or ANY)
    return found == wanted


def _need(found: Type, wanted: tuple[Type, ...], what: str) -> None:
    if not any(_fits(found, kind) for kind in wanted):
        raise ExpressionRefused(f"{what} needs a {' or '.join(map(str, wanted))}, not a {found}.")


def _check_values(known: Type, others: tuple[Node, ...]) -> None:
    """A text with known values is compared with those only."""
    for other in others:
        if known.values and other.kind == "literal" and isinstance(other.value, str) and other.value not in known.values:
            raise ExpressionRefused(f"It is never “{other.value}”. It is one of {', '.join(known.values)}.")


def _arithmetic(sign: str, left: Type, right: Type) -> Type:
    if sign == "+" and left == right == STRING:
        return STRING
    if sign in "+-" and (left, right) == (TIMESTAMP, DURATION):
        return TIMESTAMP
    if (sign, left, right) == ("-", TIMESTAMP, TIMESTAMP):
        return DURATION
    if left in NUMBERS and right in NUMBERS and left != right:
        raise ExpressionRefused(f"“{sign}” mixes a whole number with a number; write double(…) around the whole one.")
    if left != right or left not in NUMBERS or (sign == "%" and left != INT):
        raise ExpressionRefused(f"“{sign}” cannot be used between a {left} and a {right}.")
    return left


def _check_literal(name: str, node: Node) -> None:
    pattern, example = (r"\d{4}-\d{2}-\d{2}", 'date("2026-04-01")') if name == "date" else (r"\d+[hms]", 'duration("720h")')
    if node.kind != "literal" or not re.fullmatch(pattern, str(node.value)):
        raise ExpressionRefused(f"Write {example}, with the value in quotation marks.")


def _check_pattern(node: Node) -> None:
    if node.kind != "literal" or len(str(node.value)) > MAX_PATTERN:
        raise ExpressionRefused(f"“matches” takes a pattern in quotation marks of at most {MAX_PATTERN} characters.")
    pattern = str(node.value)
    if _repeats(pattern) > MAX_REPEATS or re.search(r"[*+}]\)*[*+{]", pattern):
        raise ExpressionRefused("The pattern repeats a repetition, or repeats too often. Write it more simply.")


def _unknown(name: str, known: list[str], *, what: str = "a name") -> ExpressionRefused:
    near = [slips.NAMES[name]] if name in slips.NAMES else get_close_matches(name, known, n=1)
    hint = f" Did you mean “{near[0]}”?" if near else ""
    return ExpressionRefused(f"“{name}” is not {what} that rules can use.{hint}")
