"""Tables of votes for tests."""

from collections.abc import Sequence
from fractions import Fraction

from assessments.methods.votes import Vote, Votes


def table(rows: Sequence[Sequence[float | None]], scale: tuple[int, int] = (0, 100)) -> Votes:
    """Applications down, assessors across; None where no score was given."""
    given = [Vote(f"A{i}", f"P{j}", Fraction(score)) for i, row in enumerate(rows) for j, score in enumerate(row) if score is not None]
    return Votes.of(given, (Fraction(scale[0]), Fraction(scale[1])))


def by_name(votes: Votes, values: Sequence) -> dict[str, float]:
    return {name: float(value) for name, value in zip(votes.applications, values, strict=True)}
