"""The equality questions, and which counts may be told without telling of anybody."""

from collections.abc import Mapping
from dataclasses import dataclass

LEAST = 10
"""The smallest group that is told."""
NOT_SAID = "not_said"


@dataclass(frozen=True)
class Question:
    """One question with its choices, as the Office for National Statistics asks it; nobody has to answer."""

    name: str
    label: str
    choices: Mapping[str, str]

    def all_choices(self) -> list[tuple[str, str]]:
        return [*self.choices.items(), (NOT_SAID, "Prefer not to say")]


QUESTIONS = (
    Question("age", "How old are you?", {"under_25": "Under 25", "25": "25 to 34", "35": "35 to 44", "45": "45 to 54", "55": "55 or over"}),
    Question("gender", "What is your gender?", {"woman": "Woman", "man": "Man", "another": "I use another term"}),
    Question(
        "ethnicity",
        "What is your ethnic group?",
        {
            "asian": "Asian or Asian British",
            "black": "Black, Black British, Caribbean or African",
            "mixed": "Mixed or multiple ethnic groups",
            "white": "White",
            "another": "Another ethnic group",
        },
    ),
    Question(
        "disability",
        "Do you have a physical or mental health condition that has lasted, or will last, 12 months or more?",
        {"yes": "Yes", "no": "No"},
    ),
)


def publishable(counts: Mapping[str, int], *, least: int = LEAST) -> dict[str, int | None]:
    """The counts that may be told, each as the ten (`least`) that it lies in begins, None for the others.

    Two reports that follow each other would tell, number by number, what the ten people between them said; whole tens do not.
    A group below `least` is left out; and so that it cannot be worked out from the total, so are others, the smallest first, until at least
    two are, with at least `least` people in them together.
    """
    hidden = {choice for choice, count in counts.items() if count < least}
    shown = sorted((count, choice) for choice, count in counts.items() if choice not in hidden)
    while hidden and shown and (len(hidden) < 2 or sum(counts[choice] for choice in hidden) < least):
        hidden.add(shown.pop(0)[1])
    return {choice: None if choice in hidden else count - count % least for choice, count in counts.items()}
