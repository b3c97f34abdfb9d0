"""What staff must know of people before they use what is held about them; packages above say it."""

from collections.abc import Callable, Iterable

from django.db.models import QuerySet

from accounts.models import Person

Speaker = Callable[[QuerySet[Person]], Iterable[str]]
_speakers: list[Speaker] = []


def contributes(speaker: Speaker) -> Speaker:
    """Register `speaker(people) -> sentences` for staff's pages: one sentence for each of the people whom it concerns."""
    if speaker not in _speakers:
        _speakers.append(speaker)
    return speaker


def marks_on(people: QuerySet[Person]) -> list[str]:
    """Every sentence about any of them."""
    return [sentence for speaker in _speakers for sentence in speaker(people)]
