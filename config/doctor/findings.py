"""What the doctor says of each part, and how the questions are asked."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Well; works, but look at it; does not work."""

    WELL = "well"
    LOOK = "look"
    ILL = "ill"


@dataclass(frozen=True)
class Finding:
    """One sentence about one part, and the mend where there is something to mend."""

    part: str
    severity: Severity
    sentence: str
    mend: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def well(part: str, sentence: str) -> Finding:
    return Finding(part, Severity.WELL, sentence)


def look(part: str, sentence: str, mend: str) -> Finding:
    return Finding(part, Severity.LOOK, sentence, mend)


def ill(part: str, sentence: str, mend: str) -> Finding:
    return Finding(part, Severity.ILL, sentence, mend)


Question = Callable[[], Iterator[Finding]]


def examine() -> Iterator[Finding]:
    """Ask everything. A question that breaks is a finding itself."""
    from config.doctor import data, house, servers

    for part, question in (*house.QUESTIONS, *data.QUESTIONS, *servers.QUESTIONS):
        try:
            yield from question()
        except Exception as problem:
            yield ill(part, f"This could not be examined: {type(problem).__name__}.", "Run it again with LOG_LEVEL=DEBUG, and see above.")
