"""Reads an expression into a small tree, so that names, types and size are known before anything is run.

It takes a strict subset of CEL: literals, names, members, calls, operators, lists, and the macros. What it takes, the evaluator runs;
what it refuses (bytes, map literals, raw strings, anything too deep or too long) never reaches it.
"""

import re
from dataclasses import dataclass, field

from grants.rules import slips

MAX_LENGTH = 2_000
MAX_DEPTH = 24
MAX_NODES = 300
MAX_MACRO_DEPTH = 2
MAX_ITEMS = 200
"""Lists are cut to this many items before a rule sees them."""
MACROS = frozenset({"exists", "all", "exists_one", "filter", "map"})


class ExpressionRefused(ValueError):
    """The expression cannot be used; the words say where and how to mend it."""


@dataclass(frozen=True)
class Node:
    """One piece of an expression. `kind` says which fields matter; `start` and `end` are its place in the text."""

    kind: str
    start: int
    end: int
    value: object = None
    parts: tuple["Node", ...] = field(default=())

    @property
    def path(self) -> str | None:
        """`company.size` for a chain of names, else None."""
        if self.kind == "name":
            return str(self.value)
        if self.kind == "member" and (root := self.parts[0].path):
            return f"{root}.{self.value}"
        return None


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<double>\d+\.\d+(?:[eE][+-]?\d+)?)
    | (?P<int>\d+)
    | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>\|\||&&|==|!=|<=|>=|[-+*/%!<>?:.,()\[\]])
    | (?P<end>$)
    )""",
    re.VERBOSE,
)
_LEVELS: tuple[tuple[str, ...], ...] = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"), ("*", "/", "%"))
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def parse(text: str) -> Node:
    """The tree of an expression. Raises ExpressionRefused with the place and the reason."""
    if not text.strip():
        raise ExpressionRefused("The expression is empty.")
    if len(text) > MAX_LENGTH:
        raise ExpressionRefused(f"The expression is {len(text):,} characters long; the most is {MAX_LENGTH:,}.")
    return _Parser(text).whole()


def walk(node: Node) -> list[Node]:
    """The node and everything below it, outermost first."""
    found = [node]
    for part in node.parts:
        found.extend(walk(part))
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0
        self.macro_depth = 0
        self.nodes = 0

    def whole(self) -> Node:
        node = self.ternary()
        if self.now.kind != "end":
            raise self.unexpected()
        return node

    @property
    def now(self) -> _Token:
        return self.tokens[self.at]

    def unexpected(self) -> ExpressionRefused:
        what = "the end" if self.now.kind == "end" else f"“{self.now.text}”"
        mend = slips.of_tokens(*(self._piece(self.at + step) for step in (-1, 0, 1)), open_brackets=self._open_brackets())
        return ExpressionRefused(f"At character {self.now.start + 1}, {what} was not expected here.{mend}")

    def _piece(self, place: int) -> tuple[str, str]:
        return (self.tokens[place].kind, self.tokens[place].text) if 0 <= place < len(self.tokens) else ("", "")

    def _open_brackets(self) -> str:
        """The brackets before this place that nothing has closed."""
        found = ""
        for token in self.tokens[: self.at]:
            if token.kind == "sign" and token.text in "([":
                found += token.text
            elif token.kind == "sign" and token.text in ")]":
                found = found[:-1]
        return found

    def take(self, text: str) -> bool:
        if self.now.kind in ("sign", "name") and self.now.text == text:
            self.at += 1
            return True
        return False

    def need(self, text: str) -> _Token:
        token = self.now
        if not self.take(text):
            raise self.unexpected()
        return token

    def node(self, kind: str, start: int, value: object = None, *parts: Node) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise ExpressionRefused(f"The expression has more than {MAX_NODES} parts. Split it into several rules.")
        return Node(kind, start, self.tokens[self.at - 1].end, value, parts)

    def ternary(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionRefused(f"The expression is nested more than {MAX_DEPTH} deep. Split it into several rules.")
        start = self.now.start
        node = self.binary(0)
        if self.take("?"):
            then = self.ternary()
            self.need(":")
            node = self.node("choice", start, None, node, then, self.ternary())
        self.depth -= 1
        return node

    def binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self.unary()
        start = self.now.start
        left = self.binary(level + 1)
        while self.now.text in _LEVELS[level] and self.now.kind in ("sign", "name"):
            sign = self.now.text
            self.at += 1
            left = self.node("operator", start, sign, left, self.binary(level + 1))
        return left

    def unary(self) -> Node:
        start = self.now.start
        for sign in ("!", "-"):
            if self.take(sign):
                self.depth += 1
                if self.depth > MAX_DEPTH:
                    raise ExpressionRefused(f"The expression is nested more than {MAX_DEPTH} deep. Split it into several rules.")
                node = self.node("unary", start, sign, self.unary())
                self.depth -= 1
                return node
        return self.members(self.primary())

    def members(self, node: Node) -> Node:
        start = node.start
        while True:
            if self.take("."):
                if self.now.kind != "name":
                    raise self.unexpected()
                name = self.now.text
                self.at += 1
                node = self.called(name, start, node) if self.take("(") else self.node("member", start, name, node)
            elif self.take("["):
                index = self.ternary()
                self.need("]")
                node = self.node("index", start, None, node, index)
            else:
                return node

    def called(self, name: str, start: int, subject: Node | None = None) -> Node:
        before = [] if subject is None else [subject]
        is_macro = subject is not None and name in MACROS
        if is_macro:
            self.macro_depth += 1
            if self.macro_depth > MAX_MACRO_DEPTH:
                raise ExpressionRefused(f"“{name}” stands inside {MAX_MACRO_DEPTH} others; that is as deep as they may go.")
        arguments = self.listed(")")
        if is_macro:
            self.macro_depth -= 1
        kind = "macro" if is_macro else "method" if subject is not None else "call"
        return self.node(kind, start, name, *before, *arguments)

    def listed(self, closing: str) -> list[Node]:
        found: list[Node] = []
        if self.take(closing):
            return found
        while True:
            found.append(self.ternary())
            if self.take(closing):
                return found
            self.need(",")

    def primary(self) -> Node:
        token = self.now
        self.at += 1
        match token.kind:
            case "int":
                if int(token.text) >= 2**63:
                    raise ExpressionRefused(f"At character {token.start + 1}, {token.text} is too large a number.")
                return self.node("literal", token.start, int(token.text))
            case "double":
                return self.node("literal", token.start, float(token.text))
            case "string":
                return self.node("literal", token.start, _unquoted(token.text))
            case "name" if token.text in ("true", "false"):
                return self.node("literal", token.start, token.text == "true")
            case "name" if token.text == "null":
                return self.node("literal", token.start, None)
            case "name" if token.text != "in":
                return self.called(token.text, token.start) if self.take("(") else self.node("name", token.start, token.text)
            case "sign" if token.text == "(":
                inner = self.ternary()
                self.need(")")
                return inner
            case "sign" if token.text == "[":
                return self.node("list", token.start, None, *self.listed("]"))
        self.at -= 1
        raise self.unexpected()


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while True:
        match = _TOKEN.match(text, at)
        if match is None:
            place = at + len(text[at:]) - len(text[at:].lstrip())
            raise ExpressionRefused(
                f"At character {place + 1}, “{text[place]}” does not belong in an expression.{slips.of_sign(text[place])}"
            )
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, match[kind], match.start(kind), match.end(kind)))
        if kind == "end":
            return tokens
        at = match.end()


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text[1:-1])
