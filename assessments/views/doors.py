"""What every staff view of assessment begins and ends with: the round or application the person may see, and the word after a bulk act."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.refusals import Refusal
from applications.models import Application
from assessments import rounds
from grants.models import Round

AT_ONCE = 100
"""How many records one press of a button acts on; another press goes on from there."""


def round_or_404(request: HttpRequest, reference: str) -> Round:
    """The round, for who may read assessment there. 404 for strangers, 403 for colleagues without a part in it."""
    round = get_object_or_404(rounds.seen_by(request.user).select_related("programme", "version", "budget"), reference=reference)
    rounds.check_may_read(request.user, round)
    return round


def application_or_404(request: HttpRequest, reference: str, application: str) -> Application:
    """An application of the round that the person has no interest in."""
    round = round_or_404(request, reference)
    found = get_object_or_404(rounds.applications(request.user, round), reference=application)
    found.round = round
    return found


def report(request: HttpRequest, results: Iterator[tuple[Any, Refusal | None]], *, done: str) -> None:
    """Take the results of a bulk act, at most `AT_ONCE` of them, and say how it went: how many, and who not for which reason."""
    taken = list(islice(results, AT_ONCE))
    refused = [(record, refusal) for record, refusal in taken if refusal is not None]
    count = len(taken) - len(refused)
    if count:
        messages.success(request, f"{count} {'application' if count == 1 else 'applications'} {done}")
    for sentence in _sentences(refused):
        messages.warning(request, sentence)
    if not taken:
        messages.warning(request, "There was nothing to do.")
    if len(taken) == AT_ONCE:
        messages.warning(request, f"The first {AT_ONCE} are dealt with. Press again for any that are left.")


def _sentences(refused: Iterable[tuple[Any, Refusal]]) -> list[str]:
    by_reason: dict[str, list[str]] = {}
    for record, refusal in refused:
        by_reason.setdefault(refusal.sentence, []).append(record.reference)
    return [
        f"{', '.join(references[:5])}{f' and {len(references) - 5} more' if len(references) > 5 else ''}: {sentence}"
        for sentence, references in by_reason.items()
    ]
