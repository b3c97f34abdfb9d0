"""What a verification found."""

from collections.abc import Callable
from dataclasses import dataclass, field

MOST_PROBLEMS = 20
Progress = Callable[[int], None]


@dataclass
class Report:
    """What was verified and what is wrong; `problems` are sentences, the first bad event first, no more than twenty."""

    events: int = 0
    streams: int = 0
    sealed: int = 0
    checkpoints: int = 0
    personal_values: int = 0
    newer_than_last_checkpoint: int = 0
    keys: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        return not self.problems

    def add(self, sentence: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(sentence)

    def sentence(self) -> str:
        """The result in one sentence, or two."""
        if self.problems:
            return f"The trail does not verify. {self.problems[0]}"
        events = "1 event" if self.events == 1 else f"{self.events:,} events"
        streams = "1 stream" if self.streams == 1 else f"{self.streams:,} streams"
        return f"The trail verifies: {events} in {streams}, {self.sealed:,} sealed."
