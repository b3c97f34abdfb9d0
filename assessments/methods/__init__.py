"""The methods of assessment: pure functions over plain values, without Django, so that anyone can hold them against their own data.

Each is described, with its source and its limits, in `docs/assessment-methods.md`. `VERSION` goes into every stored run: it changes
whenever the same input could give another outcome.
"""

VERSION = "2"


class BadInput(ValueError):
    """What was given cannot be worked with; the message is a sentence that says where and why."""
