"""Says which numbers of an expression are known before any company is, and refuses those that nobody could ever work out."""

from collections.abc import Callable

from grants.rules.syntax import ExpressionRefused, Node

Number = int | float
LIMIT = 2**63
"""Whole numbers go from minus this to one below it: 64 bits, as in CEL."""
_SUMS: dict[str, Callable[[Number, Number], Number]] = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}


def check(node: Node) -> Number | None:
    """What a node gives where its own text says so, else None. Raises ExpressionRefused for a division by 0, or too large a number."""
    known = [check(part) for part in node.parts]
    if node.kind == "operator" and node.value in ("/", "%") and known[1] == 0:
        raise ExpressionRefused(f"At character {node.parts[1].start + 1}, “{node.value}” divides by 0, which has no answer.")
    found = _worked_out(node, known)
    if found is not None and not (-LIMIT <= found < LIMIT if isinstance(found, int) else abs(found) < float("inf")):
        raise ExpressionRefused(f"At character {node.start + 1}, this comes to a number that is too large to be worked out.")
    return found


def _worked_out(node: Node, known: list[Number | None]) -> Number | None:
    if node.kind == "literal":
        return node.value if isinstance(node.value, (int, float)) and not isinstance(node.value, bool) else None
    held = [number for number in known if number is not None]
    if not held or len(held) != len(known):
        return None
    if node.kind == "unary":
        return -held[0]
    if node.kind == "call" and len(held) == 1 and node.value in ("int", "double"):
        return int(held[0]) if node.value == "int" else float(held[0])
    if node.kind != "operator" or type(held[0]) is not type(held[1]):
        return None
    sign, (left, right) = str(node.value), held
    return _SUMS[sign](left, right) if sign in _SUMS else _shared(sign, left, right) if sign in ("/", "%") else None


def _shared(sign: str, left: Number, right: Number) -> Number:
    """A division, whole numbers rounded towards nought as the evaluator does."""
    if isinstance(left, float) or isinstance(right, float):
        return left / right
    whole = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return whole if sign == "/" else left - whole * right
